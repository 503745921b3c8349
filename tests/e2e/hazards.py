"""A table with every hazard of a row's life, on a road of its own: statements in PostgreSQL, tables compared with it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from connectors.reading import connect, read_source
from custody.child import STATUS, read_json
from custody.compare import Comparison, Difference
from schemas.change import FOUND_BY_ABSENCE
from sink.read import Reader
from tests.e2e.road import DRAIN_SECONDS, Road

DDL = """
    CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, note text, kind text DEFAULT 'a', amount numeric(10, 2));
    ALTER TABLE people ALTER COLUMN note SET STORAGE EXTERNAL;
    CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL);
"""
FILE = '''"""People and accounts."""

from custody import DECIMAL, INT32, TEXT, Column, Dataset, check, clean, protect

people = Dataset(
    source="{database}.public.people",
    owner="tests",
    key=("id",),
    on_truncate="{on_truncate}",
    columns=(
        Column("id", INT32, protect=protect.keep),
        Column("name", TEXT, protect=protect.keep, clean=(clean.trim,)),
        Column("note", TEXT, protect=protect.keep),
        Column("kind", TEXT, protect=protect.keep, check=(check.one_of({kinds}),)),
        Column("amount", DECIMAL(10, 2), protect=protect.keep),
    ),
)
accounts = Dataset(
    source="{database}.public.accounts",
    owner="tests",
    key=("id",),
    columns=(Column("id", INT32, protect=protect.keep), Column("balance", INT32, protect=protect.keep)),
)
'''
LONG = "x" * 9_000
"""Stored out of line, and so not sent when it is unchanged."""


@dataclass
class Hazards(Road):
    """The road of two small tables."""

    on_truncate: str = "hold"
    kinds: str = "'a', 'b'"

    def declare(self, folder: Path) -> None:
        text = FILE.format(database=self.database, on_truncate=self.on_truncate, kinds=self.kinds)
        (folder / "people.py").write_text(text, encoding="utf-8")

    def create_tables(self) -> None:
        self.execute(DDL)

    def execute(self, *statements: str) -> None:
        """Each statement in a transaction of its own."""

        async def run() -> None:
            connection = await connect(self.source)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def execute_beside(self, *statements: str) -> None:
        """Statements on the server's own database, about this one; who is connected to it is sent away."""

        async def run() -> None:
            connection = await connect(replace(self.source, database="postgres"))
            try:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", self.database
                )
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def settle(self, supervisor, seconds: float = DRAIN_SECONDS) -> None:
        """Wait until everything that is committed now is in the tables, and folded."""
        moment, _ = asyncio.run(read_source(self.source, {}))
        self.drain(supervisor, moment, seconds)

    def differences(self) -> list[Difference]:
        _, tables = asyncio.run(read_source(self.source, self.datasets))
        keys = self.settings.keys(self.datasets)
        found = [Comparison(self.lake, dataset, keys).now(tables[name]) for name, dataset in self.datasets.items()]
        return [one for one in found if one is not None]

    def assert_true(self, supervisor) -> None:
        """The tables are what PostgreSQL has, and hold each change once."""
        self.settle(supervisor)
        assert self.differences() == []
        for name in self.datasets:
            self.assert_once(name)

    def absent(self, name: str = "people") -> list[object]:
        """The keys that were found by absence."""
        return sorted(key for reason, key in self.history(name, ("_reason", "id")) if reason == FOUND_BY_ABSENCE)

    def count_raw(self, name: str = "people") -> int:
        """Records in the raw topic of a dataset that are committed."""
        topic, count = self.datasets[name].raw_topic, self.settings.partitions
        places = {TopicPartition(topic, partition): OffsetSpec.latest() for partition in range(count)}
        admin = AdminClient({"bootstrap.servers": self.settings.kafka, "log_level": 2})
        asked = admin.list_offsets(places, isolation_level=IsolationLevel.READ_COMMITTED)
        return sum(future.result(10).offset for future in asked.values())

    def rows(self, name: str = "people") -> pl.DataFrame:
        return Reader(self.lake, name).now()

    def history(self, name: str = "people", columns: Sequence[str] = ("_op", "id")) -> list[tuple[object, ...]]:
        return Reader(self.lake, name).history().select(columns).rows()

    def status_of(self, kind: str = "sink") -> dict[str, object]:
        return read_json(self.settings.data / STATUS / f"{kind}.json")

    def wait_until_running(self, supervisor) -> None:
        self.until(lambda: bool(self.status_of("worker").get("is_ready")), 60, supervisor.watch)
        time.sleep(0.5)
