"""How long changes take from their commit in the source to a commit in the table: a histogram of bounded size."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

_EDGES = np.concatenate(([0.0], np.logspace(-2, 6, 801)))
"""Seconds: a hundredth to eleven days, each bin 2.3 % wider than the one before."""


@dataclass(slots=True)
class Latency:
    """Counts of changes by the seconds they took."""

    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(_EDGES) - 1, np.int64))

    def add(self, seconds: npt.NDArray[np.float64]) -> None:
        self.counts += np.histogram(np.clip(seconds, 0, _EDGES[-1]), _EDGES)[0]

    def quantile(self, share: float) -> float | None:
        """The seconds that this share of the changes did not exceed; None where there were none."""
        if not (total := int(self.counts.sum())):
            return None
        return float(_EDGES[1:][np.searchsorted(np.cumsum(self.counts), share * total)])
