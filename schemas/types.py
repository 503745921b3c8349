"""The types a column can be declared with, and what each is in Arrow and in Avro."""

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Type:
    """A declared type; `str(type)` is how it is written in a dataset file."""

    name: str
    arrow: pa.DataType
    avro: object
    """The Avro schema of a value; DECIMAL and BINARY travel as text (exact, base64), named by the property `custody`."""
    item: "Type | None" = field(default=None)
    """What a LIST holds."""

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


INT16 = Type("INT16", pa.int16(), "int")
INT32 = Type("INT32", pa.int32(), "int")
INT64 = Type("INT64", pa.int64(), "long")
FLOAT32 = Type("FLOAT32", pa.float32(), "float")
FLOAT64 = Type("FLOAT64", pa.float64(), "double")
BOOL = Type("BOOL", pa.bool_(), "boolean")
TEXT = Type("TEXT", pa.string(), "string")
UUID = Type("UUID", pa.string(), {"type": "string", "logicalType": "uuid"})
DATE = Type("DATE", pa.date32(), {"type": "int", "logicalType": "date"})
TIME = Type("TIME", pa.string(), {"type": "string", "custody": "TIME"})
"""ISO 8601 text, microseconds where there are any: Delta has no type for a time of day."""
TIMESTAMP = Type("TIMESTAMP", pa.timestamp("us", "UTC"), {"type": "long", "logicalType": "timestamp-micros"})
TIMESTAMP_NTZ = Type("TIMESTAMP_NTZ", pa.timestamp("us"), {"type": "long", "logicalType": "local-timestamp-micros"})
BINARY = Type("BINARY", pa.binary(), {"type": "string", "custody": "BINARY"})
JSON = Type("JSON", pa.string(), {"type": "string", "custody": "JSON"})

MAX_PRECISION = 38
"""Digits a Delta decimal can hold (Delta protocol, primitive types)."""


def DECIMAL(precision: int, scale: int = 0) -> Type:  # noqa: N802 - written like the other types
    """An exact number of at most `precision` digits, `scale` of them after the point."""
    if not (1 <= precision <= MAX_PRECISION and 0 <= scale <= precision):
        raise ValueError(f"DECIMAL({precision}, {scale}): needs 1 <= precision <= {MAX_PRECISION}, 0 <= scale <= precision")
    name = f"DECIMAL({precision}, {scale})"
    return Type(name, pa.decimal128(precision, scale), {"type": "string", "custody": name})


def LIST(item: Type) -> Type:  # noqa: N802 - written like the other types
    """An array of `item`, nulls among them allowed."""
    if not isinstance(item, Type):
        raise TypeError("LIST(type): type must be one of the declared types")
    return Type(f"LIST({item})", pa.list_(item.arrow), {"type": "array", "items": ["null", item.avro]}, item)
