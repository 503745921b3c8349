"""How a column is protected: what of it may be published, and what remains possible.

A protection is a value: it prints as it is written, compares, and is applied with the keys given to it.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import polars as pl
import polars_hash  # noqa: F401 - registers the `chash` expressions

from rules.identifiers import post

MIN_SECRET_BYTES = 16
TOKEN_HEX_DIGITS = 32
TOKEN_VERSION = 1


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret that tokens are made with."""

    secret: bytes

    def scope(self, name: str) -> str:
        """The key of one scope (hex): tokens of two scopes can't be joined."""
        return hmac.digest(self.secret, f"custody token {TOKEN_VERSION} {name}".encode(), sha256).hex()

    def __repr__(self) -> str:
        return "Keys(…)"


@dataclass(frozen=True, slots=True)
class Protection:
    """What is done to a column before anyone may read it."""

    name: str
    gives: str | None
    """The type of what is published: a type's name, `same`, or None where nothing is."""
    takes: tuple[str, ...]
    """Names of the types it can be applied to; empty: any."""
    remains: str
    """What can still be done with the published values."""
    apply: Callable[[pl.Expr, Keys], pl.Expr]

    def __repr__(self) -> str:
        return self.name


def _token(scope: str) -> Callable[[pl.Expr, Keys], pl.Expr]:
    prefix = f"tok{TOKEN_VERSION}.{scope}."

    def apply(value: pl.Expr, keys: Keys) -> pl.Expr:
        text = value.cast(pl.String)
        digest = text.chash.hmac_sha256(key=keys.scope(scope)).str.slice(0, TOKEN_HEX_DIGITS)  # type: ignore[attr-defined]
        is_token = text.str.starts_with(prefix) & text.str.contains(rf"\.[0-9a-f]{{{TOKEN_HEX_DIGITS}}}$")
        made = pl.when(is_token).then(text).otherwise(pl.lit(prefix) + digest)
        return pl.when(text.is_not_null()).then(made)

    return apply


def token(scope: str) -> Protection:
    """Replace by a keyed, deterministic token: equal values of one scope stay equal, and nothing else is told.

    Source: HMAC-SHA-256 (RFC 2104), cut to 128 bits.
    """
    if not scope.isidentifier():
        raise ValueError("token(scope): the scope is one word of letters, digits and underscores")
    integers = ("INT16", "INT32", "INT64")
    return Protection(f'token("{scope}")', "TEXT", (*integers, "TEXT", "UUID"), "join and count within the scope", _token(scope))


def _same(value: pl.Expr, _: Keys) -> pl.Expr:
    return value


def _year(value: pl.Expr, _: Keys) -> pl.Expr:
    return value.dt.year().cast(pl.Int16)


def _outcode(value: pl.Expr, _: Keys) -> pl.Expr:
    return post.outcode(value)


def _nothing(value: pl.Expr, _: Keys) -> pl.Expr:
    return pl.when(value.is_null() & value.is_not_null()).then(value)


keep = Protection("keep", "same", (), "everything", _same)
year_only = Protection("year_only", "INT16", ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ"), "count and order by year", _year)
outcode_only = Protection("outcode_only", "TEXT", ("TEXT",), "count and join by postcode district", _outcode)
withhold = Protection("withhold", None, (), "nothing: the value stays in raw/", _nothing)
redact = Protection("redact", None, ("TEXT",), "nothing yet: free text stays in raw/ until it can be redacted", _nothing)
