"""Laying changes over folded rows: only the keys that they touch are folded, from what is needed. Pure but for the reading."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from schemas.change import APPLIED, TRUNCATE, key_text
from sink.fold import fold, is_after, last_truncate

_STEPS = 64
"""Rows whose keys were changed oftener are not followed one by one: then all that ever moved are folded anew."""


@dataclass(frozen=True, slots=True)
class Wide:
    """The few changes of a history that concern other rows than those of their own key."""

    frame: pl.DataFrame
    """Truncates that are applied, and changes that gave a row another key; `_text` is the key as JSON."""

    @classmethod
    def of(cls, changes: pl.LazyFrame, key: Sequence[str]) -> "Wide":
        is_applied = (pl.col("_op") == TRUNCATE) & (pl.col("_revision") >= APPLIED)
        found = changes.filter(is_applied | pl.col("_previous_key").is_not_null()).collect()
        return cls(found.with_columns(_text=key_text(key)))

    def with_more(self, changes: pl.DataFrame, key: Sequence[str]) -> "Wide":
        return Wide(pl.concat([self.frame, Wide.of(changes.lazy(), key).frame]))

    @property
    def truncates(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("_op") == TRUNCATE).drop("_text")

    def related(self, touched: pl.DataFrame, key: Sequence[str]) -> pl.Series:
        """Keys (JSON) that are these rows under another key, or have been; empty where none ever moved."""
        moves = self.frame.filter(pl.col("_op") != TRUNCATE).select("_text", "_previous_key")
        if not len(moves):
            return pl.Series("_text", [], pl.String)
        both = pl.concat([moves, moves.select(_text="_previous_key", _previous_key="_text")])
        reached = touched.select(_text=key_text(key)).join(both, on="_text", how="semi").unique()
        for _ in range(_STEPS):
            more = both.join(reached, on="_text", how="semi").select(_text="_previous_key").unique()
            more = more.join(reached, on="_text", how="anti")
            if not len(more):
                return reached["_text"]
            reached = pl.concat([reached, more])
        return both["_text"].unique()


def lay_over(
    rows: pl.DataFrame, tail: pl.DataFrame, is_doubtful: pl.Series, history: pl.LazyFrame, wide: Wide, key: Sequence[str]
) -> pl.DataFrame:
    """The living rows after more changes.

    Args:
        rows: the living rows before.
        tail: the changes since.
        is_doubtful: which of them are to be folded with all of their key's history, not only with its row.
        history: all changes, the tail among them.
        wide: of all of history.
    """
    rows = rows.filter(is_after(last_truncate(wide.truncates)))
    own = tail.filter(pl.col("_op") != TRUNCATE)
    touched = own.select(key).unique()
    if not len(touched):
        return rows.sort(key)
    doubtful = own.filter(is_doubtful.filter(tail["_op"] != TRUNCATE)).select(key).unique()
    related = wide.related(touched, key)
    anew = _anew(history, doubtful, related, key)
    standing = pl.concat([rows.join(touched, on=key, how="semi"), own]).join(doubtful, on=key, how="anti")
    untouched = rows.join(touched, on=key, how="anti")
    if len(related):
        is_related = key_text(key).is_in(related.implode())
        standing, untouched = standing.filter(~is_related), untouched.filter(~is_related)
    return pl.concat([untouched, fold(pl.concat([standing, anew, wide.truncates]), key)]).sort(key)


def _anew(history: pl.LazyFrame, doubtful: pl.DataFrame, related: pl.Series, key: Sequence[str]) -> pl.DataFrame:
    if len(related):
        texts = pl.concat([doubtful.select(key_text(key).alias("_text")).to_series(), related]).unique()
        return history.filter(key_text(key).is_in(texts.implode()) & (pl.col("_op") != TRUNCATE)).collect()
    return history.join(doubtful.lazy(), on=key, how="semi").collect()
