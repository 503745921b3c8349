"""What waits in quarantine, and what people decide of it: run again under today's declarations, or dropped, with a why."""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import polars as pl
import pyarrow as pa
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from connectors.registry import Registry
from connectors.topics import topic_ids
from custody.lifting import refuse_behind
from custody.pipeline import way
from custody.places import lake_of, main_lake
from custody.settings import Settings
from custody.version import about
from schemas.batch import Batch, Headers
from schemas.change import DISCARDED, PLACE, RECORD, REFUSAL, RELEASED, REPUBLISHED, history_schema
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable
from sink.current import Current
from sink.history import History
from sink.holds import BEHIND, undecided
from sink.lake import Lake
from sink.quarantine import Decision
from sink.snapshot import Snapshot, Watched
from sink.table import TableNotFoundError
from streams.produce import Publisher
from streams.stage import Encoder, Processed

BY, WHY, DECIDED = "custody.by", "custody.why", "custody.decision"
"""Headers of the records on a dataset's released topic."""
WAIT_SECONDS, LOOK_SECONDS = 60, 0.2
_IN_ORDER = ("_received_at", *PLACE)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which refusals are meant; empty: all."""

    reason: str = ""
    key: str = ""
    """The token of a key, or its beginning."""

    def matches(self) -> pl.Expr:
        every = pl.lit(value=True)
        of_reason = pl.col("reason").str.contains(self.reason, literal=True) if self.reason else every
        return of_reason & (pl.col("key_token").str.starts_with(self.key).fill_null(value=False) if self.key else every)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision on one dataset."""

    dataset: str
    decided: int
    waiting: int
    """Events that still wait."""


def waiting(lake: Lake, dataset: Dataset) -> pl.DataFrame:
    """The refusals of a dataset that nobody has decided on; columns of quarantine/."""
    try:
        return undecided(Snapshot.load(lake.quarantine(dataset)).scan().collect())
    except TableNotFoundError:
        return pl.DataFrame(schema={"key_token": pl.String})


def summary(settings: Settings, datasets: Mapping[str, Dataset], chosen: Filter) -> pl.DataFrame:
    """By dataset, reason and key token: how many events wait, and since when the first of them."""
    parts = []
    for name, dataset in datasets.items():
        rows = waiting(lake_of(settings, dataset), dataset)
        if len(rows):
            grouped = rows.filter(chosen.matches()).group_by("reason", "column", "key_token")
            counted = grouped.agg(events=pl.len(), since=pl.col("_received_at").min())
            parts.append(counted.select(pl.lit(name).alias("dataset"), "reason", "column", "key_token", "events", "since"))
    kinds = {"dataset": pl.String, "reason": pl.String, "column": pl.String, "key_token": pl.String, "events": pl.UInt32}
    found = pl.concat(parts) if parts else pl.DataFrame(schema={**kinds, "since": pl.Datetime("us", "UTC")})
    return found.sort("dataset", "reason", "key_token", nulls_last=True)


