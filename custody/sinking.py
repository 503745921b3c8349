"""The sink process: one thread a dataset lays cleaned topics down as tables, one a source database lays down the evidence."""

import gc
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from connectors.connect import configuration_of
from connectors.debezium import connector_name, epoch_in, own_topics
from connectors.notices import read_notices
from connectors.registry import Registry
from connectors.topics import ids_now, partitions
from custody.child import FAILED, FENCED, kind_of, stop_on_signals, tell
from custody.failures import Failures
from custody.places import identities_lake, lake_of, main_lake
from custody.settings import Settings
from custody.version import about, code_version
from schemas.dataset import Dataset
from schemas.errors import Fenced, Stopped, Unavailable
from schemas.identity import identities_of, with_identities
from sink.evidence import EvidenceStream
from sink.progress import Progress
from sink.store import close_bucket, ensure_bucket
from sink.stream import DatasetStream, Limits

log = structlog.get_logger()

GARBAGE_THRESHOLDS = (200_000, 20, 50)
"""Records come and go by the ten thousand and hold no cycles: they are not looked through each time."""
IDS_SECONDS = 5.0
FOLLOWED_FOLD_SECONDS = 2.0
"""Who is one person, and who has to do with whom, is found from tables as they are folded, so these are folded often."""


class Sink:
    """All the threads of one sink process."""

    def __init__(self, settings: Settings, datasets: Mapping[str, Dataset], limits: Limits) -> None:
        self._settings, self._datasets, self._limits = settings, with_identities(datasets), limits
        self._failures = Failures.of(settings.data)
        self._lake, self._identities = main_lake(settings), identities_lake(settings)
        self._registry, self._keys = Registry(settings.registry), settings.keys(dict(datasets))
        self._ask_ids = ids_now(settings.kafka, self._topics())
        self._ids = self._ask_ids()
        self._stop = stop_on_signals()
        self._exit = 0
        self.progress = Progress(stopped=self._failures.stopped())

    def run(self, name: str = "sink") -> int:
        """Until told to end, or until something fails; the exit code."""
        tell_now = tell(name, self._settings.data, self._said)
        self._make_buckets()
        threading.Thread(target=self._watch_ids, name="ids", daemon=True).start()
        threads = [threading.Thread(target=self._guarded, args=(what, work), name=what) for what, work in self._works().items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell_now()
        return self._exit

    def _make_buckets(self) -> None:
        for lake in (self._lake, *([self._identities] if identities_of(self._datasets) else [])):
            if lake.address.startswith("s3://"):
                ensure_bucket(lake.address, lake.options)
        user = self._settings.identities_closed_to
        if user and identities_of(self._datasets) and self._identities.address.startswith("s3://"):
            close_bucket(self._identities.address, self._identities.options, user)

    def _works(self) -> dict[str, Callable[[], None]]:
        databases = {dataset.database for dataset in self._datasets.values()}
        counts = partitions(self._settings.kafka, self._topics())
        going = {name: dataset for name, dataset in self._datasets.items() if name not in self.progress.stopped}
        works: dict[str, Callable[[], None]] = {}
        for name, dataset in going.items():
            works[name] = lambda dataset=dataset: self._follow(dataset, counts[dataset.cleaned_topic])  # type: ignore[misc]
        for database in databases:
            works[f"evidence of {database}"] = lambda database=database: self._keep_evidence(database, counts)  # type: ignore[misc]
        return works

    def _topics(self) -> list[str]:
        topics = dict.fromkeys(t for d in self._datasets.values() for t in (d.raw_topic, d.cleaned_topic, d.released_topic))
        databases = {dataset.database for dataset in self._datasets.values()}
        return [*topics, *(topic for database in databases for topic in own_topics(database))]

    def _watch_ids(self) -> None:
        """Look again and again whether the topics are those they were: one that is made again has another id."""
        while not self._stop.wait(IDS_SECONDS):
            try:
                now = self._ask_ids()
            except Unavailable:
                continue  # whoever reads from the broker tells of it
            for topic in self._topics():
                if topic in now:
                    self._ids[topic] = now[topic]
                else:
                    self._ids.pop(topic, None)

    def _follow(self, dataset: Dataset, count: int) -> None:
        bootstrap, schema_of = self._settings.kafka, self._registry.schema
        connector, url = connector_name(dataset.database), self._settings.connect
        lake = lake_of(self._settings, dataset)
        is_followed = dataset.restricted or bool(dataset.relates)
        limits = replace(self._limits, fold_seconds=FOLLOWED_FOLD_SECONDS) if is_followed else self._limits
        stream = DatasetStream(
            lake, dataset, bootstrap, count, schema_of, about(dataset), self.progress, limits, self._ids,
            lambda: (epoch_in(configuration_of(url, connector)) or 0) if url else 0, self._keys,
        )  # fmt: skip
        stream.run(self._stop)

    def _keep_evidence(self, database: str, counts: Mapping[str, int]) -> None:
        topics = {name: d.raw_topic for name, d in self._datasets.items() if d.database == database}
        raw = {topic: counts[topic] for topic in [*topics.values(), *own_topics(database)]}
        made_by = {"custody.code": code_version()}
        stream = EvidenceStream(
            self._lake, database, self._settings.kafka, raw, topics, self.progress, self._limits, made_by, self._ids,
            read_notices, {name: self._identities for name in topics if self._datasets[name].restricted},
        )  # fmt: skip
        stream.run(self._stop)

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        """Do the work; what needs a person stops this one, what is a fault ends the process, and it starts again."""
        try:
            work()
        except Stopped as problem:
            log.error("dataset_stopped", dataset=what, reason=str(problem))  # noqa: TRY400 - a trace may hold values
            with self.progress.lock:
                self.progress.stopped[what] = str(problem)
        except Fenced as problem:
            log.warning("fenced", dataset=what, reason=str(problem))
            self._end(FENCED)
        except Unavailable as problem:
            log.warning("unavailable", dataset=what, reason=str(problem))
            self._end(FAILED)
        except BaseException as problem:  # noqa: BLE001 - native code panics with one; only kind and place are told, no value
            self._failures.note(what, f"version {self.progress.versions.get(what)}", kind_of(problem))
            log.error("sink_failed", dataset=what, kind=kind_of(problem))  # noqa: TRY400 - see above
            self._end(FAILED)

    def _end(self, code: int) -> None:
        self._exit = max(self._exit, code)
        self._stop.set()

    def _said(self) -> dict[str, object]:
        with self.progress.lock:
            self.progress.stopped |= self._failures.stopped()
        return self.progress.said()


def run(settings: Settings, datasets: Mapping[str, Dataset], limits: Limits | None = None) -> int:
    """Lay topics down as tables until told to end; the exit code."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    return Sink(settings, datasets, limits or Limits()).run()
