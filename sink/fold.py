"""Fold: the changes of each key, in order, become the row that is true. Pure.

The last change in commit order wins, whatever the order of arrival. A value that a change does not know is the last
known one of the same life of the row, column by column. A deleted row is no row.
"""

from collections.abc import Sequence

import polars as pl

from schemas.change import INTERNAL, ORDER, SEQUENCE


def fold(changes: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The living rows, one a key, sorted by key, after all these changes.

    Args:
        changes: rows of history/ in any order; rows of current/ may stand for the changes they were folded from.
        key: the columns that name a row.

    Returns:
        Columns as given. `_unknown` names the columns whose value no change of the row's life told.
    """
    ordered = changes.filter(pl.col("_op") != "t").sort(SEQUENCE, maintain_order=True)
    last = ordered.unique(key, keep="last", maintain_order=True).filter(pl.col("_op") != "d")
    partial = last.filter(pl.col("_unknown").list.len() > 0)
    if len(partial):
        whole = last.filter(pl.col("_unknown").list.len() == 0)
        lives = _last_life(ordered.join(partial.select(key), on=key, how="semi", maintain_order="left"), key)
        last = pl.concat([whole, _fill(lives, key).select(last.columns)])
    return last.sort(key)


def _last_life(ordered: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Each key's changes after its last delete, the newest revision of each."""
    deletes_after = (pl.col("_op") == "d").cast(pl.Int32).cum_sum(reverse=True).over(key)
    newest = ordered.unique([*key, *ORDER, "_partition", "_offset"], keep="last", maintain_order=True)
    return newest.filter(deletes_after == 0)


def _fill(lives: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    columns = [name for name in lives.columns if name not in key and name not in INTERNAL]
    known = {name: ~pl.col("_unknown").list.contains(name) for name in columns}
    filled = lives.group_by(key, maintain_order=True).agg(
        *(pl.col(name).filter(is_known).last() for name, is_known in known.items()),
        *(pl.col(name).last() for name in INTERNAL if name != "_unknown"),
        *(is_known.any().alias(f"\0{name}") for name, is_known in known.items()),
    )
    missing = [pl.when(~pl.col(f"\0{name}")).then(pl.lit(name)) for name in columns]
    return filled.with_columns(_unknown=pl.concat_list(missing).list.drop_nulls())


def is_late(changes: pl.DataFrame, reached: dict[int, tuple[int, int, int]]) -> pl.Series:
    """Whether a change's order is at or below what its partition had reached before these changes."""
    marks = pl.DataFrame(
        [(partition, *order) for partition, order in reached.items()],
        schema={"_partition": pl.Int32, "epoch": pl.Int32, "commit": pl.Int64, "lsn": pl.Int64},
        orient="row",
    )
    judged = changes.select("_partition", *ORDER).join(marks, on="_partition", how="left", maintain_order="left")
    same_epoch, same_commit = pl.col("_epoch") == pl.col("epoch"), pl.col("_commit") == pl.col("commit")
    below = (
        (pl.col("_epoch") < pl.col("epoch"))
        | (same_epoch & (pl.col("_commit") < pl.col("commit")))
        | (same_epoch & same_commit & (pl.col("_lsn") <= pl.col("lsn")))
    )
    return judged.select(below.fill_null(value=False)).to_series()


def reach(changes: pl.DataFrame, reached: dict[int, tuple[int, int, int]]) -> dict[int, tuple[int, int, int]]:
    """The highest order of each partition after these changes."""
    highest = changes.select("_partition", *ORDER).sort(ORDER).unique("_partition", keep="last")
    news = {partition: (epoch, commit, lsn) for partition, epoch, commit, lsn in highest.iter_rows()}
    return {p: max(reached.get(p, (-1, -1, -1)), news.get(p, (-1, -1, -1))) for p in {*reached, *news}}