class Desk:
    """Decides on the refusals of one dataset: through its topic where a sink owns the tables, else in the tables themselves."""

    def __init__(self, settings: Settings, dataset: Dataset, keys_of: Mapping[str, Dataset]) -> None:
        self._settings, self.dataset = settings, dataset
        self.lake, self.raw = lake_of(settings, dataset), main_lake(settings).raw(dataset.database)
        self._keys = settings.keys(dict(keys_of))
        refuse_behind(self.lake.history(dataset), self._keys)
        self.go = way(dataset, settings.unavailable, self._keys)
        self.send = self._publish if settings.kafka else self._write
        self._history = Watched(self.lake.history(dataset))
        self._seen: Snapshot | None = None

    def release(self, chosen: Filter, why: str) -> Decided:
        """Run what waits again, key by key in order, up to the first event that fails again."""
        rows = waiting(self.lake, self.dataset)
        if not len(rows):
            return Decided(self.dataset.name, 0, 0)
        meant = _with_all_of_their_keys(rows, chosen)
        if not len(meant):
            return Decided(self.dataset.name, 0, len(rows))
        made = [(batches, self.go(batches).processed) for batches in self._raw(meant)]
        free = _free(meant, pl.concat([passed.changes.select(RECORD) for _, passed in made]))
        decided = 0
        for batches, passed in made:
            changes = passed.changes.join(free, on=RECORD, how="semi", maintain_order="left")
            if len(changes):
                self.send(Processed(changes, passed.refusals.head(0)), batches, self.decision(RELEASED, why))
            decided += len(changes)
        return Decided(self.dataset.name, decided, len(rows) - decided)

    def discard(self, chosen: Filter, why: str, *, behind: bool) -> Decided:
        """Drop the refusals meant; what waits behind them only if asked for."""
        rows = waiting(self.lake, self.dataset)
        if not len(rows):
            return Decided(self.dataset.name, 0, 0)
        meant = rows.filter(chosen.matches() & (pl.lit(behind) | (pl.col("reason") != BEHIND)))
        if len(meant):
            nothing = pl.DataFrame(history_schema(self.dataset).empty_table())
            for part in incarnations(meant):
                refusals = part.select(list(REFUSAL)).sort(PLACE)
                self.send(Processed(nothing, refusals), _placed(self.dataset, part), self.decision(DISCARDED, why))
        return Decided(self.dataset.name, len(meant), len(rows) - len(meant))

    def decision(self, what: str, why: str) -> Decision:
        return Decision(what, datetime.now(UTC), getpass.getuser(), why)

    def _raw(self, meant: pl.DataFrame) -> list[list[Batch]]:
        """These records, read again from raw/; those that share a position with others apart."""
        here = pl.col("_topic") == self.dataset.raw_topic
        raw = Snapshot.load(self.raw).scan().filter(here)
        found = raw.join(meant.lazy().select(RECORD), on=RECORD, how="semi").unique(RECORD).collect()
        if len(found) < len(meant):
            raise Refused(
                f"raw/ lacks {len(meant) - len(found)} of the records", dataset=self.dataset.name, remedy="recover them first"
            )
        return [batches_of(self.dataset, part) for part in incarnations(found)]

    def _write(self, processed: Processed, _batches: list[Batch], decision: Decision) -> None:
        made_by = about(self.dataset)
        history = History(self.lake, self.dataset, made_by, in_order=False, keys=self._keys)
        if decision.decision == DISCARDED:
            history.quarantine.decide(processed.refusals, decision, {})
            return
        if decision.decision == REPUBLISHED:
            history.revise(processed.changes, decision, {})
            return
        current = Current(self.lake, self.dataset, history.table, made_by, in_order=False)
        new, _ = history.release(processed.changes, decision, {})
        current.add(new)
        current.fold()

    def fold(self) -> None:
        """Fold what was written into current/, where no sink does it."""
        if not self._settings.kafka:
            made_by = about(self.dataset)
            history = History(self.lake, self.dataset, made_by, in_order=False, keys=self._keys)
            Current(self.lake, self.dataset, history.table, made_by, in_order=False).fold()

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(self._settings.kafka)

    @cached_property
    def _schema_ids(self) -> dict[str, int]:
        registry = Registry(self._settings.registry)
        return {subject.name: registry.register(subject.name, subject.text) for subject in Encoder.subjects(self.dataset)}

    def _publish(self, processed: Processed, batches: list[Batch], decision: Decision) -> None:
        dataset, raw_topic = self.dataset, self.dataset.raw_topic
        encoder = Encoder(dataset, topic_ids(self._settings.kafka, [raw_topic])[raw_topic], self._schema_ids)
        said = {DECIDED: decision.decision, BY: decision.decided_by, WHY: decision.why}
        headers = tuple((name, text.encode()) for name, text in said.items())
        outgoing = encoder.encode(processed, batches)
        try:
            self._publisher.publish(
                [replace(part, topic=dataset.released_topic, partition=0, headers=headers) for part in outgoing]
            )
        except Unavailable:
            del self._publisher  # it does not recover
            raise
        self._await_sink(processed, decision)

    def _await_sink(self, processed: Processed, decision: Decision) -> None:
        """Until the sink has recorded the decision on these records, or has these revisions."""
        records = pl.concat([processed.changes.select(RECORD), processed.refusals.select(RECORD)])

        def is_open() -> bool:
            if decision.decision == REPUBLISHED:
                return not self._is_taken(processed.changes)
            return len(waiting(self.lake, self.dataset).join(records, on=RECORD, how="semi")) > 0

        self._seen = None
        patience = Retrying(retry=retry_if_result(bool), wait=wait_fixed(LOOK_SECONDS), stop=stop_after_delay(WAIT_SECONDS))
        try:
            patience(is_open)
        except RetryError as problem:
            raise Unavailable(
                "the decision is on its topic, and no sink has taken it yet", topic=self.dataset.released_topic,
                remedy="start the pipeline: custody run",
            ) from problem  # fmt: skip

    def _is_taken(self, new: pl.DataFrame) -> bool:
        """Whether history/ holds these revisions."""
        now = self._history.look()
        if now is None or now is self._seen:
            return False
        self._seen, wanted = now, [*RECORD, "_revision"]
        return not len(new.join(now.scan().filter(span(new)).select(wanted).collect(), on=wanted, how="anti"))


