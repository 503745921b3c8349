"""What another model would change: which clusters merge, split, or are dealt anew, and the pairs that decide it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custody.linking.linking import Linked

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Two results over the same records."""

    merged: int
    """Clusters of the second made of several whole clusters of the first."""
    split: int
    """Clusters of the first that fall into several whole clusters of the second."""
    dealt_anew: int
    """Clusters of the second that mix parts of clusters of the first."""
    records: int
    """Records whose cluster is another."""
    deciding: list[dict[str, object]]
    """Pairs that only one of the models joins, those that differ most first."""

    def told(self) -> dict[str, object]:
        return {"merged": self.merged, "split": self.split, "dealt_anew": self.dealt_anew, "records": self.records,
                "deciding_pairs": self.deciding}  # fmt: skip


def difference(before: Linked, after: Linked) -> Difference:
    """Compare two results; the records must be the same, in the same order."""
    old, new = before.clusters, after.clusters
    size_old, size_new = np.bincount(old, minlength=len(old)), np.bincount(new, minlength=len(new))
    pairs, counts = np.unique(np.stack([old, new], axis=1), axis=0, return_counts=True)
    whole_old = counts == size_old[pairs[:, 0]]
    whole_new = counts == size_new[pairs[:, 1]]
    merged = _groups(pairs[:, 1], whole_old)
    split = _groups(pairs[:, 0], whole_new)
    moved = ~(whole_old & whole_new)
    mixed = len(np.unique(pairs[moved & ~whole_old & ~whole_new, 1]))
    same = size_old[old] == size_new[new]
    unchanged = np.isin(old * len(old) + new, (pairs[:, 0] * len(old) + pairs[:, 1])[whole_old & whole_new]) & same
    return Difference(merged, split, mixed, int((~unchanged).sum()), _deciding(before, after))


def _groups(owner: NDArray[np.int64], whole: NDArray[np.bool_]) -> int:
    """How many owners hold several parts, all of them whole."""
    owners, place = np.unique(owner, return_inverse=True)
    parts = np.bincount(place, minlength=len(owners))
    entire = np.bincount(place, weights=whole, minlength=len(owners))
    return int(((parts > 1) & (entire == parts)).sum())


def _deciding(before: Linked, after: Linked) -> list[dict[str, object]]:
    count = before.records.count
    tables = []
    for linked in (before, after):
        strong = linked.weights >= linked.join
        keys = np.minimum(linked.one, linked.two) * count + np.maximum(linked.one, linked.two)
        tables.append((dict(zip(keys.tolist(), linked.weights.tolist(), strict=True)), set(keys[strong].tolist())))
    (old, old_joined), (new, new_joined) = tables
    changed = sorted(old_joined ^ new_joined, key=lambda key: (-abs(_over(new, key, after) - _over(old, key, before)), key))
    ids = before.ids.to_list()
    return [
        {"a": ids[key // count], "b": ids[key % count], "before": _round(old.get(key)), "after": _round(new.get(key)),
         "joined": "now" if key in new_joined else "before"}
        for key in changed[:SHOWN]
    ]  # fmt: skip


def _over(weights: dict[int, float], key: int, linked: Linked) -> float:
    return weights.get(key, linked.model.review - 10) - linked.join


def _round(weight: float | None) -> float | None:
    return None if weight is None else round(weight, 3)
