"""How good links are against labels: pairs, best threshold, B³, intervals."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from custody.linking.labels import Entities, LabelledPairs, Labels

Z = 1.959964
"""Of the 95 % interval."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of pairs, and the shares made of them."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right + self.wrong + self.missed else 1.0

    def told(self) -> dict[str, object]:
        """As it is printed: shares, counts, 95 % intervals (Wilson)."""
        return {
            "precision": round(self.precision, 6), "recall": round(self.recall, 6), "f1": round(self.f1, 6),
            "true_positives": self.right, "false_positives": self.wrong, "false_negatives": self.missed,
            "precision_95": interval(self.right, self.right + self.wrong),
            "recall_95": interval(self.right, self.right + self.missed),
        }  # fmt: skip


def interval(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), as if pairs were drawn one by one."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, Z * Z / count
    middle, half = share + spread / 2, Z * sqrt(share * (1 - share) / count + spread / (4 * count))
    return round((middle - half) / (1 + spread), 6), round((middle + half) / (1 + spread), 6)


def of_clusters(clusters: NDArray[np.int64], labels: Labels, split: int | None) -> Quality:
    """Pairs of records in one cluster against pairs of one entity, among labelled records.

    Args:
        clusters: of each record the code of its cluster.
        split: where the second file begins; then only pairs across count.
    """
    if isinstance(labels, LabelledPairs):
        said = clusters[labels.one] == clusters[labels.two]
        return Quality(int((said & labels.same).sum()), int((said & ~labels.same).sum()), int((~said & labels.same).sum()))
    known = labels.codes >= 0
    side = np.zeros(len(clusters), np.int8) if split is None else (np.arange(len(clusters)) >= split).astype(np.int8)
    frame = pl.DataFrame({"cluster": clusters[known], "entity": labels.codes[known], "side": side[known]})
    both, said, true = (
        _pairs(frame, keys, across=split is not None) for keys in (["cluster", "entity"], ["cluster"], ["entity"])
    )
    return Quality(both, said - both, true - both)


def _pairs(frame: pl.DataFrame, keys: list[str], *, across: bool) -> int:
    counts = frame.group_by(keys).agg(
        first=(pl.col("side") == 0).sum().cast(pl.Int64), second=(pl.col("side") == 1).sum().cast(pl.Int64)
    )
    if across:
        return int((counts["first"] * counts["second"]).sum())
    return int((counts["first"] * (counts["first"] - 1) // 2).sum())


def of_edges(
    one: NDArray[np.int64], two: NDArray[np.int64], said: NDArray[np.bool_], labels: Labels, count: int, split: int | None
) -> Quality:
    """The joined pairs themselves, before they are closed to clusters."""
    if isinstance(labels, LabelledPairs):
        low, high = np.minimum(labels.one, labels.two), np.maximum(labels.one, labels.two)
        edges = np.minimum(one[said], two[said]) * count + np.maximum(one[said], two[said])
        found = np.isin(low * count + high, edges)
        same = labels.same
        return Quality(int((found & same).sum()), int((found & ~same).sum()), int((~found & same).sum()))
    first, second = labels.codes[one[said]], labels.codes[two[said]]
    known = (first >= 0) & (second >= 0)
    right, wrong = int((known & (first == second)).sum()), int((known & (first != second)).sum())
    whole = of_clusters(np.zeros(count, np.int64), labels, split)
    return Quality(right, wrong, whole.right + whole.missed - right)


def b_cubed(clusters: NDArray[np.int64], labels: Entities) -> dict[str, float]:
    """B³ (Bagga and Baldwin 1998): precision and recall of each record's cluster, averaged over labelled records."""
    known = labels.codes >= 0
    frame = pl.DataFrame({"cluster": clusters[known], "entity": labels.codes[known]})
    both = frame.group_by("cluster", "entity").len("both").with_columns(
        said=pl.col("both").sum().over("cluster"), true=pl.col("both").sum().over("entity")
    )  # fmt: skip
    whole = len(frame)
    precision = float((both["both"] ** 2 / both["said"]).sum()) / whole
    recall = float((both["both"] ** 2 / both["true"]).sum()) / whole
    return {
        "precision": round(precision, 6),
        "recall": round(recall, 6),
        "f1": round(2 * precision * recall / (precision + recall), 6),
    }
