"""Forms of a value that records can agree on: what blocking rules are made of."""

from collections.abc import Callable, Mapping

import polars as pl

from rules.match.hashes import Hashes, hashed
from rules.match.pool import Pool


def _head(pool: Pool) -> Hashes:
    return hashed(pl.select(pl.when(pool.mains.str.len_chars() >= 3).then(pool.mains.str.slice(0, 4))).to_series())  # noqa: PLR2004


def _cut(start: int, length: int) -> Callable[[Pool], Hashes]:
    return lambda pool: hashed(pool.mains.str.slice(start, length))


def _district(pool: Pool) -> Hashes:
    """Of a British postcode all but the last three characters, of another the first two."""
    length = pool.mains.str.len_chars().fill_null(0)
    cut = pl.select(pl.when(length > 4).then(pool.mains.str.head(length.clip(3) - 3)).otherwise(pool.mains.str.head(2)))  # noqa: PLR2004
    return hashed(cut.to_series())


def _first_word(pool: Pool) -> Hashes:
    return hashed(pool.mains.str.extract(r"^(\S+)"))


FORMS: Mapping[str, Callable[[Pool], Hashes]] = {
    "exact": lambda pool: pool.hashes,
    "sound": lambda pool: pool.sounds,
    "word": _first_word,
    "initial": _cut(0, 1),
    "head": _head,
    "year": _cut(0, 4),
    "month": _cut(0, 6),
    "day": _cut(4, 4),
    "district": _district,
    "mailbox": lambda pool: hashed(pool.mains.str.extract(r"^([^@]+)")),
}
"""What a part may be: the value, its sound, first word, first letter or four; of a date the year, month, day; a district."""
