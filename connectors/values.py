"""One value as Debezium's JSON converter writes it, brought to the form the fast reader expects, or refused.

Used for the few events that the fast reader can't take: those that carry their schema, and those with something
wrong. Logical types: Debezium PostgreSQL connector documentation, "Data type mappings"; Kafka Connect `data` package.
"""

import base64
import binascii
import math
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

import msgspec
import numpy as np

from connectors.logical import misread
from connectors.wire import JAVA_ARRAY, SUBNORMAL
from schemas.types import Type

EPOCH_DAY = date(1970, 1, 1)
MICROS = 1_000_000
_PER_SECOND = {
    "io.debezium.time.Time": 1_000,
    "io.debezium.time.MicroTime": MICROS,
    "io.debezium.time.NanoTime": 1_000_000_000,
    "io.debezium.time.Timestamp": 1_000,
    "io.debezium.time.MicroTimestamp": MICROS,
    "io.debezium.time.NanoTimestamp": 1_000_000_000,
    "org.apache.kafka.connect.data.Time": 1_000,
    "org.apache.kafka.connect.data.Timestamp": 1_000,
}
"""Units in a second of the logical types that count from midnight or from 1970."""
_RANGES = {"INT16": 1 << 15, "INT32": 1 << 31, "INT64": 1 << 63}
_DAYS = (date.min - EPOCH_DAY).days, (date.max - EPOCH_DAY).days
_MICROS = _DAYS[0] * 86_400 * MICROS, (_DAYS[1] + 1) * 86_400 * MICROS - 1
_ISO_TIME = re.compile(r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$")


MAX_UNSCALED_TEXT = 112
"""Base64 of 200 digits: what follows would take minutes for a number of a million."""


class Broken(Exception):
    """A value that its declared type can't hold; the message names types, never the value."""


def canonical(value: object, type_: Type, schema: dict[str, object] | None) -> object:
    """`value` as JSON the fast reader takes for `type_`; floats become text.

    Args:
        schema: the Connect schema of the value where the event carries it.

    Raises:
        Broken: the type can't hold the value as it is.
    """
    if value is None:
        return None
    if type_.item is not None:
        return _list(value, type_, type_.item, schema)
    if schema and (reason := misread(type_, schema)):
        raise Broken(reason)
    logical = str(schema.get("name") or "") if schema else ""
    kind = type_.name.split("(", 1)[0]
    read = _READERS[kind]
    try:
        return read(value, type_, logical, schema or {})
    except (TypeError, KeyError, ValueError, OverflowError, ArithmeticError, binascii.Error) as problem:
        raise Broken(f"{type_} can't hold this {_kind(value)}") from problem


def _list(value: object, type_: Type, item: Type, schema: dict[str, object] | None) -> list[object]:
    if not isinstance(value, list):
        raise Broken(_came(value, type_))
    if value and all(one is None or (isinstance(one, str) and re.match(JAVA_ARRAY, one)) for one in value):
        raise Broken("an array of more than one dimension, or of nulls only: Debezium does not tell them apart")
    items = schema.get("items") if schema else None
    return [canonical(one, item, items if isinstance(items, dict) else None) for one in value]


def _kind(value: object) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        Decimal: "number",
        float: "number",
        str: "text",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "value")


def _came(value: object, type_: Type) -> str:
    return f"{type_} expected, {_kind(value)} came"


