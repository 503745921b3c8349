"""The words of a chunk with all that is evidence of what they are: their levels, how they are written, what is known of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rules.redact.fold import MARK, Bytes, Flags, Folded
from rules.redact.known import Matches
from rules.redact.lexicon import BIT, FORENAME, OCTETS, SURNAME, WORD, level
from rules.redact.people import IS_ALIAS, IS_ALIAS_WORD, IS_FORENAME, IS_SURNAME
from rules.redact.tokens import SHOUTED, SMALL, SPLIT, TITLE, Tokens

IN_SMALL, IN_TITLE, IN_OPENING, IN_SHOUTED, FLAT, IN_HALF = range(6)
"""How a word is written, as far as that tells something: in a note without capitals, or in capitals only, it tells nothing."""
_MOSTLY, _SEVERAL, _COMMON = 0.7, 3, 2
_NAMES = np.uint64(0b1010) | BIT["thing"] | BIT["role"] | BIT["title"] | BIT["place"]
"""Bits of what may be written with a capital anyhow."""
_SHORT_LEAD, _LONG_LEAD = 2, 4
_LEADS = np.frombuffer(b"mfvd", np.uint8)
"""First letters of `Mac`, `Fitz`, `Van` and `Del`, behind which a capital stands in names."""
_AFTER_AGE = np.frombuffer(b"),y", np.uint8)
_CLOSING = np.frombuffer(b"])", np.uint8)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a chunk with all that is evidence."""

    chars: np.ndarray
    at: Tokens
    flags: np.ndarray
    fore: np.ndarray
    sur: np.ndarray
    word: np.ndarray
    form: np.ndarray
    styles: tuple[Flags, Flags]
    """As the function of that name gives them, no word hidden."""
    bare: Flags
    """Whether nothing is known of it, unless that a town is called so."""
    single: Flags
    seen: Matches

    counted: Flags
    """Whether a number follows: `Day 3`."""
    after_number: Flags
    """Whether a number stands before: `PC 1234 Okoro`."""
    short: Flags
    """Whether it is written with capitals at both ends and small letters within: `MoJ`."""
    camel: Flags
    """Whether a capital stands within it as in no name: `StepChange`."""
    cites: Flags
    """Whether a year in brackets follows, as behind a case at law."""
    aged: Flags
    """Whether a number of one or two digits follows in brackets: `Esme (7)`."""
    quoted: Flags
    """Whether it stands alone between quotation marks."""
    past: Flags
    """Whether it ends as a verb of the past does."""
    same: dict[int, Flags]
    """By how many words: whether the word so far behind is of the same note, and no mark stands between."""
    _octets: np.ndarray
    """The flags, eight bits of all words at a time."""
    _kinds: dict[str, Flags] = field(default_factory=dict)

    def has(self, kind: str) -> Flags:
        """Which words are of this kind; asked often, worked out once."""
        if kind not in self._kinds:
            octet, bit = OCTETS[kind]
            self._kinds[kind] = (self._octets[octet] & bit) != 0
        return self._kinds[kind]

    def once(self, what: str, work: Callable[["Words"], Flags]) -> Flags:
        """What is worked out of the words, the first time that it is asked for."""
        if what not in self._kinds:
            self._kinds[what] = work(self)
        return self._kinds[what]

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
    octets = np.ascontiguousarray(flags.view(np.uint8).reshape(-1, 8).T)
    fore, sur, word = _levels(octets[0], seen)
    chars, last = folded.chars, at.end - 1
    past = (chars[last] == ord("d")) & (chars[np.maximum(last - 1, 0)] == ord("e")) & (at.end - at.start > 4) & (word > 0)
    whole = at.gap[:-1] != SPLIT
    same = {1: (at.note[1:] == at.note[:-1]) & whole, 2: (at.note[2:] == at.note[:-2]) & whole[:-1] & whole[1:]}
    padded = np.append(chars, np.zeros(8, np.uint8))
    digit = (padded >= ord("0")) & (padded <= ord("9"))
    before, behind, then = padded[at.start - 1], padded[at.end], padded[at.end + 1]
    counted = (behind == ord(" ")) & (then >= ord("0")) & (then <= ord("9"))
    after_number = (before == ord(" ")) & digit[at.start - 2] & (at.start > 1)
    single = at.end - at.start == 1
    short = folded.upper[last] & (at.case == TITLE) & ~single
    style, camel = styles(folded, at, flags, np.zeros(len(at), np.bool_)), _camel(folded, at)
    quoted = _is_quote(before) & _is_quote(behind)
    bare = (flags & ~BIT["town"]) == 0
    return Words(
        chars,
        at,
        flags,
        fore,
        sur,
        word,
        _forms(at, *style),
        style,
        bare,
        single,
        seen,
        counted,
        after_number,
        short,
        camel,
        *_bracketed(padded, digit, at, (behind == ord(" ")) & ((then == ord("(")) | (then == ord("[")))),
        quoted,
        past,
        same,
        octets,
    )


