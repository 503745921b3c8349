"""Linking as records come: the pairs and clusters of all that are there, equal to the batch's whatever came before.

A changed record is taken out and looked for again. Where a block passes the model's cap, or falls below it again, its
records are looked for again too: at most `max_block` a block. Clusters are not kept: those that a change can touch are
found from the pairs, before and after.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match import cluster
from rules.match.edges import Edges, Links, joined
from rules.match.growing import FEW, Names, Rows
from rules.match.known import Known
from rules.match.model import Model
from rules.match.prepared import Prepared, no_records, of_values, values_of
from rules.match.score import Reasons, no_reasons
from rules.match.sets import among, distinct, either, without

Pair = tuple[str, str]
Told = tuple[Rows, Rows]
"""Pairs told to be together, and to be apart, by number: n by 2."""
MOST_RULES = 63
"""Each pair says which rules find it; from the 64th on they would share a bit."""
LINKS = {"one": pl.String, "two": pl.String, "weight": pl.Float64, "rules": pl.UInt64}


@dataclass(frozen=True)
class Groups:
    """Clusters of records; and the pairs decided to be apart that stand together all the same.

    Organisations are in no cluster: none of them is a person.
    """

    names: Names
    numbers: Rows
    """The records, cluster after cluster: by key, and clusters by their first."""
    starts: Rows
    """The place of each cluster's first record."""
    conflicts: tuple[Pair, ...]

    @cached_property
    def clusters(self) -> tuple[tuple[str, ...], ...]:
        """As sorted record keys, sorted."""
        keys = self.names.listed(self.numbers)
        return tuple(tuple(keys[low:high]) for low, high in pairwise([*self.starts.tolist(), len(keys)]))

    @property
    def sizes(self) -> Rows:
        return np.diff(self.starts, append=len(self.numbers))

    def where(self, kept: NDArray[np.bool_]) -> "Groups":
        """Some of the clusters."""
        sizes = self.sizes[kept]
        return Groups(self.names, self.numbers[np.repeat(kept, self.sizes)], np.cumsum(sizes) - sizes, ())

    def pieces(self, size: int) -> Iterator["Groups"]:
        """The clusters in pieces of about so many records."""
        piece = self.starts // size
        for one in distinct(piece).tolist():
            yield self.where(piece == one)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a batch changed."""

    clusters: tuple[tuple[str, ...], ...]
    """The clusters that were not there before, as sorted record keys, sorted; organisations are in none."""
    gone: tuple[str, ...]
    """Records that are no longer there, or have turned out to be an organisation's, sorted."""
    links: pl.DataFrame
    """Pairs that are new, or weigh otherwise, or are found by other rules: `one`, `two` (keys, one < two), `weight`, `rules`."""
    reasons: Reasons
    """Why each of these weighs what it does."""
    withdrawn: pl.DataFrame
    """Pairs that are no more, as they were."""
    conflicts: tuple[Pair, ...]
    """Pairs decided to be apart that stand together all the same, among the records looked at."""
    too_large: tuple[int, ...]
    """For each rule, how many of the records looked at stand in a block over the limit."""


@dataclass(frozen=True, slots=True)
class State:
    """All that a linker holds, in one order whatever came before: equal states go on alike."""

    records: pl.DataFrame
    """Sorted by `id`; the columns are those of `prepared.values_of`."""
    links: pl.DataFrame
    overrides: pl.DataFrame
    """`one`, `two`, `together` (false is apart)."""


