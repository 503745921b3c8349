"""How a column is protected: what of it may be published, and what remains possible.

A protection is a value: it prints as it is written, compares, and is applied with the keys given to it.
"""

import polars as pl

from rules.coarse import age_band, generalise, month_only, round_to
from rules.identifiers import post
from rules.protection import (
    DAYS,
    MIN_SECRET_BYTES,
    SUBJECT,
    Keys,
    Protection,
    checked_scope,
    draw,
    keyed,
)
from rules.surrogates import surrogate
from rules.tokens import token

__all__ = [
    "MIN_SECRET_BYTES",
    "Keys",
    "Protection",
    "age_band",
    "date_shift",
    "generalise",
    "keep",
    "month_only",
    "outcode_only",
    "redact",
    "round_to",
    "surrogate",
    "token",
    "withhold",
    "year_only",
]

MAX_SHIFT_DAYS = 182
LIVED = 1800, 2200
"""The years a day of somebody's life can be in; others are marks, such as 9999-12-31 for no end."""


def _without_zero(drawn: pl.Series) -> pl.Series:
    """Numbers from 0 as days back and forth, never none."""
    return drawn - MAX_SHIFT_DAYS + (drawn >= MAX_SHIFT_DAYS).cast(pl.Int64)


def date_shift(scope: str) -> Protection:
    """Move all dates of one person by the same number of days, 1 to 182, back or forth: intervals stay exact.

    The number is keyed by the dataset's subject, as cleaned: datasets that write their subjects alike share it within
    a scope. A row without a subject has no date. What lies outside the years 1800 to 2200 is a mark (9999-12-31), whose
    shift would tell that of the person: it is published as the first day of its year, and not moved.
    """
    name = f"shift {checked_scope('date_shift(scope)', scope)}"

    def apply(value: pl.Expr, keys: Keys) -> pl.Expr:
        drawn = draw(keyed(pl.col(SUBJECT), keys.scope(name)), 0, 2 * MAX_SHIFT_DAYS)
        days = drawn.map_batches(_without_zero, return_dtype=pl.Int64, is_elementwise=True)
        is_lived = value.dt.year().is_between(*LIVED)
        moved = pl.when(is_lived).then(value) + pl.duration(days=days)
        published = pl.when(is_lived).then(moved).otherwise(value.dt.truncate("1y"))
        return pl.when(pl.col(SUBJECT).is_not_null()).then(published)

    remains = "intervals within a person and scope, count and order by about a year"
    return Protection(f'date_shift("{scope}")', "same", DAYS, remains, apply, reads=(SUBJECT,), is_keyed=True)


def _same(value: pl.Expr, _: Keys) -> pl.Expr:
    return value


def _year(value: pl.Expr, _: Keys) -> pl.Expr:
    return value.dt.year().cast(pl.Int16)


def _outcode(value: pl.Expr, _: Keys) -> pl.Expr:
    return post.outcode(value)


def _nothing(value: pl.Expr, _: Keys) -> pl.Expr:
    return pl.when(value.is_null() & value.is_not_null()).then(value)


keep = Protection("keep", "same", (), "everything", _same)
year_only = Protection("year_only", "INT16", DAYS, "count and order by year", _year)
outcode_only = Protection("outcode_only", "TEXT", ("TEXT",), "count and join by postcode district", _outcode)
withhold = Protection("withhold", None, (), "nothing: the value stays in raw/", _nothing)
redact = Protection("redact", "TEXT", ("TEXT",), "reading and searching, without who is meant", _nothing)
"""A worker publishes nothing of it: the text follows, redacted, as a revision of its change."""
