"""What waits in quarantine, and what people decide of it: run again under today's declarations, or dropped, with a why."""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from connectors.registry import Registry
from connectors.topics import topic_ids
from custody.pipeline import about, way
from custody.settings import Settings
from schemas.batch import Batch, Headers
from schemas.change import DISCARDED, PLACE, REFUSAL, RELEASED, history_schema
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable
from sink.current import Current
from sink.history import History
from sink.holds import BEHIND, undecided
from sink.lake import Lake
from sink.quarantine import Decision
from sink.table import Snapshot, TableNotFoundError
from streams.produce import Publisher
from streams.stage import Encoder, Processed

BY, WHY, DECIDED = "custody.by", "custody.why", "custody.decision"
"""Headers of the records on a dataset's released topic."""
WAIT_SECONDS = 60
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


def summary(lake: Lake, datasets: Mapping[str, Dataset], chosen: Filter) -> pl.DataFrame:
    """By dataset, reason and key token: how many events wait, and since when the first of them."""
    parts = []
    for name, dataset in datasets.items():
        rows = waiting(lake, dataset)
        if len(rows):
            grouped = rows.filter(chosen.matches()).group_by("reason", "column", "key_token")
            counted = grouped.agg(events=pl.len(), since=pl.col("_received_at").min())
            parts.append(counted.select(pl.lit(name).alias("dataset"), "reason", "column", "key_token", "events", "since"))
    kinds = {"dataset": pl.String, "reason": pl.String, "column": pl.String, "key_token": pl.String, "events": pl.UInt32}
    found = pl.concat(parts) if parts else pl.DataFrame(schema={**kinds, "since": pl.Datetime("us", "UTC")})
    return found.sort("dataset", "reason", "key_token", nulls_last=True)


