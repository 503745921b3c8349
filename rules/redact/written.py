"""The words of a chunk with all that is evidence of what they are: their levels, how they are written, what is known of them."""

from dataclasses import dataclass, field

import numpy as np

from rules.redact.fold import MARK, Flags, Folded
from rules.redact.known import Matches
from rules.redact.lexicon import BIT, FORENAME, SURNAME, WORD, level
from rules.redact.people import IS_ALIAS, IS_ALIAS_WORD, IS_FORENAME, IS_SURNAME
from rules.redact.tokens import SHOUTED, SMALL, TITLE, Tokens

IN_SMALL, IN_TITLE, IN_OPENING, IN_SHOUTED, FLAT, IN_HALF = range(6)
"""How a word is written, as far as that tells something: in a note without capitals, or in capitals only, it tells nothing."""
_MOSTLY = 0.7


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a chunk with all that is evidence."""

    at: Tokens
    flags: np.ndarray
    fore: np.ndarray
    sur: np.ndarray
    word: np.ndarray
    form: np.ndarray
    single: Flags
    seen: Matches

    counted: Flags
    """Whether a number follows: `Day 3`."""
    after_number: Flags
    """Whether a number stands before: `PC 1234 Okoro`."""
    short: Flags
    """Whether it is written with capitals at both ends and small letters within: `MoJ`."""
    past: Flags
    """Whether it ends as a verb of the past does."""
    same: dict[int, Flags]
    """By how many words: whether the word so far behind is of the same note."""
    _kinds: dict[str, Flags] = field(default_factory=dict)

    def has(self, kind: str) -> Flags:
        """Which words are of this kind; asked often, worked out once."""
        if kind not in self._kinds:
            self._kinds[kind] = (self.flags & BIT[kind]) != 0
        return self._kinds[kind]

    def prev(self, of: np.ndarray, step: int = 1) -> np.ndarray:
        """For each word, what is true of the one before it in its note."""
        moved = np.empty_like(of)
        moved[:step] = 0
        np.multiply(of[:-step], self.same[step], out=moved[step:])
        return moved

    def next(self, of: np.ndarray, step: int = 1) -> np.ndarray:
        """For each word, what is true of the one after it in its note."""
        moved = np.empty_like(of)
        moved[-step:] = 0
        np.multiply(of[step:], self.same[step], out=moved[:-step])
        return moved


def words(folded: Folded, at: Tokens, flags: np.ndarray, seen: Matches) -> Words:
    """The words with their levels; what the dictionary lists is at least known as that."""
    fore, sur, word = level(flags, FORENAME), level(flags, SURNAME), level(flags, WORD, 7)
    fore = np.maximum(fore, np.where((seen.listed & (IS_FORENAME | IS_ALIAS | IS_ALIAS_WORD)) != 0, 2, 0)).astype(np.int8)
    sur = np.maximum(sur, np.where((seen.listed & IS_SURNAME) != 0, 2, 0)).astype(np.int8)
    chars, last = folded.chars, at.end - 1
    past = (chars[last] == ord("d")) & (chars[np.maximum(last - 1, 0)] == ord("e")) & (at.end - at.start > 4) & (word > 0)
    same = {step: at.note[step:] == at.note[:-step] for step in (1, 2)}
    padded = np.append(chars, np.zeros(2, np.uint8))
    digit = (padded >= ord("0")) & (padded <= ord("9"))
    counted = (padded[at.end] == ord(" ")) & digit[at.end + 1]
    after_number = (padded[at.start - 1] == ord(" ")) & digit[at.start - 2] & (at.start > 1)
    single = at.end - at.start == 1
    short = folded.upper[last] & (at.case == TITLE) & ~single
    return Words(at, flags, fore, sur, word, _forms(folded, at), single, seen, counted, after_number, short, past, same)


def styles(folded: Folded, at: Tokens, hidden: Flags) -> tuple[Flags, Flags]:
    """For each note, whether case tells nothing in it, and whether only sentences begin with capitals; as if these words were marks."""

    def share(of: Flags) -> np.ndarray:
        total = np.zeros(len(of) + 1, np.int32)
        np.cumsum(of, out=total[1:], dtype=np.int32)
        return np.diff(total[at.edges])

    long = (at.end - at.start > 1) & ~hidden
    count = np.maximum(share(long), 1)
    small, shouted, title = (share(long & (at.case == case)) for case in (SMALL, SHOUTED, TITLE))
    marks = np.flatnonzero(folded.chars == MARK)
    marked = np.diff(np.searchsorted(marks, folded.begin)) + share(hidden)
    inner = share(long & (at.case == TITLE) & ~at.opens) + marked
    is_flat = (shouted > _MOSTLY * count) | ((title > _MOSTLY * count) & (count > 5)) | ((small == count) & (marked == 0))
    return is_flat, ~is_flat & (inner == 0) & (shouted == 0)


def _forms(folded: Folded, at: Tokens) -> np.ndarray:
    """How each word is written. A mark stands for a name, which is why one in a note without capitals speaks for none around it."""
    is_flat, is_half = styles(folded, at, np.zeros(len(at), np.bool_))
    form = np.where(
        at.case == TITLE, np.where(at.opens, IN_OPENING, IN_TITLE), np.where(at.case == SHOUTED, IN_SHOUTED, IN_SMALL)
    )
    form = np.where(is_half[at.note] & (form == IN_SMALL), IN_HALF, form)
    return np.where(is_flat[at.note], FLAT, form).astype(np.int8)
