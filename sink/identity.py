"""Which of some changes are new: a change that Debezium delivered again has a new raw offset and the same identity. Pure."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from schemas.change import IDENTITY, ORDER, snapshot_commit
from sink.reach import Order

Lookup = Callable[[pl.Expr], pl.DataFrame]
"""Rows of history that satisfy a condition: the key columns, `_commit` and those of `IDENTITY`."""


def new_changes(changes: pl.DataFrame, key: Sequence[str], reached: dict[int, Order] | None, lookup: Lookup) -> pl.DataFrame:
    """The changes that history does not hold yet, in the order given, each once.

    Args:
        reached: the highest order of each partition in history; a change above it can't be a repeat. None: look all up.
        lookup: reads history; asked only for the span of orders in doubt.
    """
    doubtful = np.ones(len(changes), np.bool_) if reached is None else _doubtful(changes, reached)
    if not doubtful.any():
        return changes
    names = [*key, *IDENTITY]
    marked = changes.with_columns(snapshot_commit(), _doubtful=pl.Series(doubtful), _place=pl.int_range(pl.len()))
    once = marked.unique(names, keep="first", maintain_order=True)
    suspects = once.filter("_doubtful")
    span = pl.all_horizontal(pl.col(c).is_between(suspects[c].min(), suspects[c].max()) for c in ("_epoch", "_lsn"))
    known = lookup(span).with_columns(snapshot_commit()).select(names).unique()
    repeated = suspects.join(known, on=names, how="semi", nulls_equal=True)
    return once.join(repeated.select("_place"), on="_place", how="anti", maintain_order="left").select(changes.columns)


def _doubtful(changes: pl.DataFrame, reached: dict[int, Order]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a change's order is at or below the highest before it in its partition, in this batch or in history."""
    doubtful = np.zeros(len(changes), np.bool_)
    partitions = changes["_partition"].to_numpy()
    for partition in np.unique(partitions):
        at = np.flatnonzero(partitions == partition)
        orders = changes[at].select(ORDER).to_numpy()
        start = reached.get(int(partition), (-1, -1, -1))
        ranked = np.vstack([np.array([start], orders.dtype), orders])
        if _is_rising(ranked):
            continue
        ranks = np.unique(ranked, axis=0, return_inverse=True)[1].reshape(-1)
        doubtful[at] = ranks[1:] <= np.maximum.accumulate(ranks)[:-1]
    return doubtful


def _is_rising(orders: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> bool:
    (e0, c0, l0), (e1, c1, l1) = orders[:-1].T, orders[1:].T
    return bool(((e1 > e0) | ((e1 == e0) & ((c1 > c0) | ((c1 == c0) & (l1 > l0))))).all())
