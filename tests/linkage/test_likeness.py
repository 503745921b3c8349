"""How alike two values are said to be."""

import numpy as np
import polars as pl
import pytest

from rules.match.compare import levels_of
from rules.match.kinds import KINDS
from rules.match.model import Field
from rules.match.prepared import prepare_fields


def level(kind, first, second, **more):
    """The name of the level that two values of a kind reach."""
    frame = pl.DataFrame({"id": ["1", "2"], "v": pl.Series([first, second], strict=False), **more})
    fields = (Field("v", kind, ("v",), tuple(name for name in more)),)
    records = prepare_fields(frame, fields, "id")
    return _name(kind, levels_of(fields, records, records, np.array([0]), np.array([1]))[0, 0])


def _name(kind, found):
    return "unknown" if found == 0 else list(KINDS[kind].levels)[found - 1]


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        ("forename", "José", "JOSE", "exact"),
        ("forename", "Robert", "Bob", "nickname"),
        ("forename", "Mary-Jane", "Mary", "part"),
        ("forename", "Stephen", "Steven", "nickname"),
        ("forename", "Kathrine", "Catherine", "typo"),
        ("forename", "J", "John", "initial"),
        ("forename", "John", "Tracey", "different"),
        ("forename", "Mr John", "John", "exact"),
        ("forename", "NOT ENTERED", "John", "unknown"),
        ("surname", "O'Connor", "OCONNOR", "exact"),
        ("surname", "Mc Donald", "McDonald", "exact"),
        ("surname", "MIG_ERROR_SMITH", "Smith", "exact"),
        ("surname", "Smith-Jones", "Jones", "part"),
        ("surname", "Smith", "Smyth", "typo"),
        ("surname", "Smith", "Okonkwo", "different"),
        ("birth_date", "1980-05-02", "02/05/1980", "exact"),
        ("birth_date", "1980-05-02", "2 May 1980", "exact"),
        ("birth_date", "1980-05-02", "19800502", "exact"),
        ("birth_date", "1980-05-02", "1980-02-05", "turned"),
        ("birth_date", "1980-05-02", "1980-05-03", "typo"),
        ("birth_date", "1980-05-12", "1980-05-21", "typo"),
        ("birth_date", "1981-05-02", "1991-05-02", "decade"),
        ("birth_date", "1981-05-02", "1981-05-29", "two_parts"),
        ("birth_date", "1981-05-02", "1963-11-30", "different"),
        ("birth_date", "1900-01-01", "1981-05-02", "unknown"),
        ("pnc", "2002/0073319Z", "02/73319Z", "exact"),
        ("pnc", "2002/0073319Z", "1979/0163001B", "different"),
        ("pnc", "2002/0073319Z", "2002/0073319B", "typo"),
        ("cro", "65656/91H", "065656/91H", "exact"),
        ("cro", "000000/00Z", "000000/00Z", "unknown"),
        ("noms", "A1234AA", "a1234aa", "exact"),
        ("noms", "A1234AA|B7777BC", "B7777BC", "exact"),
        ("nhs", "943 476 5919", "9434765919", "exact"),
        ("postcode", "sw1a1aa", "SW1A 1AA", "exact"),
        ("postcode", "SW1A 1AA", "SW1A 1AB", "typo"),
        ("postcode", "SW1A 1AA", "SW1A 9QZ", "district"),
        ("postcode", "NF1 1NF", "NF1 1NF", "unknown"),
        ("sex", "Male", "m", "exact"),
        ("sex", "Female", "M", "different"),
        ("email", "A.B@x.org", "a.b@x.org", "exact"),
        ("email", "ab.smith@x.org", "ab.smith@other.net", "mailbox"),
        ("phone", "+44 7700 900123", "07700900123", "exact"),
        ("address", "12 High Street", "12 HighStreet", "exact"),
        ("address", "12 High Street", "12 Hgh Street", "typo"),
        ("number", "1,000", "1000.0", "exact"),
        ("number", "1000", "1010", "typo"),
        ("category", "White British", "white british", "exact"),
    ],
)
def test_level(kind, first, second, expected):
    assert level(kind, first, second) == expected
    assert level(kind, second, first) == expected


def test_an_alias_is_a_part():
    assert level("surname", "Smelley", "Smiley", alias=["Alan Smiley", None]) == "part"
    assert level("forename", "Alan", "Jack", alias=["Jack Smiley; Jo Bloggs", None]) == "part"


@pytest.mark.parametrize(("first", "second"), [(("JOHN", "PATEL"), ("PATEL", "JOHN")), (("JOHN", "PATEL"), (None, "JOHN"))])
def test_names_in_each_other_s_place_are_one_event(first, second):
    frame = pl.DataFrame({"id": ["1", "2"], "f": [first[0], second[0]], "s": [first[1], second[1]]})
    fields = (Field("f", "forename", ("f",)), Field("s", "surname", ("s",)))
    records = prepare_fields(frame, fields, "id")
    found = levels_of(fields, records, records, np.array([0]), np.array([1]))[0]
    assert [_name(field.kind, value) for field, value in zip(fields, found, strict=True)] == ["unknown", "swapped"]


def test_organisations_are_left_out():
    frame = pl.DataFrame({"id": ["1", "2", "3"], "s": ["Smith", "Smith Haulage Ltd", "Jones"], "type": ["P", "P", "O"]})
    assert prepare_fields(frame, (Field("s", "surname", ("s",)),), "id", "type").left_out.tolist() == [False, True, True]
