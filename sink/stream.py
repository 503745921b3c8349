"""The loops that lay topics down as tables: commit by size or age, fold when it is worth it, stop only what must stop."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from threading import Event

import polars as pl
import structlog

from rules.protection import Keys
from schemas.batch import Headers
from schemas.change import RELEASED, REPUBLISHED
from schemas.dataset import Dataset
from schemas.errors import RECOVER, Stopped
from sink.absence import Scans, complete_epoch, is_pending
from sink.consume import Feed, Gathering, Position, Records
from sink.current import Current
from sink.history import Counts, History, lost_position
from sink.intake import Covered, Intake, SchemaOf, read_released, take_in
from sink.lake import Lake
from sink.progress import Progress
from sink.purge import purge
from sink.quarantine import Decision
from sink.recovered import Topic, given_up
from sink.sweep import Sweep

log = structlog.get_logger()

POLL_SECONDS = 0.1
MICROS = 1_000_000
HOLE_REMEDY = f"restart the worker; if that does not help: {RECOVER}"


@dataclass(frozen=True, slots=True)
class Limits:
    """When a commit is due."""

    rows: int = 50_000
    seconds: float = 1.0
    rest_seconds: float = 2.0
    """A table that gets nothing for so long rests, and is folded."""
    fold_seconds: float = float("inf")
    """A tail waits no longer than so to be folded, whether or not the table rests."""
    purge_seconds: float = 20.0
    """Texts that were redacted better are purged so often at most, while the table rests."""
    sweep_seconds: float = 600.0
    """So long files that held them stay for those who are reading."""
    hole_seconds: float = 120.0
    """How long a hole in the raw offsets may stay before the dataset stops."""


class DatasetStream:
    """Cleaned topic to history/, quarantine/ and current/ of one dataset."""

    def __init__(
        self, lake: Lake, dataset: Dataset, bootstrap: str, partitions: int, schema_of: SchemaOf, about: Mapping[str, str],
        progress: Progress, limits: Limits, ids: Mapping[str, str], epoch_now: Callable[[], int], keys: Keys,
    ) -> None:  # fmt: skip
        """Args:
        ids: the id that the broker gives each topic now; looked at again and again.
        epoch_now: asks which epoch the source's connector writes.
        keys: tokens of earlier ones that come are lifted to the newest.

        Raises:
            Stopped: a topic was made again since the tables were last written to; their tokens are of another key.
        """
        self._epoch_now, self._about = epoch_now, about
        self._is_purge_due, self._purged_at = bool(dataset.redacted), float("-inf")
        self._dataset, self._schema_of, self._limits, self._progress = dataset, schema_of, limits, progress
        self._history = History(lake, dataset, about, in_order=True, partitions=partitions, epoch_now=epoch_now, keys=keys)
        self._current = Current(lake, dataset, self._history.table, about, in_order=self._history.keeps_partitions)
        self._sweep = Sweep((self._history.table, self._current.table), limits.sweep_seconds)
        self._counts = Counts()
        self._span, self._ids = range(partitions), ids
        agreed = given_up(lake, dataset.database)
        self._raw = Topic(self._history.table, dataset.raw_topic, "raw", agreed)
        self._cleaned = Topic(self._history.table, dataset.cleaned_topic, "cleaned", agreed)
        self._raw_id, self._cleaned_id = (topic.accept(ids.get(topic.name)) for topic in (self._raw, self._cleaned))
        self._covered = {self._raw_id: self._raw.reached(self._raw_id, self._span)}
        reached, floor = self._cleaned.reached(self._cleaned_id, self._span), self._cleaned.floor(self._cleaned_id)
        self._read_to = {p: max(offset, floor.get(p, -1)) for p, offset in reached.items()}
        self._released_mark = f"released/{ids.get(dataset.released_topic)}"
        released = self._history.quarantine.table.mark(self._released_mark)
        positions = [Position(dataset.cleaned_topic, p, self._read_to[p]) for p in self._span]
        self._feed = Feed(bootstrap, [*positions, Position(dataset.released_topic, 0, -1 if released is None else released)])
        self._awaited: int | None = None
        with progress.lock:
            self._scans: Scans = progress.scans.get(dataset.name, {})
        self._lost = -1
        self._note_epochs()
        self._hole_since: dict[int, float] = {}
        self._folded_at = time.monotonic()
        self._tell()

    def run(self, stop: Event) -> None:
        """Until told to stop. What was read and not committed is read again next time.

        Raises:
            Stopped: the dataset needs a person.
            Fenced: another sink has taken over.
        """
        pending = Gathering(self._limits.rows, self._limits.seconds)
        rested = time.monotonic()
        try:
            while not stop.is_set():
                messages, now = self._feed.poll(POLL_SECONDS), time.monotonic()
                released = [message for message in messages if message.topic() == self._dataset.released_topic]
                if released:
                    messages = [message for message in messages if message.topic() != self._dataset.released_topic]
                    self._release(Records.of(released))
                pending.add(messages, now)
                rested = now if messages else rested
                if pending.is_due(now):
                    self._commit(pending.take())
                self._heed_notices()
                self._complete_epoch_if_due()
                is_resting = now - rested >= self._limits.rest_seconds
                self._fold_if_due(is_resting=is_resting)
                if is_resting and self._is_purge_due and now - self._purged_at >= self._limits.purge_seconds:
                    self._purge(now)
                self._sweep.run_if_due(now)
                self._check_holes(now)
                self._check_ids()
            if len(pending):
                self._commit(pending.take())
        finally:
            self._feed.close()

    def _commit(self, records: Records) -> None:
        """One commit of everything read so far, its marks in it."""
        intake = take_in(records.values, records.partitions, records.offsets, self._known, self._dataset, self._schema_of)
        read_to = {**self._read_to, **{partition: offset for (_, partition), offset in records.highest().items()}}
        new, counts = self._history.append(intake.changes, intake.refusals, self._marks(intake, read_to))
        self._note_latency(new)
        self._current.add(new)
        if is_pending(self._history, self._scans):
            self._note_epochs()
        counts.suppressed += intake.repeated
        self._counts.add(counts)
        self._note_holes(intake.beyond, set(records.partitions))
        self._covered |= intake.covered
        self._read_to = read_to
        self._tell()
        log.info(
            "batch_committed", dataset=self._dataset.name, records=len(records.values), version=self._history.table.version,
            written=counts.written, suppressed=counts.suppressed, quarantined=counts.quarantined,
        )  # fmt: skip

    def _release(self, records: Records) -> None:
        """Commit what people decided, act by act: what was refused and passes now, and what is dropped."""
        rows = zip(records.headers, records.received_ms, records.values, records.offsets, strict=True)
        for headers, act in groupby(rows, key=itemgetter(0)):
            _, times, values, offsets = zip(*act, strict=True)
            decision = _decision(headers, times[-1])
            changes, refusals = read_released(values, self._dataset, self._schema_of)
            marks = {self._released_mark: offsets[-1]}
            if decision.decision == RELEASED:
                new, decided = self._history.release(changes, decision, marks)
                self._current.add(new)
                self._counts.add(Counts(written=len(new)))
            elif decision.decision == REPUBLISHED:
                new, decided = self._history.revise(changes, decision, marks), len(changes)
                self._current.add(new)
                self._counts.add(Counts(revised=len(new)))
                self._is_purge_due |= bool(self._dataset.redacted)
            else:
                decided = self._history.quarantine.decide(refusals, decision, marks)
            log.info("decided", dataset=self._dataset.name, decision=decision.decision, events=decided)
        self._tell()

    def _heed_notices(self) -> None:
        """Look at what the connector said of its snapshots, as soon as it has said more.

        Raises:
            Stopped: it began anew from nothing: what was committed meanwhile is missing.
        """
        name = self._dataset.name
        with self._progress.lock:
            said = self._progress.scans.get(name, {}), self._progress.lost.get(self._dataset.database, -1)
            is_doubted = name in self._progress.pending and self._awaited is None
        if said == (self._scans, self._lost) and not is_doubted:
            return
        if said[1] > self._lost and said[1] >= self._epoch_now():
            raise lost_position(self._dataset)
        self._scans, self._lost = said
        self._note_epochs()

    def _note_epochs(self) -> None:
        """Tell whether a snapshot may end an epoch, and from which cut on its absences are known."""
        with self._progress.lock:
            if is_pending(self._history, self._scans):
                self._progress.pending.add(self._dataset.name)
                self._awaited = self._progress.cut_asked + 1
            else:
                self._progress.pending.discard(self._dataset.name)
                self._awaited = None

    def _complete_epoch_if_due(self) -> None:
        """All that the snapshot sent before its last row is accounted for with the next cut: then its absences are known."""
        with self._progress.lock:
            is_due = self._awaited is not None and self._progress.cut_covered >= self._awaited
        if is_due:
            found = complete_epoch(self._history, self._scans)
            if found is not None:
                self._current.add(found.written)
                self._counts.add(Counts(written=len(found.written)))
                with self._progress.lock:
                    known = self._progress.absent.get(self._dataset.name, 0)
                    self._progress.absent[self._dataset.name] = known + len(found.written)
            self._note_epochs()

    def _marks(self, intake: Intake, read_to: Mapping[int, int]) -> dict[str, int]:
        cleaned = self._cleaned.marks({self._cleaned_id: read_to})
        return {**self._history.partition_marks, **cleaned, **self._raw.marks(intake.covered)}

    def _known(self, topic_id: str) -> Covered:
        """How far the table is with the raw topic of this id."""
        self._raw.accept(topic_id)
        if topic_id not in self._covered:
            self._covered[topic_id] = self._raw.reached(topic_id, self._span)
        return Covered(self._covered[topic_id], self._raw.floor(topic_id))

    def _check_ids(self) -> None:
        """Whether the topics are still those that this began with."""
        for topic, began_with in ((self._raw, self._raw_id), (self._cleaned, self._cleaned_id)):
            if topic.accept(self._ids.get(topic.name)) != began_with:
                raise Stopped("the topic was made again while it was read", topic=topic.name, remedy="start the pipeline again")

    def _note_latency(self, new: pl.DataFrame) -> None:
        now = int(time.time() * MICROS)
        streamed = new.filter(pl.col("_op") != "r")["_source_at"].cast(pl.Int64).to_numpy()
        with self._progress.lock:
            self._progress.latency.add((now - streamed) / MICROS)

    def _note_holes(self, beyond: Mapping[int, int], seen: set[int]) -> None:
        for partition in seen:
            if partition in beyond:
                self._hole_since.setdefault(partition, time.monotonic())
            else:
                self._hole_since.pop(partition, None)

    def _check_holes(self, now: float) -> None:
        for partition, since in self._hole_since.items():
            if now - since > self._limits.hole_seconds:
                raise Stopped(
                    "raw records are missing from the cleaned topic, and no worker sends them again",
                    dataset=self._dataset.name, partition=partition, remedy=HOLE_REMEDY,
                    after=self._covered[self._raw_id].get(partition),
                )  # fmt: skip

    def _fold_if_due(self, *, is_resting: bool) -> None:
        is_due = is_resting or time.monotonic() - self._folded_at >= self._limits.fold_seconds
        if self._current.is_worth_folding() or (is_due and self._current.tail_rows):
            self._current.fold()
            self._folded_at = time.monotonic()
            self._tell()

    def _purge(self, now: float) -> None:
        """Take texts that were redacted better since out of history/, and have the files that held them removed."""
        self._current.beside(lambda: purge(self._history.table, self._dataset, self._about))
        self._sweep.plan(now)
        self._is_purge_due, self._purged_at = False, now
        self._tell()

    def _tell(self) -> None:
        name = self._dataset.name
        floor = self._raw.floor(self._raw_id)
        covered = {(name, p): max(offset, floor.get(p, -1)) for p, offset in self._covered[self._raw_id].items()}
        with self._progress.lock:
            self._progress.restricted |= {name} if self._dataset.restricted else set()
            self._progress.covered |= covered
            self._progress.versions[name] = self._history.table.version
            self._progress.counts[name] = self._counts
            self._progress.tails[name] = self._current.tail_rows
            self._progress.unknown[name] = self._current.unknown_rows
            self._progress.promises[name] = self._dataset.order
            self._progress.waiting[name] = self._history.quarantine.waiting_by_reason()


def _decision(headers: Headers, at_ms: int) -> Decision:
    said = {name: (text or b"").decode(errors="replace") for name, text in headers}
    when = datetime.fromtimestamp(at_ms / 1000, UTC)
    return Decision(said["custody.decision"], when, said.get("custody.by", ""), said.get("custody.why", ""))
