"""The example's workload, stopped now and then to read its sources as of that moment."""

import asyncio
import importlib
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType

import polars as pl

from connectors.debezium import Source
from connectors.reading import connect, read_source
from custody.demo.gate import Gate
from schemas.dataset import Dataset
from schemas.errors import Refused

EXAMPLE, TRUTH = "examples.justice.workload", "examples.justice.truth"
CLONE = Path(__file__).parents[2]
"""Where the example lies beside the packages."""
WRITERS = 4
PAUSE_SECONDS = 0.002
"""A clock that has moved on: what is committed next is later than what was read."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The sources as they were."""

    at: datetime
    tables: Mapping[str, pl.DataFrame]


@dataclass(slots=True)
class Workload:
    """Carries out the plan in a thread of its own, with pauses at which the sources are read."""

    sources: Mapping[str, Source]
    """Of each database of the example in which work is done where it is."""
    datasets: Mapping[str, Dataset]
    seed: int
    changes: int
    pauses: int
    committed: int = 0
    """Row changes committed so far."""
    moments: list[Moment] = field(default_factory=list)
    """The sources at each pause, and at the end."""
    _thread: threading.Thread | None = None
    _failed: list[BaseException] = field(default_factory=list)

    @property
    def writers(self) -> int:
        return max(1, min(WRITERS, self.changes))

    def truth(self) -> pl.DataFrame:
        """Who is who when all is done: `id, entity` of each record."""
        told: pl.DataFrame = importlib.import_module(TRUTH).truth(self.seed, self.changes, writers=self.writers)
        return told

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True, name="workload")
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether all is committed.

        Raises:
            Exception: what stopped it.
        """
        if self._failed:
            raise self._failed[0]
        return self._thread is not None and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except Exception as problem:  # noqa: BLE001 - raised again where it is waited for
            self._failed.append(problem)

    async def _work(self) -> None:
        gate = Gate(self.writers)
        due = [self.changes * (number + 1) // (self.pauses + 1) for number in range(self.pauses)]
        reached = asyncio.Event()

        def note(changes: int) -> None:
            self.committed += changes
            reached.set()

        async def write() -> None:
            run = example().run
            await run(
                {database: dsn(source) for database, source in self.sources.items()},
                seed=self.seed,
                changes=self.changes,
                writers=self.writers,
                on_commit=note,
                pause=gate.passing,
                on_end=gate.leave,
            )

        async def look() -> None:
            for target in due:
                while self.committed < target:
                    reached.clear()
                    await reached.wait()
                async with gate.closed():
                    await self._read()

        await asyncio.gather(write(), look())
        await self._read()

    async def _read(self) -> None:
        """All sources, side by side; their one server's clock when the last has been read, since nobody writes."""
        read = await asyncio.gather(*(read_source(source, self._datasets_of(source)) for source in self.sources.values()))
        tables = {name: table for _, one in read for name, table in one.items()}
        self.moments.append(Moment(max(at for at, _ in read), tables))
        await asyncio.sleep(PAUSE_SECONDS)

    def _datasets_of(self, source: Source) -> dict[str, Dataset]:
        return {name: dataset for name, dataset in self.datasets.items() if dataset.database == source.database}


def example() -> ModuleType:
    """The example's workload.

    Raises:
        Refused: it is not here; the package alone does not hold it.
    """
    if str(CLONE) not in sys.path:
        sys.path.append(str(CLONE))
    try:
        return importlib.import_module(EXAMPLE)
    except ModuleNotFoundError as problem:
        raise Refused("the example is not here", remedy="run custody demo in a clone of the repository") from problem


def dsn(source: Source) -> str:
    return f"postgresql://{source.user}:{source.password}@{source.host}:{source.port}/{source.database}"


def example_datasets() -> Path:
    folder: Path = example().DATASETS
    return folder


def example_models() -> Path:
    return example_datasets().with_name("models")


async def is_streaming(source: Source, slot: str) -> bool:
    """Whether the connector has read its snapshot, and follows the log."""
    connection = await connect(source)
    try:
        return bool(await connection.fetchval("SELECT active FROM pg_replication_slots WHERE slot_name = $1", slot))
    finally:
        await connection.close()
