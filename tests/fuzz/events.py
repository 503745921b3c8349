"""The corpus, the dataset it belongs to, and records made of it: real ones and mutated ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from custody import (
    BINARY,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT32,
    FLOAT64,
    INT16,
    INT32,
    INT64,
    JSON,
    LIST,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    UUID,
    Column,
    Dataset,
    check,
    clean,
    protect,
)  # fmt: skip
from schemas.batch import Batch, Headers
from tests.fuzz.mutate import NAMES, PIECES, mutated, torn

TOPIC = "registry.public.cases"
CASES = Dataset(
    source=TOPIC, owner="tests", key=("id", "court"), on_truncate="apply", name="cases",
    columns=(
        Column("id", INT64, protect=protect.keep),
        Column("court", TEXT, protect=protect.token("court")),
        Column("title", TEXT, protect=protect.keep, clean=(clean.trim,), check=(check.keep_with_note(check.email),)),
        Column("opened", DATE, protect=protect.year_only),
        Column("heard_at", TIMESTAMP, protect=protect.keep),
        Column("local_at", TIMESTAMP_NTZ, protect=protect.keep),
        Column("starts", TIME, protect=protect.keep),
        Column("fee", DECIMAL(10, 2), protect=protect.keep),
        Column("weight", FLOAT64, protect=protect.keep),
        Column("ratio", FLOAT32, protect=protect.keep),
        Column("rank", INT16, protect=protect.keep),
        Column("seats", INT32, protect=protect.keep),
        Column("is_open", BOOL, protect=protect.keep),
        Column("file", BINARY, protect=protect.keep),
        Column("doc", JSON, protect=protect.keep),
        Column("ref", UUID, protect=protect.keep),
        Column("tags", LIST(TEXT), protect=protect.keep),
        Column("numbers", LIST(INT64), protect=protect.keep),
        Column("fees", LIST(DECIMAL(8, 2)), protect=protect.keep),
        Column("judge", TEXT, protect=protect.keep, renamed_from="magistrate"),
        Column("secret", TEXT, protect=protect.withhold),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """A Kafka record; `is_real` if it is as the corpus has it."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    is_real: bool = True

    def said(self) -> str:
        """As hex, to be kept."""
        parts = {"key": self.key, "value": self.value} | {f"header {name}": value for name, value in self.headers}
        return json.dumps({name: None if part is None else part.hex() for name, part in parts.items()})


def _bytes(value: Any) -> bytes | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _load(path: Path) -> tuple[Any, Any, Input]:
    event = json.loads(path.read_text(encoding="utf-8"))
    headers = tuple((name, text.encode()) for name, text in event["headers"].items())
    return event["key"], event["value"], Input(_bytes(event["key"]), _bytes(event["value"]), headers)


CORPUS = [_load(path) for path in sorted((Path(__file__).parent / "corpus").glob("*.json"))]


def inputs(random: Random, count: int) -> list[Input]:
    """Records of the corpus, about three of four of them mutated."""
    return [_input(random) for _ in range(count)]


def _input(random: Random) -> Input:
    key, value, real = random.choice(CORPUS)
    if random.random() < 0.25:
        return real
    kind = random.random()
    if kind < 0.06:
        return Input(real.key, real.value, _headers(real.headers, random), is_real=False)
    made = mutated(value, random) if kind < 0.9 else real.value
    return Input(mutated(key, random) if kind > 0.8 else real.key, made, real.headers, is_real=False)


def _headers(headers: Headers, random: Random) -> Headers:
    """One header torn, taken away, doubled or renamed; the epoch's stays a number, see `schemas.errors.Stopped`."""
    made = [header for header in headers if header[0] != "custody.epoch"] or [("__debezium.oldkey", b'{"id":1,"court":"Zz"}')]
    at = random.randrange(len(made))
    name, value = made[at]
    made[at] = random.choice(
        [(name, torn(value or b"{}", random)), (name, None), ("__debezium.oldkey", value), (random.choice(NAMES), value),
         ("__debezium.newkey", random.choice(PIECES)), ("__debezium.oldkey", random.choice(PIECES))]
    )  # fmt: skip
    return (*made, random.choice(made), ("custody.epoch", str(random.choice((0, 1, 2, 10**9 - 1))).encode()))


def as_batch(records: Sequence[Input], offsets: Sequence[int] | None = None, partition: int = 3) -> Batch:
    count = len(records)
    return Batch(
        topic=TOPIC, partition=partition, after=-1, offsets=pa.array(offsets or range(count), pa.int64()),
        received_at=pa.array([1_767_346_201_000] * count, pa.timestamp("ms", "UTC")),
        keys=pa.array([record.key for record in records], pa.binary()),
        values=pa.array([record.value for record in records], pa.large_binary()),
        headers=[record.headers for record in records],
    )  # fmt: skip
