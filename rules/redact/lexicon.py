"""What is known of words: how often they are forenames, surnames or plain English, and what they tell about their neighbours.

The lists and where they come from: `data/SOURCES.md`.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain

import numpy as np
import polars as pl

from rules.redact.fold import Folded
from rules.redact.places import TOWNS, lines
from rules.redact.table import Sieve, Table
from rules.redact.tokens import Hashes, Tokens, hashes, paired, words_of

FORENAME, SURNAME, WORD = 0, 2, 4
"""Bits where a level begins: two of a forename's, two of a surname's, three of a word's."""
_NAME, _SURNAME, _WORD = np.uint64(0b11), np.uint64(0b1100), np.uint64(0b1110000)
_COMMON = 3
_SHORT = 3
KINDS = (
    "title",
    "role",
    "relation",
    "naming",
    "speech",
    "link",
    "after",
    "place",
    "thing",
    "never",
    "eponym",
    "particle",
    "hand",
    "where",
    "greet",
    "label",
    "ailment",
    "owner",
    "aux",
    "prefix",
    "compass",
    "town",
    "post",
    "acts",
    "moves",
    "message",
    "among",
    "work",
    "kin",
    "count",
    "modal",
    "does",
    "suffers",
    "object",
    "month",
    "when",
    "surname",
    "finding",
    "royal",
    "cue",
    "pet",
    "trade",
    "enters",
    "street",
    "practice",
    "goods",
    "reads",
    "measure",
    "hired",
    "several",
    "aims",
    "works",
    "owing",
)
BIT = {kind: np.uint64(1 << (8 + place)) for place, kind in enumerate(KINDS)}

OCTETS = {kind: ((8 + place) // 8, np.uint8(1 << (8 + place) % 8)) for place, kind in enumerate(KINDS)}
"""The same by which eight bits it is among, from the lowest, and where there."""


def level(flags: np.ndarray, at: int, mask: int = 3) -> np.ndarray:
    return (flags.astype(np.uint8, copy=False) >> np.uint8(at) & np.uint8(mask)).view(np.int8)


@cache
def _lexicon() -> tuple[Table, np.ndarray]:
    """Word -> the place of its flags, and all flags that there are."""
    texts: list[str] = []
    flags: list[int] = []
    for line in (*lines("names.txt"), *lines("born.txt")):
        levels, words = line.split(" ", 1)
        _add(texts, flags, words, int(levels[0]) << FORENAME | int(levels[1]) << SURNAME)
    for line in lines("words.txt"):
        height, words = line.split(" ", 1)
        _add(texts, flags, words, int(height) << WORD)
    for line in (*lines("kinds.txt"), *lines("gazetteers.txt"), *lines("brands.txt")):
        kind, words = line.split(":", 1)
        _add(texts, flags, words, int(BIT[kind]))
    _add(texts, flags, " ".join(TOWNS), int(BIT["place"]))
    folded, found = words_of(texts)
    whole = np.flatnonzero(np.bincount(found.note, minlength=len(folded.first))[found.note] == 1)
    hashed, which = np.unique(found.hash[whole], return_inverse=True)
    told = np.zeros(len(hashed), np.uint64)
    np.bitwise_or.at(told, which, np.array(flags, np.uint64)[found.note[whole]])
    told[(told & BIT["surname"]) != 0] &= ~(_WORD | BIT["surname"])
    every, place = np.unique(told, return_inverse=True)
    return Table.of_once(hashed, place.astype(np.uint32) + np.uint32(1)), np.append(np.uint64(0), every)


def flags_of(hashes: Hashes) -> np.ndarray:
    words, every = _lexicon()
    flags: np.ndarray = every.take(words.look(hashes))
    return flags


def are_among(words: pl.Series, of: frozenset[str]) -> pl.Series:
    """Which are among these, null what is null: one by one, since few are asked and polars takes all of these over each time."""
    return pl.Series([None if word is None else word in of for word in words.to_list()], dtype=pl.Boolean)


def _kinds_in(*names: str) -> Iterator[tuple[str, str]]:
    """Kind and word, of each word of these files."""
    for line in chain.from_iterable(map(lines, names)):
        kind, words = line.split(": ", 1)
        yield from ((kind, word) for word in words.split())


@cache
def places() -> frozenset[str]:
    """Towns and other places that are called by one word."""
    told = _kinds_in("kinds.txt", "gazetteers.txt")
    return frozenset(word for kind, word in told if kind in {"place", "town"}) | frozenset(TOWNS)


@cache
def english() -> frozenset[str]:
    """Words that are no places: plain English, medicines, things."""
    told = _kinds_in("kinds.txt", "gazetteers.txt", "brands.txt")
    others = (word for kind, word in told if kind not in {"place", "town", "surname"})
    return frozenset((*others, *(word for line in lines("words.txt") for word in line.split()[1:])))


@cache
def everyday() -> frozenset[str]:
    """Plain English words that everybody uses."""
    return frozenset(word for line in lines("words.txt") if int(line[0]) >= _COMMON for word in line.split()[1:])


@cache
def firms() -> tuple[Table, Sieve]:
    """Two words that are a firm, a brand, a place or somebody famous together; and which words can be the first."""
    _, found = words_of([*lines("firms.txt"), *lines("pairs.txt"), *lines("brand_pairs.txt")])
    first = np.flatnonzero(found.note[1:] == found.note[:-1])
    pairs = Table.of(paired(found.hash[first], found.hash[first + 1]), np.ones(len(first), np.uint32))
    return pairs, Sieve.of(np.unique(found.hash[first]))


def known_words(folded: Folded, at: Tokens) -> np.ndarray:
    """The flags of each word.

    One that is no word and ends with `s` (`daves`, without its apostrophe) is what the rest is. What stands before `no` or `number`
    names a number, and no thing that bears a name: `prison no`.
    """
    flags = flags_of(at.hash)
    size = at.end - at.start
    rare = (flags & ~_SURNAME) == 0
    left = np.flatnonzero(
        rare & (level(flags, SURNAME) < _COMMON) & (size > _SHORT) & (folded.chars[np.maximum(at.end - 1, 0)] == ord("s"))
    )
    rest = flags_of(hashes(folded.chars, at.start[left], size[left] - 1))
    owned = (rest & _NAME) >= np.where(flags[left] > 0, _COMMON, 1)
    flags[left] = np.where(owned, flags[left] | rest & _NAME | BIT["owner"], flags[left])
    counted = np.flatnonzero(((flags[1:] & BIT["count"]) != 0) & (at.note[1:] == at.note[:-1]))
    flags[counted] &= ~BIT["thing"]
    return flags


def _add(texts: list[str], flags: list[int], words: str, flag: int) -> None:
    several = words.split()
    texts += several
    flags += [flag] * len(several)
