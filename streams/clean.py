"""Clean and check: a dataset's rules over a batch of changes. What breaks a check is refused, with its reason."""

from functools import lru_cache, reduce

import polars as pl

from rules.check import Noted
from rules.words import word
from schemas.change import LIVE_OPS, REFUSAL
from schemas.dataset import Column, Dataset


def clean(changes: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The changes after the rules, and the ones that broke a check, each with `reason` and `column`.

    A key column is cleaned like any other; a change whose key cleaning empties is refused.
    """
    cleaned = _noted(changes.with_columns(_cleanings(dataset)), dataset)
    faults = _all_faults(dataset)
    if not faults:
        return cleaned, cleaned.head(0).with_columns(reason=pl.lit(None, pl.String), column=pl.lit(None, pl.String))
    judged = cleaned.with_columns(_fault=pl.coalesce(faults))
    refused = judged.filter(pl.col("_fault").is_not_null())
    named = refused.with_columns(reason=pl.col("_fault").struct.field("reason"), column=pl.col("_fault").struct.field("column"))
    passed = judged.filter(pl.col("_fault").is_null()).drop("_fault")
    assert len(passed) + len(named) == len(changes), "every change is accounted for"
    return passed, named.drop("_fault")


@lru_cache
def _cleanings(dataset: Dataset) -> list[pl.Expr]:
    return [_cleaned(column) for column in dataset.needed if column.clean]


@lru_cache
def _all_faults(dataset: Dataset) -> list[pl.Expr]:
    return [*_key_faults(dataset), *(fault for column in dataset.needed for fault in _faults(column, dataset))]


def _cleaned(column: Column) -> pl.Expr:
    return reduce(lambda value, rule: rule(value), column.clean, pl.col(column.name)).alias(column.name)


def _key_faults(dataset: Dataset) -> list[pl.Expr]:
    is_row = pl.col("_op") != "t"
    return [
        _fault(is_row & pl.col(name).is_null(), "cleaning leaves no key", name)
        for name in dataset.key
        if dataset.by_name[name].clean
    ]


def _faults(column: Column, dataset: Dataset) -> list[pl.Expr]:
    return [
        _fault(
            _is_judged(column, dataset) & ~rule(pl.col(column.name)).fill_null(value=True),
            f"check {word(rule)} failed",
            column.name,
        )
        for rule in column.check
        if not isinstance(rule, Noted)
    ]


def _noted(cleaned: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """With a note for each failure that does not hold its row back, and without the values that are to be taken out."""
    notes, kept = _notes(dataset)
    return cleaned.with_columns(_notes=pl.concat_list("_notes", *notes).list.drop_nulls(), **kept) if notes else cleaned


@lru_cache
def _notes(dataset: Dataset) -> tuple[list[pl.Expr], dict[str, pl.Expr]]:
    notes: list[pl.Expr] = []
    kept: dict[str, pl.Expr] = {}
    for column in dataset.needed:
        for rule in column.check:
            if isinstance(rule, Noted):
                fails = _is_judged(column, dataset) & ~rule(pl.col(column.name)).fill_null(value=True)
                effect = "kept" if rule.keeps else "taken out"
                notes.append(pl.when(fails).then(pl.lit(f"{column.name}: check {word(rule.rule)} failed, {effect}")))
                if not rule.keeps:
                    kept[column.name] = pl.when(~fails).then(kept.get(column.name, pl.col(column.name)))
    return notes, kept


def clean_key(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows with their key columns after the rules."""
    return rows.with_columns(_cleaned(dataset.by_name[name]) for name in dataset.key)


def _is_judged(column: Column, dataset: Dataset) -> pl.Expr:
    is_known = pl.lit(value=True) if column.name in dataset.key else ~pl.col("_unknown").list.contains(column.name)
    return pl.col("_op").is_in(LIVE_OPS) & is_known


def _fault(is_broken: pl.Expr, reason: str, column: str) -> pl.Expr:
    return pl.when(is_broken).then(pl.struct(reason=pl.lit(reason), column=pl.lit(column)))


def as_refusals(refused: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Refused changes in the form of refusals: position, order, reason, and the key columns."""
    kept = [name for name in REFUSAL if name != "key_token"]
    return refused.select(*kept, pl.lit(None, pl.String).alias("key_token"), *dataset.key).select(*REFUSAL, *dataset.key)
