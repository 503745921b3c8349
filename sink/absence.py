"""Complete snapshots: what one no longer held is deleted, and a later epoch of the source is shown to readers.

An initial snapshot that was interrupted is begun anew under the same epoch. Its attempts are told apart by the
transaction that read them; the newest one counts, and rows that only an earlier one read are absent like any others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import structlog

from schemas.change import FOUND_BY_ABSENCE, INITIAL_READ, INTERNAL, PLACE, attempt, key_token
from schemas.notice import Scan
from sink.fold import fold
from sink.history import History, snapshot_mark
from sink.holds import TRUNCATE_WAITS
from sink.table import EPOCH

log = structlog.get_logger()

FIRST = {"first", "first_in_data_collection"}
LAST = {"last", "last_in_data_collection"}
"""Debezium's marks of the first and of the last row of a table that an initial snapshot read; a single row bears one."""

NO_OFFSET = -1
"""What was found by absence has no record of its own, and ranks below a row that was read at the same place."""
EMPTY = 0
"""What stands for the attempt that found the table empty: it has no row, and so no transaction."""

Scans = Mapping[int, Scan]
"""By epoch, what its newest snapshot found of the table, as the connector said at the table's end."""


@dataclass(frozen=True, slots=True)
class Absences:
    """What the end of a snapshot brought."""

    epoch: int
    written: pl.DataFrame
    """The deletes of rows that the snapshot no longer held."""


def is_pending(history: History, scans: Scans) -> bool:
    """Whether a later epoch than readers see waits for the end of its snapshot, or the shown one's was begun anew."""
    shown = history.table.mark(EPOCH)
    if shown is None:
        return False
    newest = max([shown, *(epoch for epoch, _, _ in history.reached.values()), *scans])
    return newest > shown or _is_begun_anew(history, shown, scans)


def _is_begun_anew(history: History, epoch: int, scans: Scans) -> bool:
    attempts = history.attempts.get(epoch, set()) | ({EMPTY} if _is_empty(epoch, scans) else set())
    return len(attempts) > 1 and history.table.mark(snapshot_mark(epoch)) != _newest(history, epoch, scans)


def _newest(history: History, epoch: int, scans: Scans) -> int:
    return EMPTY if _is_empty(epoch, scans) else max(history.attempts.get(epoch, {EMPTY}))


def _is_empty(epoch: int, scans: Scans) -> bool:
    return epoch in scans and not scans[epoch].rows


def complete_epoch(history: History, scans: Scans) -> Absences | None:
    """Take note of the snapshots that are complete, and show the newest epoch of them; what was found by absence.

    An interrupted snapshot, or one of which a record whose key can't be read waits in quarantine/, changes nothing.
    """
    shown = history.table.mark(EPOCH)
    if shown is None:
        return None
    there = history.table.scan().select("_epoch").unique().collect()["_epoch"].to_list()
    first, *later = sorted({*there, *(epoch for epoch in scans if epoch > min(there))})
    done = [epoch for epoch in later if _is_complete(history, epoch, scans)]
    target = max(done, default=first)
    if _is_begun_anew(history, first, scans) and _is_complete(history, first, scans):
        done = [first, *done]
    deletes = [_absent(history, epoch, scans) for epoch in done]
    new = history.not_held(pl.concat(deletes)) if deletes else pl.DataFrame(history.table.schema.empty_table())
    marks = {EPOCH: target, **{snapshot_mark(epoch): _newest(history, epoch, scans) for epoch in done}}
    if not len(new) and all(history.table.mark(name) == value for name, value in marks.items()):
        return None
    history.append_absences(new, target, marks)
    log.info("snapshot_complete", dataset=history.dataset.name, epoch=target, found_by_absence=len(new))
    return Absences(target, new)


