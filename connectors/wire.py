"""The fast reader's form: which JSON type each declared type is read as, and how a column of it becomes the real type.

Everything here is an expression over whole columns. What an expression can't take, `ok` says so, and the careful
reader looks at that event again.
"""

from datetime import date

import polars as pl
import pyarrow as pa

from schemas.types import Type

EPOCH_DAY = date(1970, 1, 1)
DAYS = (date.min - EPOCH_DAY).days, (date.max - EPOCH_DAY).days
MICROS_A_DAY = 86_400_000_000
_WHOLE = 2.0**53
"""From here on a whole number may be rounded to a float unseen: such a value is read again with care."""
_RANGES = {"INT16": (1 << 15), "INT32": (1 << 31)}
SUBNORMAL = 2.0**-126
"""Below this a 32-bit float has fewer digits than Java writes."""
JAVA_ARRAY = r"^\[+(?:[ZBCSIJFD]|L[\w.$]+;)@[0-9a-f]+$"
"""How Java names an array it is asked to write as text."""
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def wire(type_: Type, *, careful: bool) -> pa.DataType:
    """The Arrow type a column is parsed as; the careful reader writes floats as text, since JSON has no NaN."""
    if type_.item is not None:
        return pa.list_(wire(type_.item, careful=careful))
    if type_.name in {"INT16", "INT32", "INT64", "DATE", "TIME", "TIMESTAMP_NTZ"}:
        return pa.int64()
    if type_.name in {"FLOAT32", "FLOAT64"}:
        return pa.string() if careful else pa.float64()
    return {"BOOL": pa.bool_(), "TIMESTAMP": pa.timestamp("us", "UTC")}.get(type_.name, pa.string())


def typed(type_: Type, value: pl.Expr) -> pl.Expr:
    """The column in its declared type; null where the type can't hold it."""
    if type_.item is not None:
        return value if _is_read_as_is(type_.item) else value.list.eval(typed(type_.item, pl.element()))
    match type_.name.split("(", 1)[0]:
        case "INT16" | "INT32" | "FLOAT32" | "FLOAT64" | "DECIMAL":
            return value.cast(_polars(type_), strict=False)
        case "DATE":
            return pl.when(value.is_between(*DAYS)).then(value).cast(pl.Int32).cast(pl.Date)
        case "TIMESTAMP_NTZ":
            return value.cast(pl.Datetime("us"))
        case "TIME":
            return time_text(value)
        case "BINARY":
            return value.str.decode("base64", strict=False)
        case _:
            return value


def ok(type_: Type, value: pl.Expr) -> pl.Expr | None:
    """Whether the type holds the value as it is; None where it always does."""
    if type_.item is not None:
        inner = ok(type_.item, pl.element())
        each = pl.lit(value=True) if inner is None else value.list.eval(inner).list.all()
        return (each & _has_one_dimension(type_.item, value)).fill_null(value=True)
    condition = _condition(type_, value)
    return None if condition is None else value.is_null() | condition.fill_null(value=False)


def _has_one_dimension(item: Type, value: pl.Expr) -> pl.Expr:
    """Debezium flattens an array of more dimensions to nulls, or to what Java calls the inner arrays."""
    is_something = value.list.eval(pl.element().is_not_null()).list.any() | (value.list.len() == 0)
    if wire(item, careful=False) != pa.string():
        return is_something
    return is_something & ~value.list.first().str.contains(JAVA_ARRAY).fill_null(value=False)


def _is_float(type_: Type, value: pl.Expr) -> pl.Expr:
    is_small = value.abs() < _WHOLE
    if type_.name == "FLOAT64":
        return is_small
    shortest = value.cast(pl.Float32, strict=False).cast(pl.String).cast(pl.Float64)
    return is_small & ((value == shortest) | (value.abs() < SUBNORMAL))


def _condition(type_: Type, value: pl.Expr) -> pl.Expr | None:
    match type_.name.split("(", 1)[0]:
        case "INT16" | "INT32":
            return value.is_between(-_RANGES[type_.name], _RANGES[type_.name] - 1)
        case "FLOAT32" | "FLOAT64":
            return _is_float(type_, value)
        case "DATE":
            return value.is_between(*DAYS)
        case "TIMESTAMP_NTZ":
            return value.is_between(DAYS[0] * MICROS_A_DAY, (DAYS[1] + 1) * MICROS_A_DAY - 1)
        case "TIMESTAMP":
            return value.cast(pl.Int64).is_between(DAYS[0] * MICROS_A_DAY, (DAYS[1] + 1) * MICROS_A_DAY - 1)
        case "TIME":
            return value.is_between(0, MICROS_A_DAY)
        case "UUID":
            return value.str.contains(_UUID)
        case "BINARY":
            return value.str.decode("base64", strict=False).is_not_null()
        case "DECIMAL":
            scale = type_.arrow.scale
            exact = value.str.contains(rf"^[+-]?\d+(\.\d{{0,{scale}}}0*)?$")
            return exact & value.cast(_polars(type_), strict=False).is_not_null()
        case _:
            return None


def time_text(micros: pl.Expr) -> pl.Expr:
    """Microseconds since midnight as ISO 8601 text, with a fraction only where there is one; 24:00:00 is a time."""
    at = (micros * 1000).cast(pl.Time)
    text = pl.when(micros % 1_000_000 == 0).then(at.dt.strftime("%H:%M:%S")).otherwise(at.dt.strftime("%H:%M:%S%.6f"))
    return pl.when(micros == MICROS_A_DAY).then(pl.lit("24:00:00")).otherwise(text)


def _is_read_as_is(type_: Type) -> bool:
    return type_.name in {"INT64", "BOOL", "TEXT", "JSON", "UUID", "TIMESTAMP"}


def _polars(type_: Type) -> pl.DataType:
    read = pl.from_arrow(pa.array([], type_.arrow))
    assert isinstance(read, pl.Series)
    return read.dtype
