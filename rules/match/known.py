"""Everyone who is known, so that new records find their candidates at once: the same keys, comparisons and weights as in batch.

A record that changes is written anew at the end, and its former row is dead. When a quarter of the rows are dead, or as
many came since as there were, what is alive is written together: n records cost n log n in all. No value is looked at twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match.blocking import Pairs, short_key_of, union
from rules.match.edges import Links
from rules.match.edges import joined as joined_links
from rules.match.forms import asked_for, make_together
from rules.match.growing import Column, Index, Names, Rows, Whole, as_texts
from rules.match.hashes import Short
from rules.match.model import Model, Terms
from rules.match.pool import GrowingPool, Pool
from rules.match.prepared import CHECKED, Coded, Prepared, Shares, encoded, places_of, with_shares
from rules.match.score import Reasons, Weights, joined, reasons, weighed, weights
from rules.match.sets import distinct

LEAST = 10_000
"""Fewer rows are never worth writing together."""
REST = 4
"""While it rests, what is so many times less than must be written together is too."""
CHUNK = 20_000
"""Records looked for at once: what bounds the memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """Scored pairs of new records with known ones."""

    new: Rows
    known_ids: list[str]
    weights: Weights
    rules: NDArray[np.uint64]
    """Bit r is set where rule r found the pair."""
    too_large: tuple[int, ...]
    """For each rule, how many new records fell into a block over the limit."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Scored pairs of known records."""

    links: Links
    """Each once, by number."""
    too_large: tuple[int, ...]
    """For each rule, how many of those looked for stand in a block over the limit."""
    reasons: Reasons
    """Why each pair weighs what it does; none where nobody asked."""


