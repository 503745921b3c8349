"""history/ and quarantine/ of one dataset: every change once, and what was refused; rows and marks in one commit."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import structlog

from rules.protection import FIRST, Keys
from schemas.change import APPLIED, IDENTITY, INITIAL_READ, ORDER, RECORD, RELEASED, TRUNCATE, attempt, history_schema
from schemas.change import about as about_dataset
from schemas.dataset import Dataset
from schemas.errors import Stopped
from sink.holds import held_truncates
from sink.identity import new_changes
from sink.lake import Lake
from sink.quarantine import Decision, Quarantine
from sink.reach import Order, reach
from sink.table import EPOCH, Table
from sink.tokens import newest, stand_under

PARTITIONS, REPARTITIONED = "custody/partitions", "custody/repartitioned"
log = structlog.get_logger()

HISTORY_STATS = ("_epoch", "_commit", "_lsn", "_source_at", "_received_at", "_partition", "_offset")


FLOOD_EVENTS, FLOOD_REFUSALS, FLOOD_SHARE = 10_000, 1_000, 0.5
"""So many refusals among so many events, and more than this share of them, stop the dataset."""


@dataclass(slots=True)
class Counts:
    """What became of the changes a dataset was given."""

    written: int = 0
    suppressed: int = 0
    quarantined: int = 0
    revised: int = 0
    """Changes that were written before, and are there anew."""

    def add(self, other: "Counts") -> None:
        self.written += other.written
        self.revised += other.revised
        self.suppressed += other.suppressed
        self.quarantined += other.quarantined


class History:
    """The tables that changes are appended to, owned by this process."""

    def __init__(
        self, lake: Lake, dataset: Dataset, about: Mapping[str, str], *, in_order: bool, partitions: int | None = None,
        epoch_now: Callable[[], int] = lambda: 0, keys: Keys = FIRST,
    ) -> None:  # fmt: skip
        """Take ownership and read the state.

        Args:
            about: what every commit says of the code and the contract that made it.
            in_order: changes come partition by partition in raw order, as from a topic; else in any order, as from a file.
            partitions: how many the topic has; once that number has changed, a key's changes lie in several of them.
            epoch_now: asks which epoch the source's connector writes.
            keys: tokens of earlier ones that come are lifted to the newest.

        Raises:
            Stopped: the tokens in the tables are not of the newest key.
        """
        self.dataset = dataset
        self._about = about
        self._in_order, self._epoch_now, self._keys = in_order, epoch_now, keys
        self.quarantine = Quarantine(lake, dataset, about)
        self.table = history_table(lake, dataset)
        stand_under(keys, self.table, self.quarantine.table)
        self.partition_marks = self._note_partitions(partitions)
        self._lately: deque[tuple[int, int]] = deque()
        self.reached: dict[int, Order] = reached_by(self.table.scan()) if in_order else {}
        read = self.table.scan().filter(self._is_initial_read).select("_epoch", "_tx").collect()
        self.attempts = attempts_of(read, {})

    def append(self, changes: pl.DataFrame, refusals: pl.DataFrame, marks: Mapping[str, int]) -> tuple[pl.DataFrame, Counts]:
        """Commit what is new: refusals and what waits behind them first, then the changes with the marks.

        Returns:
            The changes that were written, and what became of all.

        Raises:
            Stopped: the changes say that the source lost its position, or most of them are refused.
        """
        self._refuse_flood(len(changes), len(refusals))
        changes = self._stamped(self._with_truncates_judged(changes))
        refusals = newest(refusals, ["key_token"], self._keys, dataset=self.dataset.name)
        waiting_already = self.quarantine.waits_already(changes) if not self._in_order else changes.head(0)
        fresh = changes.join(waiting_already, on=RECORD, how="anti", maintain_order="left")
        holds = self.quarantine.holds.with_refusals(refusals)
        going, waiting = holds.divide(fresh, self.dataset.key)
        new = new_changes(going, self.dataset.key, self.reached if self.keeps_partitions else None, self._lookup)
        if self._in_order:
            self._refuse_lost_position(new)
        stopped = pl.concat([refusals, waiting])
        refused = self.quarantine.add(stopped)
        held = self.quarantine.add(held_truncates(new))
        counts = Counts(len(new), len(changes) + len(refusals) - len(new) - refused, refused + held)
        self._write(new, marks, counts)
        self.quarantine.holds = holds
        if refused and not self._in_order:
            counts.quarantined += self._retract()
        return new, counts

    def _note_partitions(self, count: int | None) -> dict[str, int]:
        """Marks that say how many partitions the topic has, and whether there were ever others."""
        known, changed = self.table.mark(PARTITIONS), self.table.mark(REPARTITIONED)
        if count is None:
            return {}
        if changed is None and known in {None, count}:
            return {PARTITIONS: count}
        if changed is None:
            log.warning("partitions_changed", dataset=self.dataset.name, before=known, now=count)
        return {PARTITIONS: count, REPARTITIONED: 1}

    @property
    def _is_initial_read(self) -> pl.Expr:
        """Which rows tell attempts at an initial snapshot apart; none where the connector tells no order."""
        return INITIAL_READ if self.dataset.order == "commit" else pl.lit(value=False)

    @property
    def keeps_partitions(self) -> bool:
        """Whether all changes of a key come on one partition, in raw order."""
        return self._in_order and REPARTITIONED not in self.partition_marks

    def release(self, changes: pl.DataFrame, decision: Decision, marks: Mapping[str, int]) -> tuple[pl.DataFrame, int]:
        """Commit changes that were refused and pass now, whatever their position; then record that they are released.

        A truncate that waited is applied from now on.

        Args:
            marks: kept with the decision, not with the rows: if this ends between the two, it is done again.

        Returns:
            The changes that were written, and the number of refusals decided.
        """
        is_truncate = pl.col("_op") == TRUNCATE
        applied = changes.with_columns(_revision=pl.when(is_truncate).then(APPLIED).otherwise("_revision").cast(pl.Int32))
        new = self.not_held(self._stamped(applied))
        assert decision.decision == RELEASED, "what is discarded is not written"
        self._write(new, {}, Counts(written=len(new)))
        return new, self.quarantine.decide(changes, decision, marks)

    def _with_truncates_judged(self, changes: pl.DataFrame) -> pl.DataFrame:
        """A truncate is applied at once where the dataset says so."""
        if self.dataset.on_truncate != "apply":
            return changes
        revision = pl.when(pl.col("_op") == TRUNCATE).then(APPLIED).otherwise("_revision")
        return changes.with_columns(_revision=revision.cast(pl.Int32))

    def _write(self, new: pl.DataFrame, marks: Mapping[str, int], counts: Counts, said: Mapping[str, str] | None = None) -> None:
        if len(new) and self.table.mark(EPOCH) is None:
            marks = {**marks, EPOCH: new["_epoch"].min()}  # type: ignore[dict-item]
        if len(new) or marks:
            self.table.append(as_rows(new, self.dataset), marks, {**self._about, **(said or {}), "custody.counts": _json(counts)})
        self.reached = reach(new, self.reached)
        self.attempts = attempts_of(new.filter(self._is_initial_read), self.attempts)

    def not_held(self, changes: pl.DataFrame) -> pl.DataFrame:
        """The changes that history does not hold yet."""
        return new_changes(changes, self.dataset.key, None, self._lookup)

    def append_absences(self, deletes: pl.DataFrame, epoch: int, marks: Mapping[str, int]) -> None:
        """Commit the deletes of rows that complete snapshots no longer held, with the marks that show the epoch."""
        about = {**self._about, "custody.absent": str(len(deletes)), "custody.epoch": str(epoch)}
        self.table.append(as_rows(self._stamped(deletes), self.dataset), marks, about)

    def revise(self, changes: pl.DataFrame, decision: Decision, marks: Mapping[str, int]) -> pl.DataFrame:
        """Commit new revisions of changes that are here already; those that were written.

        Args:
            marks: kept in quarantine/, as for a release: if this ends between the two, it is done again.
        """
        new = self.not_held(self._stamped(changes))
        self._write(new, {}, Counts(written=len(new)), {"custody.act": decision.decision, "custody.why": decision.why})
        self.quarantine.decide(changes.head(0), decision, marks)
        return new

    def _stamped(self, changes: pl.DataFrame) -> pl.DataFrame:
        """With the number of today's declaration, and tokens of the newest key."""
        lifted = newest(changes, [*self.dataset.tokens, "_previous_key"], self._keys, dataset=self.dataset.name)
        return lifted.with_columns(_schema=pl.lit(self.table.schema_number, pl.Int32))

    def _retract(self) -> int:
        """Move to quarantine/ the changes that stand behind a refusal which came after them; the number of them.

        From a topic it can't be: only a file's later part may be played before an earlier one.
        """
        history = self.table.scan().collect()
        free = self.quarantine.decided(history)
        stays, waits = self.quarantine.holds.divide(history.join(free, on=RECORD, how="anti"), self.dataset.key)
        stays = pl.concat([stays, free])
        if len(waits):
            self.quarantine.add(waits)
            self.table.overwrite(as_rows(stays, self.dataset), {}, {**self._about, "custody.retracted": str(len(waits))})
        return len(waits)

    def _refuse_flood(self, passed: int, refused: int) -> None:
        """One bad row waits; where most are bad, the declaration or the source is wrong, and nothing more is taken in."""
        self._lately.append((passed, refused))
        while sum(map(sum, self._lately)) - sum(self._lately[0]) >= FLOOD_EVENTS:
            self._lately.popleft()
        all_passed, all_refused = (sum(part) for part in zip(*self._lately, strict=True))
        if all_refused >= FLOOD_REFUSALS and all_refused > FLOOD_SHARE * (all_passed + all_refused):
            raise Stopped(
                f"{all_refused} of the last {all_passed + all_refused} events were refused", dataset=self.dataset.name,
                remedy="correct the declaration, or the source, and start again",
            )  # fmt: skip

    def _lookup(self, span: pl.Expr) -> pl.DataFrame:
        columns = {*self.dataset.key, "_commit", *(name for name in IDENTITY if not name.startswith("_snapshot"))}
        return self.table.scan().filter(span).select(sorted(columns)).collect()

    def _refuse_lost_position(self, new: pl.DataFrame) -> None:
        """A change without a commit after others says so; once the connector writes a later epoch, that is mended."""
        started = [partition for partition, (_, commit, _) in self.reached.items() if commit > 0]
        epochs = {partition: epoch for partition, (epoch, _, _) in self.reached.items()}
        known = new["_partition"].replace_strict(epochs, default=None, return_dtype=pl.Int32)
        lost = new.filter((pl.col("_commit") == 0) & pl.col("_partition").is_in(started) & (pl.col("_epoch") == known))
        if len(lost) and lost["_epoch"].max() >= self._epoch_now():  # type: ignore[operator]
            raise lost_position(self.dataset, partition=lost["_partition"][0], offset=lost["_offset"][0])