@dataclass
class Linker:
    """Records, their pairs, and what people decided. Not safe for threads.

    A record's key (`dataset/key`) is its id. Pairs are kept from the model's `review` on.
    """

    model: Model
    known: Known = field(init=False)
    edges: Edges = field(default_factory=Edges)
    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    _told: Told = field(init=False)

    def __post_init__(self) -> None:
        if len(self.model.rules) > MOST_RULES:
            raise ValueError(f"a model for a stream has at most {MOST_RULES} blocking rules, not {len(self.model.rules)}")
        self.known = Known(self.model)
        self._told = self._numbered(self.together, self.apart)

    def begin(self, pieces: Iterable[Prepared]) -> tuple[int, ...]:
        """Take in all records there are, of which each comes once, where there are none yet.

        Returns:
            As `Changed.too_large`, of them all.
        """
        for records in pieces:
            self.known.add(records)
        matches = self.known.matches(self.known.all())
        self.edges.add(matches.links)
        return matches.too_large

    def apply(self, upserts: Prepared | None = None, deletes: Sequence[str] = ()) -> Changed:
        """Take records in, in place of those with the same key, and forget others; keys that are not known are passed over.

        Raises:
            ValueError: If a key comes twice: what is its newest state is the caller's to say.
        """
        upserts = no_records(self.model.fields) if upserts is None else upserts
        if len({*upserts.ids.to_list(), *deletes}) < len(upserts) + len(deletes):
            raise ValueError("a record comes twice in one batch")
        new, out = self.known.numbers(upserts.ids), self.known.find_numbers(deletes)
        out = out[self.known.has(out)]
        own = np.concatenate([new, out])
        former = self.known.people(own)
        again = self._take_in(new, upserts, out)
        touched = either(own, again)
        scope = self._reach(touched)
        dropped = self.edges.drop(touched).once
        matches = self.known.matches(np.concatenate([new, again]), with_reasons=True)
        found, places = matches.links.first
        self.edges.add(found)
        scope = self._reach(scope)
        links = self.edges.of(scope).once
        untouched = links.where(~(among(links.one, touched) | among(links.two, touched)))
        there = either(self.known.people(without(scope, np.sort(own))), former)
        before = self._grouped(there, joined([untouched, dropped]), self._told)
        gone = either(out, without(former, np.sort(self.known.people(former))))
        after = self._grouped(self.known.people(scope), links, self._told)
        is_new, is_lost = found.differing(dropped)
        told, order = self.frame(found.where(is_new))
        why, withdrawn = matches.reasons.where(places[is_new][order]), self.frame(dropped.where(is_lost))[0]
        names = tuple(sorted(self.known.names.listed(gone)))
        return Changed(_new(after, before), names, told, why, withdrawn, after.conflicts, matches.too_large)

    def decide(self, together: Iterable[Pair], apart: Iterable[Pair]) -> Changed:
        """Put what people decided in the place of what they had decided. Keys may be of records that are yet to come."""
        new_together, new_apart = _pairs(together), _pairs(apart)
        differ = (self.together ^ new_together) | (self.apart ^ new_apart)
        touched = self.known.numbers(sorted({key for pair in differ for key in pair}))
        scope, old = self._reach(touched), self._told
        self._tell(new_together, new_apart)
        scope = self._reach(scope)
        there, links = self.known.people(scope), self.edges.of(scope).once
        after, before = self._grouped(there, links, self._told), self._grouped(there, links, old)
        nothing, too_large = pl.DataFrame(schema=LINKS), (0,) * len(self.model.rules)
        return Changed(_new(after, before), (), nothing, no_reasons(self.model), nothing, after.conflicts, too_large)

    def clusters(self) -> Groups:
        """All clusters of the records that are there, and all conflicts."""
        return self._grouped(self.known.people(), self.edges.all(), self._told)

    def cluster_of(self, key: str) -> tuple[str, ...]:
        """The records of one's cluster, sorted; none if it is an organisation's."""
        if key not in self.known:
            raise KeyError("no such record")
        scope = self._reach(self.known.find_numbers([key]))
        groups = self._grouped(self.known.people(scope), self.edges.of(scope).once, self._told)
        return next((one for one in groups.clusters if key in one), ())

    def export(self) -> State:
        """Everything, to be kept elsewhere."""
        told = [(*pair, True) for pair in self.together] + [(*pair, False) for pair in self.apart]
        overrides = pl.DataFrame(sorted(told), schema={"one": pl.String, "two": pl.String, "together": pl.Boolean}, orient="row")
        records = values_of(self.known.taken(self.known.all()))
        return State(records.sort("id"), self.frame(self.edges.all())[0], overrides)

    @classmethod
    def load(cls, model: Model, state: State) -> "Linker":
        """A linker that goes on where the exported one was."""
        linker = cls(model)
        if len(state.records):
            linker.known.add(of_values(state.records, model.fields))
        one, two = (linker.known.numbers(state.links[name]) for name in ("one", "two"))
        linker.edges.add(Links(one, two, state.links["weight"].to_numpy(), state.links["rules"].to_numpy()))
        told = (state.overrides.filter(pl.col("together") == value).select("one", "two").rows() for value in (True, False))
        linker._tell(*(_pairs(pairs) for pairs in told))
        return linker

    def _take_in(self, new: Rows, upserts: Prepared, out: Rows) -> Rows:
        """Change the known records. Gives the other records of blocks that opened or closed by it."""
        former = self.known.keys(np.concatenate([new, out]))
        self.known.remove(out)
        if len(upserts):
            self.known.add(upserts, new)
        again = [np.zeros(0, np.int64)]
        for rule, (old, key) in enumerate(zip(former, self.known.keys(new), strict=True)):
            keys = either(old, key)
            more = np.bincount(np.searchsorted(keys, key), minlength=len(keys))
            less = np.bincount(np.searchsorted(keys, old), minlength=len(keys))
            now = self.known.sizes(rule, keys)
            changed = ((now - more + less) <= self.model.max_block) != (now <= self.model.max_block)
            again.append(self.known.members(rule, keys[changed & (keys != 0)]))
        return without(np.concatenate(again), np.sort(np.concatenate([new, out])))

    def _tell(self, together: frozenset[Pair], apart: frozenset[Pair]) -> None:
        self.together, self.apart = together, apart
        self._told = self._numbered(together, apart)

    def _numbered(self, together: frozenset[Pair], apart: frozenset[Pair]) -> Told:
        both = [self.known.numbers([key for pair in sorted(pairs) for key in pair]).reshape(-1, 2) for pairs in (together, apart)]
        return both[0], both[1]

    def _reach(self, numbers: Rows) -> Rows:
        """All that hangs together with some records, sorted: whole clusters, and more where people decided on some of them."""
        seen = front = distinct(numbers)
        told = np.concatenate([self._told[0], self._told[0][:, ::-1]])
        while len(front):
            links = self.edges.of(front)
            beside = told[among(told[:, 0], front), 1]
            front = without(np.concatenate([links.two[links.weights >= self.model.join], beside]), seen)
            seen = either(seen, front)
        return seen

    def _grouped(self, numbers: Rows, links: Links, told: Told) -> Groups:
        """The clusters of records, by their pairs and what people decided; pairs with others are passed over."""
        order = self.known.names.order(numbers)
        place = np.argsort(numbers[order])
        ranked = numbers[order][place]

        def rows(of: Rows) -> Rows:
            return np.asarray(place[np.searchsorted(ranked, of)])

        is_strong = links.weights >= self.model.join
        is_strong[is_strong] = among(links.one[is_strong], ranked) & among(links.two[is_strong], ranked)
        strong = links.where(is_strong)
        together, apart = (list(zip(*(rows(side).tolist() for side in _within(pairs, ranked).T), strict=True)) for pairs in told)
        found = cluster.clusters(len(order), rows(strong.one), rows(strong.two), strong.weights, self.model.join, together, apart)
        by_label = np.argsort(found.labels, kind="stable")
        starts = np.flatnonzero(np.diff(found.labels[by_label], prepend=-1))
        ends = np.array(found.conflicts, np.int64).reshape(-1, 2).T
        keys = zip(*(self.known.names.listed(numbers[order][side]) for side in ends), strict=True)
        conflicts = sorted((min(pair), max(pair)) for pair in keys)
        return Groups(self.known.names, numbers[order][by_label], starts, tuple(conflicts))

    def frame(self, links: Links) -> tuple[pl.DataFrame, Rows]:
        """Pairs by key, in the order of their keys; and the place that each had."""
        if len(links) > FEW:
            return self._frame_of_many(links)
        ends = zip(self.known.names.listed(links.one), self.known.names.listed(links.two), strict=True)
        rows = sorted((min(pair), max(pair), place) for place, pair in enumerate(ends))
        order = np.array([place for _, _, place in rows], np.int64)
        texts = {"one": [one for one, _, _ in rows], "two": [two for _, two, _ in rows]}
        return pl.DataFrame({**texts, "weight": links.weights[order], "rules": links.rules[order]}, schema=LINKS), order

    def _frame_of_many(self, links: Links) -> tuple[pl.DataFrame, Rows]:
        one, two = (self.known.names.of(side) for side in (links.one, links.two))
        frame = pl.DataFrame({"a": one, "b": two, "weight": links.weights, "rules": links.rules}).with_row_index("place")
        low, high = (pl.when((pl.col("a") < pl.col("b")) == is_low).then("a").otherwise("b") for is_low in (True, False))
        ordered = (
            frame.lazy().select(low.alias("one"), high.alias("two"), "weight", "rules", "place").sort("one", "two").collect()
        )
        return ordered.drop("place"), ordered["place"].to_numpy()


def _new(after: Groups, before: Groups) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(set(after.clusters).difference(before.clusters)))


def _within(pairs: Rows, ranked: Rows) -> Rows:
    return np.asarray(pairs[among(pairs, ranked).all(axis=1)])


def _pairs(pairs: Iterable[Pair]) -> frozenset[Pair]:
    return frozenset((min(one, two), max(one, two)) for one, two in pairs if one != two)
