"""Protect: only what a dataset publishes leaves this stage, each column as its protection says."""

from functools import lru_cache

import polars as pl

from rules.protect import Keys
from schemas.change import INTERNAL, REFUSAL, key_token
from schemas.dataset import Dataset


def protect(changes: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """The published columns, protected, then the internal ones."""
    names = list(dataset.published)
    unknown = pl.col("_unknown")
    if any(column.published is None for column in dataset.needed) and changes["_unknown"].list.len().sum():
        unknown = unknown.list.set_intersection(names)
    internal = [pl.col(name) if name != "_unknown" else unknown for name in INTERNAL]
    return changes.select(*(_protected(dataset, name, keys) for name in names), *internal)


def protect_refusals(refusals: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """Refusals with the token of their published key in place of the key; null where the key could not be read."""
    has_key = pl.all_horizontal(pl.col(name).is_not_null() for name in dataset.key)
    published = refusals.with_columns(_protected(dataset, name, keys) for name in dataset.key)
    tokens = published.with_columns(key_token=pl.when(has_key).then(key_token(dataset.key)))
    return tokens.select(list(REFUSAL))


@lru_cache
def _protected(dataset: Dataset, name: str, keys: Keys) -> pl.Expr:
    return dataset.by_name[name].protect.apply(pl.col(name), keys).alias(name)