class Desk:
    """Decides on the refusals of one dataset: through its topic where a sink owns the tables, else in the tables themselves."""

    def __init__(self, settings: Settings, lake: Lake, dataset: Dataset, keys_of: Mapping[str, Dataset]) -> None:
        self._settings, self._lake, self._dataset = settings, lake, dataset
        self._go = way(dataset, settings.unavailable, settings.keys(dict(keys_of)))
        self._send = self._publish if settings.kafka else self._write

    def release(self, chosen: Filter, why: str) -> Decided:
        """Run what waits again, key by key in order, up to the first event that fails again."""
        rows = waiting(self._lake, self._dataset)
        if not len(rows):
            return Decided(self._dataset.name, 0, 0)
        meant = _with_all_of_their_keys(rows, chosen)
        batches = self._raw(meant)
        passed = self._go(batches).processed
        free = _free(meant, passed.changes)
        changes = passed.changes.join(free, on=PLACE, how="semi", maintain_order="left")
        if len(changes):
            self._send(Processed(changes, passed.refusals.head(0)), batches, self._decision(RELEASED, why))
        return Decided(self._dataset.name, len(changes), len(rows) - len(changes))

    def discard(self, chosen: Filter, why: str, *, behind: bool) -> Decided:
        """Drop the refusals meant; what waits behind them only if asked for."""
        rows = waiting(self._lake, self._dataset)
        if not len(rows):
            return Decided(self._dataset.name, 0, 0)
        meant = rows.filter(chosen.matches() & (pl.lit(behind) | (pl.col("reason") != BEHIND)))
        if len(meant):
            refusals = meant.select(list(REFUSAL)).sort(PLACE)
            nothing = pl.DataFrame(history_schema(self._dataset).empty_table())
            self._send(Processed(nothing, refusals), _placed(self._dataset, meant), self._decision(DISCARDED, why))
        return Decided(self._dataset.name, len(meant), len(rows) - len(meant))

    def _decision(self, what: str, why: str) -> Decision:
        return Decision(what, datetime.now(UTC), getpass.getuser(), why)

    def _raw(self, meant: pl.DataFrame) -> list[Batch]:
        """The records at these positions, read again from raw/."""
        here = pl.col("_topic") == self._dataset.raw_topic
        raw = Snapshot.load(self._lake.raw(self._dataset.database)).scan().filter(here)
        found = raw.join(meant.lazy().select(PLACE), on=PLACE, how="semi").unique(PLACE).collect()
        if len(found) < len(meant):
            raise Refused(
                f"raw/ lacks {len(meant) - len(found)} of the records", dataset=self._dataset.name, remedy="recover them first"
            )
        return [_batch(self._dataset, part) for _, part in found.sort(PLACE).group_by("_partition", maintain_order=True)]

    def _write(self, processed: Processed, _batches: list[Batch], decision: Decision) -> None:
        made_by = about(self._dataset)
        history = History(self._lake, self._dataset, made_by, in_order=False)
        if decision.decision == DISCARDED:
            history.quarantine.decide(processed.refusals, decision, {})
            return
        current = Current(self._lake, self._dataset, history.table, made_by, in_order=False)
        new, _ = history.release(processed.changes, decision, {})
        current.add(new)
        current.fold()

    def _publish(self, processed: Processed, batches: list[Batch], decision: Decision) -> None:
        registry, dataset = Registry(self._settings.registry), self._dataset
        ids = {subject.name: registry.register(subject.name, subject.text) for subject in Encoder.subjects(dataset)}
        encoder = Encoder(dataset, topic_ids(self._settings.kafka, [dataset.raw_topic])[dataset.raw_topic], ids)
        said = {DECIDED: decision.decision, BY: decision.decided_by, WHY: decision.why}
        headers = tuple((name, text.encode()) for name, text in said.items())
        outgoing = encoder.encode(processed, batches)
        Publisher(self._settings.kafka).publish(
            [replace(part, topic=dataset.released_topic, partition=0, headers=headers) for part in outgoing]
        )
        self._await_sink(pl.concat([processed.changes.select(PLACE), processed.refusals.select(PLACE)]))

    def _await_sink(self, places: pl.DataFrame) -> None:
        """Until the sink has recorded the decision on these positions."""

        def left() -> int:
            return len(waiting(self._lake, self._dataset).join(places, on=PLACE, how="semi"))

        patience = Retrying(retry=retry_if_result(bool), wait=wait_fixed(0.5), stop=stop_after_delay(WAIT_SECONDS))
        try:
            patience(left)
        except RetryError as problem:
            raise Unavailable(
                "the decision is on its topic, and no sink has taken it yet", topic=self._dataset.released_topic,
                remedy="start the pipeline: custody run",
            ) from problem  # fmt: skip


def _with_all_of_their_keys(rows: pl.DataFrame, chosen: Filter) -> pl.DataFrame:
    """The refusals meant, and all others of their keys: these are run in order, or not at all."""
    meant = rows.filter(chosen.matches())
    is_meant = pl.col("key_token").is_in(meant["key_token"].drop_nulls().unique().implode())
    alone = meant.filter(pl.col("key_token").is_null())
    return pl.concat([rows.filter(is_meant), alone]).sort(_IN_ORDER)


def _free(meant: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Positions that pass now, with nothing of their key before them that does not."""
    judged = meant.join(changes.select(*PLACE, _passes=pl.lit(value=True)), on=PLACE, how="left", maintain_order="left")
    fails = pl.col("_passes").is_null()
    before = fails.cast(pl.Int32).cum_sum().over("key_token")
    return judged.filter(~fails & (pl.col("key_token").is_null() | (before == 0))).select(PLACE)


def _placed(dataset: Dataset, meant: pl.DataFrame) -> list[Batch]:
    """Batches that say no more than the positions."""
    empty_ones = meant.sort(PLACE).with_columns(key=pl.lit(None, pl.Binary), value=pl.lit(None, pl.Binary), headers=pl.lit(None))
    return [_batch(dataset, part) for _, part in empty_ones.group_by("_partition", maintain_order=True)]


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
