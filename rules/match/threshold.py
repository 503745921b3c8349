"""From which weight on two records are one, chosen without labels: where the expected F1 of the clusters is best.

A cluster claims more pairs than were linked: all of its records are said to be one. Such a pair's odds are those of the
chain which holds it, times those of the two records themselves, prior included: what a wrong chain joins are relatives
and namesakes, not strangers.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rules.match.cluster import components
from rules.match.growing import Rows

Weights = NDArray[np.float64]
STEPS = np.arange(0.0, 12.25, 0.25)
"""The thresholds that are tried: even odds at least."""
REVIEW_BITS = 7.0
"""The band for review reaches so many bits below the threshold."""
LARGE, MOST_PAIRS = 400, 2_000_000
"""A threshold that makes a cluster of more records, or more pairs in all, is too low to be looked at."""


def chances(weights: Weights) -> Weights:
    """Weights as probabilities."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weights, -60, 60)))


def counted(chance: Weights) -> Weights:
    """Probabilities as multiples of 2⁻²⁰, whose sums are exact: the same in whatever order they are added."""
    return np.rint(chance * 2.0**20) / 2.0**20


def best_threshold(
    count: int, one: Rows, two: Rows, weights: Weights, judge: Callable[[Rows, Rows], Weights]
) -> tuple[float, dict[str, float]]:
    """The threshold at which the clusters' expected F1 is highest, and what is expected there.

    Args:
        count: how many records there are.
        judge: gives the weight of any pairs of rows.
    """
    labels = [components(count, one[weights >= step], two[weights >= step]) for step in STEPS]
    first = next((place for place, found in enumerate(labels) if _is_bearable(found)), len(STEPS) - 1)
    left, right = closed(labels[first])
    if not len(left):
        return float(STEPS[first]), {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    held = np.full(len(left), first)
    for place in range(first + 1, len(STEPS)):
        held[labels[place][left] == labels[place][right]] = place
    own, chain = judge(left, right), STEPS[held]
    chance = counted(chances(np.where(own >= chain, own, chain + np.maximum(own, -200.0))))
    right_pairs = np.bincount(held, weights=chance, minlength=len(STEPS))[::-1].cumsum()[::-1]
    all_pairs = np.bincount(held, minlength=len(STEPS))[::-1].cumsum()[::-1]
    whole = right_pairs[first] + float(counted(chances(weights[weights < STEPS[first]])).sum())
    f1 = np.round(2 * right_pairs / (all_pairs + whole), 9)
    f1[:first] = 0.0
    best = int(np.argmax(f1))
    expected = {"precision": right_pairs[best] / max(all_pairs[best], 1), "recall": right_pairs[best] / whole, "f1": f1[best]}
    return float(STEPS[best]), {name: round(float(value), 6) for name, value in expected.items()}


def _is_bearable(labels: NDArray[np.int64]) -> bool:
    sizes = np.bincount(labels).astype(np.int64)
    return int(sizes.max(initial=0)) <= LARGE and int((sizes * (sizes - 1) // 2).sum()) <= MOST_PAIRS


def closed(labels: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """All pairs of rows within a cluster."""
    order = np.argsort(labels, kind="stable")
    sizes = np.unique(labels[order], return_counts=True)[1]
    counts = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), counts)
    second = first + 1 + np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.minimum(order[first], order[second]), np.maximum(order[first], order[second])
