"""PNC and CRO numbers.

The check letter is the remainder by 23 of year and serial read as one number (ministryofjustice/hmpps-person-record,
`PNCIdentifier`, `CROIdentifier`; Criminal Justice Hub, jargon buster).
"""

import polars as pl

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
PIVOT = 40
"""Years of two digits below this are of this century."""

_LONG = r"^((?:19|20)\d{2})(?:/(\d{1,7})|(\d{7}))([A-Z])$"
_SHORT = r"^(\d{2})/?(\d{1,7})([A-Z])$"
_CRO = r"^(\d{1,6})/(\d{2})([A-Z])$"
_FILE_ONLY = r"^SF(\d{2})/?(\d{1,6})([A-Z])$"
_JUNK = "000000/00Z"


def canonical_pnc(text: pl.Expr) -> pl.Expr:
    """`YYYY/NNNNNNNL`; what has another shape stays as it is."""
    packed = _packed(text)
    year, serial, letter = _pnc_parts(packed)
    return pl.coalesce(year + "/" + serial + letter, text)


def is_pnc(text: pl.Expr) -> pl.Expr:
    """Whether shape and check letter are right, however it is written."""
    year, serial, letter = _pnc_parts(_packed(text))
    return _is_given(text, letter_of(year.str.slice(2) + serial) == letter)


def canonical_cro(text: pl.Expr) -> pl.Expr:
    """`NNNNNN/YYL`, or `SFYY/NL` for a file without fingerprints; what has another shape stays as it is."""
    packed = _packed(text)
    serial, year, letter = (packed.str.extract(_CRO, group) for group in (1, 2, 3))
    plain = serial.str.zfill(6) + "/" + year + letter
    file_year, file_serial, file_letter = (packed.str.extract(_FILE_ONLY, group) for group in (1, 2, 3))
    return pl.coalesce(plain, "SF" + file_year + "/" + file_serial + file_letter, text)


def is_cro(text: pl.Expr) -> pl.Expr:
    """Whether shape and check letter are right, however it is written; the number of nobody is not."""
    packed = _packed(text)
    serial, year, letter = (packed.str.extract(_CRO, group) for group in (1, 2, 3))
    file_year, file_serial, file_letter = (packed.str.extract(_FILE_ONLY, group) for group in (1, 2, 3))
    plain = letter_of(year + serial.str.zfill(6)) == letter
    file_only = letter_of(file_year + file_serial) == file_letter
    return _is_given(text, pl.coalesce(plain, file_only).fill_null(value=False) & (canonical_cro(text) != _JUNK))


def _packed(text: pl.Expr) -> pl.Expr:
    return text.str.to_uppercase().str.replace_all(r"[\s-]", "")


def _pnc_parts(packed: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Year of four digits, serial of seven, letter; all null where the shape is another."""
    long_year, short_year = packed.str.extract(_LONG, 1), packed.str.extract(_SHORT, 1)
    century = pl.when(short_year.cast(pl.Int32, strict=False) < PIVOT).then(pl.lit("20")).otherwise(pl.lit("19"))
    serial = pl.coalesce(packed.str.extract(_LONG, 2), packed.str.extract(_LONG, 3), packed.str.extract(_SHORT, 2))
    letter = pl.coalesce(packed.str.extract(_LONG, 4), packed.str.extract(_SHORT, 3))
    return pl.coalesce(long_year, century + short_year), serial.str.zfill(7), letter


def letter_of(number: pl.Expr) -> pl.Expr:
    """The check letter of year (two digits) and serial, read as one number."""
    remainder = number.cast(pl.Int64, strict=False) % len(LETTERS)
    return remainder.replace_strict(dict(enumerate(LETTERS)), return_dtype=pl.String)


def _is_given(text: pl.Expr, is_right: pl.Expr) -> pl.Expr:
    return pl.when(text.is_not_null()).then(is_right.fill_null(value=False))
