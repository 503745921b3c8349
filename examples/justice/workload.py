"""The workload: the plan carried out on a database, by several writers at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import asyncpg

from examples.justice.plan import CORRECTED_ID, Statement, Transaction, is_refused, plan

__all__ = ["CORRECTED_ID", "DATASETS", "DDL", "Statement", "Transaction", "create_tables", "is_refused", "plan", "run"]

DDL = Path(__file__).with_name("nomis.sql")
DATASETS = Path(__file__).with_name("datasets")
STATEMENTS_PREPARED = 500
"""On each connection; the plan has fewer."""


async def create_tables(dsn: str) -> None:
    """Make the source tables where there are none."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(DDL.read_text(encoding="utf-8"))
    finally:
        await connection.close()


async def run(
    dsn: str, *, seed: int, changes: int, writers: int, on_commit: Callable[[int], None] = lambda _: None,
    pause: Callable[[], Awaitable[None]] | None = None, on_end: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Carry out the plan, each writer on a connection of its own.

    Args:
        on_commit: told the row changes of each committed transaction.
        pause: awaited by each writer between its transactions.
        on_end: called by each writer when it has done all.
    """

    async def write(writer: int) -> None:
        try:
            connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENTS_PREPARED, max_cached_statement_lifetime=0)
            try:
                for transaction in plan(seed, changes, writer=writer, writers=writers):
                    await _commit(connection, transaction)
                    if not transaction.is_rolled_back:
                        on_commit(transaction.changes)
                    if pause is not None:
                        await pause()
            finally:
                await connection.close()
        finally:
            on_end()

    await asyncio.gather(*(write(writer) for writer in range(writers)))


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
