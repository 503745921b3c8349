"""Words one letter away from a name of their note's row: wrong, missing, added, or two in wrong order. Linear in words and names.

Few words and names are compared one by one. Of many, each is written in all ways that a letter can be wrong, and the ways looked up.
"""

from functools import cache
from itertools import pairwise

import numpy as np

from rules.redact.fold import Flags, Folded, Places, stretches
from rules.redact.people import LONGEST_SPELT, Words, letters_at
from rules.redact.table import Table
from rules.redact.tokens import Hashes, in_note, mixed

SHORTEST = 5
_FEW = 512
"""Comparisons in a note up to which each is made."""
_PIECE = 1 << 18
Pairs = tuple[Places, Places]


def misspelt(folded: Folded, start: Places, size: Places, note: Places, mine: Words) -> Pairs:
    """Of words, in order, those that are misspelt names, and the first name that each is: places in both."""
    long = np.flatnonzero((mine.size >= SHORTEST) & (mine.size <= LONGEST_SPELT))
    owner = mine.owner[long] >> 8
    low, high = np.searchsorted(owner, note), np.searchsorted(owner, note, side="right")
    many = np.bincount(note, high - low, minlength=1)[note] > _FEW if len(note) else np.zeros(0, np.bool_)
    found = [_looked_up(folded, start, size, note, np.flatnonzero(many), mine, long)] if many.any() else []
    few = np.flatnonzero(~many & (high > low))
    edges = np.concatenate(([0], np.cumsum((high - low)[few])))
    begins = np.append(np.searchsorted(edges, np.arange(0, int(edges[-1]), _PIECE)), len(few)).tolist()
    for first, last in pairwise(begins):
        at = few[first:last]
        right, of, _ = stretches(low[at], high[at])
        found.append(_compared(folded, start, size, at[of], mine, long[right]))
    left, right = (
        (np.concatenate([np.zeros(0, np.int64), *of]) for of in zip(*found, strict=True)) if found else (few[:0], few[:0])
    )
    order = np.lexsort((right, left))
    _, once = np.unique(left[order], return_index=True)
    return left[order][once], right[order][once]


def _compared(folded: Folded, start: Places, size: Places, left: Places, mine: Words, right: Places) -> Pairs:
    near = np.abs(size[left] - mine.size[right]) <= 1
    left, right = left[near], right[near]
    close = _one_apart(letters_at(folded.chars, start[left], size[left]), size[left], mine.spelt[right], mine.size[right])
    return left[close], right[close]


def _looked_up(folded: Folded, start: Places, size: Places, note: Places, at: Places, mine: Words, long: Places) -> Pairs:
    """The first name that each word is, by all ways to misspell it."""
    at = at[size[at] <= LONGEST_SPELT]
    long = long[np.isin(mine.owner[long] >> 8, note[at])]
    words, names = letters_at(folded.chars, start[at], size[at]), mine.spelt[long]
    first = np.full(len(at), len(mine.size))
    for of_names, of_words in ((_wrong, _wrong), (_whole, _lacking), (_lacking, _whole), (_whole, _turned)):
        keys, which = of_names(names, mine.size[long])
        keys = in_note(keys, (mine.owner[long] >> 8)[which])
        order = np.lexsort((which, keys))
        opens = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1])[: len(keys)])
        table = Table.of_once(keys[order][opens], which[order][opens].astype(np.uint32) + np.uint32(1))
        asked, word = of_words(words, size[at])
        hit = table.look(in_note(asked, note[at][word]))
        np.minimum.at(first, word[hit > 0], long[hit[hit > 0].astype(np.int64) - 1])
    found = np.flatnonzero(first < len(mine.size))
    return _compared(folded, start, size, at[found], mine, first[found])


def _parts(letters: np.ndarray) -> Hashes:
    """A number for each letter at its place; a word's is their sum."""
    parts: Hashes = _numbers()[np.arange(LONGEST_SPELT), letters]
    return parts


@cache
def _numbers() -> Hashes:
    """For each place and byte; 0 for none."""
    numbers = mixed(np.arange(1, LONGEST_SPELT * 256 + 1, dtype=np.uint64)).reshape(LONGEST_SPELT, 256)
    numbers[:, 0] = 0
    return numbers


def _whole(letters: np.ndarray, _size: Places) -> tuple[Hashes, Places]:
    return _parts(letters).sum(axis=1, dtype=np.uint64), np.arange(len(letters))


def _ways(of: Hashes, may: Flags) -> tuple[Hashes, Places]:
    word, place = np.nonzero(may)
    return of[word, place], word


def _wrong(letters: np.ndarray, size: Places) -> tuple[Hashes, Places]:
    """Without a letter, its place kept; the first is never wrong."""
    parts = _parts(letters)
    left = parts.sum(axis=1, dtype=np.uint64)[:, None] - parts + _numbers()[:, 1]
    place = np.arange(LONGEST_SPELT)
    return _ways(left, (place > 0) & (place < size[:, None]))


def _lacking(letters: np.ndarray, size: Places) -> tuple[Hashes, Places]:
    """Without a letter, the rest moved up."""
    before = np.cumsum(_parts(letters), axis=1, dtype=np.uint64) - _parts(letters)
    moved = np.concatenate((letters[:, 1:], np.zeros((len(letters), 1), np.uint8)), axis=1)
    after = np.cumsum(_parts(moved)[:, ::-1], axis=1, dtype=np.uint64)[:, ::-1]
    place = np.arange(LONGEST_SPELT)
    return _ways(before + after, (place > 0) & (place < size[:, None]))


def _turned(letters: np.ndarray, size: Places) -> tuple[Hashes, Places]:
    """With two letters in the other order."""
    parts, numbers, place = _parts(letters), _numbers(), np.arange(LONGEST_SPELT - 1)
    there = numbers[place, letters[:, 1:]] + numbers[place + 1, letters[:, :-1]]
    turned = parts.sum(axis=1, dtype=np.uint64)[:, None] - parts[:, :-1] - parts[:, 1:] + there
    return _ways(turned, (place > 0) & (place < size[:, None] - 1))


def _one_apart(a: np.ndarray, a_size: Places, b: np.ndarray, b_size: Places) -> Flags:
    """Whether one edit makes the one of the other, by what they share from the front and from the back."""
    if not len(a):
        return np.zeros(0, np.bool_)
    width = a.shape[1]
    front = np.where((a == b).all(axis=1), width, (a != b).argmax(axis=1))
    place = np.arange(width)
    back_a = np.take_along_axis(a, np.clip(a_size[:, None] - 1 - place, 0, width - 1), 1)
    back_b = np.take_along_axis(b, np.clip(b_size[:, None] - 1 - place, 0, width - 1), 1)
    back = np.where((back_a == back_b).all(axis=1), width, (back_a != back_b).argmax(axis=1))
    short, long = np.minimum(a_size, b_size), np.maximum(a_size, b_size)
    one = front + back >= np.where(long == short, long - 1, short)
    at = np.minimum(front, width - 2)[:, None]
    swapped = (np.take_along_axis(a, at, 1) == np.take_along_axis(b, at + 1, 1)) & (
        np.take_along_axis(a, at + 1, 1) == np.take_along_axis(b, at, 1)
    )
    turned = (long == short) & (front + back >= long - 2) & swapped[:, 0]
    return (one | turned) & (long <= width) & (front > 0)
