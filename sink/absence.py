"""A later epoch of the source: once its snapshot is complete, what it no longer held is deleted, and readers see it."""

from dataclasses import dataclass

import polars as pl
import structlog

from schemas.change import FOUND_BY_ABSENCE, INTERNAL, PLACE, key_token
from sink.fold import fold
from sink.history import History
from sink.holds import TRUNCATE_WAITS
from sink.table import EPOCH

log = structlog.get_logger()

FIRST = {"first", "first_in_data_collection"}
LAST = {"last", "last_in_data_collection"}
"""Debezium's marks of the first and of the last row of a table that an initial snapshot read; a single row bears one."""

NO_OFFSET = -1
"""What was found by absence has no record of its own, and ranks below a row that was read at the same place."""


@dataclass(frozen=True, slots=True)
class Absences:
    """What the end of a later epoch's snapshot brought."""

    epoch: int
    written: pl.DataFrame
    """The deletes of rows that the snapshot no longer held."""


def complete_epoch(history: History) -> Absences | None:
    """Show the newest epoch whose snapshot is complete, if it is not shown yet; what was found by absence.

    An interrupted snapshot, or one of which a record whose key can't be read waits in quarantine/, changes nothing.
    """
    shown = history.table.mark(EPOCH)
    if shown is None:
        return None
    epochs = history.table.scan().select("_epoch").unique().collect()["_epoch"].sort().to_list()
    done = [epoch for epoch in epochs[1:] if _is_complete(history, epoch)]
    target = max(done, default=epochs[0])
    deletes = [_absent(history, epoch) for epoch in done]
    new = history.not_held(pl.concat(deletes)) if deletes else None
    if target == shown and (new is None or not len(new)):
        return None
    written = pl.DataFrame(history.table.schema.empty_table()) if new is None else new
    history.append_absences(written, target)
    log.info("epoch_complete", dataset=history.dataset.name, epoch=target, found_by_absence=len(written))
    return Absences(target, written)


def _is_complete(history: History, epoch: int) -> bool:
    """Whether the first and the last row of the snapshot are there; of an empty table, whether anything has followed it."""
    here = history.table.scan().filter(pl.col("_epoch") == epoch).select("_op", "_snapshot").collect()
    refused = history.quarantine.rows.filter((pl.col("_epoch") == epoch) & pl.col("_snapshot").is_not_null()).unique(PLACE)
    read = here.filter(pl.col("_op") == "r")
    marks = [*read["_snapshot"].to_list(), *refused["_snapshot"].to_list()]
    has_streamed = len(read) < len(here)
    is_whole = bool(LAST & set(marks) and (FIRST & set(marks) or len(marks) == 1))
    is_small = has_streamed and (not marks or (len(marks) == 1 and marks[0] in FIRST))
    rows = history.quarantine.undecided.filter((pl.col("_epoch") == epoch) & pl.col("key_token").is_null())
    return (is_whole or is_small) and not len(rows.filter(pl.col("reason") != TRUNCATE_WAITS))


def _absent(history: History, epoch: int) -> pl.DataFrame:
    """Deletes for the rows that lived before this epoch and that its snapshot does not hold."""
    dataset, scan = history.dataset, history.table.scan()
    key = list(dataset.key)
    before = fold(scan.filter(pl.col("_epoch") < epoch).collect(), key)
    read = scan.filter((pl.col("_epoch") == epoch) & (pl.col("_op") == "r")).select(*key, *INTERNAL).collect()
    held = history.quarantine.rows.filter(pl.col("_epoch") == epoch)["key_token"].drop_nulls().unique()
    gone = before.join(read, on=key, how="anti").filter(~key_token(key).is_in(held.implode()))
    began = (read if len(read) else scan.filter(pl.col("_epoch") == epoch).select(list(INTERNAL)).collect()).sort(
        "_commit", *PLACE
    )
    fixed = {name: began[name][0] for name in ("_source_at", "_received_at", "_partition")}
    place = {"_epoch": epoch, "_commit": read["_commit"].min() if len(read) else 0, "_lsn": 0, "_offset": NO_OFFSET}
    deletes = gone.select(key).with_columns(pl.lit(value).alias(name) for name, value in {**fixed, **place}.items())
    deletes = deletes.with_columns(
        _op=pl.lit("d"), _reason=pl.lit(FOUND_BY_ABSENCE), _revision=pl.lit(0),
        _unknown=pl.lit([], pl.List(pl.String)), _notes=pl.lit([], pl.List(pl.String)),
    )  # fmt: skip
    schema = pl.DataFrame(history.table.schema.empty_table()).schema
    whole = [pl.col(n).cast(kind) if n in deletes.columns else pl.lit(None, kind).alias(n) for n, kind in schema.items()]
    return deletes.select(whole)
