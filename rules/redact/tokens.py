"""Words of a chunk as arrays: where they are, how they are written, what stands between them, and a number for each word.

A word is a run of letters. Its number is a hash of its folded letters, so that to look a word up is to look into an array.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from rules.redact.fold import MARK, Flags, Folded, Places, fold, is_letter

Hashes = npt.NDArray[np.uint64]
SMALL, TITLE, SHOUTED = 0, 1, 2
"""How a word is written: no capital first; a capital first; capitals only (one letter alone counts as `TITLE`)."""
BLANK, HYPHEN, APOSTROPHE, COMMA, STOP, LINE, BREAK, ENDS, AND, SPLIT = range(10)
"""What stands between two words: one or two blanks; a hyphen; an apostrophe; a comma; `.` `!` `?`; a line's end; else; a note's end;
`&`; a mark that redaction has left.
"""
_A, _B, _C = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_SHIFT, _NOTE = np.uint64(29), np.uint64(0x2545F4914F6CDD1D)
_LONGEST = 24
_PAD = np.zeros(_LONGEST, np.uint8)


@dataclass(frozen=True, slots=True)
class Tokens:
    start: Places
    end: Places
    note: Places
    edges: Places
    """The first word of each note; one more at the end."""
    hash: Hashes
    case: npt.NDArray[np.uint8]
    gap: npt.NDArray[np.uint8]
    """Between each word and the next."""
    opens: Flags
    """Whether a sentence, a line or a phrase begins with it."""

    def __len__(self) -> int:
        return len(self.start)


def tokens(folded: Folded) -> Tokens:
    chars, upper = folded.chars, folded.upper
    start, end, edges = _runs(folded)
    if not len(start):
        nothing = np.zeros(0, np.int64)
        return Tokens(
            nothing,
            nothing,
            nothing,
            edges,
            nothing.astype(np.uint64),
            *(nothing.astype(np.uint8),) * 2,
            nothing.astype(np.bool_),
        )
    length = end - start
    note = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
    gap, opens = _gaps(chars, upper, start, end, edges)
    shouted = upper[start] & upper[end - 1] & upper[np.minimum(start + 1, len(upper) - 1)] & (length > 1)
    case = upper[start].view(np.uint8) + shouted.view(np.uint8)
    return Tokens(start, end, note, edges, hashes(chars, start, length), case, gap, opens)


def _runs(folded: Folded) -> tuple[Places, Places, Places]:
    """Where each word begins and ends, and the first word of each note, with one more at the end."""
    letter = np.zeros(len(folded.chars) + 2, np.bool_)
    letter[1:-1] = is_letter(folded.chars)
    edges = np.flatnonzero(letter[1:] != letter[:-1])
    start = np.ascontiguousarray(edges[0::2])
    return start, np.ascontiguousarray(edges[1::2]), np.searchsorted(start, folded.begin)


def plain_words(folded: Folded) -> tuple[Hashes, Places, Flags]:
    """The number of each word, the first word of each note, and which words are one letter: what it takes to look words up."""
    start, end, edges = _runs(folded)
    length = end - start
    return hashes(folded.chars, start, length), edges, length == 1


def _gaps(chars: np.ndarray, upper: Flags, start: Places, end: Places, edges: Places) -> tuple[np.ndarray, Flags]:
    padded = np.append(chars, np.zeros(2, np.uint8))
    size = np.append(start[1:] - end[:-1], 99)
    first, last = padded[end], padded[np.append(start[1:], end[-1] + 1) - 1]
    kinds = _gap_kinds()
    gap = kinds.take(first)
    wide = np.flatnonzero(size > 1)
    width, then, kind = size[wide], padded[end[wide] + 1], gap[wide]
    kind = np.where((kind == BLANK) & (then != ord(" ")), kinds[then], kind)
    apart = (width > 2) & ((kind != STOP) & (kind != LINE) & (kind != COMMA) & (kind != AND))
    owned = (kind == APOSTROPHE) & (width == 2) & (then == ord(" "))
    apart |= (kind == HYPHEN) | (kind == APOSTROPHE) & ~owned
    apart |= (kind == COMMA) & (width > 2) | (kind == STOP) & (width > 3)
    gap[wide] = np.where(apart, np.uint8(BREAK), np.where(owned, np.uint8(BLANK), kind))
    gap[(edges[1:] - 1)[edges[1:] > edges[:-1]]] = ENDS
    before = np.concatenate((np.array([ENDS], np.uint8), gap[:-1]))
    opens = (before == STOP) | (before == LINE) | (before == ENDS)
    broken = np.flatnonzero(before == BREAK)
    lead, ends = padded[start[broken] - 1], last[broken - 1]
    opens[broken] = (lead != ord("/")) & (padded[end[broken - 1]] != ord("/")) & ((ends != MARK) | (broken == 0))
    stops = np.flatnonzero(before[1:] == STOP) + 1
    opens[stops] = ~(upper[start[stops - 1]] & (end[stops - 1] - start[stops - 1] == 1))
    marks = np.flatnonzero(chars == MARK)
    if len(marks):
        split = np.searchsorted(marks, end[:-1]) < np.searchsorted(marks, start[1:])
        gap[:-1][split & (gap[:-1] != ENDS)] = SPLIT
    return gap, opens


@cache
def _gap_kinds() -> np.ndarray:
    kinds = np.full(256, BREAK, np.uint8)
    for chars, kind in ((" ", BLANK), ("-", HYPHEN), ("'", APOSTROPHE), (",", COMMA), (".!?", STOP), ("\n", LINE), ("&", AND)):
        for char in chars:
            kinds[ord(char)] = kind
    return kinds


def hashes(chars: np.ndarray, start: Places, length: Places) -> Hashes:
    padded = np.append(chars, _PAD)
    words = np.ndarray((len(chars) + _LONGEST - 7,), np.uint64, padded, strides=(1,))
    keep = _keep()
    with np.errstate(over="ignore"):
        mixed = (words[start] & keep[np.minimum(length, 8)]) * _A
        mixed ^= mixed >> _SHIFT
        long = np.flatnonzero(length > 8)
        at, size = start[long], length[long]
        more = (words[at + 8] & keep[np.minimum(size - 8, 8)]) * _B + (words[at + 16] & keep[np.clip(size - 16, 0, 8)]) * _C
        mixed[long] += more ^ size.astype(np.uint64)
        mixed *= _C
    return mixed ^ (mixed >> _SHIFT) | np.uint64(1)


@cache
def _keep() -> Hashes:
    """Masks that keep the first n of eight bytes."""
    return np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)


def paired(first: Hashes, second: Hashes) -> Hashes:
    """A number for two words in this order."""
    with np.errstate(over="ignore"):
        mixed = (first * _B) ^ (second * _A + (first >> _SHIFT))
        mixed *= _C
    return mixed ^ (mixed >> _SHIFT) | np.uint64(1)


def in_note(hashes: Hashes, note: Places) -> Hashes:
    """Numbers of words, each of its note only."""
    with np.errstate(over="ignore"):
        return paired(hashes, (note.astype(np.uint64) + np.uint64(1)) * _NOTE)


def mixed(numbers: Hashes) -> Hashes:
    """Numbers far apart for numbers near each other."""
    return paired(numbers, numbers * _A ^ _NOTE)


@cache
def numbers_of(words: str) -> Hashes:
    """The numbers of these words."""
    return words_of(words.split())[1].hash


def are_in(asked: Hashes, ordered: Hashes) -> Flags:
    """Which are among others, of which there are some, in ascending order; `np.isin` takes longer for so few."""
    same: Flags = ordered[np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)] == asked
    return same


def words_of(texts: list[str] | pl.Series) -> tuple[Folded, Tokens]:
    """The words of names, each text a note of its own."""
    folded = fold(pl.Series(texts, dtype=pl.String))
    return folded, tokens(folded)
