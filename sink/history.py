"""history/ and quarantine/ of one dataset: every change once, and what was refused; rows and marks in one commit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import structlog

from schemas.change import IDENTITY, ORDER, history_schema, quarantine_schema
from schemas.change import about as about_dataset
from schemas.dataset import Dataset
from schemas.errors import Stopped
from sink.fold import reach
from sink.holds import BEHIND, Holds
from sink.identity import Order, new_changes
from sink.lake import Lake
from sink.table import Table

log = structlog.get_logger()

HISTORY_STATS = ("_epoch", "_commit", "_lsn", "_source_at", "_received_at", "_partition", "_offset")
TRUNCATED = "custody/truncated"


@dataclass(slots=True)
class Counts:
    """What became of the changes a dataset was given."""

    written: int = 0
    suppressed: int = 0
    quarantined: int = 0

    def add(self, other: "Counts") -> None:
        self.written += other.written
        self.suppressed += other.suppressed
        self.quarantined += other.quarantined


class History:
    """The tables that changes are appended to, owned by this process."""

    def __init__(self, lake: Lake, dataset: Dataset, about: Mapping[str, str], *, in_order: bool) -> None:
        """Take ownership and read the state.

        Args:
            about: what every commit says of the code and the contract that made it.
            in_order: changes come partition by partition in raw order, as from a topic; else in any order, as from a file.
        """
        self.dataset = dataset
        self._about = about
        self._in_order = in_order
        self.quarantine = Table(
            lake.quarantine(dataset), quarantine_schema(), stats=("_partition", "_offset"), about=about_dataset(dataset)
        )
        self.table = Table(lake.history(dataset), history_schema(dataset), stats=HISTORY_STATS, about=about_dataset(dataset))
        self._refused = self.quarantine.scan().collect()
        self.holds = Holds.of(self._refused)
        self.reached: dict[int, Order] = reached_by(self.table.scan()) if in_order else {}
        self.is_truncated = self.table.mark(TRUNCATED) is not None

    def append(self, changes: pl.DataFrame, refusals: pl.DataFrame, marks: Mapping[str, int]) -> tuple[pl.DataFrame, Counts]:
        """Commit what is new: refusals and what waits behind them first, then the changes with the marks.

        Returns:
            The changes that were written, and what became of all.

        Raises:
            Stopped: the changes say that the source lost its position.
        """
        holds = self.holds.with_refusals(refusals)
        going, waiting = holds.divide(changes, self.dataset.key)
        new = new_changes(going, self.dataset.key, self.reached if self._in_order else None, self._lookup)
        if self._in_order:
            self._refuse_lost_position(new)
        stopped = pl.concat([refusals, waiting])
        refused = self._append_refusals(stopped)
        counts = Counts(len(new), len(going) - len(new) + len(stopped) - refused, refused)
        marks = {**marks, TRUNCATED: 1} if (new["_op"] == "t").any() else marks
        if len(new) or marks:
            self.table.append(as_rows(new, self.dataset), marks, {**self._about, "custody.counts": _json(counts)})
        self.holds = holds
        self.is_truncated |= TRUNCATED in marks
        self.reached = reach(new, self.reached)
        if refused and not self._in_order:
            counts.quarantined += self._retract()
        return new, counts

    def _retract(self) -> int:
        """Move to quarantine/ the changes that stand behind a refusal which came after them; the number of them.

        From a topic it can't be: only a file's later part may be played before an earlier one.
        """
        stays, waits = self.holds.divide(self.table.scan().collect(), self.dataset.key)
        if len(waits):
            self._append_refusals(waits)
            self.table.overwrite(as_rows(stays, self.dataset), {}, {**self._about, "custody.retracted": str(len(waits))})
        return len(waits)

    def _lookup(self, span: pl.Expr) -> pl.DataFrame:
        columns = {*self.dataset.key, "_commit", *(name for name in IDENTITY if not name.startswith("_snapshot"))}
        return self.table.scan().filter(span).select(sorted(columns)).collect()

    def _append_refusals(self, refusals: pl.DataFrame) -> int:
        """Add to quarantine/ what is not there; a position is refused once."""
        place = ["_partition", "_offset"]
        new = refusals.join(self._refused, on=place, how="anti", maintain_order="left").unique(
            place, keep="first", maintain_order=True
        )
        if len(new):
            rows = new.to_arrow().cast(self.quarantine.schema)
            self.quarantine.append(rows, {}, {**self._about, "custody.quarantined": str(len(new))})
            self._refused = pl.concat([self._refused, new])
            log.warning("quarantined", dataset=self.dataset.name, events=len(new), waiting=int((new["reason"] == BEHIND).sum()))
        return len(new)

    def _refuse_lost_position(self, new: pl.DataFrame) -> None:
        started = [partition for partition, (_, commit, _) in self.reached.items() if commit > 0]
        epochs = {partition: epoch for partition, (epoch, _, _) in self.reached.items()}
        known = new["_partition"].replace_strict(epochs, default=None, return_dtype=pl.Int32)
        lost = new.filter((pl.col("_commit") == 0) & pl.col("_partition").is_in(started) & (pl.col("_epoch") == known))
        if len(lost):
            raise Stopped(
                "the source lost its position (slot or offsets): a change without a commit came after others",
                dataset=self.dataset.name, partition=lost["_partition"][0], offset=lost["_offset"][0],
                remedy="raise the epoch and take a new snapshot",
            )  # fmt: skip


def reached_by(changes: pl.LazyFrame) -> dict[int, Order]:
    """The highest order of each partition."""
    return reach(changes.select("_partition", *ORDER).collect(), {})


def as_rows(changes: pl.DataFrame, dataset: Dataset) -> pa.Table:
    """The changes as Arrow, in the table's own schema."""
    schema = history_schema(dataset)
    return changes.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def _json(counts: Counts) -> str:
    return json.dumps({"written": counts.written, "suppressed": counts.suppressed, "quarantined": counts.quarantined})
