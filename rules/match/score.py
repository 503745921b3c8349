"""Levels as weights: bits for and against two records being one person.

The total is the prior, plus the weight of each comparison's level, minus what a family would explain: two people of one
household agree on their address as one person would, and twins on surname, birth date and address. The more of a
pair's agreement a family explains, the less of it counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.match.compare import field_levels, levels_of
from rules.match.growing import Rows
from rules.match.kinds import KINDS
from rules.match.model import Comparison, Model
from rules.match.prepared import Coded

Weights = NDArray[np.float64]
CHUNK = 400_000
"""Pairs compared at once: what bounds the memory."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a pair weighs what it does, one row a pair."""

    levels: NDArray[np.int8]
    parts: Weights
    """The weight of each comparison."""
    moved: Weights
    """What places that differ, or agree little, count less because people move: zero or above."""
    family: Weights
    """What families explain: zero or below."""
    total: Weights

    def __len__(self) -> int:
        return len(self.total)

    def where(self, kept: Rows) -> "Reasons":
        return Reasons(self.levels[kept], self.parts[kept], self.moved[kept], self.family[kept], self.total[kept])


def no_reasons(model: Model) -> Reasons:
    """Those of no pair."""
    nothing = np.zeros(0)
    several = (0, len(model.comparisons))
    return Reasons(np.zeros(several, np.int8), np.zeros(several), nothing, nothing, nothing)


def joined(model: Model, several: Iterable[Reasons]) -> Reasons:
    """Those of pairs after one another."""
    every = [no_reasons(model), *several]
    return Reasons(*(np.concatenate([getattr(why, name) for why in every]) for name in Reasons.__slots__))


def reasons(model: Model, left: Coded, right: Coded, one: Rows, two: Rows) -> Reasons:
    """Every part of the weight of each pair."""
    levels = levels_of([model.field_named(part.field) for part in model.comparisons], left, right, one, two)
    parts = np.empty(levels.shape, np.float64)
    for column, comparison in enumerate(model.comparisons):
        parts[:, column] = part_weights(comparison, levels[:, column], left, right, one, two)
    moved, family = moved_weight(model, parts), family_weight(model, parts)
    return Reasons(levels, parts, moved, family, model.prior_weight + parts.sum(axis=1) + moved + family)


def weights(model: Model, left: Coded, right: Coded, one: Rows, two: Rows, *, least: float = -np.inf) -> Weights:
    """The weight of each pair. One that can't reach `least` is not looked at further, and is given minus infinity."""
    total = np.full(len(one), -np.inf)
    for start in range(0, len(one), CHUNK):
        rows, why = _weighed(model, left, right, one[start : start + CHUNK], two[start : start + CHUNK], least)
        total[start + rows] = why.total
    return total


def weighed(model: Model, left: Coded, right: Coded, one: Rows, two: Rows, *, least: float) -> tuple[Rows, Reasons]:
    """The places of the pairs that weigh at least so much, and why they do."""
    places, found = [np.zeros(0, np.int64)], []
    for start in range(0, len(one), CHUNK):
        rows, why = _weighed(model, left, right, one[start : start + CHUNK], two[start : start + CHUNK], least)
        kept = np.flatnonzero(why.total >= least)
        places.append(start + rows[kept])
        found.append(why.where(kept))
    return np.concatenate(places), joined(model, found)


def _weighed(model: Model, left: Coded, right: Coded, one: Rows, two: Rows, least: float) -> tuple[Rows, Reasons]:
    """Equalities are cheap, so they come first; then field by field, only for the pairs that may still reach `least`."""
    fields = [model.field_named(part.field) for part in model.comparisons]
    place = np.array([KINDS[field.kind].place for field in fields])
    bounds = np.array([_upper(model, part, left, right, one, two) for part in model.comparisons])
    sums = np.array([model.prior_weight + bounds[~place].sum(axis=0), bounds[place].sum(axis=0)])
    rows = np.flatnonzero(sums[0] + np.maximum(sums[1], 0.0) >= least)
    levels = np.zeros(bounds.shape, np.int8)
    for column in np.argsort([-_spread(part) for part in model.comparisons], kind="stable"):
        comparison = model.comparisons[column]
        found = field_levels(fields, fields[column], left, right, one[rows], two[rows])
        exact = part_weights(comparison, found, left, right, one[rows], two[rows])
        sums[int(place[column]), rows] += exact - bounds[column, rows]
        levels[column, rows], bounds[column, rows] = found, exact
        rows = rows[sums[0, rows] + np.maximum(sums[1, rows], 0.0) >= least]
    parts = np.ascontiguousarray(bounds[:, rows].T)
    moved, family = moved_weight(model, parts), family_weight(model, parts)
    return rows, Reasons(levels[:, rows].T, parts, moved, family, model.prior_weight + parts.sum(axis=1) + moved + family)


