"""Statements and transactions on the source tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, which changes exactly one row."""

    sql: str
    args: tuple[Any, ...]
    table: str = field(repr=False)
    key: Values | None = field(repr=False)
    """The row that is changed; None where it is a new one."""
    values: Values | None = field(repr=False)
    """What is set; None where the row goes."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements on one database that are committed together, or taken back together."""

    database: str
    statements: tuple[Statement, ...]
    is_rolled_back: bool = False

    @property
    def changes(self) -> int:
        """Row changes that are committed."""
        return 0 if self.is_rolled_back else len(self.statements)


def insert(table: str, **values: Any) -> Statement:
    return Statement(_insert(table, tuple(values)), tuple(values.values()), table, None, values)


def update(table: str, key: Values, **values: Any) -> Statement:
    return Statement(_update(table, tuple(key), tuple(values)), (*values.values(), *key.values()), table, key, values)


def delete(table: str, key: Values) -> Statement:
    return Statement(_delete(table, tuple(key)), tuple(key.values()), table, key, None)


def put(table: str, key: str, **values: Any) -> Statement:
    """Insert the row, or update the one that is there: one row change, whoever came first."""
    return Statement(_put(table, key, tuple(values)), tuple(values.values()), table, None, values)


@lru_cache
def _insert(table: str, names: tuple[str, ...]) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"


@lru_cache
def _update(table: str, key: tuple[str, ...], names: tuple[str, ...]) -> str:
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, 1))
    return f"UPDATE {table} SET {sets} WHERE {_where(key, len(names))}"


@lru_cache
def _delete(table: str, key: tuple[str, ...]) -> str:
    return f"DELETE FROM {table} WHERE {_where(key, 0)}"


@lru_cache
def _put(table: str, key: str, names: tuple[str, ...]) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    return f"{_insert(table, names)} ON CONFLICT ({key}) DO UPDATE SET {sets}"


def _where(key: tuple[str, ...], before: int) -> str:
    return " AND ".join(f"{name} = ${number}" for number, name in enumerate(key, before + 1))
