"""From which weight on two records are one, chosen without labels: where the expected F1 is best."""

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]
LEAST, MOST = 0.0, 12.0
"""The threshold is even odds at least."""
REVIEW_BITS = 7.0
"""The band for review reaches so many bits below the threshold."""


def chances(weights: Weights) -> Weights:
    """Weights as probabilities."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weights, -60, 60)))


def best_threshold(weights: Weights) -> tuple[float, dict[str, float]]:
    """The weight at which the expected F1 is highest, and what is expected there."""
    ordered = -np.sort(-weights)
    chance = chances(ordered)
    right, total = np.cumsum(chance), float(chance.sum())
    if not len(ordered) or total <= 0:
        return LEAST, {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    f1 = 2 * right / (np.arange(1, len(ordered) + 1) + total)
    best = int(np.argmax(f1))
    join = float(min(max(ordered[best], LEAST), MOST))
    count = max(int((ordered >= join).sum()), 1)
    precision, recall = float(right[count - 1] / count), float(right[count - 1] / total)
    return round(join, 3), {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}
