"""A look-up of many 64-bit numbers at once: open addressing in arrays, built and asked without a loop over keys; and a sieve before it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Values = npt.NDArray[np.uint32]
_EMPTY = np.uint64(0)
_WIDEST = 24


@dataclass(frozen=True, slots=True)
class Table:
    keys: Hashes
    values: Values
    shift: np.uint64

    @classmethod
    def of(cls, keys: Hashes, values: Values) -> "Table":
        """A table of keys, none of which is 0; of equal keys the values are or-ed."""
        return cls.of_once(*_united(keys, values))

    @classmethod
    def of_once(cls, keys: Hashes, values: Values) -> "Table":
        """A table of keys of which each is there once, and none is 0."""
        bits = max(int(len(keys) * 3).bit_length(), 4)
        table = cls(np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.uint32), np.uint64(64 - bits))
        left = np.arange(len(keys))
        slot = (keys >> table.shift).astype(np.int64)
        while len(left):
            free = table.keys[slot[left]] == _EMPTY
            table.keys[slot[left[free]]] = keys[left[free]]
            won = table.keys[slot[left]] == keys[left]
            table.values[slot[left[won]]] = values[left[won]]
            left = left[~won]
            slot[left] = (slot[left] + 1) & (len(table.keys) - 1)
        return table

    def look(self, keys: Hashes) -> Values:
        """The values of the keys; 0 where there is none."""
        slot = (keys >> self.shift).astype(np.int64)
        found = self.keys[slot]
        here = found == keys
        values = self.values[slot]
        values *= here
        left = np.flatnonzero(~here & (found != _EMPTY))
        mask = len(self.keys) - 1
        while len(left):
            slot[left] = (slot[left] + 1) & mask
            found = self.keys[slot[left]]
            hit = found == keys[left]
            values[left[hit]] = self.values[slot[left[hit]]]
            left = left[~hit & (found != _EMPTY)]
        return values


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which keys can be in a set: of those outside, about one in sixteen passes, too. Small enough for a processor's cache."""

    passes: npt.NDArray[np.bool_]
    shift: np.uint64

    @classmethod
    def of(cls, keys: Hashes) -> "Sieve":
        bits = min(max(int(len(keys) * 8).bit_length(), 10), _WIDEST)
        sieve = cls(np.zeros(1 << bits, np.bool_), np.uint64(64 - bits))
        sieve.passes[keys >> sieve.shift] = True
        return sieve

    def may_hold(self, keys: Hashes) -> npt.NDArray[np.bool_]:
        return self.passes[keys >> self.shift]


def _united(keys: Hashes, values: Values) -> tuple[Hashes, Values]:
    if not len(keys):
        return keys, values
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[first], np.bitwise_or.reduceat(values, first)
