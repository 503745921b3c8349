"""The workload: the plan carried out on the databases of one server, by several writers at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from examples.justice.plan import CORRECTED_ID, DATABASES, Statement, Transaction, is_refused, plan

__all__ = [
    "CORRECTED_ID", "DATABASES", "DATASETS", "DDL", "Statement", "Transaction", "create_databases", "create_tables", "is_refused",
    "plan", "run",
]  # fmt: skip

DDL = {database: Path(__file__).with_name(f"{database}.sql") for database in DATABASES}
DATASETS = Path(__file__).with_name("datasets")
STATEMENTS_PREPARED = 500
"""On each connection; the plan has fewer."""


async def create_databases(dsn: str) -> None:
    """Make the databases of the example, and their tables, on the server of an address, where there are none.

    Args:
        dsn: the address of a database that is there.
    """
    connection = await asyncpg.connect(dsn)
    try:
        known = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for database in DATABASES:
            if database not in known:
                await connection.execute(f'CREATE DATABASE "{database}"')
    finally:
        await connection.close()
    await asyncio.gather(*(create_tables(_in_database(dsn, database), database) for database in DATABASES))


async def create_tables(dsn: str, database: str = "nomis") -> None:
    """Make the tables that a database of the example has in the one of this address, where there are none."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(DDL[database].read_text(encoding="utf-8"))
    finally:
        await connection.close()


def _in_database(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def run(
    dsns: Mapping[str, str], *, seed: int, changes: int, writers: int, on_commit: Callable[[int], None] = lambda _: None,
    pause: Callable[[], Awaitable[None]] | None = None, on_end: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Carry out the plan, each writer on connections of its own.

    Args:
        dsns: the address of each database in which work is done.
        on_commit: told the row changes of each committed transaction.
        pause: awaited by each writer between its transactions.
        on_end: called by each writer when it has done all.
    """
    databases = tuple(database for database in DATABASES if database in dsns)

    async def write(writer: int) -> None:
        try:
            async with AsyncExitStack() as stack:
                connections = {name: await _connected(stack, dsns[name]) for name in databases}
                for transaction in plan(seed, changes, writer=writer, writers=writers, databases=databases):
                    await _commit(connections[transaction.database], transaction)
                    if not transaction.is_rolled_back:
                        on_commit(transaction.changes)
                    if pause is not None:
                        await pause()
        finally:
            on_end()

    await asyncio.gather(*(write(writer) for writer in range(writers)))


async def _connected(stack: AsyncExitStack, dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENTS_PREPARED, max_cached_statement_lifetime=0)
    stack.push_async_callback(connection.close)
    return connection


async def _commit(connection: "asyncpg.Connection[asyncpg.Record]", transaction: Transaction) -> None:
    if len(transaction.statements) == 1 and not transaction.is_rolled_back:
        [statement] = transaction.statements
        await connection.execute(statement.sql, *statement.args)
        return
    scope = connection.transaction()
    await scope.start()
    for sql, rows in _alike(transaction.statements):
        if len(rows) == 1:
            await connection.execute(sql, *rows[0])
        else:
            await connection.executemany(sql, rows)
    await (scope.rollback() if transaction.is_rolled_back else scope.commit())


def _alike(statements: tuple[Statement, ...]) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Neighbours of the same text, which go to the server in one trip: row after row, in the same order."""
    for sql, group in groupby(statements, attrgetter("sql")):
        yield sql, [statement.args for statement in group]
