"""Protect: only what a dataset publishes leaves this stage, each column as its protection says."""

from functools import lru_cache

import polars as pl

from rules.protection import SUBJECT, Keys
from schemas.change import INTERNAL, LIVE_OPS, PLACE, REFUSAL, key_text, key_token, withheld
from schemas.dataset import Dataset


def protect(changes: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """The published columns, protected, then the internal ones. Free text is withheld, with a note where there was some."""
    names = list(dataset.published)
    unknown = pl.col("_unknown")
    if dataset.by_subject and dataset.subject:
        changes = changes.with_columns(_unknown=_unknown_with_subject(dataset), **{SUBJECT: pl.col(dataset.subject)})
    if any(column.published is None for column in dataset.needed) and changes["_unknown"].list.len().sum():
        unknown = unknown.list.set_intersection(names)
    instead = {"_unknown": unknown, **({"_notes": _with_withheld(dataset)} if dataset.redacted else {})}
    internal = [instead.get(name, pl.col(name)) for name in INTERNAL]
    return changes.select(*(_protected(dataset, name, keys) for name in names), *internal)


@lru_cache
def _with_withheld(dataset: Dataset) -> pl.Expr:
    is_live, unknown = pl.col("_op").is_in(LIVE_OPS), pl.col("_unknown")
    notes = [
        pl.when(is_live & pl.col(name).is_not_null() & ~unknown.list.contains(name)).then(pl.lit(withheld(name)))
        for name in dataset.redacted
    ]
    return pl.concat_list("_notes", *notes).list.drop_nulls()


def _unknown_with_subject(dataset: Dataset) -> pl.Expr:
    """Where the subject is not known, neither is what its protection depends on."""
    unknown = pl.col("_unknown")
    others = unknown.list.set_union(list(dataset.by_subject))
    return pl.when(unknown.list.contains(dataset.subject)).then(others).otherwise(unknown)


def protect_refusals(refusals: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """Refusals with the token of their published key in place of the key; null where the key could not be read."""
    has_key = pl.all_horizontal(pl.col(name).is_not_null() for name in dataset.key)
    published = refusals.with_columns(_protected(dataset, name, keys) for name in dataset.key)
    tokens = published.with_columns(key_token=pl.when(has_key).then(key_token(dataset.key)))
    return tokens.select(list(REFUSAL))


def protect_key(rows: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """Rows with their key columns as published."""
    return rows.with_columns(_protected(dataset, name, keys) for name in dataset.key)


def with_previous_keys(changes: pl.DataFrame, previous: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Changes with the published key that their row had before, where it had another."""
    texts = previous.select(*PLACE, key_text(dataset.key).alias("_old"))
    joined = changes.join(texts, on=PLACE, how="left", maintain_order="left")
    return joined.with_columns(_previous_key="_old").select(changes.columns)


@lru_cache
def _protected(dataset: Dataset, name: str, keys: Keys) -> pl.Expr:
    return dataset.by_name[name].protect.apply(pl.col(name), keys).alias(name)
