"""Sets of whole numbers, as sorted arrays: sorting beats hashing, and halving a table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Set = NDArray[Any]


def distinct(values: NDArray[Any]) -> Set:
    """Each value once, sorted."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]) if len(ordered) else ordered


def among(values: NDArray[Any], those: Set) -> NDArray[np.bool_]:
    """Whether each value is one of a set."""
    if not len(those):
        return np.zeros(values.shape, np.bool_)
    return np.asarray(those[np.minimum(np.searchsorted(those, values), len(those) - 1)] == values)


def without(one: NDArray[Any], those: Set) -> Set:
    """The distinct values of the one that are not of a set."""
    own = distinct(one)
    return np.asarray(own[~among(own, those)])


def either(one: NDArray[Any], two: NDArray[Any]) -> Set:
    """The distinct values of both."""
    return distinct(np.concatenate([one, two]))
