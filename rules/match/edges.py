"""The weighed pairs that a stream keeps, by number of record: what one record is linked with is found at once.

Each pair stands in one part, sorted, and is found by its higher number, too: 26 bytes a pair under a model of up to eight
rules. Parts are merged as those of `known`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.match.growing import Rows
from rules.match.sets import among, distinct

MERGE_AT = 4
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Links:
    """m pairs, in columns."""

    one: Rows
    two: Rows
    weights: NDArray[np.float64]
    rules: NDArray[np.uint64]
    """Bit r is set where rule r finds the pair."""

    def __len__(self) -> int:
        return len(self.one)

    def where(self, kept: NDArray[np.bool_] | Rows) -> "Links":
        return Links(self.one[kept], self.two[kept], self.weights[kept], self.rules[kept])

    @property
    def once(self) -> "Links":
        """Each pair once, the lower number first, sorted."""
        return self.first[0]

    @property
    def first(self) -> tuple["Links", Rows]:
        """As `once`, of each pair what came first; and the places of these."""
        low, high = np.minimum(self.one, self.two), np.maximum(self.one, self.two)
        _, places = np.unique(_keys(low, high), return_index=True)
        return Links(low[places], high[places], self.weights[places], self.rules[places]), places

    @property
    def last(self) -> tuple["Links", Rows]:
        """As `once`, of each pair what came last; and the places of these."""
        low, high = np.minimum(self.one, self.two)[::-1], np.maximum(self.one, self.two)[::-1]
        places = len(self) - 1 - np.unique(_keys(low, high), return_index=True)[1]
        return self.where(places).once, places

    def places(self, others: "Links") -> tuple[Rows, Rows]:
        """The places of others' pairs that are here too, here and there. Both are as `once` gives them."""
        own, keys = _keys(self.one, self.two), _keys(others.one, others.two)
        there = np.flatnonzero(among(keys, own))
        return np.asarray(np.searchsorted(own, keys[there])), there

    def since(self, before: "Links") -> tuple["Links", "Links"]:
        """Those that are new or otherwise than before, and those that are no more, as they were. Both as `once` gives them."""
        is_new, is_lost = self.differing(before)
        return self.where(is_new), before.where(is_lost)

    def differing(self, before: "Links") -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of these are new or otherwise than before, and which of those are no more. Both as `once` gives them."""
        place, was = before.places(self)
        is_new, is_lost = np.ones(len(self), np.bool_), np.ones(len(before), np.bool_)
        is_new[was] = (before.weights[place] != self.weights[was]) | (before.rules[place] != self.rules[was])
        is_lost[place] = False
        return is_new, is_lost


@dataclass(frozen=True, slots=True)
class _Part:
    keys: NDArray[np.uint64]
    """The lower number of a pair in the upper 32 bits, the higher in the lower, sorted."""
    weights: NDArray[np.float64]
    rules: NDArray[np.unsignedinteger[Any]]
    """As `Links`, in as few bytes as hold them all."""
    alive: NDArray[np.bool_]
    highs: NDArray[np.uint32]
    """The higher numbers, sorted."""
    by_high: NDArray[np.int32]
    """The places of their pairs."""

    def links(self, rows: Rows | NDArray[np.bool_]) -> Links:
        keys = self.keys[rows]
        one, two = (keys >> _SHIFT).astype(np.int64), (keys & _LOW).astype(np.int64)
        return Links(one, two, self.weights[rows], self.rules[rows].astype(np.uint64))

    def rows_of(self, numbers: Rows) -> tuple[Rows, Rows]:
        """The pairs of which distinct numbers are the lower, and those of which they are the higher."""
        first = numbers.astype(np.uint64) << _SHIFT
        above = _between(np.searchsorted(self.keys, first), np.searchsorted(self.keys, first | _LOW, "right"))
        short = numbers.astype(np.uint32)
        below = self.by_high[_between(np.searchsorted(self.highs, short), np.searchsorted(self.highs, short, "right"))]
        return above[self.alive[above]], below[self.alive[below]].astype(np.int64)


@dataclass
class Edges:
    """All pairs, of records with numbers below 2**32. Not safe for threads."""

    parts: list[_Part] = field(default_factory=list)

    def add(self, links: Links) -> None:
        """Keep pairs that are not there yet, each given once, in either direction."""
        if not len(links):
            return
        short = links.rules.astype(np.min_scalar_type(int(links.rules.max(initial=0))))
        low, high = np.minimum(links.one, links.two), np.maximum(links.one, links.two)
        self.parts.append(_part(_keys(low, high), links.weights, short))
        while len(self.parts) > 1 and len(self.parts[-1].keys) * MERGE_AT >= len(self.parts[-2].keys):
            last, before = self.parts.pop(), self.parts.pop()
            self.parts.append(_merged(before, last))

    def of(self, numbers: Rows) -> Links:
        """The pairs of some records, from their side: a pair of two of them comes in both directions."""
        own = distinct(numbers)
        return joined([_both(part, *part.rows_of(own)) for part in self.parts])

    def drop(self, numbers: Rows) -> Links:
        """Forget all pairs of some records, and give them as `of` does."""
        own, dropped = distinct(numbers), []
        for part in self.parts:
            above, below = part.rows_of(own)
            dropped.append(_both(part, above, below))
            part.alive[above] = False
            part.alive[below] = False
        return joined(dropped)

    def all(self) -> Links:
        """Every pair once."""
        return joined([part.links(part.alive) for part in self.parts]).once


def _both(part: _Part, above: Rows, below: Rows) -> Links:
    back = part.links(below)
    return joined([part.links(above), Links(back.two, back.one, back.weights, back.rules)])


def _between(low: Rows, high: Rows) -> Rows:
    """All places from each low one on to its high one."""
    counts = high - low
    return np.asarray(np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum())))


def joined(several: list[Links]) -> Links:
    """Pairs after one another."""
    empty = np.zeros(0, np.int64)
    return Links(
        np.concatenate([empty, *(links.one for links in several)]),
        np.concatenate([empty, *(links.two for links in several)]),
        np.concatenate([np.zeros(0), *(links.weights for links in several)]),
        np.concatenate([np.zeros(0, np.uint64), *(links.rules for links in several)]),
    )


def _keys(one: Rows, two: Rows) -> NDArray[np.uint64]:
    return np.asarray(one.astype(np.uint64) << _SHIFT | two.astype(np.uint64))


def _part(keys: NDArray[np.uint64], weights: NDArray[np.float64], rules: NDArray[np.unsignedinteger[Any]]) -> _Part:
    order = np.argsort(keys)
    keys = keys[order]
    highs = (keys & _LOW).astype(np.uint32)
    by_high = np.argsort(highs, kind="stable").astype(np.int32)
    return _Part(keys, weights[order], rules[order], np.ones(len(keys), np.bool_), highs[by_high], by_high)


def _merged(first: _Part, second: _Part) -> _Part:
    both = (first, second)
    return _part(
        np.concatenate([part.keys[part.alive] for part in both]),
        np.concatenate([part.weights[part.alive] for part in both]),
        np.concatenate([part.rules[part.alive] for part in both]),
    )
