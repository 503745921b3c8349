"""The source database: is it fit to be captured, and what capture needs in it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import asyncpg
import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors.debezium import HEARTBEAT, SIGNAL, Source, connector_name
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable

T = TypeVar("T")
log = structlog.get_logger()

SLOT_SECONDS = 20
"""How long a slot may still be in use by a connector that has just stopped."""
_TABLES = """
    SELECT n.nspname || '.' || c.relname AS name,
           array(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
           (SELECT array_agg(a.attname::text) FROM pg_constraint p JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum = ANY (p.conkey) WHERE p.conrelid = c.oid AND p.contype = 'p') AS key,
           (SELECT p.condeferrable FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p') AS deferrable
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY ($1)
"""


@dataclass(frozen=True, slots=True)
class _Table:
    columns: frozenset[str]
    key: frozenset[str] | None
    is_deferrable: bool


def prepare(source: Source, datasets: Mapping[str, Dataset]) -> None:
    """Check that the tables can be captured; make the heartbeat table, and the publication of just these tables.

    Raises:
        Refused: write-ahead logging is not logical, or a table is missing, has no primary key, a deferrable one, or another
            than the dataset declares, or lacks a declared column before the first capture.
        Unavailable: the database does not answer.
    """

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if await connection.fetchval("SHOW wal_level") != "logical":
            raise Refused("the source does not log logically", remedy="set wal_level = logical and restart PostgreSQL")
        tables = await _tables(connection, datasets)
        is_first = not await connection.fetchval("SELECT 1 FROM pg_replication_slots WHERE slot_name = $1", _name(source))
        for dataset in datasets.values():
            _check(dataset, tables.get(_table(dataset)), is_first=is_first)
        await _publish(connection, _name(source), datasets)

    _run(source, work)


@dataclass(frozen=True, slots=True)
class Slot:
    """The replication slot of a source."""

    is_lost: bool
    """It is there, but the log it needs is not any longer."""


def slot(source: Source) -> Slot | None:
    """The slot; None where there is none.

    Raises:
        Refused, Unavailable: as for `prepare`.
    """

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> Slot | None:
        asked = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1"
        row = await connection.fetchrow(asked, _name(source))
        return None if row is None else Slot(row["wal_status"] == "lost")

    return _run(source, work)


def drop_slot(source: Source) -> None:
    """Drop the slot, where there is one; nobody may be reading it."""

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        asked = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1"
        await connection.execute(asked, _name(source))

    for attempt in Retrying(
        retry=retry_if_exception_type(Refused), stop=stop_after_delay(SLOT_SECONDS), wait=wait_fixed(0.5), reraise=True
    ):
        with attempt:
            _run(source, work)


def _name(source: Source) -> str:
    return connector_name(source.database)


def _table(dataset: Dataset) -> str:
    return dataset.source.split(".", 1)[1]


async def _tables(connection: "asyncpg.Connection[asyncpg.Record]", datasets: Mapping[str, Dataset]) -> dict[str, _Table]:
    found = await connection.fetch(_TABLES, [_table(dataset) for dataset in datasets.values()])
    return {
        row["name"]: _Table(frozenset(row["columns"]), frozenset(row["key"]) if row["key"] else None, bool(row["deferrable"]))
        for row in found
    }


def _check(dataset: Dataset, table: _Table | None, *, is_first: bool) -> None:
    if table is None:
        raise Refused("the source has no such table", dataset=dataset.name, table=_table(dataset))
    if table.key is None:
        raise Refused("the table has no primary key", dataset=dataset.name, table=_table(dataset), remedy="give it one")
    if table.is_deferrable:
        raise Refused(
            "the table's primary key is deferrable: its changes have no stable order", dataset=dataset.name,
            table=_table(dataset), remedy="make the key NOT DEFERRABLE",
        )  # fmt: skip
    if table.key != set(dataset.key):
        raise Refused(
            f"the table's primary key is {', '.join(sorted(table.key))}", dataset=dataset.name, remedy="declare the same key"
        )
    missing = sorted(set(dataset.by_name) - table.columns)
    if missing and is_first:
        raise Refused(f"the table has no column {', '.join(missing)}", dataset=dataset.name, table=_table(dataset))
    if missing:
        log.warning("declared_columns_gone", dataset=dataset.name, columns=missing)


async def _publish(connection: "asyncpg.Connection[asyncpg.Record]", name: str, datasets: Mapping[str, Dataset]) -> None:
    schema, table = HEARTBEAT.split(".")
    await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await connection.execute(f'CREATE TABLE IF NOT EXISTS "{schema}"."{table}" (id int PRIMARY KEY, at timestamptz NOT NULL)')
    await connection.execute(f"CREATE TABLE IF NOT EXISTS {_quoted(SIGNAL)} (id text PRIMARY KEY, type text NOT NULL, data text)")
    wanted = {HEARTBEAT, SIGNAL, *(_table(dataset) for dataset in datasets.values())}
    listed = ", ".join(_quoted(one) for one in sorted(wanted))
    if not await connection.fetchval("SELECT 1 FROM pg_publication WHERE pubname = $1", name):
        await connection.execute(f"CREATE PUBLICATION {_quoted(name)} FOR TABLE {listed}")
        return
    there = await connection.fetch("SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $1", name)
    if {row[0] for row in there} != wanted:
        await connection.execute(f"ALTER PUBLICATION {_quoted(name)} SET TABLE {listed}")


def _quoted(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _run(source: Source, work: Callable[["asyncpg.Connection[asyncpg.Record]"], Awaitable[T]]) -> T:
    async def connected() -> T:
        connection = await asyncpg.connect(
            host=source.host, port=source.port, user=source.user, password=source.password, database=source.database, timeout=10
        )
        try:
            return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(connected())
    except asyncpg.InvalidPasswordError as problem:
        raise Refused("the source does not take the user or the password", source=repr(source)) from problem
    except (OSError, asyncpg.PostgresConnectionError, TimeoutError) as problem:
        raise Unavailable(f"the source does not answer: {type(problem).__name__}", source=repr(source)) from problem
    except asyncpg.PostgresError as problem:
        raise Refused(f"the source refused: {type(problem).__name__}", source=repr(source)) from problem
