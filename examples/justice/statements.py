"""Statements and transactions on the source tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, which changes exactly one row."""

    sql: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are committed together, or taken back together."""

    statements: tuple[Statement, ...]
    is_rolled_back: bool = False

    @property
    def changes(self) -> int:
        """Row changes that are committed."""
        return 0 if self.is_rolled_back else len(self.statements)


def insert(table: str, **values: Any) -> Statement:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return Statement(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", tuple(values.values()))


def update(table: str, key: Mapping[str, Any], **values: Any) -> Statement:
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 1))
    where = " AND ".join(f"{name} = ${number}" for number, name in enumerate(key, len(values) + 1))
    return Statement(f"UPDATE {table} SET {sets} WHERE {where}", (*values.values(), *key.values()))


def delete(table: str, key: Mapping[str, Any]) -> Statement:
    where = " AND ".join(f"{name} = ${number}" for number, name in enumerate(key, 1))
    return Statement(f"DELETE FROM {table} WHERE {where}", tuple(key.values()))
