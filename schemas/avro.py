"""What travels on a cleaned topic: Avro in the registry's wire format, one subject for each kind of record.

A change is a row of the dataset with its internal columns. A refusal stands for an event that could not be
processed. A marker stands for raw records that gave neither (tombstones, logical messages). Each says which raw
offsets it covers: (`_after`, `_offset`] of the raw topic `_topic_id`.

Wire format: a zero byte, the schema's id (4 bytes, big endian), the Avro body (Confluent Schema Registry,
"Wire format"); Avro 1.11.
"""

import copy
import json
import re
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from schemas.change import REFUSAL, SENT
from schemas.dataset import Dataset
from schemas.frames import polars_type
from schemas.types import Type

MAGIC = b"\x00"
HEADER_BYTES = 5

_AVRO = {
    pa.string(): "string",
    pa.int32(): "int",
    pa.int64(): "long",
    pa.timestamp("us", "UTC"): {"type": "long", "logicalType": "timestamp-micros"},
    pa.list_(pa.string()): {"type": "array", "items": "string"},
}
_NULLABLE_INTERNAL = {"_tx", "_commit", "_lsn", "_source_at", "_previous_key", "_reason", "_snapshot", "_redactions"}
COVERAGE = {"_after": pa.int64(), "_topic_id": pa.string()}
MARKER = {"_partition": pa.int32(), "_offset": pa.int64(), **COVERAGE}


@dataclass(frozen=True, slots=True)
class Subject:
    """A schema and the name it is registered under."""

    name: str
    schema: dict[str, object]

    @property
    def text(self) -> str:
        return json.dumps(self.schema)


def avro_name(name: str) -> str:
    """A column's name as an Avro name: what Avro does not allow is written as its code point."""
    safe = re.sub(r"[^A-Za-z0-9_]", lambda match: f"_x{ord(match[0]):x}_", name)
    return safe if not safe[0].isdigit() else f"_{safe}"


def _field(name: str, avro: object, *, nullable: bool) -> dict[str, object]:
    if not nullable:
        return {"name": name, "type": avro}
    return {"name": name, "type": ["null", avro], "default": None}


def change_subject(dataset: Dataset) -> Subject:
    """The subject of a dataset's changes; every declared column may be null, as in a delete."""
    columns = [
        {**_field(avro_name(name), type_.avro, nullable=True), "doc": str(type_)} for name, type_ in dataset.published.items()
    ]
    internal = [_field(name, _AVRO[arrow], nullable=name in _NULLABLE_INTERNAL) for name, arrow in {**SENT, **COVERAGE}.items()]
    database, schema, table = (avro_name(part) for part in dataset.source.split("."))
    record: dict[str, object] = {
        "type": "record",
        "name": table,
        "namespace": f"custody.{database}.{schema}",
        "doc": dataset.purpose or f"Cleaned changes of {dataset.source}.",
        "fields": [*columns, *internal],
    }
    return Subject(f"{dataset.cleaned_topic}-value", record)


def _custody_subject(name: str, doc: str, columns: dict[str, pa.DataType]) -> Subject:
    required = {"_partition", "_offset", "_received_at", "reason", *COVERAGE}
    fields = [_field(column, _AVRO[arrow], nullable=column not in required) for column, arrow in columns.items()]
    return Subject(f"custody.{name}", {"type": "record", "name": name, "namespace": "custody", "doc": doc, "fields": fields})


def refusal_subject() -> Subject:
    return _custody_subject("Refusal", "Stands for an event that could not be processed.", {**REFUSAL, **COVERAGE})


def marker_subject() -> Subject:
    return _custody_subject("Marker", "Accounts for raw records that gave no output.", MARKER)


def plain(schema: dict[str, object]) -> str:
    """The schema with the same bytes on the wire that the columnar codec takes: local times are plain numbers there."""

    def strip(node: object) -> object:
        if isinstance(node, dict):
            if node.get("logicalType") in {"local-timestamp-micros", "uuid"}:
                return node["type"]
            return {name: strip(part) for name, part in node.items() if name != "doc"}
        return [strip(part) for part in node] if isinstance(node, list) else node

    return json.dumps(strip(copy.deepcopy(schema)))


def to_avro(type_: Type, value: pl.Expr) -> pl.Expr:
    """A column as the columnar codec takes it: exact numbers, bytes and local times in their Avro form."""
    if type_.item is not None:
        return value.list.eval(to_avro(type_.item, pl.element())) if _differs(type_.item) else value
    match type_.name.split("(", 1)[0]:
        case "DECIMAL":
            return value.cast(pl.String)
        case "BINARY":
            return value.bin.encode("base64")
        case "TIMESTAMP_NTZ":
            return value.cast(pl.Int64)
        case "INT16":
            return value.cast(pl.Int32)
        case _:
            return value


def from_avro(type_: Type, value: pl.Expr) -> pl.Expr:
    """The column back in its own type."""
    if type_.item is not None:
        return value.list.eval(from_avro(type_.item, pl.element())) if _differs(type_.item) else value
    match type_.name.split("(", 1)[0]:
        case "BINARY":
            return value.str.decode("base64")
        case "TIMESTAMP":
            return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        case _:
            return value.cast(polars_type(type_.arrow))


def _differs(type_: Type) -> bool:
    return type_.name.split("(", 1)[0] in {"DECIMAL", "BINARY", "TIMESTAMP_NTZ", "TIMESTAMP", "INT16", "LIST"}
