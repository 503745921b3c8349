"""Which of Kafka Connect's types each declared type reads, where an event carries its schema.

Without a schema days, microseconds and numbers look alike; with it, one is not taken for another.
Logical types: Debezium PostgreSQL connector documentation, "Data type mappings"; Kafka Connect `data` package.
"""

from schemas.types import Type

_INTEGERS = {"int8", "int16", "int32", "int64"}
_DEBEZIUM, _CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
_DECIMALS = {"", f"{_CONNECT}Decimal", "io.debezium.data.VariableScaleDecimal"}
_TIMES = {
    "DATE": {"Date", "IsoDate"},
    "TIME": {"Time", "MicroTime", "NanoTime", "IsoTime"},
    "TIMESTAMP_NTZ": {"Timestamp", "MicroTimestamp", "NanoTimestamp", "IsoTimestamp"},
    "TIMESTAMP": {"ZonedTimestamp"},
}
_PHYSICAL = {
    "INT16": _INTEGERS, "INT32": _INTEGERS, "INT64": _INTEGERS, "FLOAT32": {"float", "float32"},
    "FLOAT64": {"double", "float64", "int8", "int16", "int32"}, "BOOL": {"boolean"}, "TEXT": {"string"}, "UUID": {"string"},
    "JSON": {"string", "struct", "map", "array"}, "BINARY": {"bytes"},
}  # fmt: skip
_LOGICAL = {
    "INT64": {"", f"{_DEBEZIUM}MicroDuration"}, "BINARY": {"", "io.debezium.data.Bits"}, "DECIMAL": _DECIMALS,
    **{kind: {"", *(_DEBEZIUM + name for name in names)} for kind, names in _TIMES.items()},
}  # fmt: skip
_OF_CONNECT = {"DATE": {"Date"}, "TIME": {"Time"}, "TIMESTAMP_NTZ": {"Timestamp"}, "TIMESTAMP": {"Timestamp"}}
_NAMES = {
    *(name for names in _PHYSICAL.values() for name in names), *(name for names in _TIMES.values() for name in names),
    "Decimal", "VariableScaleDecimal", "Bits", "MicroDuration", "Duration", "Interval", "Json", "Xml", "Uuid", "Enum", "EnumSet",
    "Geometry", "Geography", "Point", "Ltree", "TsVector", "ZonedTime", "DoubleVector", "FloatVector", "SparseDoubleVector",
}  # fmt: skip
_NUMERIC = {"INT16", "INT32", "FLOAT32", "FLOAT64", "BOOL"}


def misread(type_: Type, schema: dict[str, object]) -> str:
    """Why a value of this schema is not one of the declared type; empty where it may be."""
    kind = type_.name.split("(", 1)[0]
    physical, logical = str(schema.get("type") or ""), str(schema.get("name") or "")
    allowed = _LOGICAL.get(kind, {""} if kind in _NUMERIC else None)
    of_connect = {_CONNECT + name for name in _OF_CONNECT.get(kind, ())}
    if allowed is not None and logical not in allowed | of_connect:
        return f"{type_} expected, {_known(logical.rsplit('.', 1)[-1])} came"
    if physical and kind in _PHYSICAL and physical not in _PHYSICAL[kind]:
        return f"{type_} expected, {_known(physical)} came"
    return ""


def _known(name: str) -> str:
    """The name if it is one of a type: a torn schema may hold anything, a value as well."""
    return name if name in _NAMES else "another type"
