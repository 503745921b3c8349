"""The source database: is it fit to be captured, and what capture needs in it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import asyncpg
import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors.debezium import HEARTBEAT, SIGNAL, Source, connector_name
from connectors.fitting import COLUMNS, Misfit, SourceColumn, misfit, stops_connector
from schemas.dataset import Column, Dataset
from schemas.errors import Refused, Unavailable

T = TypeVar("T")
log = structlog.get_logger()

GENERATED_SINCE = 18
"""The version of PostgreSQL that can publish generated columns."""
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
            than the dataset declares; before the first capture, a column is missing or its type does not fit, and at any
            time, a type that does not fit where nothing in the events would show it.
        Unavailable: the database does not answer.
    """

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if await connection.fetchval("SHOW wal_level") != "logical":
            raise Refused("the source does not log logically", remedy="set wal_level = logical and restart PostgreSQL")
        tables = await _tables(connection, datasets)
        is_first = not await connection.fetchval("SELECT 1 FROM pg_replication_slots WHERE slot_name = $1", _name(source))
        for dataset in datasets.values():
            _check(dataset, tables.get(_table(dataset)), is_first=is_first)
        for dataset, found in await _misfits(connection, datasets):
            _refuse(dataset, found, is_first=is_first)
        if is_first:
            await _refuse_early_dates(connection, datasets)
        await _publish(connection, _name(source), datasets)

    _run(source, work)


def refuse_early_dates(source: Source, datasets: Mapping[str, Dataset]) -> None:
    """Before a snapshot.

    Raises:
        Refused: a declared column of dates holds one before the year 1: a change tells it, and it waits in quarantine; a
            snapshot loses its era (Debezium 3.7).
        Unavailable: as for `prepare`.
    """
    _run(source, lambda connection: _refuse_early_dates(connection, datasets))


def misfits(source: Source, datasets: Mapping[str, Dataset]) -> list[tuple[Dataset, Misfit]]:
    """The declared columns that can't be read as they are declared.

    Raises:
        Refused, Unavailable: as for `prepare`.
    """

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[Dataset, Misfit]]:
        return await _misfits(connection, datasets)

    return _run(source, work)


def left_out(source: Source, datasets: Mapping[str, Dataset]) -> list[str]:
    """The columns that would stop the connector, `schema.table.column`: not captured, and so not in raw/ either.

    Raises:
        Refused, Unavailable: as for `prepare`.
    """

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
        found = await connection.fetch(COLUMNS, [_table(dataset) for dataset in datasets.values()])
        return [f"{row['table_name']}.{row['name']}" for row in found if stops_connector(_column(row))]

    names = _run(source, work)
    if names:
        log.warning("columns_not_captured", columns=names, why="sent as null while unchanged, and NOT NULL")
    return names


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


async def _misfits(
    connection: "asyncpg.Connection[asyncpg.Record]", datasets: Mapping[str, Dataset]
) -> list[tuple[Dataset, Misfit]]:
    columns = await _columns(connection, datasets)
    judged = ((dataset, misfit(column, declared)) for dataset, column, declared in columns)
    return [(dataset, found) for dataset, found in judged if found is not None]


async def _columns(
    connection: "asyncpg.Connection[asyncpg.Record]", datasets: Mapping[str, Dataset]
) -> list[tuple[Dataset, SourceColumn, Column]]:
    """The columns of the tables that are declared and read."""
    by_table = {_table(dataset): dataset for dataset in datasets.values()}
    rows = await connection.fetch(COLUMNS, list(by_table))
    return [
        (by_table[row["table_name"]], _column(row), declared)
        for row in rows
        for declared in by_table[row["table_name"]].needed
        if row["name"] in {declared.name, declared.renamed_from}
    ]


def _column(row: "asyncpg.Record") -> SourceColumn:
    return SourceColumn(*(row[name] for name in SourceColumn.__slots__))


async def _refuse_early_dates(connection: "asyncpg.Connection[asyncpg.Record]", datasets: Mapping[str, Dataset]) -> None:
    for dataset, column, _ in await _columns(connection, datasets):
        if column.kind != "date":
            continue
        name, table = _quoted_name(column.name), _quoted(_table(dataset))
        asked = f"SELECT 1 FROM {table} WHERE {name} < '0001-01-01' AND isfinite({name}) LIMIT 1"  # noqa: S608 - names, quoted
        if await connection.fetchval(asked):
            raise Refused(
                "the column holds dates before the year 1, which a snapshot reads as dates after it", dataset=dataset.name,
                column=column.name, remedy="correct them, or leave the column undeclared",
            )  # fmt: skip


def _refuse(dataset: Dataset, found: Misfit, *, is_first: bool) -> None:
    if is_first or found.is_silent:
        raise Refused(found.reason, dataset=dataset.name, column=found.column, remedy=found.remedy)
    log.warning("declared_type_does_not_fit", dataset=dataset.name, column=found.column, why=found.reason)


async def _publish(connection: "asyncpg.Connection[asyncpg.Record]", name: str, datasets: Mapping[str, Dataset]) -> None:
    schema, table = HEARTBEAT.split(".")
    await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await connection.execute(f'CREATE TABLE IF NOT EXISTS "{schema}"."{table}" (id int PRIMARY KEY, at timestamptz NOT NULL)')
    await connection.execute(f"CREATE TABLE IF NOT EXISTS {_quoted(SIGNAL)} (id text PRIMARY KEY, type text NOT NULL, data text)")
    wanted = {HEARTBEAT, SIGNAL, *(_table(dataset) for dataset in datasets.values())}
    listed = ", ".join(_quoted(one) for one in sorted(wanted))
    if not await connection.fetchval("SELECT 1 FROM pg_publication WHERE pubname = $1", name):
        await connection.execute(f"CREATE PUBLICATION {_quoted(name)} FOR TABLE {listed}")
        await _publish_generated(connection, name)
        return
    await _publish_generated(connection, name)
    there = await connection.fetch("SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $1", name)
    if {row[0] for row in there} != wanted:
        await connection.execute(f"ALTER PUBLICATION {_quoted(name)} SET TABLE {listed}")


async def _publish_generated(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    """Generated columns that are stored; without this a snapshot has them, and the changes after it do not."""
    if connection.get_server_version().major >= GENERATED_SINCE:
        await connection.execute(f"ALTER PUBLICATION {_quoted(name)} SET (publish_generated_columns = stored)")


def _quoted(name: str) -> str:
    return ".".join(_quoted_name(part) for part in name.split("."))


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


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