def _is_complete(history: History, epoch: int, scans: Scans) -> bool:
    """Whether the newest attempt has as many rows as the connector said, or its first and last; or more has followed it."""
    refused = history.quarantine.undecided.filter((pl.col("_epoch") == epoch) & pl.col("key_token").is_null())
    if len(refused.filter(pl.col("reason") != TRUNCATE_WAITS)):
        return False
    here = history.table.scan().filter(pl.col("_epoch") == epoch).select("_op", "_commit", "_tx", "_snapshot").collect()
    read = here.filter(INITIAL_READ)
    stopped = history.quarantine.rows.filter((pl.col("_epoch") == epoch) & pl.col("_snapshot").is_not_null()).unique(PLACE)
    every = pl.concat([read.select("_tx", "_snapshot"), stopped.select("_tx", "_snapshot")])
    newest = every.filter(attempt() == _newest(history, epoch, scans))
    if epoch in scans and len(newest) >= scans[epoch].rows:
        return True
    marks = (newest if len(newest) else every)["_snapshot"].to_list()
    has_streamed = bool((here["_op"] != "r").any())
    is_whole = bool(LAST & set(marks) and (FIRST & set(marks) or len(marks) == 1))
    return is_whole or (has_streamed and (not marks or (len(marks) == 1 and marks[0] in FIRST)))


def _absent(history: History, epoch: int, scans: Scans) -> pl.DataFrame:
    """Deletes for the rows that lived before a complete snapshot, or that only its earlier attempts read."""
    dataset, scan = history.dataset, history.table.scan()
    key, here = list(dataset.key), pl.col("_epoch") == epoch
    earlier = history.attempts.get(epoch, set()) - {_newest(history, epoch, scans)}
    is_earlier = here & INITIAL_READ & attempt().is_in(sorted(earlier))
    before = fold(scan.filter((pl.col("_epoch") < epoch) | is_earlier).collect(), key)
    read = scan.filter(here & INITIAL_READ & ~is_earlier).select(*key, *INTERNAL).collect()
    held = history.quarantine.rows.filter(here)["key_token"].drop_nulls().unique()
    gone = before.join(read, on=key, how="anti").filter(~key_token(key).is_in(held.implode()))
    times = _began(scan.filter(here).select(list(INTERNAL)), read, scans[epoch].at if _is_empty(epoch, scans) else None)
    commit = read["_commit"].min() if len(read) and not _is_empty(epoch, scans) else 0
    is_own = pl.col("_epoch") == epoch
    deletes = gone.select(
        *key, **{name: pl.lit(value) for name, value in times.items()},
        _partition=pl.when(is_own).then("_partition").otherwise(pl.lit(0)),
        _offset=pl.when(is_own).then("_offset").otherwise(pl.lit(NO_OFFSET)),
        _revision=pl.when(is_own).then(pl.col("_revision") + 1).otherwise(pl.lit(0)),
        _commit=pl.when(is_own).then(pl.lit(0)).otherwise(pl.lit(commit)), _epoch=pl.lit(epoch), _lsn=pl.lit(0),
        _op=pl.lit("d"), _reason=pl.lit(FOUND_BY_ABSENCE),
        _unknown=pl.lit([], pl.List(pl.String)), _notes=pl.lit([], pl.List(pl.String)),
    )  # fmt: skip
    schema = pl.DataFrame(history.table.schema.empty_table()).schema
    whole = [pl.col(n).cast(kind) if n in deletes.columns else pl.lit(None, kind).alias(n) for n, kind in schema.items()]
    return deletes.select(whole)


def _began(here: pl.LazyFrame, read: pl.DataFrame, found_empty: datetime | None) -> dict[str, object]:
    """When the snapshot began: by its first row, or when the table was found empty."""
    if found_empty is not None:
        return {"_source_at": found_empty, "_received_at": found_empty}
    first = (read if len(read) else here.collect()).sort("_commit", *PLACE).head(1)
    return {name: first[name][0] for name in ("_source_at", "_received_at")}
