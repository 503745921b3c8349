"""Columns that grow at their end, and are read as a whole at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import eq
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from rules.match.hashes import Short, hashed, shortened

MOST_BYTES = 2**30
"""Parts of texts are not merged beyond it: within one they are found by 32 bits."""
MERGE_AT = 16
"""Of pieces each is at least so many times the next: so n come together in n log n."""
FEW = 1000
"""So few texts are looked at one by one: it costs more to begin with all at once."""
Rows = NDArray[np.int64]


class Column:
    """Numbers of one type. Not safe for threads."""

    def __init__(self, dtype: type[np.generic], width: tuple[int, ...] = ()) -> None:
        self._room: NDArray[Any] = np.zeros((0, *width), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[Any]:
        """All of them, to be read and written in place, until it grows."""
        return self._room[: self._count]

    def extend(self, values: NDArray[Any]) -> None:
        """An eighth more room than is needed is taken when there is none: no copy of everything for every few."""
        need = self._count + len(values)
        if need > len(self._room):
            room = np.zeros((need + (need // 8 if self._count else 0), *self._room.shape[1:]), self._room.dtype)
            room[: self._count] = self.values
            self._room = room
        self._room[self._count : need] = values
        self._count = need


class Whole(Column):
    """Whole numbers from 0 on, each taking as many bytes as the largest of them. Not safe for threads."""

    def __init__(self) -> None:
        super().__init__(np.uint8)

    def extend(self, values: NDArray[Any]) -> None:
        kind = np.min_scalar_type(int(values.max(initial=0)))
        if kind.itemsize > self._room.itemsize:
            self._room = self._room.astype(kind)
        super().extend(values)


class Texts:
    """Texts, 4 bytes each and what they are long. Not safe for threads."""

    def __init__(self) -> None:
        self._parts: list[pa.Array[pa.StringScalar]] = []
        self._ends = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def extend(self, texts: pl.Series) -> None:
        """What else the memory of these holds is not kept."""
        if not len(texts):
            return
        self._parts.append(texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string()))
        while len(self._parts) > 1 and len(self._parts[-1]) * MERGE_AT >= len(self._parts[-2]) and self._fit():
            last, before = self._parts.pop(), self._parts.pop()
            self._parts.append(pa.concat_arrays([before, last]))
        self._ends = np.cumsum([len(part) for part in self._parts])

    def _fit(self) -> bool:
        return sum(int(part.nbytes) for part in self._parts[-2:]) <= MOST_BYTES

    def gather(self, rows: NDArray[np.integer]) -> pl.Series:
        """The texts at some places, as many times as these are given."""
        if len(self._parts) == 1:
            return pl.Series("v", self._parts[0].take(pa.array(rows)), dtype=pl.String)
        if len(rows) <= FEW:
            return pl.Series("v", self.listed(rows), dtype=pl.String)
        order, pieces = self._by_part(rows)
        found = [pl.Series("v", part.take(pa.array(piece)), dtype=pl.String) for part, piece in pieces]
        return pl.concat([pl.Series("v", [], dtype=pl.String), *found]).gather(_back(order))

    def listed(self, rows: NDArray[np.integer]) -> list[Any]:
        """As `gather`, as Python's own text."""
        if len(self._parts) == 1:
            return list(self._parts[0].take(pa.array(rows)).to_pylist())
        order, pieces = self._by_part(rows)
        found = list(chain.from_iterable(part.take(pa.array(piece)).to_pylist() for part, piece in pieces))
        return list(map(found.__getitem__, _back(order).tolist()))

    def _by_part(self, rows: NDArray[np.integer]) -> tuple[Rows, list[tuple["pa.Array[pa.StringScalar]", Rows]]]:
        """The order of rows by part; and of each part that has some of them these, counted from its own first."""
        part_of = np.searchsorted(self._ends, rows, "right")
        order = np.argsort(part_of, kind="stable")
        cuts = np.cumsum(np.bincount(part_of, minlength=len(self._parts))).tolist()
        ordered, pieces, low, start = rows[order].astype(np.int64), [], 0, 0
        for part, end, high in zip(self._parts, self._ends.tolist(), cuts, strict=True):
            if low < high:
                pieces.append((part, ordered[low:high] - start))
            low, start = high, end
        return order, pieces


def _back(order: Rows) -> Rows:
    """Where what was put in an order is found."""
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return back


