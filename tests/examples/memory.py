"""A database in memory, on which the plan is carried out by the letter."""

import re
from collections.abc import Iterator
from typing import Any

from examples.justice.workload import DDL, Statement, Transaction, plan

CREATED = {
    database: dict(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+) \((.*?)\n\);", ddl.read_text(encoding="utf-8"), re.DOTALL))
    for database, ddl in DDL.items()
}
TABLES = {table: said for tables in CREATED.values() for table, said in tables.items()}
Row = dict[str, Any]


def columns_of(table: str) -> dict[str, str]:
    """Name and type of each column of a table, as the DDL says."""
    found = re.findall(r"^    ([a-z0-9_]+) +(double precision|[a-z]+(?:\(\d+(?:, \d+)?\)|\[\])?)", TABLES[table], re.MULTILINE)
    return dict(found)


def key_of(table: str) -> tuple[str, ...]:
    whole = re.search(r"^    PRIMARY KEY \((.*)\)", TABLES[table], re.MULTILINE)
    return tuple(whole[1].split(", ")) if whole else tuple(re.findall(r"^    (\w+) .*PRIMARY KEY", TABLES[table], re.MULTILINE))


class Memory:
    """A database that holds each statement to its promise: exactly one row is changed."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {table: {} for table in TABLES}
        self.images: list[tuple[str, str, Row]] = []
        """Operation, table and row of each change."""

    def commit(self, transaction: Transaction) -> int:
        if transaction.is_rolled_back:
            return 0
        for statement in transaction.statements:
            assert statement.table in CREATED[transaction.database]
            self._apply(statement)
        return len(transaction.statements)

    def _apply(self, statement: Statement) -> None:
        verb, table = re.match(r"(INSERT|UPDATE|DELETE)(?: INTO| FROM)? (\w+)", statement.sql).groups()
        values, where = named(statement)
        rows = self.tables[table]
        if verb == "INSERT":
            key = tuple(values[name] for name in key_of(table))
            assert key not in rows or "ON CONFLICT" in statement.sql
            rows[key] = {**dict.fromkeys(columns_of(table)), **rows.get(key, {}), **values}
        else:
            assert tuple(where) == key_of(table)
            key = tuple(where.values())
            row = rows.pop(key)
            if verb == "UPDATE":
                assert values
                rows[key] = {**row, **values}
        self.images.append((verb[0], table, rows.get(key, row if verb == "DELETE" else {})))


def named(statement: Statement) -> tuple[Row, Row]:
    """The values a statement sets, and the key it looks for, by name."""
    if statement.sql.startswith("INSERT"):
        names = re.search(r"\(([^)]*)\) VALUES", statement.sql)[1].split(", ")
        return dict(zip(names, statement.args, strict=True)), {}
    parts = statement.sql.split(" WHERE ")
    found = [{name: statement.args[int(number) - 1] for name, number in re.findall(r"(\w+) = \$(\d+)", part)} for part in parts]
    return found[0], found[1]


def work(seed: int, changes: int, writers: int = 1) -> Memory:
    memory = Memory()
    for transaction in _in_turn([plan(seed, changes, writer=writer, writers=writers) for writer in range(writers)]):
        memory.commit(transaction)
    return memory


def _in_turn(plans: list[Iterator[Transaction]]) -> Iterator[Transaction]:
    while plans:
        for one in list(plans):
            transaction = next(one, None)
            if transaction is None:
                plans.remove(one)
            else:
                yield transaction
