"""Pairs drawn without chance: the same records and seed give the same pairs, whatever the records' order."""

import numpy as np
from numpy.typing import NDArray

from rules.match.growing import Rows
from rules.match.prepared import Prepared

STRANGERS = 200_000
"""How many pairs tell how strangers agree."""


def canonical_order(records: Prepared) -> Rows:
    """The rows in the order of their ids."""
    return records.ids.arg_sort().to_numpy().astype(np.int64)


def draws(seed: int, count: int) -> NDArray[np.uint64]:
    """`count` numbers of 64 bits (splitmix64), the same on every machine."""
    with np.errstate(over="ignore"):
        state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))


def random_pairs(left: Prepared, right: Prepared | None, seed: int, count: int = STRANGERS) -> tuple[Rows, Rows]:
    """Pairs of rows at random, of one set or between two; all of them where there are no more than `count`."""
    first, second = canonical_order(left), canonical_order(left if right is None else right)
    first = first[~left.left_out[first]]
    second = second[~(left if right is None else right).left_out[second]]
    whole = len(first) * len(second)
    if whole <= count * (2 if right is None else 1):
        one, two = np.repeat(first, len(second)), np.tile(second, len(first))
    else:
        one = first[(draws(seed, count) % np.uint64(len(first))).astype(np.int64)]
        two = second[(draws(seed + 1, count) % np.uint64(len(second))).astype(np.int64)]
    if right is None:
        keep = one < two if whole <= count * 2 else one != two
        one, two = one[keep], two[keep]
    return one, two
