"""Records that belong together: a pure function of the scored pairs, the threshold and what people decided."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.match.growing import Rows


@dataclass(frozen=True, slots=True)
class Clusters:
    """What came out."""

    labels: NDArray[np.int64]
    """Of each record the lowest row of its cluster."""
    conflicts: tuple[tuple[int, int], ...]
    """Pairs decided to be apart that stand together all the same: others decided, or a chain of links, hold them."""


def components(count: int, one: Rows, two: Rows) -> NDArray[np.int64]:
    """Of each of `count` rows the lowest row that is reached from it: labels move down until nothing changes."""
    labels = np.arange(count, dtype=np.int32)
    one, two = np.asarray(one, np.int32), np.asarray(two, np.int32)
    while len(one):
        low = np.minimum(labels[one], labels[two])
        np.minimum.at(labels, labels[one], low)
        np.minimum.at(labels, labels[two], low)
        while True:
            jumped = labels[labels]
            if np.array_equal(jumped, labels):
                break
            labels = jumped
        still = labels[one] != labels[two]
        one, two = one[still], two[still]
    return labels.astype(np.int64)


def clusters(
    count: int,
    one: Rows,
    two: Rows,
    weights: NDArray[np.float64],
    join: float,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Connected components over the pairs that weigh at least `join`, with what people decided.

    `together` joins two records whatever they weigh. `apart` takes away the direct link of two records; where they are
    still held together by others, the cluster is reported as a conflict for people to resolve, not torn at a place that
    nobody chose. The order of records, pairs and decisions makes no difference.
    """
    apart_pairs = sorted({(min(pair), max(pair)) for pair in apart})
    together_pairs = sorted({(min(pair), max(pair)) for pair in together} - set(apart_pairs))
    strong = weights >= join
    first, second = np.minimum(one, two)[strong], np.maximum(one, two)[strong]
    if apart_pairs:
        kept = ~np.isin(first * count + second, np.array([low * count + high for low, high in apart_pairs], np.int64))
        first, second = first[kept], second[kept]
    told = np.array(together_pairs, np.int64).reshape(-1, 2)
    labels = components(count, np.concatenate([first, told[:, 0]]), np.concatenate([second, told[:, 1]]))
    return Clusters(labels, tuple(pair for pair in apart_pairs if labels[pair[0]] == labels[pair[1]]))


def one_to_one(
    one: Rows, two: Rows, weights: NDArray[np.float64], names_one: NDArray[np.int64], names_two: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """The pairs that remain where each record may have one partner: best first, ties by the ranks of the ids.

    Args:
        names_one: rank of the id of each row of the first file, so that ties do not depend on the order of rows.
        names_two: as `names_one`, of the second file.

    Returns:
        A mask over the pairs.
    """
    order = np.lexsort((names_two[two], names_one[one], -weights))
    kept = np.zeros(len(one), np.bool_)
    taken_one, taken_two = set(), set()
    for place in order.tolist():
        first, second = int(one[place]), int(two[place])
        if first not in taken_one and second not in taken_two:
            taken_one.add(first)
            taken_two.add(second)
            kept[place] = True
    return kept
