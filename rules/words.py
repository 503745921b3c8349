"""How a rule is called: the word it is written with in a dataset file."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass

import polars as pl

from rules.check import Noted


def word(rule: Callable[[pl.Expr], pl.Expr]) -> str:
    """`trim` for a plain rule, `without('NOT ENTERED')` for one with arguments."""
    if isinstance(rule, Noted):
        return f"{'keep' if rule.keeps else 'null'}_with_note({word(rule.rule)})"
    if is_dataclass(rule):
        values = [value for field in fields(rule) for value in _arguments(getattr(rule, field.name))]
        return f"{_spoken(type(rule).__name__)}({', '.join(map(repr, values))})"
    return getattr(rule, "__name__", type(rule).__name__)


def _arguments(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _spoken(name: str) -> str:
    """`OneOf` is written `one_of`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
