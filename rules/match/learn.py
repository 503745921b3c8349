"""From records to a model: rules are costed, a mixture is learnt, rules are chosen, and a threshold is set. No labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match import cluster, rulechoice, threshold
from rules.match.blocking import Pairs, index_of, pairs_between, pairs_within
from rules.match.compare import levels_of
from rules.match.growing import Rows
from rules.match.kinds import IDENTIFIERS, KINDS
from rules.match.model import Comparison, Field, Model, Rule, Terms
from rules.match.prepared import Prepared, with_shares
from rules.match.sample import random_pairs
from rules.match.score import Weights, weights
from rules.match.train import Mixture, patterns_of, possible_families

MAX_BLOCK = 250
PAIRS_PER_RECORD, LEAST_PAIRS, MOST_PAIRS = 40, 400_000, 3_000_000
MOST_TERMS = 5000
TERM_COUNT = 3
"""A value is named in the model only where at least so many records have it."""
MOST_FIELDS = 20
LOWEST = -10.0
"""Pairs that weigh less are no reason for a threshold."""
CANDIDATES_EACH = 3.0
"""How many candidates a record may have by one rule, where rules are for a larger population."""
DOUBLES = 0.002
"""A file in which fewer records than this have a double is taken to hold each person once."""


@dataclass(frozen=True, slots=True)
class Told:
    """Labels: of each row of a side the code of its entity (-1 for unknown), or pairs of rows that are one or not."""

    codes_left: NDArray[np.int64] | None = None
    codes_right: NDArray[np.int64] | None = None
    one: NDArray[np.int64] | None = None
    two: NDArray[np.int64] | None = None
    same: NDArray[np.bool_] | None = None

    def of(self, pairs: Pairs, width: int) -> NDArray[np.int8]:
        """1 for a pair that is one person, 2 for one that is not, 0 where labels are silent; `width` is the right side's rows."""
        if self.codes_left is not None and self.codes_right is not None:
            first, second = self.codes_left[pairs.left], self.codes_right[pairs.right]
            return np.where((first < 0) | (second < 0), 0, np.where(first == second, 1, 2)).astype(np.int8)
        assert self.one is not None
        assert self.two is not None
        assert self.same is not None
        told = np.zeros(len(pairs), np.int8)
        keys = self.one * width + self.two
        order = np.argsort(keys, kind="stable")
        wanted = pairs.left * width + pairs.right
        place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        if len(keys):
            known = keys[order][place] == wanted
            told[known] = np.where(self.same[order][place][known], 1, 2)
        return told


def learn(
    left: Prepared,
    right: Prepared | None,
    fields: Sequence[Field],
    *,
    seed: int = 1,
    told: Told | None = None,
    population: int = 0,
) -> Model:
    """The model of one set, or of two that are to be linked; `provenance` is the caller's to add.

    Args:
        told: labels, where there are some.
        population: how many records the model is for, where these are a sample of them: pairs of strangers are then as
            many times more frequent, and rules that would give too many are not chosen.

    Raises:
        ValueError: there is nothing to compare.
    """
    used = usable(left, right, fields)
    if not used:
        raise ValueError("no column has values that two records could share")
    count = len(left) + (len(right) if right is not None else 0)
    whole = max(len(left) * (len(left) - 1) / 2 if right is None else float(len(left)) * len(right), 1.0)
    costed, pairs = _looked_at(left, right, used, count)
    marks = None if told is None else told.of(pairs, len(left if right is None else right))
    found = patterns_of(levels_of(used, left, left if right is None else right, pairs.left, pairs.right), marks)
    one, two = random_pairs(left, right, seed)
    strangers = patterns_of(levels_of(used, left, left if right is None else right, one, two))
    families = possible_families(used)
    exact = [agreement(left, right, field.name) for field in used]
    learnt = Mixture(used, found, strangers, whole, exact, families).run()
    scale = max(population / count, 1.0)
    rules = _rules(costed, pairs, learnt.found[found.places], scale, count) or _few(used)
    others = 2.0 * float((learnt.found * found.counts).sum()) / count
    frequent = _frequent(left, right, used, others, learnt.comparisons)
    read = tuple(field for field in fields if field in used)
    model = Model(read, learnt.comparisons, rules, MAX_BLOCK, learnt.prior, learnt.moved, learnt.families, 0.0, 0.0, frequent)
    return _for_population(with_threshold(model, left, right), scale)


