"""Tests of candidates, asked one after the other, each only of those that the ones before have not decided."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True, init=False)
class Either:
    """One of these tests holds; the cheap and the telling ones come first."""

    tests: tuple[pl.Expr, ...]

    def __init__(self, *tests: pl.Expr) -> None:
        object.__setattr__(self, "tests", tests)

    def holds(self, rows: pl.DataFrame) -> pl.Series:
        """Of which rows; what is null does not hold."""
        found = rows.select(self.tests[0].fill_null(value=False)).to_series()
        for test in self.tests[1:]:
            left = (~found).arg_true()
            if not len(left):
                break
            found = found.scatter(left, rows[left].select(test.fill_null(value=False)).to_series())
        return found


Test = pl.Expr | Either


def passing(rows: pl.DataFrame, *tests: Test) -> pl.DataFrame:
    """The rows of which all tests hold."""
    for test in tests:
        if not len(rows):
            break
        rows = rows.filter(test.holds(rows) if isinstance(test, Either) else test)
    return rows