def span(records: pl.DataFrame) -> pl.Expr:
    """Positions between the first and the last of these: what lets files be passed over."""
    return pl.all_horizontal(pl.col(name).is_between(records[name].min(), records[name].max()) for name in PLACE)


def incarnations(records: pl.DataFrame) -> list[pl.DataFrame]:
    """Records in parts in which a position is there once: one part, but for a topic that was made anew."""
    numbered = records.sort(*PLACE, "_received_at").with_columns(_times=pl.int_range(pl.len()).over(PLACE))
    return [part.drop("_times") for part in numbered.partition_by("_times", maintain_order=True)]


def batches_of(dataset: Dataset, records: pl.DataFrame) -> list[Batch]:
    """Rows of raw/, a position once, as batches."""
    return [_batch(dataset, part) for _, part in records.sort(PLACE).group_by("_partition", maintain_order=True)]


def _with_all_of_their_keys(rows: pl.DataFrame, chosen: Filter) -> pl.DataFrame:
    """The refusals meant, and all others of their keys: these are run in order, or not at all."""
    meant = rows.filter(chosen.matches())
    is_meant = pl.col("key_token").is_in(meant["key_token"].drop_nulls().unique().implode())
    alone = meant.filter(pl.col("key_token").is_null())
    return pl.concat([rows.filter(is_meant), alone]).sort(_IN_ORDER)


def _free(meant: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Records that pass now, with nothing of their key before them that does not."""
    judged = meant.join(changes.with_columns(_passes=pl.lit(value=True)), on=RECORD, how="left", maintain_order="left")
    fails = pl.col("_passes").is_null()
    before = fails.cast(pl.Int32).cum_sum().over("key_token")
    return judged.filter(~fails & (pl.col("key_token").is_null() | (before == 0))).select(RECORD)


def _placed(dataset: Dataset, meant: pl.DataFrame) -> list[Batch]:
    """Batches that say no more than the positions."""
    empty_ones = meant.with_columns(key=pl.lit(None, pl.Binary), value=pl.lit(None, pl.Binary), headers=pl.lit(None))
    return batches_of(dataset, empty_ones)


def _batch(dataset: Dataset, rows: pl.DataFrame) -> Batch:
    headers: list[Headers] = [tuple((h["name"], h["value"]) for h in one or ()) for one in rows["headers"].to_list()]
    return Batch(
        topic=dataset.raw_topic,
        partition=rows["_partition"][0],
        after=rows["_offset"][0] - 1,
        offsets=pa.array(rows["_offset"].to_list(), pa.int64()),
        received_at=rows["_received_at"].dt.cast_time_unit("ms").to_arrow(),
        keys=pa.array(rows["key"].to_list(), pa.binary()),
        values=pa.array(rows["value"].to_list(), pa.large_binary()),
        headers=headers,
    )
