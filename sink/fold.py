"""Fold: the changes of each key, in order, become the row that is true. Pure.

The last change in commit order wins, whatever the order of arrival. A value that a change does not know is the last
known one of the same life of the row, column by column; a row whose key was changed goes on from what it was under the
key before. A deleted row is no row, nor is one that a truncate left behind, or that has gone to another key.
"""

from collections.abc import Sequence

import polars as pl

from schemas.change import APPLIED, INTERNAL, ORDER, PLACE, SEQUENCE, TRUNCATE, key_text

Order = tuple[int, int, int]
NOWHERE: Order = (-1, -1, -1)
_START = {"_epoch": "\1e", "_commit": "\1c", "_lsn": "\1l"}
_REQUEST = "\1r"
_KNOWN = "\0"
_TOLD = "\2"


def fold(changes: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The living rows, one a key, sorted by key, after all these changes.

    Args:
        changes: rows of history/ in any order; rows of current/ may stand for the changes they were folded from. Of a row
            that had other keys before, the changes under those are among them. A truncate counts from revision 1 on.
        key: the columns that name a row.

    Returns:
        Columns as given. `_unknown` names the columns whose value no change of the row's life told.
    """
    standing = changes.filter(is_after(last_truncate(changes)) & (pl.col("_op") != TRUNCATE))
    ordered = standing.sort(SEQUENCE, maintain_order=True)
    last = ordered.unique(key, keep="last", maintain_order=True).filter(pl.col("_op") != "d")
    moves = ordered.filter(pl.col("_previous_key").is_not_null())
    if len(moves):
        last = last.filter(~_has_left(last, moves, key))
    partial = last.filter(pl.col("_unknown").list.len() > 0)
    if len(partial):
        whole = last.filter(pl.col("_unknown").list.len() == 0)
        lives = _last_lives(ordered.join(partial.select(key), on=key, how="semi", maintain_order="left"), key, key)
        filled = _fill(lives, key, key)
        filled = _inherit(filled, lives, ordered, key) if len(moves) else filled
        last = pl.concat([whole, _named(filled, key).select(last.columns)])
    return last.sort(key)


def last_truncate(changes: pl.DataFrame) -> Order:
    """The order of the last truncate that is applied; `NOWHERE` where there is none."""
    applied = changes.filter((pl.col("_op") == TRUNCATE) & (pl.col("_revision") >= APPLIED)).select(ORDER).sort(ORDER)
    return applied.row(-1) if len(applied) else NOWHERE


def is_after(order: Order) -> pl.Expr:
    """Whether a change comes after this order."""
    columns = [pl.col(name) for name in ORDER]
    (e, epoch), (c, commit), (place, lsn) = zip(columns, order, strict=True)
    return (e > epoch) | ((e == epoch) & ((c > commit) | ((c == commit) & (place > lsn))))


def _is_before(other: dict[str, str]) -> pl.Expr:
    """Whether a change comes before the order that other columns hold."""
    (e, epoch), (c, commit), (place, lsn) = ((pl.col(a), pl.col(b)) for a, b in other.items())
    return (e < epoch) | ((e == epoch) & ((c < commit) | ((c == commit) & (place < lsn))))


def _has_left(last: pl.DataFrame, moves: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Whether a row is now under another key, though its own delete has not come yet."""
    left = moves.sort(ORDER).unique("_previous_key", keep="last").select("_previous_key", *_starts())
    judged = last.with_columns(_text=key_text(key)).join(
        left, left_on="_text", right_on="_previous_key", how="left", maintain_order="left"
    )
    return judged.select(_is_before(_START).fill_null(value=False)).to_series()


def _starts() -> list[pl.Expr]:
    return [pl.col(name).alias(start) for name, start in _START.items()]


def _last_lives(ordered: pl.DataFrame, by: Sequence[str], key: Sequence[str]) -> pl.DataFrame:
    """The changes of each group's last life: after its last delete, from its last create on; the newest revision of each."""
    newest = ordered.unique([*by, *key, *ORDER, *PLACE], keep="last", maintain_order=True)
    is_delete, is_create = (pl.col("_op") == "d").cast(pl.Int32), (pl.col("_op") == "c").cast(pl.Int32)
    ended = is_delete.cum_sum(reverse=True).over(by)
    begun_anew = is_create.cum_sum(reverse=True).over(by) - is_create
    return newest.filter((ended == 0) & (begun_anew == 0))


def _columns(frame: pl.DataFrame, key: Sequence[str]) -> list[str]:
    return [name for name in frame.columns if name not in key and name not in INTERNAL and name[0] not in "\0\1"]


def _fill(lives: pl.DataFrame, by: Sequence[str], key: Sequence[str]) -> pl.DataFrame:
    """One row a group: the last known value of each column, beside it whether there is one, and what its life began with."""
    columns = _columns(lives, key)
    known = {name: ~pl.col("_unknown").list.contains(name) for name in columns}
    begins = [pl.col(name).first().alias(start) for name, start in {**_START, "_previous_key": "\1k"}.items()]
    return lives.group_by(by, maintain_order=True).agg(
        *(pl.col(name).filter(is_known).last() for name, is_known in known.items()),
        *(pl.col(name).last() for name in INTERNAL if name != "_unknown"),
        *(is_known.any().alias(_KNOWN + name) for name, is_known in known.items()),
        *begins,
    )


def _named(filled: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """With `_unknown` in words."""
    missing = [pl.when(~pl.col(_KNOWN + name)).then(pl.lit(name)) for name in _columns(filled, key)]
    return filled.with_columns(_unknown=pl.concat_list(missing).list.drop_nulls())


def _inherit(filled: pl.DataFrame, lives: pl.DataFrame, ordered: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """What is still unknown, from under the keys that the rows had before, one key after the other."""
    columns = _columns(lives, key)
    texts = ordered.with_columns(_text=key_text(key))
    filled = filled.with_row_index(_REQUEST)
    is_open = pl.any_horizontal(~pl.col(_KNOWN + name) for name in columns) & pl.col("\1k").is_not_null()
    asked = filled.filter(is_open).select(_REQUEST, "\1k", *_START.values())
    while len(asked):
        under = texts.join(asked, left_on="_text", right_on="\1k").filter(_is_before(_START)).sort(SEQUENCE)
        found = _fill(_last_lives(under.drop(*_START.values()), [_REQUEST], key), [_REQUEST], key)
        filled = _with_told(filled, found, columns)
        asked = found.join(filled.filter(is_open).select(_REQUEST), on=_REQUEST, how="semi")
        asked = asked.filter(pl.col("\1k").is_not_null()).select(_REQUEST, "\1k", *_START.values())
    return filled.drop(_REQUEST)


def _with_told(filled: pl.DataFrame, found: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Rows with what was found for their request, where they did not know it."""
    told = found.select(_REQUEST, *(pl.col(n).alias(_TOLD + n) for n in (*columns, *(_KNOWN + n for n in columns))))
    both = filled.join(told, on=_REQUEST, how="left", maintain_order="left")
    values = [pl.when(_KNOWN + n).then(n).otherwise(_TOLD + n).alias(n) for n in columns]
    known = [(pl.col(_KNOWN + n) | pl.col(_TOLD + _KNOWN + n).fill_null(value=False)).alias(_KNOWN + n) for n in columns]
    return both.with_columns(*values, *known).select(filled.columns)
