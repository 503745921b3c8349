"""What Debezium writes for a value that it does not know: an unchanged value stored out of line (TOAST).

Source: Debezium, `UnchangedToastedPlaceholder`: the text itself, its bytes, or a list that stands for it.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from schemas.types import Type

DEFAULT = "__debezium_unavailable_value"


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

    def _value(self, type_: Type) -> object:
        """What stands for an unknown value of `type_`; None where such a value is always sent."""
        if type_.item is None:
            never = {
                "INT16",
                "INT32",
                "INT64",
                "FLOAT32",
                "FLOAT64",
                "BOOL",
                "DATE",
                "TIME",
                "TIMESTAMP",
                "TIMESTAMP_NTZ",
            }
            return None if type_.name in never else self._base64 if type_.name == "BINARY" else self.text
        kind = type_.item.name
        if kind in {"INT16", "INT32", "INT64", "DATE", "TIME", "TIMESTAMP_NTZ"}:
            return list(self.text.encode())
        return [{"BINARY": self._base64, "UUID": self._uuid}.get(kind, self.text)]

    def stands_for(self, value: object, type_: Type) -> bool:
        """Whether this value, as it came, is the placeholder."""
        expected = self._value(type_)
        return expected is not None and (value == expected or value in (self.text, self._base64, [self.text]))

    def matches(self, value: pl.Expr, type_: Type) -> pl.Expr | None:
        """The same, for a column in the fast reader's form; None where it can't occur there."""
        expected = self._value(type_)
        if expected is None:
            return None
        if type_.item is None:
            return value == pl.lit(expected)
        assert isinstance(expected, list)
        alike = (value.list.len() == len(expected)) & (value.list.first() == pl.lit(expected[0]))
        if len(expected) == 1:
            return alike
        codes = ",".join(str(code) for code in expected)
        return alike & (value.cast(pl.List(pl.String)).list.join(",") == pl.lit(codes))
