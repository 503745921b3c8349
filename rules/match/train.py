"""A model learnt from records alone: how strangers agree from pairs at random, how one person's records do by EM.

The mixture is over all pairs: those that no blocking rule finds count as strangers, so that the shares learnt from the
pairs found are of the whole, and no field needs to be set aside because a rule fixes it. Beside strangers and
matches there are families, which agree on some fields as a match does. Sums run over distinct patterns of levels in
sorted order, so the result is the same to the bit whatever the order of the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.match.kinds import KINDS, NEVER_FOR
from rules.match.model import Comparison, Family, Field, Level
from rules.match.score import shared_by_family

Counts = NDArray[np.float64]
ROUNDS, STILL = 200, 1e-7
MOST_RATES = {"twins": 0.06, "namesakes": 0.1}
"""Twins are three births in a hundred: what looks like more of them is one person under wrong names."""
STRENGTH = 8.0
"""How many pairs the expected shares of a kind are worth."""
LEAST_U = 1e-7
LEAST_DIFFERENT = 0.002
"""However good the data are, a value may be wrong: no difference weighs more than nine bits against."""
FIRST_MOVED, LEAST_MOVED = 0.1, 1e-4
FIRST_RATE, LEAST_RATE, FAMILY_COUNT = 0.05, 0.003, 2.0
"""Families against matches: how frequent at first, at least, and how many pairs are thought of that the data don't show."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct combinations of levels, sorted, and how many pairs have each."""

    levels: NDArray[np.int8]
    counts: Counts
    places: NDArray[np.int64]
    """Of each pair its pattern."""
    told: NDArray[np.int8] | None = None
    """Of each pattern what labels say: 1 one person, 2 not, 0 nothing."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What EM found."""

    comparisons: tuple[Comparison, ...]
    prior: float
    moved: float
    families: tuple[Family, ...]
    found: Counts
    """Of each blocked pattern the chance that it is one person."""
    rounds: int


def patterns_of(levels: NDArray[np.int8], told: NDArray[np.int8] | None = None) -> Patterns:
    """Distinct rows of a table of levels, kept apart by what labels say of them."""
    key = np.zeros(len(levels), np.int64) if told is None else told.astype(np.int64)
    for column in range(levels.shape[1]):
        key = key * (int(levels[:, column].max(initial=0)) + 1) + levels[:, column]
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    counts = np.bincount(places, minlength=len(first)).astype(np.float64)
    return Patterns(levels[first], counts, places, None if told is None else told[first])


def tallies(patterns: Patterns, shares: Counts, column: int, size: int) -> Counts:
    """How many pairs, each counted by its share, have each level of a comparison, 0 included."""
    return np.bincount(patterns.levels[:, column], weights=patterns.counts * shares, minlength=size + 1).astype(np.float64)