class Index:
    """The rows of each key, found by halving: 8 bytes a row. Key 0 is nobody's. Not safe for threads."""

    def __init__(self) -> None:
        self.parts: list[tuple[Short, NDArray[np.int32]]] = []

    @property
    def nbytes(self) -> int:
        return sum(keys.nbytes + rows.nbytes for keys, rows in self.parts)

    def add(self, keys: Short, rows: Rows) -> None:
        order = np.argsort(keys)
        order = order[int(np.count_nonzero(keys == 0)) :]
        if not len(order):
            return
        self.parts.append((keys[order], rows[order].astype(np.int32)))
        while len(self.parts) > 1 and len(self.parts[-1][0]) * MERGE_AT >= len(self.parts[-2][0]):
            last, before = self.parts.pop(), self.parts.pop()
            self.parts.append(_merged(before, last))

    def counts(self, keys: Short) -> Rows:
        """How many rows each key has."""
        return self.places(keys).counts

    def places(self, keys: Short) -> "Places":
        """Where the rows of keys are. They are looked for in order, since neighbours are near then."""
        order = np.argsort(keys)
        ordered = keys[order]
        start = int(np.searchsorted(ordered, ordered.dtype.type(0), "right"))
        ranges = []
        for own, _ in self.parts:
            low, count = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
            first = np.searchsorted(own, ordered[start:], "left")
            low[order[start:]] = first
            count[order[start:]] = np.searchsorted(own, ordered[start:], "right") - first
            ranges.append((low, count))
        return Places(ranges, np.sum([count for _, count in ranges], axis=0) if ranges else np.zeros(len(keys), np.int64))

    def rows_at(self, places: "Places", wanted: NDArray[np.bool_] | None = None) -> tuple[Rows, Rows]:
        """The rows at places, each with that of its key: of the keys that are wanted, or of all."""
        owners, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for (low, count), (_, rows) in zip(places.ranges, self.parts, strict=True):
            counts = count if wanted is None else np.where(wanted, count, 0)
            owner = np.repeat(np.arange(len(counts)), counts)
            steps = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
            owners.append(owner)
            found.append(rows[low[owner] + steps].astype(np.int64))
        return np.concatenate(owners), np.concatenate(found)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of some keys are in an index, until it changes."""

    ranges: list[tuple[Rows, Rows]]
    """In each of its parts the first place of each key, and how many there are."""
    counts: Rows


def _merged(first: tuple[Short, NDArray[np.int32]], second: tuple[Short, NDArray[np.int32]]) -> tuple[Short, NDArray[np.int32]]:
    """Two sorted runs as one: each goes as far on as there are keys of the other before it."""
    place = np.searchsorted(first[0], second[0], "right") + np.arange(len(second[0]))
    count = len(first[0]) + len(second[0])
    keys, rows = np.empty(count, first[0].dtype), np.empty(count, np.int32)
    of_first = np.ones(len(keys), np.bool_)
    of_first[place] = False
    keys[place], rows[place] = second
    keys[of_first], rows[of_first] = first
    return keys, rows


class Names:
    """Distinct texts and their numbers, in the order in which they first came. Not safe for threads.

    They are looked for by 32 bits of their hash, and compared.
    """

    def __init__(self, texts: Texts | None = None) -> None:
        """Args:
        texts: where they are kept, empty.
        """
        self.texts = Texts() if texts is None else texts
        self._index = Index()

    def __len__(self) -> int:
        return len(self.texts)

    def find(self, texts: pl.Series) -> Rows:
        """The number of each text, -1 where it has none."""
        return self._find(texts, _keys(texts))

    def numbers(self, texts: pl.Series) -> Rows:
        """The number of each text, given where it has none yet."""
        keys = _keys(texts)
        found = self._find(texts, keys)
        new = np.flatnonzero(found < 0)
        if len(new):
            coded = texts.gather(new).to_arrow().dictionary_encode()
            codes = coded.indices.to_numpy()
            self._index.add(keys[new[np.unique(codes, return_index=True)[1]]], len(self) + np.arange(len(coded.dictionary)))
            found[new] = codes.astype(np.int64) + len(self)
            self.texts.extend(pl.Series("v", coded.dictionary, dtype=pl.String))
        return found

    def of(self, numbers: Rows) -> pl.Series:
        return self.texts.gather(numbers)

    def listed(self, numbers: Rows) -> list[str]:
        """As `of`, as Python's own text."""
        return self.texts.listed(numbers)

    def order(self, numbers: Rows) -> Rows:
        """The places of numbers in the order of their texts."""
        if len(numbers) > FEW:
            return self.of(numbers).arg_sort().to_numpy().astype(np.int64)
        texts = self.listed(numbers)
        return np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)

    def _find(self, texts: pl.Series, keys: Short) -> Rows:
        found = np.full(len(texts), -1, np.int64)
        if not len(texts):
            return found
        owners, numbers = self._index.rows_at(self._index.places(keys))
        if len(numbers) <= FEW:
            wanted = map(texts.to_list().__getitem__, owners.tolist())
            same = np.fromiter(map(eq, self.texts.listed(numbers), wanted), np.bool_, len(numbers))
        else:
            same = (self.texts.gather(numbers) == texts.gather(owners)).to_numpy()
        found[owners[same]] = numbers[same]
        return found


def _keys(texts: pl.Series) -> Short:
    return np.maximum(shortened(hashed(texts)), np.uint32(1))


def as_texts(texts: Sequence[str] | pl.Series) -> pl.Series:
    return texts if isinstance(texts, pl.Series) else pl.Series("v", texts, dtype=pl.String)
