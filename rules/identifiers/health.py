"""NHS numbers: ten digits, the last one a check (NHS Data Dictionary, "NHS NUMBER": modulus 11)."""

from collections.abc import Sequence

import polars as pl

_WEIGHTS = range(10, 1, -1)


def is_nhs_number(text: pl.Expr) -> pl.Expr:
    """Ten digits, perhaps parted by blanks or hyphens, whose check digit is right."""
    packed = text.str.replace_all(r"[\s-]", "")
    whole = packed.str.contains(r"^\d{10}$")
    digits = [packed.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(10)]
    expected = (11 - weighted(digits[:9]) % 11) % 11
    return pl.when(text.is_not_null()).then(whole & (expected == digits[9]).fill_null(value=False))


def weighted(digits: Sequence[pl.Expr]) -> pl.Expr:
    """The sum whose remainder by 11 is what the check digit wants to 11; 1 is of no number: 10 is no digit."""
    return pl.sum_horizontal(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
