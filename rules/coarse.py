"""Protections that publish a coarser value: a month, a band of ages, a multiple, a wider class."""

import json
import math
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

import polars as pl

from rules.protection import CHANGED_AT, DAYS, INTEGERS, Keys, Protection

AGE_BANDS = {
    0: "0-9",
    10: "10-17",
    18: "18-24",
    25: "25-34",
    35: "35-44",
    45: "45-54",
    55: "55-64",
    65: "65-74",
    75: "75-84",
    85: "85+",
}
"""The age at which each band begins. 10: criminal responsibility, 18: adult, 25: the end of young adulthood in prisons."""
OLDEST = 130
_BAND_OF = {age: AGE_BANDS[max(begins for begins in AGE_BANDS if begins <= age)] for age in range(OLDEST + 1)}
OTHER = "other"
"""What a value becomes that a `generalise` does not name."""

MAX_DIGITS = 38
EXACT = Context(prec=2 * MAX_DIGITS)

_FLOATS = ("FLOAT32", "FLOAT64")


def _month(value: pl.Expr, _: Keys) -> pl.Expr:
    return value.dt.strftime("%Y-%m")


month_only = Protection("month_only", "TEXT", DAYS, "count and order by month", _month)


def _day_of_year(day: pl.Expr) -> pl.Expr:
    """Month and day as one number, alike in all years."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


def _age_band(born: pl.Expr, _: Keys) -> pl.Expr:
    changed = pl.col(CHANGED_AT)
    is_before_birthday = _day_of_year(changed) < _day_of_year(born)
    age = changed.dt.year() - born.dt.year() - is_before_birthday.cast(pl.Int32)
    return age.replace_strict(_BAND_OF, default=None, return_dtype=pl.String)


age_band = Protection(
    "age_band", "TEXT", ("DATE",), "count and order by band of ages, as of each change", _age_band, reads=(CHANGED_AT,)
)
"""A date of birth as a band such as `25-34`.

The age is that on the day (UTC) of the change that the row comes from, `_source_at`: no clock is asked, and a replay
gives the same. A row that does not change keeps its band while its person grows older; changes over time show a
birthday that crosses a band. Null where the time of the change is unknown, or the age is not between 0 and 130.
"""


def generalise(classes: Mapping[str, str]) -> Protection:
    """Replace each value by a wider class; a value that is not named becomes `other`, so a new one tells nothing."""
    is_texts = isinstance(classes, Mapping) and all(isinstance(text, str) for pair in classes.items() for text in pair)
    if not is_texts or not classes:
        raise ValueError('generalise({"value": "class", …}): name at least one value, and only texts')
    named = dict(sorted(classes.items()))

    def apply(value: pl.Expr, _: Keys) -> pl.Expr:
        found = value.replace_strict(named, default=OTHER, return_dtype=pl.String)
        return pl.when(value.is_not_null()).then(found)

    return Protection(f"generalise({json.dumps(named, ensure_ascii=False)})", "TEXT", ("TEXT",), "count and join by class", apply)


def round_to(step: float | Decimal) -> Protection:
    """Replace a number by the nearest multiple of `step`, halves upwards; the type stays.

    Near the limits of the type the nearest multiple that it holds. A float that is no number or infinite stays.
    """
    is_number = isinstance(step, int | float | Decimal) and not isinstance(step, bool)
    if not is_number or not math.isfinite(step) or step <= 0 or step >= 1 << 62:
        raise ValueError("round_to(step): the step is a number above 0")
    takes = (*(INTEGERS if isinstance(step, int) else ()), *_FLOATS, "DECIMAL")

    def apply(value: pl.Expr, _: Keys) -> pl.Expr:
        return value.map_batches(lambda numbers: _rounded(numbers, step), return_dtype=pl.self_dtype(), is_elementwise=True)

    return Protection(f"round_to({step!r})", "same", takes, f"count, order and add up, to about {step}", apply)


def _rounded(numbers: pl.Series, step: float | Decimal) -> pl.Series:
    """The nearest multiples, in the same type."""
    kind = numbers.dtype
    if isinstance(kind, pl.Decimal):
        exact, most = Decimal(str(step)), Decimal(10**kind.precision - 1).scaleb(-kind.scale, EXACT)
        return _nearest(numbers.cast(pl.Decimal(MAX_DIGITS, kind.scale)), exact, most.copy_negate(), most).cast(kind)
    if kind.is_float():
        near = ((numbers.cast(pl.Float64) / float(step) + 0.5).floor() * float(step)).cast(kind)
        return near.zip_with(near.is_finite(), numbers)
    values = pl.select(low=pl.lit(numbers).lower_bound(), high=pl.lit(numbers).upper_bound())
    least, most = values.row(0)
    return _nearest(numbers.cast(pl.Int64), int(step), least, most).cast(kind)


def _nearest(numbers: pl.Series, step: Any, least: Any, most: Any) -> pl.Series:
    """The nearest multiples of `step` between `least` and `most`, computed exactly."""
    high = EXACT.multiply(EXACT.divide_int(most, step), step) if isinstance(step, Decimal) else most // step * step
    low = EXACT.multiply(EXACT.divide_int(least, step), step) if isinstance(step, Decimal) else -(-least // step) * step
    held = numbers.clip(low, high)
    over = held % step
    is_up = over >= step - over
    return held + pl.select(pl.when(is_up).then(step - over).otherwise(over * -1)).to_series()
