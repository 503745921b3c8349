"""The worker process: raw topics in, cleaned topics out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

import structlog

from connectors.registry import Registry
from connectors.topics import partitions, topic_ids
from custody.child import kind_of, tell
from custody.failures import Failures
from custody.pipeline import Passed, Way, way
from custody.settings import Settings
from schemas.batch import Batch, Outgoing
from schemas.dataset import Dataset
from schemas.errors import Stopped, Unavailable
from schemas.identity import with_identities
from streams.app import Step, run_worker
from streams.stage import Encoder

log = structlog.get_logger()

GROUP = "custody-worker"


def run(settings: Settings, datasets: Mapping[str, Dataset], name: str = "worker") -> int:
    """Work until told to end; the exit code."""
    failures = Failures.of(settings.data)
    going = {n: dataset for n, dataset in datasets.items() if n not in failures.stopped()}
    progress = _Progress({dataset.raw_topic: dataset.name for dataset in going.values()})
    tell(name, settings.data, progress.said)

    def on_failure(topic: str, partition: int, offset: int, problem: BaseException) -> None:
        log.error("batch_failed", topic=topic, partition=partition, offset=offset, kind=kind_of(problem))
        if not isinstance(problem, Unavailable):
            place = f"{topic}[{partition}]@{offset}"
            failures.note(progress.names[topic], place, kind_of(problem), at_once=isinstance(problem, Stopped))

    return run_worker(
        bootstrap=settings.kafka, group=GROUP, steps=_steps(settings, going, progress), data=settings.data / name,
        on_failure=on_failure, on_ready=progress.note_ready, on_batches=progress.note_batches,
        instance=_instance(name, partitions(settings.kafka, progress.names)),
    )  # fmt: skip


def _instance(name: str, counts: Mapping[str, int]) -> str:
    """The name under which a worker is a static member of its group: another one for other topics, or other partitions of them.

    To a static member that comes again the group gives back what it had, without asking what there is now.
    """
    return f"{name}-{sha256(json.dumps(sorted(counts.items())).encode()).hexdigest()[:8]}"


def _steps(settings: Settings, datasets: Mapping[str, Dataset], progress: "_Progress") -> dict[str, Step]:
    keys, registry = settings.keys(dict(datasets)), Registry(settings.registry)
    ids = topic_ids(settings.kafka, [dataset.raw_topic for dataset in datasets.values()])
    steps: dict[str, list[tuple[Way, Encoder]]] = {}
    for dataset in with_identities(datasets).values():
        registered = {subject.name: registry.register(subject.name, subject.text) for subject in Encoder.subjects(dataset)}
        encoder = Encoder(dataset, ids[dataset.raw_topic], registered)
        steps.setdefault(dataset.raw_topic, []).append((way(dataset, settings.unavailable, keys), encoder))
    return {topic: _step(ways, progress) for topic, ways in steps.items()}


def _step(ways: Sequence[tuple[Way, Encoder]], progress: "_Progress") -> Step:
    """What becomes of a topic's batches: the changes of its dataset, and beside them the identities where it is linked."""

    def step(batches: Sequence[Batch]) -> Sequence[Outgoing]:
        outgoing: list[Outgoing] = []
        for go, encoder in ways:
            passed = go(batches)
            if not encoder.dataset.restricted:
                progress.note_passed(encoder.dataset.name, passed)
            outgoing += encoder.encode(passed.processed, batches)
        return outgoing

    return step


class _Progress:
    """What the worker has done, for its status."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self._lock = Lock()
        self._of = {name: _Done() for name in names.values()}
        self._seconds = 0.0
        self._is_ready = False

    def note_ready(self) -> None:
        with self._lock:
            self._is_ready = True

    def note_passed(self, name: str, passed: Passed) -> None:
        with self._lock:
            done = self._of[name]
            done.tombstones += passed.tombstones
            done.messages += passed.messages
            if new := passed.undeclared - done.undeclared:
                log.warning(
                    "undeclared_columns", dataset=name, columns=sorted(new), remedy="declare them, or leave them withheld"
                )
            done.undeclared |= passed.undeclared

    def note_batches(self, batches: Sequence[Batch], seconds: float) -> None:
        with self._lock:
            done = self._of[self.names[batches[0].topic]]
            done.records += sum(len(batch) for batch in batches)
            done.upto |= {batch.partition: batch.upto for batch in batches}
            self._seconds += seconds

    def said(self) -> dict[str, object]:
        with self._lock:
            return {
                "datasets": {n: done.said() for n, done in self._of.items()},
                "busy_seconds": round(self._seconds, 3),
                "is_ready": self._is_ready,
            }


@dataclass(slots=True)
class _Done:
    """What became of one dataset's records since this worker started."""

    records: int = 0
    tombstones: int = 0
    messages: int = 0
    undeclared: frozenset[str] = frozenset()
    upto: dict[int, int] = field(default_factory=dict)

    def said(self) -> dict[str, object]:
        return {
            "records": self.records, "tombstones": self.tombstones, "messages": self.messages,
            "undeclared": sorted(self.undeclared), "upto": dict(self.upto),
        }  # fmt: skip
