"""Everyone who is known, so that new records find their candidates at once: the same keys, comparisons and weights as in batch.

Records are held in a few parts, each with a sorted index; a part that has grown to a quarter of the one before is merged
into it, so adding n records costs n log n in all. Removed records stay in place until their part is merged.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match.blocking import Keys, index_bytes, index_of, key_of
from rules.match.hashes import Hashes
from rules.match.model import Model
from rules.match.prepared import Prepared, Rows, joined, no_records, taken, with_shares
from rules.match.score import Weights, weights

MERGE_AT = 4


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the known records, their index, and which of them are still known."""

    records: Prepared
    index: tuple[Keys, ...]
    alive: NDArray[np.bool_]


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


@dataclass
class Known:
    """All known records under one model. Not safe for threads; ids are the caller's, one record each."""

    model: Model
    parts: list[Part] = field(default_factory=list)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    @property
    def index_bytes(self) -> int:
        """What the sorted keys take: 12 bytes a record and rule."""
        return sum(index_bytes(part.index) for part in self.parts)

    def add(self, records: Prepared) -> None:
        """Make records known. One that has an id that is known already takes the place of the former."""
        self.remove(records.ids.to_list())
        self.parts.append(self._part(records))
        while len(self.parts) > 1 and len(self.parts[-1].records) * MERGE_AT >= len(self.parts[-2].records):
            last, before = self.parts.pop(), self.parts.pop()
            self.parts.append(self._part(joined(_living(before), _living(last))))
            self._place(len(self.parts) - 1)
        self._place(len(self.parts) - 1)

    def remove(self, ids: list[str]) -> None:
        """Forget records; ids that are not known are passed over."""
        for one in ids:
            at = self.places.pop(one, None)
            if at is not None:
                self.parts[at[0]].alive[at[1]] = False

    def block_sizes(self, records: Prepared) -> NDArray[np.int64]:
        """For each rule and record, how many known records share its key: rules by records. What a cap is decided on."""
        keys = [key_of(records, rule) for rule in self.model.rules]
        return np.array([self.sizes(row, key) for row, key in enumerate(keys)], np.int64).reshape(len(keys), len(records))

    def sizes(self, rule: int, keys: Hashes) -> NDArray[np.int64]:
        """How many known records have each of these keys of a rule; key 0 is nobody's."""
        distinct, places = np.unique(keys, return_inverse=True)
        sizes = np.zeros(len(distinct), np.int64)
        for part in self.parts:
            owners, _ = _living_in(part, rule, distinct)
            sizes += np.bincount(owners, minlength=len(distinct))
        return np.asarray(sizes[places])

    def members(self, rule: int, keys: Hashes) -> list[str]:
        """The ids of the known records that have one of these keys of a rule."""
        found = [part.records.ids.gather(_living_in(part, rule, np.unique(keys))[1]).to_list() for part in self.parts]
        return [one for ids in found for one in ids]

    def taken(self, ids: list[str]) -> Prepared:
        """Some of the known records, in pools of their own and without shares; ids that are not known are passed over."""
        wanted = [self.places[one] for one in ids if one in self.places]
        found = None
        for number, part in enumerate(self.parts):
            rows = np.array([row for at, row in wanted if at == number], np.int64)
            if len(rows):
                piece = taken(part.records, rows)
                found = joined(found, piece) if found else piece
        return found or no_records(self.model.fields)

    def find(self, records: Prepared, *, least: float | None = None) -> Found:
        """The known records that new ones may be one with, from weight `least` (the model's review) on, by new row and id.

        A block whose known records are more than the model's `max_block` gives no pairs.
        """
        least = self.model.review if least is None else least
        sizes = self.block_sizes(records)
        open_ = sizes <= self.model.max_block
        new, ids, found, bits = [], [pl.Series(dtype=pl.String)], [], []
        for part in self.parts:
            one, two, rules = self._pairs(part, records, open_)
            weight = weights(self.model, records, part.records, one, two, least=least)
            kept = np.flatnonzero(weight >= least)
            new.append(one[kept])
            ids.append(part.records.ids.gather(two[kept]))
            found.append(weight[kept])
            bits.append(rules[kept])
        rows = np.concatenate([np.zeros(0, np.int64), *new])
        names = pl.concat(ids)
        place = pl.DataFrame({"row": rows, "id": names}).select(pl.arg_sort_by("row", "id")).to_series().to_numpy()
        too_large = tuple(int(count) for count in (~open_).sum(axis=1))
        values = np.concatenate([np.zeros(0), *found])[place]
        return Found(
            rows[place], names.gather(place).to_list(), values, np.concatenate([np.zeros(0, np.uint64), *bits])[place], too_large
        )

    def _pairs(self, part: Part, records: Prepared, open_: NDArray[np.bool_]) -> tuple[Rows, Rows, NDArray[np.uint64]]:
        keys, bits = [], []
        for row, rule in enumerate(self.model.rules):
            low, high = _block(part.index[row], key_of(records, rule))
            counts = np.where(open_[row], high - low, 0)
            steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
            rows = part.index[row].rows[np.repeat(low, counts) + steps].astype(np.int64)
            pairs = np.repeat(np.arange(len(records)), counts) << 32 | rows
            keys.append(pairs[part.alive[rows]])
            bits.append(np.full(len(keys[-1]), 1 << min(row, 63), np.uint64))
        pairs, places = np.unique(np.concatenate(keys), return_inverse=True)
        rules = np.zeros(len(pairs), np.uint64)
        np.bitwise_or.at(rules, places, np.concatenate(bits))
        return pairs >> 32, pairs & 0xFFFFFFFF, rules

    def _part(self, records: Prepared) -> Part:
        with_terms = with_shares(records, self.model.terms)
        return Part(with_terms, index_of(with_terms, self.model.rules), np.ones(len(records), np.bool_))

    def _place(self, number: int) -> None:
        part = self.parts[number]
        self.places.update({one: (number, row) for row, one in enumerate(part.records.ids.to_list())})


def _block(keys: Keys, key: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low = np.searchsorted(keys.keys, key, "left")
    high = np.searchsorted(keys.keys, key, "right")
    return low, np.where(key == 0, low, high)


def _living_in(part: Part, rule: int, keys: Hashes) -> tuple[Rows, Rows]:
    """The living rows of the blocks of distinct keys, each with the place of its key."""
    low, high = _block(part.index[rule], keys)
    counts = high - low
    owners = np.repeat(np.arange(len(keys)), counts)
    rows = part.index[rule].rows[np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(len(owners))].astype(np.int64)
    alive = part.alive[rows]
    return owners[alive], rows[alive]


def _living(part: Part) -> Prepared:
    if part.alive.all():
        return part.records
    rows = np.flatnonzero(part.alive)
    codes = {name: codes[rows] for name, codes in part.records.codes.items()}
    return replace(part.records, ids=part.records.ids.gather(rows), codes=codes, left_out=part.records.left_out[rows])
