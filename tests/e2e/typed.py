"""A road whose tables have a column for each case of `type_cases`, and what became of each value on it."""

import asyncio
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from connectors.reading import connect
from connectors.source import misfits
from custody import INT32, Column, check, protect
from custody.prepare import source_of
from schemas.change import key_token
from schemas.dataset import Dataset
from schemas.types import Type
from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.hazards import Hazards
from tests.e2e.type_cases import BEFORE_CHRIST, FULL, GROUPS, REFUSED, SETUP, Case

WAYS = ("r", "c", "u")
"""A value is read by the snapshot, inserted, and put in the place of null."""
PLAIN = tuple(one for group in GROUPS.values() for one in group)
TABLES = {"plain": PLAIN, "lists": FULL, "refused": REFUSED}
CANNOT = "CANNOT"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a case, and where it is."""

    table: str
    case: int
    value: int
    way: str

    @property
    def id(self) -> int:
        return self.case * 100 + self.value * 3 + WAYS.index(self.way)

    @property
    def of(self) -> Case:
        return TABLES[self.table][self.case]

    @property
    def text(self) -> str:
        return self.of.values[self.value]


def column(number: int) -> str:
    return f"c{number:03}"


def values() -> Iterator[Value]:
    for table in ("plain", "lists"):
        for number, one in enumerate(TABLES[table]):
            for place, text in enumerate(one.values):
                yield from (Value(table, number, place, way) for way in WAYS if way != "r" or text != BEFORE_CHRIST)


@dataclass
class Typed(Hazards):
    """Three tables: declared as they should be, arrays that need the row before, and what can't be declared so."""

    misfits: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By column of the table `refused`: why, and the remedy."""

    def declare(self, folder: Path) -> None:
        self.execute(SETUP)
        for table, cases in TABLES.items():
            columns = ", ".join(f"{column(n)} {one.source}{_filled(one, column(n), table)}" for n, one in enumerate(cases))
            self.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, {columns})")
        self.execute("ALTER TABLE lists REPLICA IDENTITY FULL")
        declared = {table: self.dataset(table, cases) for table, cases in TABLES.items()}
        for dataset, found in misfits(source_of(self.settings, self.database), declared):
            assert dataset.name == "refused", found
            self.misfits[found.column] = found.reason, found.remedy
        for table in ("plain", "lists"):
            (folder / f"{table}.py").write_text(_file(declared[table]), encoding="utf-8")

    def dataset(self, table: str, cases: tuple[Case, ...]) -> Dataset:
        columns = [
            Column(column(n), one.declared, protect=protect.keep, check=(check.required,) if _is_filled(one, table) else ())
            for n, one in enumerate(cases)
        ]
        key = Column("id", INT32, protect=protect.keep)
        return Dataset(source=f"{self.database}.public.{table}", owner="tests", key=("id",), columns=(key, *columns), name=table)

    def create_tables(self) -> None:
        self.write("r")

    def write(self, *ways: str) -> None:
        """Each value in a row of its own."""
        mine = [value for value in values() if value.way in ways]
        self.execute(
            *(f"INSERT INTO {v.table} (id) VALUES ({v.id})" for v in mine if v.way == "u"),
            *(_statement(v) for v in mine),
        )

    def expected(self) -> dict[Value, object]:
        """What PostgreSQL says of each value."""

        async def read() -> dict[Value, object]:
            connection = await connect(self.source)
            try:
                return {v: await connection.fetchval(_question(v)) for v in values()}
            finally:
                await connection.close()

        return asyncio.run(read())

    def outcomes(self) -> dict[Value, str]:
        """Empty where the row is exact in history and now; why, where it was refused; else that it differs."""
        expected = self.expected()
        return {value: outcome for table in ("plain", "lists") for value, outcome in self._judged(table, expected)}

    def _judged(self, table: str, expected: dict[Value, object]) -> Iterator[tuple[Value, str]]:
        quarantine = Snapshot.load(self.lake.quarantine(self.datasets[table])).scan().collect()
        reasons = dict(zip(quarantine["key_token"], zip(quarantine["column"], quarantine["reason"], strict=True), strict=True))
        rows = Reader(self.lake, table).now().rows_by_key("id", named=True, unique=True)
        ids = pl.DataFrame({"id": [v.id for v in expected if v.table == table]}, schema={"id": pl.Int32})
        tokens = dict(zip(ids["id"], ids.select(key_token(["id"])).to_series(), strict=True))
        for value in (v for v in expected if v.table == table):
            where, reason = reasons.get(tokens[value.id], ("", ""))
            if reason:
                assert where == column(value.case), (value.of.source, value.text, where, reason)
                yield value, reason
                continue
            actual = rows[value.id][column(value.case)]
            is_same = same(value.of, actual, expected[value])
            yield value, "" if is_same else f"{CANNOT}: {actual!r:.200} is not {expected[value]!r}"


def _is_filled(one: Case, table: str) -> bool:
    """An array of numbers is required here, so that null can only be one with NaN; empty in rows of other columns."""
    return table == "lists" and one.source.startswith("numeric") and one.source.endswith("[]")


def _filled(one: Case, name: str, table: str) -> str:
    return f" DEFAULT '{{}}' CHECK ({name} IS NOT NULL)" if _is_filled(one, table) else ""


def _statement(v: Value) -> str:
    text = f"'{v.text.replace(chr(39), chr(39) * 2)}'::{v.of.source}"
    if v.way == "u":
        return f"UPDATE {v.table} SET {column(v.case)} = {text} WHERE id = {v.id}"
    return f"INSERT INTO {v.table} (id, {column(v.case)}) VALUES ({v.id}, {text})"


def _question(v: Value) -> str:
    name, declared = column(v.case), v.of.declared
    if declared.item is None or v.of.source.startswith("vector"):
        return f"SELECT {v.of.shown.format(name)}{'::text' if declared.item else ''} FROM {v.table} WHERE id = {v.id}"
    item = f"CASE WHEN x IS NOT NULL THEN {v.of.shown.format('x')} END"
    return f"SELECT ARRAY(SELECT {item} FROM unnest({name}) WITH ORDINALITY u(x, n) ORDER BY n) FROM {v.table} WHERE id = {v.id}"


def _checks(one: Column) -> str:
    return ", check=(check.required,)" if one.check else ""


def _file(dataset: Dataset) -> str:
    columns = "\n".join(
        f'        Column("{one.name}", {one.type}, protect=protect.keep{_checks(one)}),' for one in dataset.columns
    )
    words = "BINARY, BOOL, DATE, DECIMAL, FLOAT32, FLOAT64, INT16, INT32, INT64, JSON, LIST, TEXT, TIME, TIMESTAMP, TIMESTAMP_NTZ"
    return (
        f'"""Types."""\n\nfrom custody import {words}, UUID, Column, Dataset, check, protect\n\n{dataset.name} = Dataset(\n'
        f'    source="{dataset.source}", owner="tests", key=("id",), columns=(\n{columns}\n    ),\n)\n'
    )


def same(one: Case, actual: object, expected: Any) -> bool:
    """Whether a value of a table is what PostgreSQL says."""
    if one.source.startswith("vector"):
        expected = expected.strip("[]").split(",")
    item = one.declared.item
    if item is None:
        return _same(one, one.declared, actual, expected)
    if not isinstance(actual, list) or len(actual) != len(expected):
        return False
    pairs = zip(actual, expected, strict=True)
    return all((a is None) == (e is None) and (a is None or _same(one, item, a, e)) for a, e in pairs)


def _same(one: Case, kind: Type, actual: Any, expected: str) -> bool:
    if actual is None:
        return False
    if one.source in {"point", "line", "circle"}:
        numbers = expected.translate(str.maketrans("(){}<>", "      ")).split(",")
        return _figure(json.loads(actual)) == [float(number) for number in numbers]
    if one.source.startswith("bit(") and kind.name == "BINARY":
        return actual == int(expected, 2).to_bytes(9, "little").rstrip(b"\0")
    if one.source == "hstore":
        return json.loads(actual) == json.loads(expected)
    compare = _COMPARED.get(kind.name.split("(", 1)[0], lambda value, text: str(value) == text)
    try:
        return compare(actual, expected)
    except ValueError:  # Python has no such date
        return False


def _moment(at: datetime) -> tuple[datetime, bool]:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at, at.tzinfo is not None


_COMPARED: dict[str, Callable[[Any, str], bool]] = {
    "FLOAT32": lambda value, text: struct.pack("f", value) == struct.pack("f", np.float32(text)),
    "FLOAT64": lambda value, text: struct.pack("d", value) == struct.pack("d", float(text)),
    "BOOL": lambda value, text: value is (text == "true"),
    "DECIMAL": lambda value, text: value == Decimal(text),
    "DATE": lambda value, text: value == date.fromisoformat(text),
    "TIMESTAMP": lambda value, text: _moment(value) == _moment(datetime.fromisoformat(text)),
    "TIMESTAMP_NTZ": lambda value, text: _moment(value) == _moment(datetime.fromisoformat(text)),
    "TIME": lambda value, text: value == (f"{text:0<15}" if "." in text else text),
    "BINARY": lambda value, text: value.hex() == text,
}


def _figure(document: dict[str, Any]) -> list[float]:
    center = document.get("center", document)
    return [center[name] for name in ("x", "y", "a", "b", "c") if name in center] + [
        document[n] for n in ("radius",) if n in document
    ]
