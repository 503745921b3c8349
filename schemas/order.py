"""Order, the only one there is: (epoch, commit, lsn), never a clock (see docs/architecture.md).

Here too: which raw offsets a cleaned record covers, and what that says about records that come twice or not at all.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TIMES = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first and the last microsecond of the years 1 to 9999, counted from 1970: what the time of a change can be."""
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which of a partition's cleaned records apply, and how far they reach."""

    applies: npt.NDArray[np.bool_]
    covered: int
    """The raw offset up to which everything is accounted for."""
    repeated: int
    """Records at or below what was covered already."""
    beyond: int
    """Records that begin beyond a hole; a worker sends them again after what is missing."""


def cover(after: Offsets, upto: Offsets, covered: int, floor: int = -1) -> Coverage:
    """As `_cover`; a hole that reaches up to `floor` is passed over, once everything before it was taken."""
    judged = _cover(after, upto, covered)
    if not judged.beyond or floor <= judged.covered:
        return judged
    rest = _cover(after, upto, floor)
    applies = judged.applies | rest.applies
    return Coverage(applies, rest.covered, len(upto) - rest.beyond - int(applies.sum()), rest.beyond)


def _cover(after: Offsets, upto: Offsets, covered: int) -> Coverage:
    """Judge cleaned records in the order they were read; record i accounts for the raw offsets (after[i], upto[i]].

    A record at or below the mark is a repeat; one that begins at or below it applies and moves it; one that begins
    beyond it stands behind a hole, and is left out.
    """
    if not len(upto):
        return Coverage(np.zeros(0, np.bool_), covered, 0, 0)
    reached = np.maximum.accumulate(np.concatenate(([covered], upto[:-1])))
    if not (after > reached).any():
        applies = upto > reached
        return Coverage(applies, max(covered, int(upto.max())), int((~applies).sum()), 0)
    return _cover_with_holes(after, upto, covered)


def _cover_with_holes(after: Offsets, upto: Offsets, covered: int) -> Coverage:
    applies = np.zeros(len(upto), np.bool_)
    beyond = 0
    for index in range(len(upto)):
        if after[index] > covered:
            beyond += 1
        elif upto[index] > covered:
            applies[index] = True
            covered = int(upto[index])
    return Coverage(applies, covered, len(upto) - beyond - int(applies.sum()), beyond)