def _levels(low: np.ndarray, seen: Matches) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far each word is a forename, a surname, a plain word."""
    fore, sur = level(low, FORENAME), level(low, SURNAME)
    listed = np.flatnonzero(seen.listed)
    part = seen.listed[listed]
    fore[listed] = np.maximum(fore[listed], np.where((part & (IS_FORENAME | IS_ALIAS | IS_ALIAS_WORD)) != 0, 2, 0))
    sur[listed] = np.maximum(sur[listed], np.where((part & IS_SURNAME) != 0, 2, 0))
    return fore, sur, level(low, WORD, 7)


def _is_quote(chars: Bytes) -> Flags:
    return (chars == ord("'")) | (chars == ord('"'))


def _camel(folded: Folded, at: Tokens) -> Flags:
    """Words with a capital after a small letter beyond their third, but for `MacLeod` and `FitzGerald`, and with several."""
    chars, upper = folded.chars, folded.upper
    within = np.flatnonzero(upper[1:] & ~upper[:-1] & (chars[:-1] >= ord("a")) & (chars[:-1] <= ord("z"))) + 1
    word = np.searchsorted(at.start, within, side="right") - 1
    place = within - at.start[word]
    first = chars[at.start[word]]
    borne = np.isin(first, _LEADS) & (place <= _LONG_LEAD) | (place <= _SHORT_LEAD)
    found = np.zeros(len(at), np.bool_)
    found[word[~borne]] = True
    return found & (at.case == TITLE)


def _bracketed(padded: np.ndarray, digit: Flags, at: Tokens, opened: Flags) -> tuple[Flags, Flags]:
    """Of the words before a bracket those that ` [1981]` or ` (2004)` follows, and those that ` (7)` follows, or ` (14,`."""
    cites, aged, ahead = np.zeros(len(at), np.bool_), np.zeros(len(at), np.bool_), np.flatnonzero(opened)
    end = at.end[ahead]
    year = digit[end + 2] & digit[end + 3] & digit[end + 4] & digit[end + 5]
    cites[ahead[year & np.isin(padded[end + 6], _CLOSING)]] = True
    behind = np.where(digit[end + 3], padded[end + 4], padded[end + 3])
    aged[ahead[(padded[end + 1] == ord("(")) & digit[end + 2] & np.isin(behind, _AFTER_AGE)]] = True
    return cites, aged


def styles(folded: Folded, at: Tokens, flags: np.ndarray, hidden: Flags) -> tuple[Flags, Flags]:
    """For each note, whether case tells nothing in it, and whether only sentences begin with capitals; as if these words were marks.

    It tells nothing in capitals only, without any, and where plain words begin with capitals within their sentences.
    """

    def share(of: Flags) -> np.ndarray:
        total = np.zeros(len(of) + 1, np.int32)
        np.cumsum(of, out=total[1:], dtype=np.int32)
        return np.diff(total[at.edges])

    long = (at.end - at.start > 1) & ~hidden
    count = np.maximum(share(long), 1)
    small, shouted = (share(long & (at.case == case)) for case in (SMALL, SHOUTED))
    marks = np.flatnonzero(folded.chars == MARK)
    marked = np.diff(np.searchsorted(marks, folded.begin)) + share(hidden)
    inner = share(long & (at.case == TITLE) & ~at.opens) + marked
    plain = long & ~at.opens & ((flags & _NAMES) == 0) & (level(flags, WORD, 7) > _COMMON)
    ordinary = share(plain)
    is_title = (share(plain & (at.case == TITLE)) > _MOSTLY * ordinary) & (ordinary >= _SEVERAL)
    is_flat = (shouted > _MOSTLY * count) | is_title | ((small == count) & (marked == 0))
    return is_flat, ~is_flat & (inner == 0) & (shouted == 0)


def _forms(at: Tokens, is_flat: Flags, is_half: Flags) -> np.ndarray:
    """How each word is written. A mark stands for a name, which is why one in a note without capitals speaks for none around it."""
    title = at.case == TITLE
    form = np.multiply(title, np.int8(IN_TITLE)) + (title & at.opens) * np.int8(IN_OPENING - IN_TITLE)
    form += (at.case == SHOUTED) * np.int8(IN_SHOUTED)
    style = (is_flat * np.int8(2) + is_half)[at.note]
    form += ((style == 1) & (at.case == SMALL)) * np.int8(IN_HALF)
    flat = style > 1
    form *= ~flat
    form += flat * np.int8(FLAT)
    return form
