"""How a declaration differs from a table that is there, and what of it can be carried out."""

from dataclasses import dataclass

import pyarrow as pa

_WIDER = {pa.int16(): {pa.int32(), pa.int64()}, pa.int32(): {pa.int64()}, pa.float32(): {pa.float64()}}


@dataclass(frozen=True, slots=True)
class Differences:
    """Names of columns."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    """No longer declared: they stay in the table, and get nulls."""
    widened: tuple[str, ...]
    impossible: tuple[str, ...]
    """Declared with a type that can't hold what the table has."""


def differences(there: pa.Schema, wanted: pa.Schema) -> Differences:
    """What would have to change in a table to be as declared."""
    changed = [
        name for name in wanted.names if name in there.names and not is_same(there.field(name).type, wanted.field(name).type)
    ]
    widened = tuple(name for name in changed if is_wider(there.field(name).type, wanted.field(name).type))
    return Differences(
        added=tuple(name for name in wanted.names if name not in there.names),
        dropped=tuple(name for name in there.names if name not in wanted.names),
        widened=widened,
        impossible=tuple(name for name in changed if name not in widened),
    )


def is_wider(had: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a type holds every value of another one (Delta protocol, "Type Widening")."""
    if pa.types.is_decimal(had) and pa.types.is_decimal(wanted):
        return bool(wanted.scale >= had.scale and wanted.precision - wanted.scale >= had.precision - had.scale)
    return wanted in _WIDER.get(had, ())


def is_same(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether two types are the same but for how Arrow lays them out."""
    if pa.types.is_list(one) and pa.types.is_list(other):
        return is_same(one.value_type, other.value_type)
    return bool(one == other)
