"""A road of a test's own on the suite's stack: a database, its topics, a lake, processes that can be killed."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import polars as pl

from connectors import connect
from connectors.debezium import Source, connector_name
from connectors.stack import Endpoints
from custody.child import STATUS, read_json
from custody.compare import Comparison
from custody.demo.workload import Workload, is_streaming
from custody.failures import Failures
from custody.prepare import prepare, source_of
from custody.settings import Settings
from custody.supervise import Supervisor
from examples.justice.workload import DATASETS, create_tables
from schemas.change import IDENTITY, snapshot_commit
from schemas.dataset import Dataset
from schemas.notation import load_datasets
from sink.lake import Lake
from sink.read import Reader
from sink.snapshot import Snapshot

DRAIN_SECONDS = 120


@dataclass
class Road:
    """Everything between a database and a lake; ended by `close`."""

    endpoints: Endpoints
    settings: Settings
    database: str
    datasets: dict[str, Dataset] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def declare(self, folder: Path, system: str = "nomis") -> None:
        """Lay the dataset files of one of the example's systems down."""
        for path in (DATASETS / system).glob("*.py"):
            text = path.read_text(encoding="utf-8").replace(f'source="{system}.', f'source="{self.database}.')
            (folder / path.name).write_text(text, encoding="utf-8")

    def create_tables(self) -> None:
        asyncio.run(create_tables(self.dsn))

    def open(self) -> "Road":
        self.lay()
        self.capture()
        return self

    def lay(self) -> None:
        """Everything but the connector."""
        asyncio.run(self._create_database())
        folder = self.settings.data / "datasets"
        folder.mkdir(parents=True)
        self.declare(folder)
        self.datasets = load_datasets(folder)
        self.settings = self.settings.but(datasets=folder)
        self.create_tables()

    def capture(self) -> None:
        """Register the connector, and wait until it has read its snapshot."""
        prepare(self.settings, self.datasets)
        self.await_streaming()

    def await_streaming(self) -> None:
        self.until(lambda: asyncio.run(is_streaming(self.source, connector_name(self.database))), 90)

    async def _create_database(self) -> None:
        e = self.endpoints
        connection = await asyncpg.connect(
            host=e.postgres_host, port=e.postgres_port, user=e.user, password=e.password, database="postgres"
        )
        await connection.execute(f'CREATE DATABASE "{self.database}"')
        await connection.close()

    @property
    def source(self) -> Source:
        return source_of(self.settings, self.database)

    @property
    def dsn(self) -> str:
        source = self.source
        return f"postgresql://{source.user}:{source.password}@{source.host}:{source.port}/{source.database}"

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake, self.settings.store)

    def supervisor(self) -> Supervisor:
        return Supervisor(self.settings)

    def workload(self, changes: int, seed: int, pauses: int = 5) -> Workload:
        return Workload({"nomis": self.source}, self.datasets, seed, changes, pauses)

    def spawn(self, script: str, *args: str) -> subprocess.Popen[bytes]:
        """A process of ours, or a script of the tests, with this road's settings."""
        argv = [sys.executable, *(["-m", "custody", script] if script in {"worker", "sink"} else [script]), *args]
        log = (self.settings.data / "spawned.log").open("ab")
        environment = {**os.environ, **self.settings.environment(), "PYTHONPATH": str(Path(__file__).parents[2])}
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, start_new_session=True)
        log.close()
        self.processes.append(process)
        return process

    def until(self, is_reached: Callable[[], bool], seconds: float, step: Callable[[], None] = lambda: None) -> None:
        end = time.monotonic() + seconds
        while not is_reached():
            step()
            assert time.monotonic() < end, f"not reached in {seconds} s; failures: {Failures.of(self.settings.data).stopped()}"
            time.sleep(0.05)

    def drain(self, supervisor: Supervisor, moment: datetime, seconds: float = DRAIN_SECONDS) -> None:
        """Wait until everything up to a moment is in the tables, and folded."""

        def is_drained() -> bool:
            sink: Any = read_json(self.settings.data / STATUS / "sink.json")
            until = sink.get("complete_until", {}).get(self.database)
            is_complete = until is not None and datetime.fromisoformat(until) >= moment
            return is_complete and not any(one["tail"] for one in sink["datasets"].values())

        self.until(is_drained, seconds, supervisor.watch)

    def assert_equal(self, workload: Workload) -> None:
        """Row by row as PostgreSQL, at each moment and now, each change once, and not one lost."""
        keys = self.settings.keys(self.datasets)
        written = refused = 0
        for name, dataset in self.datasets.items():
            comparison = Comparison(self.lake, dataset, keys)
            assert comparison.at_each({moment.at: moment.tables[name] for moment in workload.moments}) == []
            assert comparison.now(workload.moments[-1].tables[name]) is None
            self.assert_once(name)
            written += len(Reader(self.lake, name).history())
            refused += Snapshot.load(self.lake.quarantine(dataset)).scan().select(pl.len()).collect().item()
        assert written + refused == workload.changes

    def assert_once(self, name: str) -> None:
        """History holds each change of a dataset once."""
        history = Reader(self.lake, name).history().with_columns(snapshot_commit())
        assert history.select([*self.datasets[name].key, *IDENTITY]).is_duplicated().sum() == 0, name

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        connect.remove(self.settings.connect, connector_name(self.database))
