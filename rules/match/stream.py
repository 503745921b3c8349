"""Linking as records come: the pairs and clusters of all that are there, equal to the batch's whatever came before.

A changed record is taken out and looked for again. Where a block passes the model's cap, or falls below it again, its
records are looked for again too: at most `max_block` a block. Clusters are not kept: those that a change can touch are
found from the pairs, before and after.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from rules.match import cluster
from rules.match.blocking import key_of
from rules.match.edges import Edges, Links, joined
from rules.match.known import Known
from rules.match.model import Model
from rules.match.prepared import Prepared, Rows, no_records, of_values, values_of, with_shares
from rules.match.prepared import joined as both

Pair = tuple[str, str]
MOST_RULES = 63
"""Each pair says which rules find it; from the 64th on they would share a bit."""
LINKS = {"one": pl.String, "two": pl.String, "weight": pl.Float64, "rules": pl.UInt64}


@dataclass(frozen=True, slots=True)
class Groups:
    """Clusters as sorted record keys, sorted; and the pairs decided to be apart that stand together all the same."""

    clusters: tuple[tuple[str, ...], ...]
    conflicts: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a batch changed."""

    clusters: tuple[tuple[str, ...], ...]
    """The clusters that were not there before, as sorted record keys, sorted."""
    gone: tuple[str, ...]
    """Records that are no longer there."""
    links: pl.DataFrame
    """Pairs that are new, or weigh otherwise, or are found by other rules: `one`, `two` (keys, one < two), `weight`, `rules`."""
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
    keys: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """Of each record that ever was its number, the place of its key in `keys`."""
    _partners: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.model.rules) > MOST_RULES:
            raise ValueError(f"a model for a stream has at most {MOST_RULES} blocking rules, not {len(self.model.rules)}")
        self.known = Known(self.model)

    def apply(self, upserts: Prepared | None = None, deletes: Sequence[str] = ()) -> Changed:
        """Take records in, in place of those with the same key, and forget others; keys that are not known are passed over.

        Raises:
            ValueError: If a key comes twice: what is its newest state is the caller's to say.
        """
        upserts = no_records(self.model.fields) if upserts is None else upserts
        own = [*upserts.ids.to_list(), *deletes]
        if len(set(own)) < len(own):
            raise ValueError("a record comes twice in one batch")
        former = {key for key in own if key in self.known.places}
        gone = tuple(sorted(former.intersection(deletes)))
        again = self._take_in(upserts, gone)
        touched = self._numbers([*upserts.ids.to_list(), *gone, *again.ids.to_list()])
        scope = self._reach(touched)
        dropped = self.edges.drop(touched).once
        found, too_large = self._found(both(upserts, again) if len(again) else upserts)
        self.edges.add(found)
        scope = self._reach(scope)
        links = self._within(scope)
        untouched = links.where(~(np.isin(links.one, touched) | np.isin(links.two, touched)))
        keys = {self.keys[number] for number in scope.tolist()}
        there = {key for key in keys.difference(own) if key in self.known.places} | former
        before = self._grouped(there, joined([untouched, dropped]), self.together, self.apart)
        return self._changed(scope, before, dropped, found, gone, too_large)

    def decide(self, together: Iterable[Pair], apart: Iterable[Pair]) -> Changed:
        """Put what people decided in the place of what they had decided. Keys may be of records that are yet to come."""
        new_together, new_apart = _pairs(together), _pairs(apart)
        differ = (self.together ^ new_together) | (self.apart ^ new_apart)
        touched = self._numbers(sorted({key for pair in differ for key in pair if key in self.known.places}))
        scope = self._reach(touched)
        old = self.together, self.apart
        self._tell(new_together, new_apart)
        scope = self._reach(scope)
        before = self._grouped([self.keys[number] for number in scope.tolist()], self._within(scope), *old)
        return self._changed(scope, before, joined([]), joined([]), (), (0,) * len(self.model.rules))

    def clusters(self) -> Groups:
        """All clusters of the records that are there, and all conflicts."""
        return self._grouped(self.known.places, self.edges.all(), self.together, self.apart)

    def cluster_of(self, key: str) -> tuple[str, ...]:
        """The records of one's cluster, sorted."""
        if key not in self.known.places:
            raise KeyError("no such record")
        return next(one for one in self._now(self._reach(self._numbers([key]))).clusters if key in one)

    def export(self) -> State:
        """Everything, to be kept elsewhere."""
        told = [(*pair, True) for pair in self.together] + [(*pair, False) for pair in self.apart]
        overrides = pl.DataFrame(sorted(told), schema={"one": pl.String, "two": pl.String, "together": pl.Boolean}, orient="row")
        records = values_of(self.known.taken(sorted(self.known.places)))
        return State(records.sort("id"), self._frame(self.edges.all()), overrides)

    @classmethod
    def load(cls, model: Model, state: State) -> "Linker":
        """A linker that goes on where the exported one was."""
        linker = cls(model)
        if len(state.records):
            linker.known.add(of_values(state.records, model.fields))
        linker._numbers(state.records["id"].to_list())
        one, two = (linker._numbers(state.links[name].to_list()) for name in ("one", "two"))
        linker.edges.add(Links(one, two, state.links["weight"].to_numpy(), state.links["rules"].to_numpy()))
        told = (state.overrides.filter(pl.col("together") == value).select("one", "two").rows() for value in (True, False))
        linker._tell(*(_pairs(pairs) for pairs in told))
        return linker

    def _take_in(self, upserts: Prepared, gone: Sequence[str]) -> Prepared:
        """Change the known records. Gives the other records of blocks that opened or closed by it."""
        changed = [*upserts.ids.to_list(), *gone]
        former, rules = self.known.taken(changed), self.model.rules
        touched = [np.unique(np.concatenate([key_of(former, rule), key_of(upserts, rule)])) for rule in rules]
        was_open = [self.known.sizes(row, keys) <= self.model.max_block for row, keys in enumerate(touched)]
        self.known.remove(list(gone))
        if len(upserts):
            self.known.add(upserts)
        again: set[str] = set()
        for row, keys in enumerate(touched):
            is_open = self.known.sizes(row, keys) <= self.model.max_block
            again.update(self.known.members(row, keys[is_open != was_open[row]]))
        return self.known.taken(sorted(again.difference(changed)))

    def _found(self, records: Prepared) -> tuple[Links, tuple[int, ...]]:
        found = self.known.find(with_shares(records, self.model.terms))
        one, two = self._numbers(records.ids.to_list())[found.new], self._numbers(found.known_ids)
        links = Links(one, two, found.weights, found.rules)
        return links.where(one != two).once, found.too_large

    def _numbers(self, keys: Sequence[str]) -> Rows:
        """The numbers of records, given where they have none yet."""
        for key in keys:
            if key not in self.numbers:
                self.numbers[key] = len(self.keys)
                self.keys.append(key)
        return np.array([self.numbers[key] for key in keys], np.int64)

    def _tell(self, together: frozenset[Pair], apart: frozenset[Pair]) -> None:
        self.together, self.apart, self._partners = together, apart, {}
        for one, two in [*together, *(pair[::-1] for pair in together)]:
            self._partners.setdefault(one, []).append(two)

    def _reach(self, numbers: Rows) -> Rows:
        """All that hangs together with some records, sorted: whole clusters, and more where people decided on some of them."""
        seen = front = np.unique(numbers)
        while len(front):
            links = self.edges.of(front)
            told = (
                [two for number in front.tolist() for two in self._partners.get(self.keys[number], ())] if self._partners else []
            )
            known = [self.numbers[key] for key in told if key in self.numbers]
            front = np.setdiff1d(np.concatenate([links.two[links.weights >= self.model.join], np.array(known, np.int64)]), seen)
            seen = np.union1d(seen, front)
        return seen

    def _within(self, scope: Rows) -> Links:
        return self.edges.of(scope).once

    def _now(self, scope: Rows) -> Groups:
        """The clusters of the records of a scope that are there."""
        keys = [key for key in (self.keys[number] for number in scope.tolist()) if key in self.known.places]
        return self._grouped(keys, self._within(scope), self.together, self.apart)

    def _grouped(self, keys: Iterable[str], links: Links, together: frozenset[Pair], apart: frozenset[Pair]) -> Groups:
        """The clusters of records, by their pairs and what people decided; pairs with others are passed over."""
        names = sorted(keys)
        rows = {key: row for row, key in enumerate(names)}
        numbers = self._numbers(names)
        links = links.where((links.weights >= self.model.join) & np.isin(links.one, numbers) & np.isin(links.two, numbers))
        order = np.argsort(numbers)
        one, two = (order[np.searchsorted(numbers[order], side)] for side in (links.one, links.two))
        told = [[(rows[one], rows[two]) for one, two in pairs if one in rows and two in rows] for pairs in (together, apart)]
        found = cluster.clusters(len(names), one, two, links.weights, self.model.join, *told)
        groups: dict[int, list[str]] = {}
        for key, label in zip(names, found.labels.tolist(), strict=True):
            groups.setdefault(label, []).append(key)
        return Groups(tuple(map(tuple, groups.values())), tuple((names[one], names[two]) for one, two in found.conflicts))

    def _changed(
        self, scope: Rows, before: Groups, dropped: Links, found: Links, gone: tuple[str, ...], too_large: tuple[int, ...]
    ) -> Changed:
        after = self._now(scope)
        new = tuple(sorted(set(after.clusters).difference(before.clusters)))
        old_links, new_links = self._frame(dropped), self._frame(found)
        links = new_links.join(old_links, on=list(LINKS), how="anti", maintain_order="left")
        withdrawn = old_links.join(new_links, on=["one", "two"], how="anti", maintain_order="left")
        return Changed(new, gone, links, withdrawn, after.conflicts, too_large)

    def _frame(self, links: Links) -> pl.DataFrame:
        """Pairs by key, in the order of their keys."""
        pairs = [
            sorted((self.keys[one], self.keys[two])) for one, two in zip(links.one.tolist(), links.two.tolist(), strict=True)
        ]
        one, two = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        frame = pl.DataFrame({"one": one, "two": two, "weight": links.weights, "rules": links.rules}, schema=LINKS)
        return frame.sort("one", "two")


def _pairs(pairs: Iterable[Pair]) -> frozenset[Pair]:
    return frozenset((min(one, two), max(one, two)) for one, two in pairs if one != two)
