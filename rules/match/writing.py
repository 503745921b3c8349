"""One way of writing for each kind of value. Null where nothing is known."""

from collections.abc import Callable

import polars as pl

from rules.identifiers import health, police
from rules.match.model import Field

YEAR_PIVOT = 30
"""A year of two digits up to this is of this century."""
_NOTHING = r"^(?:UNKNOWN|UNK|NOT ENTERED|NOT KNOWN|NOT GIVEN|NOT STATED|NONE|NULL|NAN|NA|N A|NIL|NFA|NO FIXED ABODE|NO FIXED ADDRESS|TEST|X{2,}|0+|9{5,}|NF1 ?1NF|NF1 ?1FA)$"  # noqa: E501
_NOBODY = r"^\??0+[A-Z]?$"
_TITLES = r"^(?:(?:MR|MRS|MS|MISS|MX|DR|SIR|REV|PROF) )+"
_MARKS = r"\b(?:MIG ERROR|NO SHOW|DUPLICATE)\b"
_MONTHS = {
    name: f"{place:02}"
    for place, name in enumerate(("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1)
}


def words(text: pl.Expr) -> pl.Expr:
    """Capitals without accents or marks, words parted by one blank; what stands for nothing is null."""
    plain = text.str.normalize("NFKD").str.replace_all("\\p{M}|['\u2019`]", "").str.to_uppercase()
    return blank(plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars(" ").str.replace(_NOTHING, ""))


def blank(text: pl.Expr) -> pl.Expr:
    """Empty text as null."""
    return text.replace("", None)


def name(text: pl.Expr) -> pl.Expr:
    """A name: no titles, no marks of a migration, `MC DONALD` as `MCDONALD`."""
    clean = words(text).str.replace_all(_MARKS, "").str.replace_all(r"\s+", " ").str.strip_chars()
    return blank(clean.str.replace(_TITLES, "").str.replace_all(r"\b(MC|MAC|O) ", "$1"))


def part_of(clean: pl.Expr, text: pl.Expr, part: str) -> pl.Expr:
    """A part of a whole name: the last word, or what stands before a comma, is the surname; `other` is null for a lone word."""
    bare = name(clean)
    comma = text.str.contains(r"^[^,]+,\s*\S")
    family = pl.when(comma).then(name(text.str.extract(r"^([^,]+),"))).otherwise(bare.str.extract(r"(\S+)$"))
    given = pl.when(comma).then(name(text.str.extract(r",\s*(.+)$"))).otherwise(bare.str.extract(r"^(.*\S)\s+\S+$"))
    lone = ~bare.str.contains(" ") & ~comma
    if part == "first":
        return pl.when(lone).then(bare).otherwise(given)
    return pl.when(~lone).then(family) if part == "other" else family


def date(text: pl.Expr, *, month_first: bool = False) -> pl.Expr:
    """`YYYYMMDD` from any of the usual ways of writing; a day that isn't in the calendar stays, to be compared digit by digit."""
    upper = text.str.strip_chars().str.to_uppercase()
    first, second = (upper.str.extract(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})\b", group).str.zfill(2) for group in (1, 2))
    year = _century(upper.str.extract(r"^\d{1,2}[-/. ]\d{1,2}[-/. ](\d{4}|\d{2})\b", 1))
    dotted = year + (first + second if month_first else second + first)
    iso_year, iso_month, iso_day = (upper.str.extract(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", group) for group in (1, 2, 3))
    packed = upper.str.extract(r"^(\d{8})$", 1)
    day, month = (
        (packed.str.slice(2, 2), packed.str.slice(0, 2)) if month_first else (packed.str.slice(0, 2), packed.str.slice(2, 2))
    )
    turned = packed.str.slice(4, 4) + month + day
    forward = packed.str.contains(r"^(?:1[6-9]|2[01])\d\d(?:0\d|1[0-2])")
    backward = ~forward & packed.str.contains(r"^[0-3]\d[0-3]\d(?:1[89]|20)\d\d$")
    spoken = upper.str.extract(r"^(\d{1,2})(?:ST|ND|RD|TH)?[- /]?([A-Z]{3})[A-Z]*[- /,]*(?:\d{4}|\d{2})\b", 1)
    said_year = _century(upper.str.extract(r"^\d{1,2}(?:ST|ND|RD|TH)?[- /]?[A-Z]{3,}[- /,]*(\d{4}|\d{2})\b", 1))
    said_month = upper.str.extract(r"^(?:\d{1,2}(?:ST|ND|RD|TH)?[- /]?)?([A-Z]{3})", 1).replace_strict(_MONTHS, default=None)
    after_month = upper.str.extract(r"^[A-Z]{3,9}[. ]+(\d{1,2})(?:ST|ND|RD|TH)?,? +\d{4}", 1)
    after_year = upper.str.extract(r"^[A-Z]{3,9}[. ]+\d{1,2}(?:ST|ND|RD|TH)?,? +(\d{4})", 1)
    found = pl.coalesce(
        iso_year + iso_month.str.zfill(2) + iso_day.str.zfill(2),
        pl.when(backward).then(turned).otherwise(packed),
        dotted,
        said_year + said_month + spoken.str.zfill(2),
        after_year + said_month + after_month.str.zfill(2),
    )
    return _unless_default(found)


def _unless_default(found: pl.Expr) -> pl.Expr:
    return found.replace(["00000000", "99991231", "99999999", "00010101", "19000101", "18000101", "17530101"], None)


def _century(year: pl.Expr) -> pl.Expr:
    short = year.str.len_chars() == 2  # noqa: PLR2004 - two digits
    recent = year.cast(pl.Int32, strict=False) <= YEAR_PIVOT
    return pl.when(short & recent).then("20" + year).when(short).then("19" + year).otherwise(year)


def packed(text: pl.Expr) -> pl.Expr:
    """Letters and digits in capitals, nothing between them."""
    return blank(words(text).str.replace_all(" ", ""))


def _valid(right: pl.Expr, write: pl.Expr) -> pl.Expr:
    """A number whose check letter is right in its one way of writing, any other behind a `?`, so that it is never strong."""
    marked = pl.when(right).then(pl.lit("")).otherwise(pl.lit("?")) + packed(write)
    return blank(marked.str.replace(_NOBODY, ""))


def _pnc(text: pl.Expr) -> pl.Expr:
    return _valid(police.is_pnc(text), police.canonical_pnc(text))


def _cro(text: pl.Expr) -> pl.Expr:
    return _valid(police.is_cro(text), police.canonical_cro(text))


def _nhs(text: pl.Expr) -> pl.Expr:
    return _valid(health.is_nhs_number(text), packed(text))


def _email(text: pl.Expr) -> pl.Expr:
    clean = text.str.strip_chars().str.to_lowercase()
    return pl.when(clean.str.contains(r"\w")).then(clean)


def _phone(text: pl.Expr) -> pl.Expr:
    """The last ten digits: how the way into a country is dialled says nothing."""
    digits = text.str.replace_all(r"\D", "")
    return pl.when(digits.str.len_chars() >= 5).then(digits.str.tail(10))  # noqa: PLR2004 - fewer is no number to call


def _sex(text: pl.Expr) -> pl.Expr:
    first = words(text).str.slice(0, 1)
    return first.replace_strict({"M": "M", "F": "F", "W": "F", "1": "M", "2": "F", "B": "M", "G": "F"}, default=None)


def _number(text: pl.Expr) -> pl.Expr:
    return blank(text.str.strip_chars().str.replace_all(r"[,£$€ ]", "").str.replace(r"^0+(\d)", "$1").str.replace(r"\.0+$", ""))


def _house(text: pl.Expr) -> pl.Expr:
    return blank(packed(text).str.replace(r"^0+(\d)", "$1"))


_WRITINGS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "forename": name, "middle_name": name, "surname": name, "sex": _sex, "category": words, "region": packed, "postcode": packed,
    "address": packed, "house_number": _house, "email": _email, "phone": _phone, "pnc": _pnc, "cro": _cro, "noms": packed,
    "nino": packed, "nhs": _nhs, "identifier": packed, "number": _number, "text": packed,
}  # fmt: skip


def _iso(text: pl.Expr) -> pl.Expr:
    return _unless_default(text.str.replace_all("-", "", literal=True))


def _plain_pnc(text: pl.Expr) -> pl.Expr:
    right = police.letter_of(text.str.slice(2, 2) + text.str.slice(5, 7)) == text.str.slice(12)
    plain = text.str.replace("/", "", literal=True)
    return pl.when(right).then(plain).otherwise("?" + plain)


SHAPES: dict[str, tuple[str, Callable[[pl.Expr], pl.Expr]]] = {
    "birth_date": (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", _iso),
    "date": (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", _iso),
    "pnc": (r"^(?:19|20)[0-9]{2}/[0-9]{7}[A-Z]$", _plain_pnc),
}
"""Of some kinds the shape that most values have, and a short way of writing these: what comes out is the same."""


def way_of(field: Field, column: str) -> Callable[[pl.Expr], pl.Expr]:
    if field.kind in {"birth_date", "date"}:
        return lambda text: date(text, month_first=column in field.month_first)
    return _WRITINGS[field.kind]
