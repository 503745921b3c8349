"""Laying changes over folded rows: only the keys that they touch are folded, from what is needed. Pure but for the reading."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from schemas.change import APPLIED, TRUNCATE, key_text
from sink.fold import Order, fold, is_after, last_truncate

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


@dataclass(frozen=True, slots=True)
class Refolded:
    """The living rows of the keys that some changes concern, and which keys these are."""

    rows: pl.DataFrame
    touched: pl.DataFrame
    related: pl.Series
    """Keys (JSON) that were folded with them: the same rows under other keys."""
    truncated: Order
    key: Sequence[str]

    def rest(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of living rows before the changes, those that stand as they are."""
        rest = rows.filter(is_after(self.truncated)).join(self.touched, on=self.key, how="anti", maintain_order="left")
        return rest.filter(~key_text(self.key).is_in(self.related.implode())) if len(self.related) else rest


def lay_over(
    rows: pl.DataFrame, tail: pl.DataFrame, is_doubtful: pl.Series, history: pl.LazyFrame, wide: Wide, key: Sequence[str]
) -> pl.DataFrame:
    """The living rows after more changes, sorted by key; arguments as for `refold`."""
    over = refold(rows.lazy(), tail, is_doubtful, history, wide, key)
    return pl.concat([over.rest(rows), over.rows]).sort(key)


def refold(
    rows: pl.LazyFrame, tail: pl.DataFrame, is_doubtful: pl.Series, history: pl.LazyFrame, wide: Wide, key: Sequence[str]
) -> Refolded:
    """The living rows of the keys that these changes concern.

    Args:
        rows: the living rows before; of the keys in `tail` at least.
        tail: the changes since.
        is_doubtful: which of them are to be folded with all of their key's history, not only with its row.
        history: all changes, the tail among them.
        wide: of all of history.
    """
    own = tail.filter(pl.col("_op") != TRUNCATE)
    touched = own.select(key).unique()
    truncated, related = last_truncate(wide.truncates), wide.related(touched, key)
    doubtful = own.filter(is_doubtful.filter(tail["_op"] != TRUNCATE)).select(key).unique()
    anew = _anew(history, doubtful, related, key)
    before = rows.join(touched.lazy(), on=key, how="semi").filter(is_after(truncated)).collect()
    standing = pl.concat([before, own]).join(doubtful, on=key, how="anti")
    if len(related):
        standing = standing.filter(~key_text(key).is_in(related.implode()))
    return Refolded(fold(pl.concat([standing, anew, wide.truncates]), key), touched, related, truncated, key)


def _anew(history: pl.LazyFrame, doubtful: pl.DataFrame, related: pl.Series, key: Sequence[str]) -> pl.DataFrame:
    """All changes of the keys in doubt; history is read in parts, and only these are kept."""
    if len(related):
        texts = pl.concat([doubtful.select(key_text(key).alias("_text")).to_series(), related]).unique()
        return history.filter(key_text(key).is_in(texts.implode()) & (pl.col("_op") != TRUNCATE)).collect(engine="streaming")
    return history.join(doubtful.lazy(), on=key, how="semi").collect(engine="streaming")