def history_table(lake: Lake, dataset: Dataset) -> Table:
    """The table of a dataset's history, owned by this process from now on."""
    return Table(
        lake.history(dataset), history_schema(dataset), stats=HISTORY_STATS, about=about_dataset(dataset), keeps_schemas=True
    )


def lost_position(dataset: Dataset, **where: object) -> Stopped:
    """The connector began anew in the middle of an epoch."""
    return Stopped(
        "the source lost its position (slot or offsets): changes are missing", dataset=dataset.name, **where,
        remedy=f"custody recover {dataset.database}, then custody run: a new epoch, from a new snapshot",
    )  # fmt: skip


def reached_by(changes: pl.LazyFrame) -> dict[int, Order]:
    """The highest order of each partition."""
    return reach(changes.select("_partition", *ORDER).collect(), {})


def snapshot_mark(epoch: int) -> str:
    """The mark that says which attempt at an epoch's initial snapshot has been found complete."""
    return f"custody/snapshot/{epoch}"


def attempts_of(read: pl.DataFrame, known: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """By epoch, the transactions in which initial snapshots read rows: more than one where one was interrupted and begun anew."""
    found = read.select("_epoch", attempt()).unique().group_by("_epoch").agg("_tx").iter_rows()
    return {**known, **{epoch: known.get(epoch, set()) | set(attempts) for epoch, attempts in found}}


def as_rows(changes: pl.DataFrame, dataset: Dataset) -> pa.Table:
    """The changes as Arrow, in the table's own schema."""
    schema = history_schema(dataset)
    return changes.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def _json(counts: Counts) -> str:
    return json.dumps({"written": counts.written, "suppressed": counts.suppressed, "quarantined": counts.quarantined})