def _spread(comparison: Comparison) -> float:
    """How much a comparison may take from a pair's best: those that decide most come first."""
    unequal = [level.weight for level in comparison.levels[1:]]
    return max(0.0, *unequal) - min(unequal)


def _upper(model: Model, comparison: Comparison, left: Coded, right: Coded, one: Rows, two: Rows) -> Weights:
    """The most that a comparison can give each pair, as far as equality alone tells."""
    name = comparison.field
    mine, theirs = left.hashes(name, one), right.hashes(name, two)
    same = mine == theirs
    best = np.where(same, _exact_weight(comparison, left, right, one, two), _best_unequal(model, comparison))
    best[(mine == 0) | (theirs == 0)] = 0.0
    return best


def _best_unequal(model: Model, comparison: Comparison) -> float:
    """A record of several values may reach equality though its first ones differ."""
    weights = [level.weight for level in comparison.levels]
    name = comparison.field
    rarest = model.terms[name].other if name in model.terms else comparison.levels[0].u
    likeness = KINDS[model.field_named(name).kind].likeness
    several = likeness not in {"name", "date"}
    top = [float(np.log2(comparison.levels[0].m / rarest))] if several else []
    return max(weights[1:] + top) if several else max(weights[1:])


def part_weights(comparison: Comparison, levels: NDArray[np.int8], left: Coded, right: Coded, one: Rows, two: Rows) -> Weights:
    """The weight of each pair's level in one comparison: equality on a rare value weighs more than on a frequent one."""
    table = np.array([0.0, *(level.weight for level in comparison.levels)])
    found = table[levels]
    equal = np.flatnonzero(levels == 1)
    found[equal] = _exact_weight(comparison, left, right, one[equal], two[equal])
    return found


def _exact_weight(comparison: Comparison, left: Coded, right: Coded, one: Rows, two: Rows) -> Weights:
    name, exact = comparison.field, comparison.levels[0]
    if name not in left.shares or name not in right.shares:
        return np.full(len(one), exact.weight)
    share = np.maximum(left.shares[name].of(left.codes[name][one]), right.shares[name].of(right.codes[name][two]))
    return np.log2(exact.m / share)


def moved_weight(model: Model, parts: Weights) -> Weights:
    """What the places of a pair count less, since people move: however many of them differ, that is one event."""
    place = [KINDS[model.field_named(part.field).kind].place for part in model.comparisons]
    if not any(place):
        return np.zeros(len(parts))
    known = parts[:, place].sum(axis=1)
    return np.asarray(np.logaddexp2(known + np.log2(1 - model.moved), np.log2(model.moved)) - known)


def family_weight(model: Model, parts: Weights) -> Weights:
    """What the families of the model explain of each pair's agreement, in bits: zero or below."""
    names = [part.field for part in model.comparisons]
    total = np.full(len(parts), np.log2(1.0 - sum(family.rate for family in model.families)))
    for family in model.families:
        columns = [names.index(name) for name in family.fields if name in names]
        place = np.array([KINDS[model.field_named(names[column]).kind].place for column in columns], np.bool_)
        total = np.logaddexp2(total, np.log2(family.rate) + shared_by_family(parts[:, columns], place))
    return np.asarray(-np.maximum(total, 0.0))


def shared_by_family(parts: Weights, place: NDArray[np.bool_]) -> Weights:
    """What a family explains of the weights of its fields: nothing where a name or a birth date that it shares differs."""
    shared: Weights = parts.sum(axis=1)
    shared[(parts[:, ~place] < 0).any(axis=1)] = -np.inf
    return shared