def _looked_at(left: Prepared, right: Prepared | None, fields: Sequence[Field], count: int) -> tuple[rulechoice.Costed, Pairs]:
    """The rules that are thought of with their costs, and the pairs that the cheap ones find together."""
    budget = min(max(PAIRS_PER_RECORD * count, LEAST_PAIRS), MOST_PAIRS)
    costed = rulechoice.Costed(rulechoice.candidates(fields), left, right, MAX_BLOCK, budget / 4)
    taken = tuple(costed.rules[place] for place in costed.cheapest(budget)) or _few(fields)
    return costed, blocked(left, right, taken, MAX_BLOCK)


def _rules(costed: rulechoice.Costed, pairs: Pairs, chance: NDArray[np.float64], scale: float, count: int) -> tuple[Rule, ...]:
    """The rules worth having; what can't be a match is no reason for one."""
    likely = chance > 0.2  # noqa: PLR2004 - one in five
    most = CANDIDATES_EACH * count / 2 if scale > 1 else np.inf
    return rulechoice.chosen(costed, pairs.left[likely], pairs.right[likely], chance[likely], scale, most)


def _frequent(
    left: Prepared, right: Prepared | None, fields: Sequence[Field], others: float, comparisons: Sequence[Comparison]
) -> dict[str, Terms]:
    """The term frequencies of the fields in which a rare value says more."""
    return {
        field.name: terms(left, right, field, others, comparison.levels[0].u)
        for field, comparison in zip(fields, comparisons, strict=True)
        if KINDS[field.kind].terms
    }


def _for_population(model: Model, scale: float) -> Model:
    """The model where there are `scale` times as many records: a pair is as many times less likely one person, or one family."""
    families = tuple(replace(family, rate=float(f"{family.rate / scale:.6g}")) for family in model.families)
    return replace(model, prior=float(f"{model.prior / scale:.6g}"), families=families)


