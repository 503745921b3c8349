"""What stands so many words before or after a few words of a chunk: looked up at these alone, since most words are no cue."""

from functools import cache

import numpy as np

from rules.redact.evidence import Score
from rules.redact.fold import Flags, Places
from rules.redact.lexicon import BIT
from rules.redact.tokens import Hashes, are_in, numbers_of
from rules.redact.written import IN_OPENING, IN_SHOUTED, IN_TITLE, Words

CODES = "and or as by from who whose whom him her them case exhibit zone zones a an".split()
AND, OR, AS, BY, FROM, WHO, WHOSE, WHOM, HIM, HER, THEM, CASE, EXHIBIT, ZONE, ZONES, A, AN = range(1, len(CODES) + 1)
"""The words of the kind `cue`, by number."""
TELLS = BIT["title"] | BIT["role"] | BIT["relation"] | BIT["post"]
PLACES = BIT["place"] | BIT["town"]
NO_NAME = BIT["never"] | BIT["thing"] | TELLS | BIT["month"]
ACTS = BIT["acts"] | BIT["speech"]


class Near:
    """The words of a chunk, asked about few of them at a time; beyond a note or a mark stands 0."""

    def __init__(self, w: Words) -> None:
        self.w = w
        size = len(w.at)
        self._there: dict[int, Flags] = {}
        self._there[0] = np.ones(size, np.bool_)
        for step in (1, 2):
            none = np.zeros(min(step, size), np.bool_)
            self._there[step] = np.append(w.same[step], none)[:size]
            self._there[-step] = np.append(none, w.same[step])[:size]
        self._kinds = np.bitwise_or.reduce(w.flags)
        self.cue = self.seeds("cue")
        """Where the frequent cues stand."""
        order, numbers = _codes()
        self.code = numbers[np.searchsorted(order, w.at.hash[self.cue])]
        """Which each is, by `CODES`."""

    def seeds(self, kind: str) -> Places:
        """Where the words of a kind stand; no word is asked where none is of it."""
        return np.flatnonzero(self.w.has(kind)) if self._kinds & BIT[kind] else np.zeros(0, np.int64)

    def cues(self, *codes: int) -> Places:
        """Where one of these stands."""
        found = self.code == codes[0]
        for code in codes[1:]:
            found |= self.code == code
        return self.cue[found]

    def to(self, at: Places, step: int) -> Places:
        """Where the words stand that are so far from these: fewer, where a note ends before."""
        return at[self._there[step][at]] + step

    def word(self, at: Places, step: int) -> Hashes:
        return self.of(self.w.at.hash, at, step)

    def has(self, at: Places, step: int, kinds: np.uint64) -> Flags:
        return (self.of(self.w.flags, at, step) & kinds) != 0

    def of(self, what: np.ndarray, at: Places, step: int) -> np.ndarray:
        """What an array holds there."""
        there = self._there[step][at]
        found: np.ndarray = what[at + step * there] * there
        return found

    def capital(self, at: Places) -> Flags:
        form = self.w.form[at]
        return (form == IN_TITLE) | (form == IN_OPENING) | (form == IN_SHOUTED)

    def size(self, at: Places) -> Places:
        return self.w.at.end[at] - self.w.at.start[at]


def add(score: Score, at: Places, points: int) -> None:
    """Points at some words, each of which is told once."""
    if len(at):
        score[at] += np.int16(points)


@cache
def _codes() -> tuple[Hashes, np.ndarray]:
    hashed = numbers_of(" ".join(CODES))
    order = np.argsort(hashed)
    return hashed[order], (order + 1).astype(np.int8)


@cache
def _sorted(words: str) -> Hashes:
    return np.sort(numbers_of(words))


def among(found: Hashes, words: str) -> Flags:
    """Which are one of these words."""
    return are_in(found, _sorted(words))
