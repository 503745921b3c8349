"""The demonstration itself: stack, source, connector, workload, pipeline, drained, compared."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from connectors.debezium import Source, connector_name
from connectors.stack import Endpoints, Stack, remove, start_detached, stop
from connectors.stack import pids as stack_pids
from custody.child import STATUS, read_json
from custody.compare import Comparison, Difference
from custody.demo.drained import Tables
from custody.demo.meter import cpu_seconds, memory_mb
from custody.demo.people import Found, found
from custody.demo.workload import Moment, Workload, dsn, example, example_datasets, example_models, is_streaming
from custody.failures import Failures
from custody.places import identities_lake
from custody.prepare import prepare_ground, source_of, start_capture
from custody.redaction.known import KnownPeople
from custody.settings import Settings
from custody.stack import with_endpoints
from custody.supervise import LINKER, REDACTOR, Supervisor, kinds_for
from schemas.dataset import Dataset
from schemas.errors import Stopped, Unavailable
from schemas.identity import models_of, with_identities
from schemas.notation import load_datasets
from sink.lake import Lake
from sink.read import Transactions

PAUSES = 5
LOOK_SECONDS = 0.25
STUCK_SECONDS = 120.0
"""Without any progress for so long, the demonstration fails."""
FIRST = "nomis"
"""The database that the stack makes; the example makes the others beside it."""


@dataclass(slots=True)
class Demo:
    """One demonstration: what it did, and what came of it."""

    settings: Settings
    changes: int
    seed: int
    keep: bool
    on_stage: Callable[[str], None]
    on_look: Callable[["Demo"], None]
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stack: Stack | None = None
    workload: Workload | None = None
    supervisor: Supervisor | None = None
    differences: list[Difference] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    sink: Mapping[str, Any] = field(default_factory=dict)
    worker: Mapping[str, Any] = field(default_factory=dict)
    linker: Mapping[str, Any] = field(default_factory=dict)
    redactor: Mapping[str, Any] = field(default_factory=dict)
    people: Found | None = None
    rows: dict[str, int] = field(default_factory=dict)
    """Rows of each table, when all is done."""
    _tables: Tables | None = None

    def run(self, on_done: Callable[[], None]) -> None:
        """Everything; the stack is left running if it is to be kept.

        Args:
            on_done: called at the end, while the stack still runs.

        Raises:
            CustodyError: a part could not be started, or a dataset stopped.
        """
        self.settings = _fresh(self.settings).but(datasets=example_datasets(), models=example_models())
        self.datasets = load_datasets(example_datasets())
        try:
            with self._stage("stack"):
                endpoints = self._start_stack()
            self._go(endpoints)
            on_done()
        except BaseException:
            self.keep = False
            raise
        finally:
            if self.supervisor is not None:
                self.supervisor.stop()
            if not self.keep:
                self._stop_stack()

    def _start_stack(self) -> Endpoints:
        data, cache = self.settings.data, self.settings.cache.expanduser()
        if self.keep:
            return start_detached(data, cache, database=FIRST, on_progress=self._tell)
        self.stack = Stack(data, cache, database=FIRST, on_progress=self._tell)
        return self.stack.start()

    def _stop_stack(self) -> None:
        if self.stack is not None:
            self.stack.stop()
        stop(self.settings.data)

    def _tell(self, service: str, what: str) -> None:
        self.on_stage(f"{service} {what}")

    def _go(self, endpoints: Endpoints) -> None:
        self.settings = with_endpoints(self.settings, endpoints)
        sources = {database: source_of(self.settings, database) for database in self.databases}
        with self._stage("prepare"):
            asyncio.run(example().create_databases(dsn(sources[FIRST])))
            prepare_ground(self.settings, self.datasets, self.on_stage)
            self.supervisor = Supervisor(self.settings, kinds_for(self.datasets))
            self.supervisor.start()
            start_capture(self.settings, self.datasets, self.on_stage)
            for source in sources.values():
                _await_streaming(source)
        with self._stage("start"):
            self._look_until(self._is_started)
        before = cpu_seconds(self._pids())
        with self._stage("workload"):
            self.workload = Workload(sources, self.datasets, self.seed, self.changes, PAUSES)
            self.workload.start()
            self._look_until(lambda: self.workload is not None and self.workload.is_over)
        self.moments = self.workload.moments
        with self._stage("drain"):
            self._look_until(self._is_drained)
        after = cpu_seconds(self._pids())
        self.cpu = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
        self.memory = memory_mb(self._pids())
        with self._stage("compare"):
            self._compare(self.workload)

    def _pids(self) -> dict[str, int]:
        assert self.supervisor is not None
        return {**stack_pids(self.settings.data), **self.supervisor.pids()}

    def _look_until(self, is_reached: Callable[[], bool]) -> None:
        assert self.supervisor is not None
        last: object = None
        since = time.monotonic()
        while not is_reached():
            time.sleep(LOOK_SECONDS)
            self.supervisor.watch()
            self.sink, self.worker, self.linker, self.redactor = (
                read_json(self.settings.data / STATUS / f"{kind}.json") for kind in ("sink", "worker", LINKER, REDACTOR)
            )
            self.on_look(self)
            self._refuse_stopped()
            seen = (self.committed, self.written, self.sink.get("complete_until"), self._taken_in, self.texts)
            if seen != last:
                last, since = seen, time.monotonic()
            if time.monotonic() - since > STUCK_SECONDS:
                raise Unavailable("the pipeline goes no further", logs=str(self.settings.data / "logs"))

    def _refuse_stopped(self) -> None:
        stopped = {**self.sink.get("stopped", {}), **Failures.of(self.settings.data).stopped()}
        for name, why in stopped.items():
            raise Stopped(why, dataset=name, logs=str(self.settings.data / "logs"))

    @property
    def databases(self) -> list[str]:
        """The source databases."""
        return sorted({dataset.database for dataset in self.datasets.values()})

    @property
    def committed(self) -> int:
        return self.workload.committed if self.workload else 0

    @property
    def written(self) -> int:
        return sum(one["written"] for one in self.sink.get("datasets", {}).values())

    @property
    def quarantined(self) -> int:
        return sum(one["quarantined"] for one in self.sink.get("datasets", {}).values())

    @property
    def model(self) -> str:
        """The linkage model of the example."""
        [name] = models_of(self.datasets)
        return name

    @property
    def _taken_in(self) -> Mapping[str, int]:
        """The version of history/ of each dataset's identities that the linker has."""
        said: Mapping[str, int] = self.linker.get("models", {}).get(self.model, {}).get("versions", {})
        return said

    def _is_started(self) -> bool:
        """Whether changes can flow; the linker may come later."""
        begun = set(self.sink.get("datasets", {})) | set(self.sink.get("identities", {}))
        return bool(self.worker.get("is_ready")) and begun == set(with_identities(self.datasets))

    def _is_drained(self) -> bool:
        """Whether all that was committed is in the tables, folded, linked and redacted."""
        until = self.sink.get("complete_until", {})
        if not all(until.get(name) and datetime.fromisoformat(until[name]) >= self.moments[-1].at for name in self.databases):
            return False
        if any(one["tail"] for one in (*self.sink["datasets"].values(), *self.sink["identities"].values())):
            return False
        if self._tables is None:
            self._tables = Tables(self.lake, identities_lake(self.settings), self.datasets, self.model)
        tables = self._tables
        return (
            tables.are_complete(self.moments[-1].at) and tables.are_linked(self._taken_in) and tables.are_redacted(self.redactor)
        )

    @property
    def texts(self) -> dict[str, int]:
        """The revisions by which texts were published, some anew as more was known, and the changes whose text is withheld."""
        withheld = sum(sum(one["withheld"].values()) for one in self.redactor.get("datasets", {}).values())
        return {"revisions": sum(one["revised"] for one in self.sink.get("datasets", {}).values()), "withheld": withheld}

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake, self.settings.store)

    def _compare(self, workload: Workload) -> None:
        """Each dataset with its source table, at each moment and now, and who is who with the truth; a few side by side.

        Nothing comes any more: the pipeline is stopped meanwhile, and leaves the machine to what reads.
        """
        assert self.supervisor is not None
        sources = {database: Transactions(self.lake, database) for database in self.databases}
        known = self._known_people()
        with ThreadPoolExecutor(3) as pool:
            stopped = pool.submit(self.supervisor.stop)
            people = pool.submit(lambda: found(self.lake, self.model, workload.truth()))
            compared = pool.map(lambda name: self._compare_dataset(name, sources, known), self.datasets)
            self.differences = [difference for differences in compared for difference in differences]
            self.people = people.result()
            stopped.result()

    def _known_people(self) -> KnownPeople:
        keys = self.settings.keys(dict(self.datasets))
        known = KnownPeople.follow(self.lake, identities_lake(self.settings), self.datasets, keys)
        known.look()
        return known

    def _compare_dataset(self, name: str, sources: Mapping[str, Transactions], known: KnownPeople) -> list[Difference]:
        dataset, keys = self.datasets[name], self.settings.keys(dict(self.datasets))
        comparison = Comparison(self.lake, dataset, keys, known.rows, sources[dataset.database])
        now = comparison.now(self.moments[-1].tables[name])
        self.rows[name] = comparison.rows
        beside = [other for other, one in self.datasets.items() if one.database == dataset.database]
        begun = [moment for moment in self.moments if any(len(moment.tables[other]) for other in beside)]
        return [*comparison.at_each({moment.at: moment.tables[name] for moment in begun}), *([now] if now else [])]

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)


def _fresh(settings: Settings) -> Settings:
    """Settings of a demonstration: a data directory of its own, emptied, and a secret made for it."""
    data = settings.data.absolute() / "demo"
    remove(data)
    data.mkdir(parents=True)
    secret, keyring = SecretStr(secrets.token_hex(32)), data / "custody.keys"
    return settings.but(data=data, lake="", token_secret=secret, keyring=keyring, kafka="", s3_endpoint="")


def _await_streaming(source: Source) -> None:
    waiting = Retrying(retry=retry_if_result(lambda is_there: not is_there), wait=wait_fixed(0.1), stop=stop_after_delay(60))
    waiting(lambda: asyncio.run(is_streaming(source, connector_name(source.database))))
