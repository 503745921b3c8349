"""Check: what makes a value valid. Each word takes a column and tells true or false; null passes all but `required`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from rules.identifiers import health, police, post, prison, tax


def required(value: pl.Expr) -> pl.Expr:
    """There is a value."""
    return value.is_not_null()


def noms_number(text: pl.Expr) -> pl.Expr:
    """A prison number, such as A1234AA."""
    return prison.is_noms_number(text)


def pnc(text: pl.Expr) -> pl.Expr:
    """A Police National Computer number whose check letter is right."""
    return police.is_pnc(text)


def cro(text: pl.Expr) -> pl.Expr:
    """A Criminal Records Office number whose check letter is right."""
    return police.is_cro(text)


def nino(text: pl.Expr) -> pl.Expr:
    """A National Insurance number."""
    return tax.is_nino(text)


def nhs_number(text: pl.Expr) -> pl.Expr:
    """An NHS number whose check digit is right."""
    return health.is_nhs_number(text)


def postcode(text: pl.Expr) -> pl.Expr:
    """A UK postcode."""
    return post.is_postcode(text)


def email(text: pl.Expr) -> pl.Expr:
    """The shape of an e-mail address."""
    return text.str.contains(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")


@dataclass(frozen=True, slots=True)
class Matches:
    """The whole text has this shape."""

    pattern: str

    def __call__(self, text: pl.Expr) -> pl.Expr:
        return text.str.contains(rf"^(?:{self.pattern})$")


def matches(pattern: str) -> Matches:
    """The whole text has this shape, a regular expression."""
    try:
        re.compile(pattern)
        pl.select(pl.lit("").str.contains(rf"^(?:{pattern})$"))
    except (re.error, pl.exceptions.ComputeError) as problem:
        raise ValueError(
            "matches(…): not a regular expression that can be used (no look-around, no back references)"
        ) from problem
    return Matches(pattern)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of these."""

    values: tuple[object, ...]

    def __call__(self, value: pl.Expr) -> pl.Expr:
        return value.is_in(list(self.values))


def one_of(*values: object) -> OneOf:
    """The value is one of these."""
    if not values:
        raise ValueError("one_of(…): name at least one value")
    return OneOf(values)


@dataclass(frozen=True, slots=True)
class Between:
    """The value lies between these, both included."""

    low: object
    high: object

    def __call__(self, value: pl.Expr) -> pl.Expr:
        return value.is_between(pl.lit(self.low), pl.lit(self.high))


def between(low: object, high: object) -> Between:
    """The value lies between these, both included."""
    return Between(low, high)


@dataclass(frozen=True, slots=True)
class NotAfter:
    """The value is not later, or higher, than this."""

    last: object

    def __call__(self, value: pl.Expr) -> pl.Expr:
        return value <= pl.lit(self.last)


def not_after(last: object) -> NotAfter:
    """The value is not later, or higher, than this."""
    return NotAfter(last)


@dataclass(frozen=True, slots=True)
class Noted:
    """A check whose failure does not hold the row back: it is noted in `_notes`, and the value is kept or taken out."""

    rule: Callable[[pl.Expr], pl.Expr]
    keeps: bool

    def __call__(self, value: pl.Expr) -> pl.Expr:
        return self.rule(value)


def keep_with_note(rule: Callable[[pl.Expr], pl.Expr]) -> Noted:
    """Where the check fails, the value is published all the same, with a note."""
    return Noted(rule, keeps=True)


def null_with_note(rule: Callable[[pl.Expr], pl.Expr]) -> Noted:
    """Where the check fails, null is published in place of the value, with a note."""
    return Noted(rule, keeps=False)
