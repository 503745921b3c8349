"""64-bit hashes of text, the same on every machine and in every run."""

import numpy as np
import polars as pl
import polars_hash as plh
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
_XXH3 = plh.col("v").nchash.xxh3_64().fill_null(0)


def hashed(texts: pl.Series) -> Hashes:
    """XXH3 of each text; null is 0."""
    return texts.rename("v").to_frame().select_seq(_XXH3).to_series().to_numpy().astype(np.uint64, copy=False)


def mixed(first: Hashes, second: Hashes) -> Hashes:
    """Two hashes as one (splitmix64); null with anything is null."""
    with np.errstate(over="ignore"):
        both = first * np.uint64(0x9E3779B97F4A7C15) + second
        both = (both ^ (both >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        both = (both ^ (both >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        both ^= both >> np.uint64(31)
    return np.where((first == 0) | (second == 0), np.uint64(0), both)
