"""Words of a chunk as arrays: where they are, how they are written, what stands between them, and a number for each word.

A word is a run of letters. Its number is a hash of its folded letters, so that to look a word up is to look into an array.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from rules.redact.fold import BORDER, MARK, Flags, Folded, Places, fold, is_letter

Hashes = npt.NDArray[np.uint64]
SMALL, TITLE, SHOUTED = 0, 1, 2
"""How a word is written: no capital first; a capital first; capitals only (one letter alone counts as `TITLE`)."""
BLANK, HYPHEN, APOSTROPHE, COMMA, STOP, LINE, BREAK, ENDS = range(8)
"""What stands between two words: one or two blanks; a hyphen; an apostrophe; a comma; `.` `!` `?`; a line's end; else; a note's end."""
_A, _B, _C = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_SHIFT = np.uint64(29)
_LONGEST = 24
_PAD = b"\0" * _LONGEST


@dataclass(frozen=True, slots=True)
class Tokens:
    start: Places
    end: Places
    note: Places
    hash: Hashes
    case: npt.NDArray[np.uint8]
    gap: npt.NDArray[np.uint8]
    """Between each word and the next."""
    opens: Flags
    """Whether a sentence, a line or a phrase begins with it."""

    def __len__(self) -> int:
        return len(self.start)


def tokens(folded: Folded) -> Tokens:
    chars = folded.chars
    letter = np.zeros(len(chars) + 2, np.bool_)
    letter[1:-1] = is_letter(chars)
    edges = np.flatnonzero(letter[1:] != letter[:-1])
    start, end = edges[0::2], edges[1::2]
    note = np.searchsorted(folded.begin, start, side="right") - 1
    gap, opens = _gaps(chars, start, end, note)
    upper = folded.upper
    length = end - start
    shouted = (
        upper[start] & upper[np.maximum(end - 1, 0)] & upper[np.minimum(start + 1, len(upper) - 1)] & (length > 1)
        if len(start)
        else start
    )
    case = np.where(shouted, SHOUTED, upper[start] if len(start) else start).astype(np.uint8)
    return Tokens(start, end, note, hashes(chars, start, length), case, gap, opens)


def _gaps(chars: np.ndarray, start: Places, end: Places, note: Places) -> tuple[np.ndarray, Flags]:
    if not len(start):
        return np.zeros(0, np.uint8), np.zeros(0, np.bool_)
    padded = np.append(chars, [BORDER, BORDER]).astype(np.uint8)
    size = np.append(start[1:] - end[:-1], 99)
    first, second, last = padded[end], padded[end + 1], padded[np.append(start[1:], end[-1] + 1) - 1]
    kinds = _gap_kinds()
    gap = kinds[first]
    gap = np.where((size > 1) & (gap == BLANK), np.where(second == ord(" "), BLANK, kinds[second]), gap)
    gap[(size > 2) & ((gap != STOP) & (gap != LINE) & (gap != COMMA))] = BREAK
    gap[((gap == HYPHEN) | (gap == APOSTROPHE)) & (size > 1)] = BREAK
    gap[(gap == COMMA) & (size > 2) | (gap == STOP) & (size > 3)] = BREAK
    gap[np.append(note[1:] != note[:-1], True)] = ENDS
    before = np.concatenate(([ENDS], gap[:-1]))
    lead = padded[start - 1]
    ends = np.concatenate(([BORDER], last[:-1])) if len(start) else last
    opens = np.isin(before, (STOP, LINE, ENDS)) | (
        (before == BREAK) & ~np.isin(lead, np.frombuffer(b"/&", np.uint8)) & (ends != MARK)
    )
    return gap.astype(np.uint8), opens


@cache
def _gap_kinds() -> np.ndarray:
    kinds = np.full(256, BREAK, np.uint8)
    for chars, kind in ((" ", BLANK), ("-", HYPHEN), ("'", APOSTROPHE), (",", COMMA), (".!?", STOP), ("\n", LINE)):
        for char in chars:
            kinds[ord(char)] = kind
    return kinds


def hashes(chars: np.ndarray, start: Places, length: Places) -> Hashes:
    padded = np.frombuffer(chars.tobytes() + _PAD, np.uint8)
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


def words_of(texts: list[str]) -> tuple[Folded, Tokens]:
    """The words of names, each text a note of its own."""
    folded = fold(texts)
    return folded, tokens(folded)
