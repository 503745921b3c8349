"""Play: recorded events go the same way as streamed ones, without Kafka, and leave the same tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.debezium import notification_topic
from connectors.events import count_events, read_events
from connectors.notices import read_notices
from custody.lifting import lift_tables
from custody.pipeline import Way, way
from custody.places import identities_lake
from custody.settings import Settings
from custody.version import about, code_version
from rules.protection import Keys
from schemas.batch import Batch
from schemas.dataset import Dataset
from schemas.errors import Stopped
from schemas.identity import with_identities
from schemas.notice import Notices
from sink.absence import Absences, complete_epoch
from sink.current import Current
from sink.evidence import notifications
from sink.history import Counts, History
from sink.lake import Lake
from sink.manifest import Manifest
from sink.raw import Raw, raw_rows


@dataclass(slots=True)
class Played:
    """The tables of one dataset while a file is played, and what became of its events."""

    lake: Lake
    dataset: Dataset
    go: Way
    history: History
    current: Current
    events: int = 0
    counts: Counts = field(default_factory=Counts)
    undeclared: set[str] = field(default_factory=set)
    absences: Absences | None = None
    stopped: str = ""

    @classmethod
    def open(cls, lake: Lake, dataset: Dataset, go: Way, keys: Keys) -> "Played":
        made_by = about(dataset)
        history = History(lake, dataset, made_by, in_order=False, keys=keys)
        return cls(lake, dataset, go, history, Current(lake, dataset, history.table, made_by, in_order=False))

    def take(self, batches: list[Batch]) -> list[datetime]:
        """Write what is new in these batches; the source times in them."""
        self.events += sum(len(batch) for batch in batches)
        passed = self.go(batches)
        changes, refusals = passed.processed.changes, passed.processed.refusals
        self.undeclared |= passed.undeclared
        try:
            new, counts = self.history.append(changes, refusals, {}) if not self.stopped else (changes.head(0), Counts())
        except Stopped as problem:
            self.stopped = str(problem)
        else:
            self.counts.add(counts)
            self.current.add(new)
        return [t for t in (changes["_source_at"].max(), refusals["_source_at"].max()) if isinstance(t, datetime)]

    def finish(self, notices: Notices) -> None:
        self.absences = complete_epoch(self.history, notices.scans(self.dataset.source.partition(".")[2]))
        if self.absences is not None:
            self.current.add(self.absences.written)
        self.current.fold()

    def summary(self) -> dict[str, object]:
        made = {"events": self.events, "written": self.counts.written, "suppressed": self.counts.suppressed}
        said: dict[str, object] = {**made, "quarantined": self.counts.quarantined}
        if self.undeclared:
            said["undeclared"] = sorted(self.undeclared)
        if self.absences is not None:
            said["epoch"], said["absent"] = self.absences.epoch, len(self.absences.written)
        if self.stopped:
            said["stopped"] = self.stopped
        if waiting := len(self.history.quarantine.undecided):
            said["waiting"] = waiting
        return said


def play(
    path: Path, datasets: dict[str, Dataset], lake: Lake, settings: Settings, on_progress: Callable[[int, int], None]
) -> dict[str, object]:
    """Put the events of a file into the tables of a lake; the summary says what became of them.

    Raises:
        Refused: the file is not sound; nothing has been written by then.
    """
    keys, total = settings.keys(datasets), count_events(path)
    every = _opened(datasets, lake, settings, keys)
    topics = {dataset.raw_topic for dataset in datasets.values()}
    databases = sorted({d.database for d in datasets.values()})
    raw = {database: Raw(lake, database, {"custody.code": code_version()}) for database in databases}
    times: dict[str, list[datetime]] = {database: [] for database in databases}
    done = ignored = 0
    for batches in read_events(path):
        ignored += sum(len(batch) for batch in batches if batch.topic not in topics)
        for database in databases:
            _keep(raw[database], [batch for batch in batches if batch.topic.split(".", 1)[0] == database])
        for played in every:
            mine = [batch for batch in batches if batch.topic == played.dataset.raw_topic]
            if mine:
                times[played.dataset.database] += played.take(mine)
        done += sum(len(batch) for batch in batches)
        on_progress(done, total)
    for database in databases:
        notices = Notices()
        notices.take(read_notices(*notifications(raw[database].table.scan(), notification_topic(database))))
        for played in every:
            if played.dataset.database == database:
                played.finish(notices)
    for database in databases:
        here = [played for played in every if played.dataset.database == database]
        for group in ([p for p in here if not p.dataset.restricted], [p for p in here if p.dataset.restricted]):
            _publish(database, group, times[database])
    return _summary(total, ignored, [played for played in every if not played.dataset.restricted])


def _opened(datasets: dict[str, Dataset], lake: Lake, settings: Settings, keys: Keys) -> list[Played]:
    """The tables, brought under the newest key."""
    lift_tables(settings.but(lake=lake.address), datasets, keys)
    return [
        Played.open(_lake_of(d, lake, settings), d, way(d, settings.unavailable, keys), keys)
        for d in with_identities(datasets).values()
    ]


def _lake_of(dataset: Dataset, lake: Lake, settings: Settings) -> Lake:
    return identities_lake(settings.but(lake=lake.address)) if dataset.restricted else lake


def _keep(raw: Raw, batches: list[Batch]) -> None:
    """Lay down as evidence what raw/ does not hold yet."""
    rows = [raw_rows(batch).filter(raw.new_positions(batch.topic, batch.partition, batch.offsets)) for batch in batches]
    for part in rows:
        if part.num_rows:
            raw.append(part, {})


def _publish(database: str, played: list[Played], times: list[datetime]) -> None:
    """Record what is readable now of the datasets of one lake."""
    if times and played:
        versions = {p.dataset.name: p.history.table.version for p in played}
        Manifest(played[0].lake, database).publish(versions, max(times), datetime.now(UTC))


def _summary(total: int, ignored: int, played: list[Played]) -> dict[str, object]:
    counts = Counts()
    for one in played:
        counts.add(one.counts)
    said = {
        "events": total,
        "written": counts.written,
        "suppressed": counts.suppressed,
        "quarantined": counts.quarantined,
    }
    return {**said, "ignored": ignored, "datasets": {p.dataset.name: p.summary() for p in played}}
