"""Tokens: equal values of one scope stay equal, and nothing else is told.

A token is `tok`, the number of the key, the scope and a digest. Under the first key the digest is of the value; under each
later one it is of the token under the key before. So whoever holds the later keys lifts an old token without knowing its
value, and the lifted one is what the value itself gives.
"""

import re
from collections.abc import Callable
from functools import partial

import polars as pl

from rules.protection import NUMBERED, Keys, Protection, checked_scope, keyed

HEX_DIGITS = 32
TOKEN = rf"\btok[1-9][0-9]{{0,3}}\.\w+\.[0-9a-f]{{{HEX_DIGITS}}}\b"
"""A token wherever it stands in a text."""


def token(scope: str) -> Protection:
    """Replace by a keyed, deterministic token: equal values of one scope stay equal, and nothing else is told.

    Of the same value under a later key it is another one; a token of the scope becomes what its value would be now.
    Source: HMAC-SHA-256 (RFC 2104), cut to 128 bits.
    """
    checked_scope("token(scope)", scope)
    remains = "join and count within the scope"
    return Protection(f'token("{scope}")', "TEXT", NUMBERED, remains, _token(scope), is_keyed=True, is_token=True)


def _token(scope: str) -> Callable[[pl.Expr, Keys], pl.Expr]:
    def apply(value: pl.Expr, keys: Keys) -> pl.Expr:
        text = value.cast(pl.String)
        known = "|".join(str(version) for version in range(1, keys.version + 1))
        is_token = text.str.contains(rf"^tok({known})\.{re.escape(scope)}\.[0-9a-f]{{{HEX_DIGITS}}}$")
        first = pl.lit(f"tok1.{scope}.") + _digest(text, keys.scope(scope))
        made = pl.when(is_token).then(text).otherwise(first)
        if keys.later:
            made = made.map_batches(partial(_lifted, keys=keys), return_dtype=pl.String, is_elementwise=True)
        return pl.when(text.is_not_null()).then(made)

    return apply


def _digest(text: pl.Expr, key: str) -> pl.Expr:
    return keyed(text, key).str.slice(0, HEX_DIGITS)


def _lifted(tokens: pl.Series, keys: Keys) -> pl.Series:
    """Tokens of these keys under the newest."""
    text = pl.col("text")
    scope = text.str.extract(r"^tok\d+\.(\w+)\.", 1)
    frame = tokens.to_frame("text")
    for version in range(2, keys.version + 1):
        made = pl.concat_str(pl.lit(f"tok{version}."), scope, pl.lit("."), _digest(text, keys.step(version)))
        is_before = text.str.starts_with(f"tok{version - 1}.")
        frame = frame.select(pl.when(is_before).then(made).otherwise(text).alias("text"))
    return frame.to_series().rename(tokens.name)


def lift(texts: pl.Series, keys: Keys) -> pl.Series:
    """Texts, or lists of them, with every token in them under the newest key. One of a key that is not known stays."""
    if texts.dtype == pl.List(pl.String):
        each = pl.element().map_batches(partial(lift, keys=keys), return_dtype=pl.String)
        return texts.list.eval(each)
    old = _tokens(texts).filter(pl.col("version") < keys.version)["token"].unique()
    if not len(old):
        return texts
    new = _lifted(old, keys)
    whole = texts.replace(old, new)
    is_within = whole.str.contains(TOKEN) & ~whole.str.contains(f"^{TOKEN}$")
    if not is_within.any():
        return whole
    by_old = dict(zip(old.to_list(), new.to_list(), strict=True))
    within = [re.sub(TOKEN, lambda found: by_old.get(found[0], found[0]), text) for text in whole.filter(is_within)]
    places = is_within.fill_null(value=False).arg_true()
    return whole.scatter(places, pl.Series(within, dtype=pl.String))


def count_tokens(texts: pl.Series) -> dict[int, int]:
    """How many tokens stand in these texts, or lists of them, by the number of their key."""
    return dict(_tokens(texts).group_by("version").len().sort("version").iter_rows())


def _tokens(texts: pl.Series) -> pl.DataFrame:
    """`token`, `version`: each token in these texts, as often as it stands there."""
    flat = texts.explode() if texts.dtype == pl.List(pl.String) else texts
    found = flat.str.extract_all(TOKEN).explode().drop_nulls().alias("token").to_frame()
    return found.with_columns(version=pl.col("token").str.extract(r"^tok(\d+)\.", 1).cast(pl.Int32))


def are_under(texts: pl.Series, version: int) -> bool:
    """Whether all that is there is a token of this key, as seen from how it begins."""
    return bool(texts.str.starts_with(f"tok{version}.").all())
