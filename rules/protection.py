"""A protection: what is done to a column before anyone may read it, and the keys that it is done with."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import polars as pl
import polars_hash  # noqa: F401 - registers the `chash` expressions

MIN_SECRET_BYTES = 16
INTEGERS = ("INT16", "INT32", "INT64")
DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ")
NUMBERED = (*INTEGERS, "TEXT", "UUID")
"""What stands for somebody: the types of values that a keyed word can be made from."""

CHANGED_AT = "_source_at"
SUBJECT = "_subject"
"""Beside the value: when the row was changed at its source, and whose data it is (before it is protected itself)."""

_DRAW_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that tokens are made with: the first, with which surrogates and shifts are made too, and later ones."""

    secret: bytes
    later: tuple[bytes, ...] = ()
    """Of keys 2, 3 and so on: a token under each is made of the token under the one before."""

    @property
    def version(self) -> int:
        """The number of the newest key."""
        return 1 + len(self.later)

    def scope(self, name: str) -> str:
        """The first key of one scope (hex): tokens of two scopes can't be joined."""
        return hmac.digest(self.secret, f"custody token 1 {name}".encode(), sha256).hex()

    def step(self, version: int) -> str:
        """What lifts tokens of the key before to this one (hex)."""
        return hmac.digest(self.later[version - 2], f"custody token {version}".encode(), sha256).hex()

    def __repr__(self) -> str:
        return "Keys(…)"


FIRST = Keys(b"")
"""Stands for the first key where no token is made or lifted."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What is done to a column before anyone may read it. Two are equal where they are written alike."""

    name: str
    gives: str | None
    """The type of what is published: a type's name, `same`, or None where nothing is."""
    takes: tuple[str, ...]
    """Names of the types it can be applied to; empty: any."""
    remains: str
    """What can still be done with the published values."""
    apply: Callable[[pl.Expr, Keys], pl.Expr] = field(compare=False)
    reads: tuple[str, ...] = ()
    """What it looks at beside the value: CHANGED_AT, SUBJECT."""
    is_keyed: bool = False
    """Whether it needs the secret."""
    is_token: bool = False
    """Whether it gives tokens, which another key makes others of."""

    def __repr__(self) -> str:
        return self.name


def checked_scope(word: str, scope: str) -> str:
    """The scope, which is one word."""
    if not isinstance(scope, str) or not scope.isidentifier():
        raise ValueError(f"{word}: the scope is one word of letters, digits and underscores")
    return scope


def keyed(value: pl.Expr, key: str) -> pl.Expr:
    """HMAC-SHA-256 (RFC 2104) of a value as text: 64 hexadecimal digits; null of null."""
    text = value.cast(pl.String)
    digest: pl.Expr = text.chash.hmac_sha256(key=key)  # type: ignore[attr-defined]
    return digest


def draw(digest: pl.Expr, place: int, count: int) -> pl.Expr:
    """A number from 0 to `count` - 1 out of a digest; those of places 0 to 3 have nothing to do with each other."""
    return digest.str.slice(place * _DRAW_DIGITS, _DRAW_DIGITS).str.to_integer(base=16, dtype=pl.Int64) % count
