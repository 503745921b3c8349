"""The weighed pairs that a stream keeps, by number of record: what one record is linked with is found at once.

Each pair stands in both directions in one part, sorted: 18 bytes a direction under a model of up to eight rules. Parts are
merged as those of `known`.
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
        low, high = np.minimum(self.one, self.two), np.maximum(self.one, self.two)
        _, places = np.unique(_keys(low, high), return_index=True)
        return Links(low[places], high[places], self.weights[places], self.rules[places])

    def places(self, others: "Links") -> tuple[Rows, Rows]:
        """The places of others' pairs that are here too, here and there. Both are as `once` gives them."""
        own, keys = _keys(self.one, self.two), _keys(others.one, others.two)
        there = np.flatnonzero(among(keys, own))
        return np.asarray(np.searchsorted(own, keys[there])), there


@dataclass(frozen=True, slots=True)
class _Part:
    keys: NDArray[np.uint64]
    """The number of the one record in the upper 32 bits, of the other in the lower, sorted."""
    weights: NDArray[np.float64]
    rules: NDArray[np.unsignedinteger[Any]]
    """As `Links`, in as few bytes as hold them all."""
    alive: NDArray[np.bool_]

    def links(self, rows: Rows | NDArray[np.bool_]) -> Links:
        keys = self.keys[rows]
        one, two = (keys >> _SHIFT).astype(np.int64), (keys & _LOW).astype(np.int64)
        return Links(one, two, self.weights[rows], self.rules[rows].astype(np.uint64))


@dataclass
class Edges:
    """All pairs, of records with numbers below 2**32. Not safe for threads."""

    parts: list[_Part] = field(default_factory=list)

    def add(self, links: Links) -> None:
        """Keep pairs that are not there yet, each given once, in either direction."""
        if not len(links):
            return
        self.parts.append(_part(links))
        while len(self.parts) > 1 and len(self.parts[-1].keys) * MERGE_AT >= len(self.parts[-2].keys):
            last, before = self.parts.pop(), self.parts.pop()
            self.parts.append(_merged(before, last))

    def of(self, numbers: Rows) -> Links:
        """The pairs of some records, from their side: a pair of two of them comes in both directions."""
        return joined([part.links(self._rows(part, numbers)) for part in self.parts])

    def drop(self, numbers: Rows) -> Links:
        """Forget all pairs of some records, and give them as `of` does."""
        dropped = []
        for part in self.parts:
            rows = self._rows(part, numbers)
            links = part.links(rows)
            part.alive[rows] = False
            part.alive[np.searchsorted(part.keys, _keys(links.two, links.one))] = False
            dropped.append(links)
        return joined(dropped)

    def all(self) -> Links:
        """Every pair once."""
        return joined([part.links(part.alive) for part in self.parts]).once

    def _rows(self, part: _Part, numbers: Rows) -> Rows:
        first = distinct(numbers).astype(np.uint64) << _SHIFT
        low, high = np.searchsorted(part.keys, first), np.searchsorted(part.keys, first | _LOW, "right")
        counts = high - low
        rows = np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
        return np.asarray(rows[part.alive[rows]])


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


def _part(links: Links) -> _Part:
    keys = np.concatenate([_keys(links.one, links.two), _keys(links.two, links.one)])
    order = np.argsort(keys)
    short = links.rules.astype(np.min_scalar_type(int(links.rules.max(initial=0))))
    weights, rules = np.tile(links.weights, 2)[order], np.tile(short, 2)[order]
    return _Part(keys[order], weights, rules, np.ones(len(keys), np.bool_))


def _merged(first: _Part, second: _Part) -> _Part:
    keys = np.concatenate([first.keys[first.alive], second.keys[second.alive]])
    order = np.argsort(keys)
    weights = np.concatenate([first.weights[first.alive], second.weights[second.alive]])[order]
    rules = np.concatenate([first.rules[first.alive], second.rules[second.alive]])[order]
    return _Part(keys[order], weights, rules, np.ones(len(keys), np.bool_))
