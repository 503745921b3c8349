"""The best threshold there is: clusters grow as pairs are added from the strongest on, and every step is counted."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from custody.linking.labels import Entities, LabelledPairs, Labels
from custody.linking.metrics import Quality, of_clusters


class _Grown:
    """Clusters under construction (Kruskal), small ones poured into large ones."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def root(self, row: int) -> int:
        parent = self.parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row


def best(
    count: int, one: NDArray[np.int64], two: NDArray[np.int64], weights: NDArray[np.float64], labels: Labels, split: int | None
) -> tuple[float, Quality]:
    """The threshold at which the clusters' F1 is highest, and the quality there. Ties of weight are added together."""
    order = np.argsort(-weights, kind="stable")
    order = order[np.isfinite(weights[order])]
    grow = _entities(count, labels, split) if isinstance(labels, Entities) else _pairs(count, labels)
    start = of_clusters(np.arange(count), labels, split)
    right, wrong, true = start.right, start.wrong, start.right + start.missed
    top, found = np.inf, Quality(right, wrong, true - right)
    firsts, seconds, values = one[order].tolist(), two[order].tolist(), weights[order].tolist()
    for place, (first, second, value) in enumerate(zip(firsts, seconds, values, strict=True)):
        more_right, more_wrong = grow(first, second)
        right, wrong = right + more_right, wrong + more_wrong
        last = place + 1 == len(values) or values[place + 1] < value
        now = Quality(right, wrong, true - right)
        if last and now.f1 > found.f1:
            top, found = value, now
    return float(top), found


def _entities(count: int, labels: Entities, split: int | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    grown = _Grown(count)
    codes = labels.codes.tolist()
    side = [int(split is not None and row >= split) for row in range(count)]
    held = [Counter({(codes[row], side[row]): 1}) if codes[row] >= 0 else Counter() for row in range(count)]
    sizes = [[int(codes[row] >= 0 and side[row] == 0), int(codes[row] >= 0 and side[row] == 1)] for row in range(count)]

    def grow(first: int, second: int) -> tuple[int, int]:
        one, two = grown.root(first), grown.root(second)
        if one == two:
            return 0, 0
        if len(held[one]) < len(held[two]):
            one, two = two, one
        if split is None:
            right = sum(number * held[one][key] for key, number in held[two].items())
            all_pairs = sizes[one][0] * sizes[two][0]
        else:
            right = sum(number * held[one][(code, 1 - part)] for (code, part), number in held[two].items())
            all_pairs = sizes[one][0] * sizes[two][1] + sizes[one][1] * sizes[two][0]
        held[one].update(held[two])
        held[two] = Counter()
        sizes[one] = [sizes[one][0] + sizes[two][0], sizes[one][1] + sizes[two][1]]
        grown.parent[two] = one
        return right, all_pairs - right

    return grow


def _pairs(count: int, labels: LabelledPairs):  # type: ignore[no-untyped-def]  # noqa: ANN202
    grown = _Grown(count)
    waiting: list[set[int]] = [set() for _ in range(count)]
    ends = list(zip(labels.one.tolist(), labels.two.tolist(), strict=True))
    for place, (first, second) in enumerate(ends):
        if first != second:
            waiting[first].add(place)
            waiting[second].add(place)
    same = labels.same.tolist()

    def grow(first: int, second: int) -> tuple[int, int]:
        one, two = grown.root(first), grown.root(second)
        if one == two:
            return 0, 0
        if len(waiting[one]) < len(waiting[two]):
            one, two = two, one
        met = waiting[one] & waiting[two] if len(waiting[two]) else set()
        waiting[one] ^= waiting[two]
        waiting[two] = set()
        grown.parent[two] = one
        right = sum(same[place] for place in met)
        return right, len(met) - right

    return grow