class Known:
    """All known records under one model, numbered. Not safe for threads; ids are the caller's, one record each.

    A number is its id's for ever, whether there is a record or not.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.names = Names()
        self._row_of = Column(np.int32)
        self._forms = asked_for(model)
        self._clear()

    def _clear(self) -> None:
        self._number_of, self._alive, self._left_out = Column(np.int32), Column(np.bool_), Column(np.bool_)
        self._codes = {one.name: Whole() for one in self.model.fields}
        self._pools = {one.name: GrowingPool(checked=one.kind in CHECKED) for one in self.model.fields}
        self._index = [Index() for _ in self.model.rules]
        self._dead = [Index() for _ in self.model.rules]
        self._living, self._written = 0, 0  # the latter: rows that were written together at first

    def __len__(self) -> int:
        return self._living

    def __contains__(self, one: str) -> bool:
        return bool(self.has(self.find_numbers([one]))[0])

    @property
    def index_bytes(self) -> int:
        """What the sorted keys take: 8 bytes a record and rule."""
        return sum(index.nbytes for index in (*self._index, *self._dead))

    def numbers(self, ids: Sequence[str] | pl.Series) -> Rows:
        """The numbers of ids, given where they have none yet."""
        numbers = self.names.numbers(as_texts(ids))
        self._make_room()
        return numbers

    def find_numbers(self, ids: Sequence[str] | pl.Series) -> Rows:
        """The numbers of ids, -1 where there is none."""
        self._make_room()
        return self.names.find(as_texts(ids))

    def _make_room(self) -> None:
        """Others too may have given numbers to `names`."""
        self._row_of.extend(np.full(len(self.names) - len(self._row_of), -1, np.int32))

    def has(self, numbers: Rows) -> NDArray[np.bool_]:
        """Whether there are records of these numbers."""
        there = numbers >= 0
        there[there] = self._rows(numbers[there]) >= 0
        return there

    def all(self) -> Rows:
        """The numbers of all records."""
        return np.asarray(self._number_of.values[self._alive.values].astype(np.int64))

    def people(self, numbers: Rows | None = None) -> Rows:
        """The numbers, of these or of all, whose records are there and no organisations'."""
        if numbers is None:
            return np.asarray(self._number_of.values[self._alive.values & ~self._left_out.values].astype(np.int64))
        there = numbers[self.has(numbers)]
        return np.asarray(there[~self._left_out.values[self._rows(there)]])

    def add(self, records: Prepared, numbers: Rows | None = None) -> None:
        """Make records known, in place of those that have their ids already; of these numbers, where they are known.

        Raises:
            ValueError: If an id comes twice.
        """
        numbers = self.numbers(records.ids) if numbers is None else numbers
        if len(distinct(numbers)) < len(numbers):
            raise ValueError("a record comes twice")
        self.remove(numbers)
        self._write(numbers, records)
        self._write_together(1)

    def rest(self) -> bool:
        """While nobody waits, write together what would soon have to be; whether anything was."""
        return self._write_together(REST)

    def _write_together(self, share: int) -> bool:
        """Where a share of the rows is dead or came since that, times `share`, is too many."""
        dead, later = len(self._alive) - self._living, len(self._alive) - self._written
        if 4 * share * dead <= LEAST + self._living and share * later <= LEAST + self._written:
            return False
        living = np.flatnonzero(self._alive.values)
        kept, all_numbers = self._taken(living), self._number_of.values[living].astype(np.int64)
        self._clear()
        self._write(all_numbers, kept)
        return True

    def remove(self, numbers: Rows) -> None:
        """Forget records; numbers without one are passed over."""
        rows = self._rows(numbers[self.has(numbers)])
        if len(rows):
            coded = self._coded()
            for dead, rule in zip(self._dead, self.model.rules, strict=True):
                dead.add(short_key_of(coded, rule, rows), rows)
            self._alive.values[rows] = False
            self._row_of.values[self._number_of.values[rows]] = -1
            self._living -= len(rows)

    def keys(self, numbers: Rows) -> list[Short]:
        """For each rule the keys of those of the numbers that have a record."""
        coded, rows = self._coded(), self._rows(numbers[self.has(numbers)])
        return [short_key_of(coded, rule, rows) for rule in self.model.rules]

    def sizes(self, rule: int, keys: Short) -> Rows:
        """How many known records have each of these keys of a rule; key 0 is nobody's."""
        return self._index[rule].counts(keys) - self._dead[rule].counts(keys)

    def members(self, rule: int, keys: Short) -> Rows:
        """The numbers of the known records that have one of these distinct keys of a rule."""
        rows = self._index[rule].rows_at(self._index[rule].places(keys))[1]
        return np.asarray(self._number_of.values[rows[self._alive.values[rows]]].astype(np.int64))

    def taken(self, numbers: Rows) -> Prepared:
        """Some of the known records, in pools of their own and without shares."""
        return self._taken(self._rows(numbers))

    def reasons(self, one: Rows, two: Rows) -> Reasons:
        """Every part of the weight of pairs of known records."""
        coded = self._coded()
        return reasons(self.model, coded, coded, self._rows(one), self._rows(two))

    def find(self, records: Prepared, *, least: float | None = None) -> Found:
        """The known records that new ones may be one with, from weight `least` (the model's review) on, by new row and id.

        A block whose known records are more than the model's `max_block` gives no pairs.
        """
        least = self.model.review if least is None else least
        left, right = with_shares(records, self.model.terms), self._coded()
        keys = [short_key_of(left, rule) for rule in self.model.rules]
        pairs = self._pairs(keys, np.arange(len(left)))
        weight = weights(self.model, left, right, pairs.left, pairs.right, least=least)
        kept = np.flatnonzero(weight >= least)
        names = self.names.of(self._number_of.values[pairs.right[kept]])
        order = pl.DataFrame({"row": pairs.left[kept], "id": names}).select(pl.arg_sort_by("row", "id")).to_series().to_numpy()
        kept = kept[order]
        return Found(pairs.left[kept], names.gather(order).to_list(), weight[kept], pairs.rules[kept], pairs.too_large)

    def matches(self, numbers: Rows, *, with_reasons: bool = False) -> Matches:
        """The known records that some of them may be one with, from the model's review on."""
        coded, rows = self._coded(), distinct(self._rows(numbers))
        asked = np.zeros(len(self._alive), np.bool_)
        asked[rows] = True
        links, too_large, why = [], np.zeros(len(self.model.rules), np.int64), []
        for low in range(0, len(rows), CHUNK):
            own = rows[low : low + CHUNK]
            pairs = self._pairs([short_key_of(coded, rule, own) for rule in self.model.rules], own, asked)
            kept, found = weighed(self.model, coded, coded, pairs.left, pairs.right, least=self.model.review)
            one, two = (self._number_of.values[side[kept]].astype(np.int64) for side in (pairs.left, pairs.right))
            links.append(Links(one, two, found.total, pairs.rules[kept]))
            why += [found] if with_reasons else []
            too_large += pairs.too_large
        return Matches(joined_links(links), tuple(too_large.tolist()), joined(self.model, why))

    def _pairs(self, keys: list[Short], rows: Rows, asked: NDArray[np.bool_] | None = None) -> Pairs:
        """Pairs of rows with known ones in open blocks; of two that are both asked for, the lower comes first, once."""
        found, too_large = [], []
        for rule, key in enumerate(keys):
            places = self._index[rule].places(key)
            is_open = places.counts - self._dead[rule].counts(key) <= self.model.max_block
            too_large.append(int((~is_open).sum()))
            owners, others = self._index[rule].rows_at(places, is_open)
            own = rows[owners]
            kept = self._alive.values[others]
            if asked is not None:
                kept &= ~asked[others] | (own < others)
            found.append(own[kept].astype(np.uint64) << np.uint64(32) | others[kept].astype(np.uint64))
        return union(found, tuple(too_large))

    def _rows(self, numbers: Rows) -> Rows:
        return np.asarray(self._row_of.values[numbers].astype(np.int64))

    def _coded(self) -> Coded:
        """All rows, dead ones too."""
        shares = {
            name: Shares(self._pools[name].form("share", _placed(terms)), terms.table) for name, terms in self.model.terms.items()
        }
        codes = {name: column.values for name, column in self._codes.items()}
        return Coded(codes, self._pools, self._left_out.values, shares)

    def _write(self, numbers: Rows, records: Prepared) -> None:
        self._written = self._written or len(records)
        rows = len(self._alive) + np.arange(len(records))
        make_together((records.pools[name], forms) for name, forms in self._forms.items())
        for name, pool in self._pools.items():
            codes = records.codes[name]
            self._codes[name].extend(np.where(codes == 0, 0, codes + (pool.add(records.pools[name]) - 1)))
        self._left_out.extend(records.left_out)
        self._alive.extend(np.ones(len(rows), np.bool_))
        self._number_of.extend(numbers)
        self._row_of.values[numbers] = rows
        self._living += len(rows)
        coded = self._coded()
        for index, rule in zip(self._index, self.model.rules, strict=True):
            index.add(short_key_of(coded, rule, rows), rows)

    def _taken(self, rows: Rows) -> Prepared:
        codes, pools = {}, {}
        for name, pool in self._pools.items():
            used, places = np.unique(self._codes[name].values[rows], return_inverse=True)
            new, pools[name] = encoded(pool.gather(used), checked=pool.checked)
            codes[name] = new[places]
        names = self.names.of(self._number_of.values[rows])
        return Prepared(codes, pools, self._left_out.values[rows], ids=names.rename("id"))


def _placed(terms: Terms) -> Callable[[Pool], NDArray[Any]]:
    return lambda pool: places_of(pool, terms)
