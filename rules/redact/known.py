"""Which words of the notes are names of people we know: the row's own, misspelt ones included, and pairs of the dictionary's."""

from dataclasses import dataclass

import numpy as np

from rules.redact.fold import Flags, Folded, Places
from rules.redact.initials import initialled
from rules.redact.lexicon import BIT, FORENAME, SURNAME, WORD, level
from rules.redact.misspelt import SHORTEST, misspelt
from rules.redact.people import IS_INITIALS, People, Words
from rules.redact.table import Table
from rules.redact.tokens import APOSTROPHE, BLANK, COMMA, HYPHEN, STOP, Tokens, in_note, paired, plain_words

_RARE_WORD = 1
_SIX = np.uint64(58)


@dataclass(frozen=True, slots=True)
class Matches:
    part: np.ndarray
    """Which parts of the row's names each word is (bits of `people`); 0 none."""
    person: Places
    """Whose: -1 the subject's, -2 and below of somebody linked; 0 nobody's."""
    letters: Places
    """The words that are initials of the row's people, or part of them."""
    misspelt: Flags
    paired: Flags
    """Whether it is half of a pair that the dictionary or the row knows."""
    listed: np.ndarray
    """Which parts of names in the dictionary it is."""
    whose: np.ndarray
    """Whose pair of the dictionary's it is half of, counted from 1 (`People.ids`), or AMBIGUOUS; 0 nobody's."""


def matches(folded: Folded, words: Tokens, flags: np.ndarray, mine: Words, people: People) -> Matches:
    part, person, letters, misspelt = _own(folded, words, flags, mine)
    joined = _adjacent(words)
    both = np.zeros(len(words), np.bool_)
    listed, whose = np.zeros((2, len(words)), np.uint32)
    if people.pairs is not None and people.words is not None and people.sieve is not None and len(words):
        may = people.sieve.may_hold(words.hash)
        listed[may] = people.words.look(words.hash[may])
        plain = (flags & BIT["never"]) == 0
        at = np.flatnonzero(joined & may[:-1] & may[1:] & (plain[:-1] | plain[1:]))
        of = people.pairs.look(paired(words.hash[at], words.hash[at + 1]))
        hit = at[of > 0]
        whose[hit] = whose[hit + 1] = of[of > 0]
        _across_initial(words, joined, people.pairs, whose)
        both |= whose > 0
    if len(mine.hash):
        differ = joined & (part[:-1] > 0) & (part[1:] > 0) & (words.hash[:-1] != words.hash[1:])
        both[:-1] |= differ
        both[1:] |= differ
    return Matches(part, person, letters, misspelt, both, listed, whose)


def with_pairs(folded: Folded, people: People) -> Places:
    """The notes that may hold a pair of the dictionary's: all those that do, and some others."""
    if people.pairs is None or people.sieve is None:
        return np.zeros(0, np.int64)
    hashes, edges, single = plain_words(folded)
    may = people.sieve.may_hold(hashes)
    next_one, next_but_one = np.flatnonzero(may[:-1] & may[1:]), np.flatnonzero(may[:-2] & single[1:-1] & may[2:])
    found = [at[people.pairs.look(paired(hashes[at], hashes[at + step])) > 0] for step, at in ((1, next_one), (2, next_but_one))]
    return np.unique(np.searchsorted(edges, np.concatenate(found), side="right") - 1)


def _adjacent(words: Tokens) -> Flags:
    """For each word but the last, whether it and the next can be one name."""
    single = (words.end - words.start) == 1
    gap = words.gap[:-1]
    return (gap == BLANK) | (gap == HYPHEN) | (gap == COMMA) | (gap == APOSTROPHE) | ((gap == STOP) & single[:-1])


def _across_initial(words: Tokens, joined: Flags, pairs: Table, whose: np.ndarray) -> None:
    """`John P Smith`: a pair with one letter between; whose it is, put down."""
    single = (words.end - words.start) == 1
    at = np.flatnonzero(single[1:-1] & joined[:-1] & joined[1:])
    of = pairs.look(paired(words.hash[at], words.hash[at + 2]))
    hit = at[of > 0]
    for step in range(3):
        whose[hit + step] = of[of > 0]


def _own(folded: Folded, words: Tokens, flags: np.ndarray, mine: Words) -> tuple[np.ndarray, Places, Places, Flags]:
    part, person, misspelt = np.zeros(len(words), np.uint32), np.zeros(len(words), np.int64), np.zeros(len(words), np.bool_)
    if not len(mine.hash) or not len(words):
        return part, person, np.zeros(0, np.int64), misspelt
    note = mine.owner >> 8
    keys = in_note(mine.hash, note)
    order = np.lexsort((mine.owner, keys))
    opens = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1]))
    first = order[opens]
    bits = np.bitwise_or.reduceat((np.uint32(1) << mine.part.astype(np.uint32))[order], opens)
    known = Table.of_once(keys[first], np.arange(1, len(first) + 1, dtype=np.uint32))
    may = _maybe(words, mine)
    found = np.zeros(len(words), np.uint32)
    found[may] = known.look(in_note(words.hash[may], words.note[may]))
    at = np.flatnonzero(found)
    part[at] = bits[found[at] - 1]
    person[at] = -(mine.owner[first] & 255)[found[at] - 1]
    wrong, whose = _misspelt(folded, words, flags, mine, part)
    misspelt[wrong] = True
    part[wrong] = np.uint32(1) << mine.part[whose].astype(np.uint32)
    person[wrong] = -(mine.owner[whose] & 255)
    letters, whose = initialled(folded, words, flags, mine)
    free = part[letters] == 0
    letters, whose = letters[free], whose[free]
    part[letters], person[letters] = IS_INITIALS, whose
    return part, person, letters, misspelt


def _maybe(words: Tokens, mine: Words) -> Places:
    """The words that can be one of their row's, by six bits of their numbers."""
    notes = mine.notes()
    sieve = np.zeros(len(words.edges), np.uint64)
    bits = np.uint64(1) << (mine.hash >> _SIX)
    sieve[notes] = np.bitwise_or.reduceat(bits, np.searchsorted(mine.owner >> 8, notes))
    return np.flatnonzero((sieve[words.note] >> (words.hash >> _SIX)) & np.uint64(1))


def _misspelt(folded: Folded, words: Tokens, flags: np.ndarray, mine: Words, part: np.ndarray) -> tuple[Places, Places]:
    """Words that are a misspelt name of the row and nothing else, and which name."""
    size = words.end - words.start
    plain = (level(flags, WORD, 7) <= _RARE_WORD) & (np.maximum(level(flags, FORENAME), level(flags, SURNAME)) < 3)
    odd = np.flatnonzero((part == 0) & plain & (size >= SHORTEST - 1) & ((flags & BIT["never"]) == 0))
    which, name = misspelt(folded, words.start[odd], size[odd], words.note[odd], mine)
    return odd[which], name
