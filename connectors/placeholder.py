"""What Debezium writes for a value that it does not know: an unchanged value stored out of line (TOAST).

Source: Debezium, `UnchangedToastedPlaceholder`: the text itself, its bytes, a list that stands for it, an hstore of it.
For arrays of other types it writes null: see `is_sent_as_null`.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from schemas.types import Type

DEFAULT = "__debezium_unavailable_value"
_ALWAYS_SENT = {"INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOL", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NTZ"}
"""What is never stored out of line."""
_LISTS_WITH_PLACEHOLDER = {"INT32", "INT64", "DATE", "BINARY", "UUID", "TEXT", "JSON"}


def is_sent_as_null(type_: Type) -> bool:
    """Whether null may also stand for an unchanged value: Debezium has a placeholder for some arrays only."""
    return type_.item is not None and type_.item.name not in _LISTS_WITH_PLACEHOLDER


@dataclass(frozen=True)
class Placeholder:
    """The connector's `unavailable.value.placeholder`."""

    text: str = DEFAULT

    @cached_property
    def _base64(self) -> str:
        return base64.b64encode(self.text.encode()).decode()

    @cached_property
    def _uuid(self) -> str:
        """Java's UUID.nameUUIDFromBytes: MD5 with the bits of version 3 (RFC 4122) set, no namespace."""
        digest = hashlib.md5(self.text.encode(), usedforsecurity=False).digest()
        return str(uuid.UUID(bytes=digest, version=3))

    @cached_property
    def _hstore(self) -> str:
        return f'{{"{self.text}":"{self.text}"}}'

    def _value(self, type_: Type) -> object:
        """What stands for an unknown value of `type_`; None where such a value is always sent."""
        kind = (type_.item or type_).name.split("(", 1)[0]
        if type_.item is None:
            return None if kind in _ALWAYS_SENT else self._base64 if kind == "BINARY" else self.text
        if kind in {"INT32", "INT64", "DATE"}:
            return list(self.text.encode())
        return {"BINARY": [self._base64], "UUID": [self._uuid], "TEXT": [self.text], "JSON": [self.text]}.get(kind)

    def stands_for(self, value: object, type_: Type) -> bool:
        """Whether this value, as it came, is the placeholder."""
        expected = self._value(type_)
        return expected is not None and (value == expected or (type_.name == "JSON" and value == self._hstore))

    def matches(self, value: pl.Expr, type_: Type) -> pl.Expr | None:
        """The same, for a column in the fast reader's form; None where it can't occur there."""
        expected = self._value(type_)
        if expected is None:
            return None
        if type_.item is None:
            alike = value == pl.lit(expected)
            return alike | (value == pl.lit(self._hstore)) if type_.name == "JSON" else alike
        assert isinstance(expected, list)
        alike = (value.list.len() == len(expected)) & (value.list.first() == pl.lit(expected[0]))
        if len(expected) == 1:
            return alike
        codes = ",".join(str(code) for code in expected)
        return alike & (value.cast(pl.List(pl.String)).list.join(",") == pl.lit(codes))