class Mixture:
    """Matches, strangers and families over patterns of levels.

    Args:
        blocked: the patterns of all pairs that a rule found.
        strangers: the patterns of pairs at random.
        whole: how many pairs there are, found or not.
        exact: for each field the share of all pairs that agree on it exactly, counted, not sampled.
        families: name and fields of each family that is possible here.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        blocked: Patterns,
        strangers: Patterns,
        whole: float,
        exact: Sequence[float],
        families: Sequence[tuple[str, tuple[str, ...]]],
    ) -> None:
        self.fields, self.blocked, self.strangers, self.whole, self.exact = fields, blocked, strangers, whole, exact
        self.sizes = [len(KINDS[field.kind].levels) for field in fields]
        names = [field.name for field in fields]
        self.families = [(name, [names.index(field) for field in shared]) for name, shared in families]
        self.expected = [np.array([0.0, *KINDS[field.kind].levels.values()]) for field in fields]
        self.m = [expected.copy() for expected in self.expected]
        self.u = [self._u(place, np.zeros(len(blocked.counts)), np.ones(len(strangers.counts))) for place in range(len(fields))]
        self.prior = 1.0 / max(whole, 1.0) * max(1.0, whole**0.5 / 10)
        self.rates = np.full(len(self.families), self.prior * FIRST_RATE)
        self.place = np.array([KINDS[field.kind].place for field in fields])
        self.moved = FIRST_MOVED

    def _u(self, column: int, matched: Counts, unmatched: Counts) -> Counts:
        """Shares of levels among strangers: equality as counted less the matches, the rest as sampled."""
        size = self.sizes[column]
        sampled = tallies(self.strangers, unmatched, column, size)[1:]
        rest = sampled[1:] + 0.25
        equal = tallies(self.blocked, matched, column, size)[1]
        known = float((self.blocked.counts * matched * (self.blocked.levels[:, column] > 0)).sum())
        given = self.given_share(column) * self.whole
        exact = max((self.exact[column] * given - equal) / max(given - known, 1.0), self.floor(column))
        return np.concatenate([[1.0, exact], (1 - exact) * rest / rest.sum()])

    def given_share(self, column: int) -> float:
        """The share of random pairs of which both have a value."""
        given = float(self.strangers.counts[self.strangers.levels[:, column] > 0].sum())
        return max(given / max(float(self.strangers.counts.sum()), 1.0), 1e-9)

    def floor(self, column: int) -> float:
        return max(LEAST_U, 0.05 * self.exact[column])

    def logs(self, patterns: Patterns) -> NDArray[np.float64]:
        """The evidence of each comparison of each pattern, in bits."""
        parts = np.empty(patterns.levels.shape)
        for column in range(len(self.fields)):
            table = np.log2(np.maximum(self.m[column], 1e-9)) - np.log2(np.maximum(self.u[column], 1e-9))
            table[0] = 0.0
            parts[:, column] = table[patterns.levels[:, column]]
        return parts

    def shares(self, patterns: Patterns) -> NDArray[np.float64]:
        """Of each pattern the chance of a match in one place, a match that moved, each family, and strangers."""
        parts = self.logs(patterns)
        rows = [np.log2(self.prior * (1 - self.moved)) + parts.sum(axis=1)]
        rows.append(np.log2(self.prior * self.moved) + parts[:, ~self.place].sum(axis=1))
        for (_, places), rate in zip(self.families, self.rates, strict=True):
            rows.append(np.log2(rate) + shared_by_family(parts[:, places], self.place[places]))
        rows.append(np.full(len(parts), np.log2(max(1 - self.prior - self.rates.sum(), 1e-9))))
        table: NDArray[np.float64] = np.array(rows)
        table = 2.0 ** (table - table.max(axis=0))
        table /= table.sum(axis=0)
        if patterns.told is not None:
            table[:, patterns.told > 0] = 0.0
            rest = 2.0 ** np.minimum(parts[:, self.place].sum(axis=1), 60.0) * (1 - self.moved)
            here = patterns.told == 1
            table[0, here] = (rest / (rest + self.moved))[here]
            table[1, here] = 1.0 - table[0, here]
            table[-1, patterns.told == 2] = 1.0  # noqa: PLR2004 - told not to be one
        return table

    def step(self) -> float:
        """One round of expectation and maximisation; how far the prior moved, relatively."""
        blocked, strangers = self.shares(self.blocked), self.shares(self.strangers)
        matched = blocked[0] + blocked[1]
        for column in range(len(self.fields)):
            self.m[column] = self._m(column, blocked[0] if self.place[column] else matched)
            self.u[column] = self._bounded(column, self._u(column, matched, 1 - strangers[0] - strangers[1]))
        before = float(self.prior)
        count = float((self.blocked.counts * matched).sum())
        self.prior = min(max(count, 1.0) / self.whole, 0.5)
        gone = float((self.blocked.counts * blocked[1]).sum())
        self.moved = min(max((gone + 1.0) / (count + 20.0), LEAST_MOVED), 0.8) if self.place.any() else LEAST_MOVED
        for place in range(len(self.rates)):
            count = float((self.blocked.counts * blocked[2 + place]).sum())
            most = self.prior * MOST_RATES.get(self.families[place][0], 1e9)
            self.rates[place] = min(max((count + FAMILY_COUNT) / self.whole, self.prior * LEAST_RATE), most)
        return abs(float(self.prior) / before - 1)

    def _m(self, column: int, matched: Counts) -> Counts:
        """Shares of levels among matches; difference is never ruled out, however seldom it was seen."""
        seen = tallies(self.blocked, matched, column, self.sizes[column])
        seen[0] = 0.0
        grown = seen + STRENGTH * self.expected[column]
        shares: Counts = np.maximum(grown / grown.sum(), 1e-9)
        shares[-1] = max(shares[-1], LEAST_DIFFERENT)
        shares[0] = 1.0
        return shares

    def _bounded(self, column: int, u: Counts) -> Counts:
        """No level that must not speak for a match does, and difference never does; a swap is no rarer than two equalities."""
        names = list(KINDS[self.fields[column].kind].levels)
        forenames = [place for place, field in enumerate(self.fields) if field.kind == "forename"]
        if "swapped" in names and forenames:
            place = names.index("swapped") + 1
            u[place] = max(u[place], u[1] * self.u[forenames[0]][1])
        for place, name in enumerate(names, 1):
            if name in NEVER_FOR or place == len(names):
                u[place] = max(u[place], self.m[column][place])
        return u

    def run(self) -> Learnt:
        """Rounds until nothing moves."""
        rounds = 0
        while rounds < ROUNDS:
            rounds += 1
            if self.step() < STILL:
                break
        found = self.shares(self.blocked)[:2].sum(axis=0)
        comparisons = tuple(
            Comparison(field.name, tuple(
                Level(name, _rounded(self.m[column][place]), _rounded(self.u[column][place]))
                for place, name in enumerate(KINDS[field.kind].levels, 1)
            ))
            for column, field in enumerate(self.fields)
        )  # fmt: skip
        families = tuple(
            Family(name, tuple(self.fields[place].name for place in places), _rounded(rate))
            for (name, places), rate in zip(self.families, self.rates, strict=True)
        )
        return Learnt(comparisons, _rounded(self.prior), _rounded(self.moved), families, found, rounds)


def _rounded(value: float) -> float:
    """Six digits: what a person can compare, and no last bit that a machine may turn."""
    return float(f"{value:.6g}")


def possible_families(fields: Sequence[Field]) -> list[tuple[str, tuple[str, ...]]]:
    """The families that the fields can tell apart."""
    place = tuple(field.name for field in fields if KINDS[field.kind].place)
    fine = any(field.kind in {"postcode", "address"} for field in fields)
    surname = tuple(field.name for field in fields if field.kind == "surname")
    forename = tuple(field.name for field in fields if field.kind in {"forename", "middle_name"})
    birth = tuple(field.name for field in fields if field.kind == "birth_date")
    families = []
    if fine and forename:
        families.append(("household", place))
        if surname:
            families.append(("relatives", (*place, *surname)))
    if surname and forename and birth:
        families.append(("twins", (*place, *surname, *birth)))
        families.append(("namesakes", (*place, *surname, *forename)))
    return families
