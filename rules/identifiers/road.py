"""What DVLA gives out: driving licence numbers (INF45D) and registration marks (INF104)."""

import polars as pl

_LICENCE = r"^[A-Z]{1,5}9{0,4}\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d[A-Z][A-Z9][A-Z0-9][A-Z]{2}$"
_LICENCE_LENGTH = 16
_CURRENT = r"^[A-HJ-PR-Y][A-HJ-PR-Y](?:[05][1-9]|[1-46-9]\d|[05]0)[A-HJ-PR-Z]{3}$"
_OLDER = r"^(?:[A-HJ-NPR-TV-Y]\d{1,3}[A-HJ-PR-Y]{3}|[A-HJ-PR-Y]{3}\d{1,3}[A-HJ-NPR-TV-Y])$"


def is_driving_licence(text: pl.Expr) -> pl.Expr:
    """Sixteen characters: surname, year, month (50 more for women), day, initials, three of DVLA's own."""
    packed = text.str.to_uppercase().str.replace_all(r"[\s.-]", "")
    return (packed.str.len_chars() == _LICENCE_LENGTH) & packed.str.contains(_LICENCE)


def is_current_mark(text: pl.Expr) -> pl.Expr:
    """The style since 2001: `AB12 CDE`."""
    return text.str.to_uppercase().str.replace_all(r"[\s.-]", "").str.contains(_CURRENT)


def is_older_mark(text: pl.Expr) -> pl.Expr:
    """The styles of 1963 to 2001: `A123 BCD`, `ABC 123D`."""
    return text.str.to_uppercase().str.replace_all(r"[\s.-]", "").str.contains(_OLDER)