def _few(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Some rules where none finds a pair: all values are distinct, or every block is too large."""
    return tuple(rulechoice.candidates(fields)[: rulechoice.MOST_RULES]) or (Rule((f"{fields[0].name}.exact",)),)


def with_threshold(model: Model, left: Prepared, right: Prepared | None) -> Model:
    """The model with the thresholds that its own scores of these records suggest, and whether each file holds a person once."""
    left = with_shares(left, model.terms)
    right = None if right is None else with_shares(right, model.terms)
    pairs = blocked(left, right, model.rules, model.max_block)
    found = weights(model, left, left if right is None else right, pairs.left, pairs.right, least=LOWEST)
    kept = np.isfinite(found)
    one, two, found = pairs.left[kept], pairs.right[kept], found[kept]
    single = right is not None and has_no_doubles(model, left) and has_no_doubles(model, right)
    sides = (left,) if right is None else (left, right)
    ranks = [side.ids.rank("ordinal").to_numpy().astype(np.int64) for side in sides]
    if single:
        best = cluster.one_to_one(one, two, found, *ranks)
        one, two, found = one[best], two[best], found[best]
    split = len(left) if right is not None else 0
    judge = _judge(model, left, right)
    count = len(left) + (0 if right is None else len(right))
    join, expected = threshold.best_threshold(count, one, two + split, found, judge)
    provenance = {**model.provenance, "expected": expected}
    return replace(model, join=join, review=join - threshold.REVIEW_BITS, one_to_one=single, provenance=provenance)


def _judge(model: Model, left: Prepared, right: Prepared | None) -> Callable[[Rows, Rows], Weights]:
    """The weight of pairs of rows, counted over both files. Pairs within one of two files are judged too."""
    if right is None:
        return lambda one, two: weights(model, left, left, one, two, least=LOWEST - 30)
    split, sides = len(left), (left, right)

    def judge(one: Rows, two: Rows) -> Weights:
        found = np.empty(len(one), np.float64)
        first, second = (one >= split).astype(np.int8), (two >= split).astype(np.int8)
        for here in (0, 1):
            for there in (0, 1):
                mine = np.flatnonzero((first == here) & (second == there))
                rows = one[mine] - split * here, two[mine] - split * there
                found[mine] = weights(model, sides[here], sides[there], *rows, least=LOWEST - 30)
        return found

    return judge


def has_no_doubles(model: Model, records: Prepared) -> bool:
    """Whether a file holds each person once, as far as the model can tell."""
    pairs = pairs_within(records, model.rules, model.max_block)
    found = weights(model, records, records, pairs.left, pairs.right, least=0)
    return float(threshold.chances(found[found > 0]).sum()) <= DOUBLES * len(records)


def blocked(left: Prepared, right: Prepared | None, rules: tuple[Rule, ...], max_block: int) -> Pairs:
    """The pairs of one set, or of two, that the rules find."""
    if right is None:
        return pairs_within(left, rules, max_block)
    return pairs_between(left, index_of(right, rules), rules, max_block)


def usable(left: Prepared, right: Prepared | None, fields: Sequence[Field]) -> list[Field]:
    """The fields that have more than one value, and on each side some; at most `MOST_FIELDS`, those with most values."""
    sides = [left] if right is None else [left, right]
    given = [field for field in fields if all(side.known(field.name).any() for side in sides)]
    kept = [field for field in given if max(len(side.pools[field.name]) for side in sides) > 2] or given  # noqa: PLR2004 - null is one
    if len(kept) <= MOST_FIELDS:
        return kept
    named = sorted(
        kept, key=lambda field: (field.kind in {"text", "number", "category"}, -len(left.pools[field.name]), field.name)
    )
    return [field for field in kept if field in named[:MOST_FIELDS]]


def _counts(records: Prepared, name: str) -> pl.DataFrame:
    """Of each main value, by its hash, in how many records it stands."""
    pool = records.pools[name]
    frame = pl.DataFrame(
        {"value": pool.mains, "key": pool.hashes, "count": np.bincount(records.codes[name], minlength=len(pool))}
    )
    return frame.filter(pl.col("value").is_not_null()).group_by("key", "value").agg(pl.col("count").sum())


def agreement(left: Prepared, right: Prepared | None, name: str) -> float:
    """The share of all pairs with values on both sides that are equal."""
    mine = _counts(left, name)
    if right is None:
        whole = int(mine["count"].sum())
        return float((mine["count"] * (mine["count"] - 1)).sum()) / max(whole * (whole - 1), 1)
    theirs = _counts(right, name)
    both = mine.join(theirs, on="key")
    return float((both["count"] * both["count_right"]).sum()) / max(int(mine["count"].sum()) * int(theirs["count"].sum()), 1)


def terms(left: Prepared, right: Prepared | None, field: Field, others: float, equal: float) -> Terms:
    """How frequent values are among strangers; those of few records are not named, but counted together.

    Args:
        others: how many further records a record's person has on average: these say nothing of how frequent a value is.
        equal: the share of pairs of strangers that agree on the field.
    """
    counts = _counts(left, field.name)
    if right is not None:
        counts = pl.concat([counts, _counts(right, field.name)]).group_by("key", "value").agg(pl.col("count").sum())
    whole = float(counts["count"].sum())
    least = max(min(0.5 / whole, equal) if field.kind in IDENTIFIERS else 0.5 / whole, 1e-8)
    counts = counts.with_columns(share=(pl.col("count") - 1 - others) / whole)
    frequent = counts.filter((pl.col("count") >= TERM_COUNT) & (pl.col("share") > least * 1.5))
    frequent = frequent.sort(["count", "value"], descending=[True, False]).head(MOST_TERMS)
    shares = {value: float(f"{share:.6g}") for value, share in zip(frequent["value"], frequent["share"], strict=True)}
    return Terms(shares, float(f"{least:.6g}"))
