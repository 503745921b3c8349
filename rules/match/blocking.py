"""Which pairs are looked at: records that agree on the parts of a rule, as 32-bit hashes, within one set or between two.

Of a million records some hundred pairs that do not agree have one such hash: they are weighed like any other, and weigh little.

One enormous block gives no pairs: whether it does depends on the records and the model's `max_block` alone, never on
who came first, and it is reported. Each pair carries the rules that found it as bits, so that whoever keeps pairs for
long can withdraw what a rule had found alone when a block of it has grown too large.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.match.forms import FORMS
from rules.match.growing import Rows
from rules.match.hashes import Hashes, Short, mixed, shortened
from rules.match.model import Rule
from rules.match.prepared import Coded

ALL = slice(None)


@dataclass(frozen=True, slots=True)
class Pairs:
    """m pairs of rows, each once, sorted by left, then right."""

    left: Rows
    right: Rows
    rules: NDArray[np.uint64]
    """Bit r is set where rule r found the pair; bit 63 stands for all rules from the 64th on."""
    too_large: tuple[int, ...]
    """For each rule, how many records stand in blocks that are over the limit."""

    def __len__(self) -> int:
        return len(self.left)


def key_of(records: Coded, rule: Rule, rows: Rows | slice = ALL) -> Hashes:
    """Of records, or some rows of them, the key of a rule; 0 where a part is null or the record is left out."""
    key = np.ones(len(records.left_out[rows]), np.uint64)
    for part in rule.parts:
        names, form = part.split(".")
        if form == "either":
            first, second = (records.pools[name].sounds[records.codes[name][rows]] for name in names.split("+"))
            found = mixed(np.minimum(first, second), np.maximum(first, second))
        else:
            found = records.pools[names].form(form, FORMS[form])[records.codes[names][rows]]
        key = mixed(key, found)
    key[records.left_out[rows]] = 0
    return key


def short_key_of(records: Coded, rule: Rule, rows: Rows | slice = ALL) -> Short:
    """As `key_of`, in half the bytes."""
    return shortened(key_of(records, rule, rows))


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one rule, sorted, with the rows they are of; records without a key are not in it."""

    keys: Short
    rows: NDArray[np.int32]


def sorted_keys(key: Short) -> Keys:
    order = np.argsort(key).astype(np.int32)
    start = int(np.count_nonzero(key == 0))
    return Keys(key[order][start:], order[start:])


def block_sizes(keys: Keys) -> NDArray[np.int64]:
    """The sizes of the blocks of a rule, in the order of their keys."""
    if not len(keys.keys):
        return np.zeros(0, np.int64)
    edges = np.flatnonzero(np.diff(keys.keys)) + 1
    return np.diff(np.concatenate([[0], edges, [len(keys.keys)]]))


def pairs_within(records: Coded, rules: tuple[Rule, ...], max_block: int) -> Pairs:
    """The pairs of one set that some rule finds, left below right."""
    found, too_large = [], []
    for rule in rules:
        keys = sorted_keys(short_key_of(records, rule))
        sizes = block_sizes(keys)
        too_large.append(int(sizes[sizes > max_block].sum()))
        found.append(_pairs_of(keys, sizes, max_block))
    return union(found, tuple(too_large))


def _pairs_of(keys: Keys, sizes: NDArray[np.int64], max_block: int) -> NDArray[np.uint64]:
    ends = np.repeat(np.cumsum(sizes), sizes)
    counts = np.where(np.repeat(sizes, sizes) <= max_block, ends - np.arange(len(ends)) - 1, 0)
    first = np.repeat(np.arange(len(ends)), counts)
    second = first + 1 + _steps(counts)
    one, two = keys.rows[first].astype(np.uint64), keys.rows[second].astype(np.uint64)
    return np.asarray(np.minimum(one, two) << np.uint64(32) | np.maximum(one, two))


def _steps(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … of each count, one after the other."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def pairs_between(left: Coded, index: tuple[Keys, ...], rules: tuple[Rule, ...], max_block: int) -> Pairs:
    """The pairs of records of `left` with those in an index: the same code for a second file and for a stream's new records."""
    found, too_large = [], []
    for rule, keys in zip(rules, index, strict=True):
        key = short_key_of(left, rule)
        low = np.searchsorted(keys.keys, key, "left")
        counts = np.searchsorted(keys.keys, key, "right") - low
        counts[key == 0] = 0
        over = counts > max_block
        too_large.append(int(over.sum()))
        counts[over] = 0
        rows = np.repeat(np.arange(len(key), dtype=np.uint64), counts)
        others = keys.rows[np.repeat(low, counts) + _steps(counts)].astype(np.uint64)
        found.append(rows << np.uint64(32) | others)
    return union(found, tuple(too_large))


def index_of(records: Coded, rules: tuple[Rule, ...]) -> tuple[Keys, ...]:
    """The keys of all rules, sorted: 8 bytes a record and rule."""
    return tuple(sorted_keys(short_key_of(records, rule)) for rule in rules)


def union(found: list[NDArray[np.uint64]], too_large: tuple[int, ...]) -> Pairs:
    """The pairs that each rule found, the left row in the upper 32 bits, as one."""
    bits = np.concatenate([np.full(len(pairs), 1 << min(place, 63), np.uint64) for place, pairs in enumerate(found)])
    pairs = np.concatenate(found)
    order = np.argsort(pairs)
    pairs, bits = pairs[order], bits[order]
    starts = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])) if len(pairs) else np.zeros(0, np.int64)
    bits = np.bitwise_or.reduceat(bits, starts) if len(pairs) else bits
    pairs = pairs[starts]
    return Pairs((pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64), bits, too_large)
