"""64-bit hashes of text, the same on every machine and in every run."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import polars_hash  # noqa: F401 - gives expressions their hashes
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Short = NDArray[np.uint32]


def hash_of(text: pl.Expr) -> pl.Expr:
    """XXH3 of each text; null is 0."""
    return text.nchash.xxh3_64().fill_null(0)  # type: ignore[attr-defined, no-any-return]


_XXH3 = hash_of(pl.col("v"))


def hashed(texts: pl.Series) -> Hashes:
    """XXH3 of each text; null is 0."""
    return hashed_forms(texts, [_XXH3])[0]


def hashed_forms(texts: pl.Series, forms: Sequence[pl.Expr]) -> list[Hashes]:
    """What several expressions of `hash_of` make of the texts, named `v` to them, in one go."""
    found = texts.rename("v").to_frame().select_seq(forms)
    return [column.to_numpy().astype(np.uint64, copy=False) for column in found.get_columns()]


def shortened(hashes: Hashes) -> Short:
    """The upper half of hashes; 0 of 0 alone."""
    return np.where(hashes == 0, np.uint32(0), np.maximum((hashes >> np.uint64(32)).astype(np.uint32), np.uint32(1)))


def mixed(first: Hashes, second: Hashes) -> Hashes:
    """Two hashes as one (splitmix64); null with anything is null."""
    with np.errstate(over="ignore"):
        both = first * np.uint64(0x9E3779B97F4A7C15) + second
        both = (both ^ (both >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        both = (both ^ (both >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        both ^= both >> np.uint64(31)
    return np.where((first == 0) | (second == 0), np.uint64(0), both)
