"""Identifiers against published examples (hmpps-person-record's tests; NHS Data Dictionary)."""

import polars as pl
import pytest

from rules import check, clean


def applied(rule, *values):
    return pl.DataFrame({"v": values}, schema={"v": pl.String}).select(rule(pl.col("v")))["v"].to_list()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2002/0073319Z", "2002/0073319Z"), ("79/163001B", "1979/0163001B"), ("81/34U", "1981/0000034U"),
        ("00/223R", "2000/0000223R"), ("033Y", "2003/0000003Y"), ("67/9893091D", "1967/9893091D"),
        (" - 20/0009n ", "2020/0000009N"),
    ],
)  # fmt: skip
def test_pnc_has_one_way_of_writing(written, canonical):
    assert applied(clean.pnc, written) == [canonical]


def test_pnc_check_letters():
    assert applied(check.pnc, "2002/0073319Z", "79/163001B", "033Y", "67/9893091D") == [True] * 4
    assert applied(check.pnc, "2001/0171310S", "20230583843N", "nonsense", None) == [False, False, False, None]


def test_cro_check_letters():
    assert applied(check.cro, "065656/91H", "123456/99L", "000001/11X", "SF83/50058Z", "SF05/482703J", "85227/65L") == [True] * 6
    assert applied(check.cro, "85227/65G", "000000/00Z", "SF83/050058Z") == [False] * 3


def test_nhs_number_check_digit():
    assert applied(check.nhs_number, "9434765919", "943 476 5919", "9434765918", "12", None) == [True, True, False, False, None]


def test_nino_and_prison_number():
    assert applied(check.nino, "AB123456C", "DR784343E", "ab 12 34 56 c", "BG123456A") == [True, False, True, False]
    assert applied(check.noms_number, "A1234AA", "AA1234A", "a1234aa") == [True, False, False]


def test_postcodes():
    assert applied(clean.postcode, "sw1a1aa ", "M1 1AE", "nowhere", None) == ["SW1A 1AA", "M1 1AE", None, None]