def _integer(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> int:
    if type(value) is not int:
        raise Broken(_came(value, type_))
    if not -_RANGES[type_.name] <= value < _RANGES[type_.name]:
        raise Broken(f"out of range for {type_}")
    return value


def _float(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> str:
    special = {"NaN": "NaN", "Infinity": "inf", "-Infinity": "-inf"}
    if isinstance(value, str) and value in special:
        return special[value]
    if type(value) not in {int, float, Decimal}:
        raise Broken(_came(value, type_))
    number = float(value)  # type: ignore[arg-type]  # int or Decimal, see above
    if math.isinf(number):
        raise Broken(f"out of range for {type_}")
    if type_.name == "FLOAT32" and abs(number) >= SUBNORMAL and number != _nearest(number):
        raise Broken(f"{type_} can't hold a number of these digits")
    if type(value) is int and number != value:
        raise Broken(f"{type_} can't hold a number of these digits")
    return repr(number)


def _nearest(number: float) -> float:
    """What is read from the shortest text of the 32-bit float next to a number."""
    with np.errstate(over="ignore"):
        return float(str(np.float32(number)))


def _boolean(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> bool:
    if not isinstance(value, bool):
        raise Broken(_came(value, type_))
    return value


def _text(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> str:
    if not isinstance(value, str):
        raise Broken(_came(value, type_))
    return value


def _json(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> str:
    if isinstance(value, dict | list):
        return _WRITTEN.encode(value).decode()
    if not isinstance(value, str):
        raise Broken(_came(value, type_))
    return value


def _uuid(value: object, type_: Type, logical: str, schema: dict[str, object]) -> str:
    return str(uuid.UUID(_text(value, type_, logical, schema)))


def _binary(value: object, type_: Type, logical: str, schema: dict[str, object]) -> str:
    text = _text(value, type_, logical, schema)
    return base64.b64encode(base64.b64decode(text, validate=True)).decode()


def _decimal(value: object, type_: Type, logical: str, schema: dict[str, object]) -> str:
    number = _number(value, type_, logical, schema)
    if not number.is_finite():
        raise Broken(f"{type_} can't hold NaN or infinity")
    precision, scale = (int(part) for part in re.findall(r"\d+", type_.name))
    units = number.scaleb(scale, context=_EXACT) if number else Decimal(0)
    if units != units.to_integral_value() or units.copy_abs() >= Decimal(10) ** precision:
        raise Broken(f"{type_} can't hold a number of these digits")
    return f"{number:f}"


def _number(value: object, type_: Type, logical: str, schema: dict[str, object]) -> Decimal:
    if isinstance(value, dict) and set(value) == {"scale", "value"}:  # io.debezium.data.VariableScaleDecimal
        return _unscaled(str(value["value"]), int(value["scale"]))
    if logical == "org.apache.kafka.connect.data.Decimal" and isinstance(value, str) and schema.get("type") == "bytes":
        parameters = schema.get("parameters")
        return _unscaled(value, int(parameters["scale"]) if isinstance(parameters, dict) else 0)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Broken(_came(value, type_))
    if isinstance(value, str) and value in _NOT_FINITE:
        raise Broken(f"{type_} can't hold NaN or infinity")
    if isinstance(value, str) and not re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", value):
        raise Broken(f"{type_} expected, text that is not a number came")
    try:
        return Decimal(value)
    except InvalidOperation as problem:
        raise Broken(f"{type_} can't hold this number") from problem


def _unscaled(text: str, scale: int) -> Decimal:
    if len(text) > MAX_UNSCALED_TEXT:
        raise ValueError("more digits than any declared type holds")
    unscaled = int.from_bytes(base64.b64decode(text, validate=True), "big", signed=True)
    return Decimal(unscaled).scaleb(-scale, context=_EXACT)


def _date(value: object, type_: Type, _logical: str, _schema: dict[str, object]) -> int:
    if isinstance(value, str):
        return (date.fromisoformat(value.removesuffix("Z")) - EPOCH_DAY).days
    if type(value) is not int:
        raise Broken(_came(value, type_))
    if not _DAYS[0] <= value <= _DAYS[1]:
        raise Broken(f"out of range for {type_}: years 1 to 9999")
    return value


def _time(value: object, type_: Type, logical: str, _schema: dict[str, object]) -> int:
    local = value.removesuffix("Z") if isinstance(value, str) and logical == "io.debezium.time.IsoTime" else value
    if isinstance(local, str) and _ISO_TIME.match(local):
        at = time.fromisoformat(local)
        return ((at.hour * 60 + at.minute) * 60 + at.second) * MICROS + at.microsecond
    if type(value) is not int:
        raise Broken(_came(value, type_))
    micros = _micros(value, type_, logical)
    if not 0 <= micros <= 86_400 * MICROS:
        raise Broken(f"out of range for {type_}")
    return micros


def _micros(value: int, type_: Type, logical: str) -> int:
    units = _PER_SECOND.get(logical, MICROS)
    micros, rest = divmod(value * MICROS, units)
    if rest:
        raise Broken(f"{type_} holds microseconds, finer came")
    return micros


def _timestamp_ntz(value: object, type_: Type, logical: str, _schema: dict[str, object]) -> int:
    if isinstance(value, str):
        _check_year(value, type_)
        local = value.removesuffix("Z") if logical == "io.debezium.time.IsoTimestamp" else value
        at = datetime.fromisoformat(_whole_micros(local))
        if at.tzinfo is not None:
            raise Broken(f"{type_} expected, a moment with a zone came")
        return (at - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001 - a local time has no zone
    if type(value) is not int:
        raise Broken(_came(value, type_))
    micros = _micros(value, type_, logical)
    if not _MICROS[0] <= micros <= _MICROS[1]:
        raise Broken(f"out of range for {type_}: years 1 to 9999")
    return micros


def _timestamp(value: object, type_: Type, logical: str, _schema: dict[str, object]) -> str:
    if logical == "org.apache.kafka.connect.data.Timestamp" and type(value) is int:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    elif isinstance(value, str):
        _check_year(value, type_)
        at = datetime.fromisoformat(_whole_micros(value))
    else:
        raise Broken(_came(value, type_))
    if at.tzinfo is None:
        raise Broken(f"{type_} expected, a moment without a zone came")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + "Z"


def _check_year(text: str, type_: Type) -> None:
    """Java writes years beyond four digits with their sign, PostgreSQL's infinity by its name."""
    if re.match(r"[+-]|infinity$", text):
        raise Broken(f"out of range for {type_}: years 1 to 9999")


def _whole_micros(text: str) -> str:
    """ISO text without the zeros beyond microseconds; anything else beyond them is refused."""
    match = re.search(r"\.(\d{6})(\d+)", text)
    if match is None:
        return text
    if match[2].strip("0"):
        raise Broken("a timestamp holds microseconds, finer came")
    return text[: match.start(2)] + text[match.end(2) :]


_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])
_WRITTEN = msgspec.json.Encoder(decimal_format="number")
_NOT_FINITE = {"NAN", "POSITIVE_INFINITY", "NEGATIVE_INFINITY", "NaN", "Infinity", "-Infinity"}
"""As Debezium writes a numeric, and as PostgreSQL does."""
_READERS = {
    "INT16": _integer, "INT32": _integer, "INT64": _integer, "FLOAT32": _float, "FLOAT64": _float, "BOOL": _boolean,
    "TEXT": _text, "JSON": _json, "UUID": _uuid, "BINARY": _binary, "DECIMAL": _decimal, "DATE": _date, "TIME": _time,
    "TIMESTAMP": _timestamp, "TIMESTAMP_NTZ": _timestamp_ntz,
}  # fmt: skip
