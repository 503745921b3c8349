"""How far each partition has come in commit order, and what is late. Pure."""

import polars as pl

from schemas.change import ORDER

Order = tuple[int, int, int]


def is_late(changes: pl.DataFrame, reached: dict[int, Order]) -> pl.Series:
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


def reach(changes: pl.DataFrame, reached: dict[int, Order]) -> dict[int, Order]:
    """The highest order of each partition after these changes."""
    highest = changes.select("_partition", *ORDER).sort(ORDER).unique("_partition", keep="last")
    news = {partition: (epoch, commit, lsn) for partition, epoch, commit, lsn in highest.iter_rows()}
    return {p: max(reached.get(p, (-1, -1, -1)), news.get(p, (-1, -1, -1))) for p in {*reached, *news}}
