"""Words that tell what a number is, or that it is not that."""

import polars as pl

from rules.redact.patterns import D

BEFORE, AFTER, TEXT = pl.col("before"), pl.col("after"), pl.col("text")
IS_SHOUTED = (pl.col("small") == 0) & (pl.col("capitals") > 0)
"""Written in capitals, whatever the note is written in."""

_REFERENCE = (
    r"\b(?:ref|reference|invoice|order|ticket|claim|job|log|incident|item|serial|batch|asset|imei|receipt|code|barcode|"
    r"crime|docket|parcel|tracking|policy|property)(?: ?(?:no|num|number|id|code|ref))?[ .:#=-]{0,4}(?:is |was )?[a-z]{0,3}[-/ ]?$"
)
_VERSION = (
    r"(?:\bversion|\bver|\bv|\bpara|\bparagraph|\bsection|\bclause|\brule|\bpart|\bchapter|\bfirmware|\brelease|\bs)[ .:]{0,2}$"
)
_BORN = (
    r"(?:\b(?:d\.? ?[o0]\.? ?b\.?|date [o0]f birth|birth ?date|birth ?day|d/o/b|dyddiad geni)(?:[^a-z0-9;][^0-9;]{0,24})?|"
    r"\b(?:b[o0]rn|b\.)(?:[^a-z0-9;\n][^0-9;\n]{0,30})?|\bb )$"
)
OF_STATUTE = r"\b(?:s|ss|sec|section|sch|schedule|para|reg|regs|regulation|rule|art|article|part)\.? ?[0-9]+[a-z]{0,2}$"
"""A number of a section or a rule: `seized under s.165A`."""
_WHOSE = r"(?:\b(?:noms|nomis|pnc|cro|nhs|ni|nino|prison)(?: ?(?:no|number|id))?[ .:]{0,3})?"
_NUMBER = (
    r"(?:[a-z]\d{4}[a-z]{2}|(?:\d\d)?\d\d/\d{1,7}[a-z]|\d{1,6}/\d\d[a-z]|\d{3} ?\d{3} ?\d{4}|[a-z]{2} ?\d\d ?\d\d ?\d\d ?[a-d])"
)
_OF_OLD = r"\b(?:19[2-9][0-9]|200[0-9])$"
_NUMBER_AFTER = rf"^[ ,;)/|-]{{1,4}}{_WHOSE}{_NUMBER}\b"
_NUMBER_BEFORE = rf"\b{_NUMBER}[ ,;:()\[\]/|~-]{{1,4}}(?:[a-z'-]+[ ,;:(/|-]{{1,4}}){{0,4}}$"
_BORN_AFTER = r"^[ )(,;:-]{0,3}(?:is (?:his|her|their) )?(?:d[o0]b|d\.o\.b|date [o0]f birth|birth ?date)\b"


def after_words(words: str, filler: str = "[^0-9]{0,24}") -> pl.Expr:
    """Whether one of these words stands before, with nothing of another kind between."""
    return BEFORE.str.contains(rf"\b(?:{words})\b{filler}$")


def near(words: str) -> pl.Expr:
    """Whether one of these words stands anywhere near."""
    return BEFORE.str.contains(rf"\b(?:{words})\b") | AFTER.str.contains(rf"\b(?:{words})\b")


def is_reference() -> pl.Expr:
    return BEFORE.str.contains(_REFERENCE)


def is_version() -> pl.Expr:
    return BEFORE.str.contains(_VERSION)


def is_birth() -> pl.Expr:
    return BEFORE.str.contains(_BORN) | AFTER.str.contains(_BORN_AFTER)


def is_numbered_birth() -> pl.Expr:
    """Whether somebody's number stands beside a date that is old enough."""
    return TEXT.str.contains(_OF_OLD) & (AFTER.str.contains(_NUMBER_AFTER) | BEFORE.str.contains(_NUMBER_BEFORE))


def follows_number() -> pl.Expr:
    """Whether a number that somebody has stands directly before."""
    return BEFORE.str.contains(rf"\b{_NUMBER}[ ,;:()\[\]/|~-]{{1,4}}$")


def packed(text: pl.Expr = TEXT) -> pl.Expr:
    """In capitals, without what stands between the parts."""
    return text.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def digits(text: pl.Expr) -> pl.Expr:
    """Letters that are misread digits, read aright."""
    return text.str.replace_all("[oO]", "0").str.replace_all("[iIlL]", "1")


def has_digits(least: int) -> pl.Expr:
    """Whether so many digits stand in the candidate; those that are misread as letters do not count."""
    return pl.col("digits") >= least


def tail(value: str) -> pl.Expr:
    """The last part of the text, which has this shape: the words before it were context."""
    return TEXT.str.extract(rf"({value})$")


DIGITS_ONLY = rf"^{D}+$"
