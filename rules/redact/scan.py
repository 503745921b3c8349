"""Everything that has the shape of an identifier, by passes of automata: over the whole text, around digits, around anchors."""

from collections.abc import Mapping
from functools import cache
from threading import Lock

import hyperscan
import numpy as np
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from rules.redact.cut import Text
from rules.redact.fold import BORDER, Flags, Folded, Places, stretches
from rules.redact.patterns import AFTER_DIGIT, ANCHORS, DATES, EVERYWHERE, KINDS, NEAR_ANCHORS, NEAR_DIGITS, NEAR_STREETS, REACH

AROUND = 48
"""Characters before and after that are looked at for context."""
LOUD = 0.5
"""A note is loud that has more capitals than this share of its length."""
_TEN, _LETTERS = np.uint8(10), np.uint8(26)
DIGITS_APART = 16
BEFORE_DIGITS, AFTER_DIGITS = 14, 8
"""Digits not further apart are looked at together, with so much before and after."""
COMMA_WITHIN = 28
PART = 1 << 19
"""How many characters are looked at together: what a processor's cache holds."""
_PLACES = np.array([0, 1, 1])
_PARTS_WORDS = ~np.isin(np.arange(256), list(b"abcdefghijklmnopqrstuvwxyz \n'-"))
_EVERY_END = ("iban", "card", "phone", "vehicle_said", "vehicle_of")
_NO_DIGIT = ("email", "email_said", "url", "social", "handle", "handle_said", "case_ref", "address_house", "address_called")
_LOCK = Lock()
"""An automaton's scratch space serves one scan at a time."""
_NAMES = (*KINDS, *ANCHORS)
_BORN, _STREET = _NAMES.index("anchor_born"), _NAMES.index("anchor_street")
_DATE, _BESIDE = KINDS.index("date"), KINDS.index("date_beside")
_OF_PEOPLE = [KINDS.index(kind) for kind in ("noms", "pnc", "cro", "nino", "nhs")]


def candidates(folded: Folded, dated: Places) -> pl.DataFrame:
    """Each candidate: `kind`, `note`, `start` and `end` (in `folded.chars`), `text`, `before`, `after`.

    `capitals` counts the capitals in it, `small` the small letters, `digits` the digits; `is_loud`: the whole note is written in capitals.
    Dates are looked for in the notes of `dated`, and in those that tell of a birth or number somebody.
    """
    asked = np.zeros(len(folded.first), np.bool_)
    asked[dated] = True
    found = [
        _found(part, asked[first : first + len(part.first)]) + folded.begin[first] * _PLACES for first, part in folded.parts(PART)
    ]
    kind, start, end = _longest(np.concatenate([_none(), *found]))
    twice = np.flatnonzero(kind == _BESIDE)
    twice = twice[np.isin(start[twice], start[kind == _DATE])]
    return _frame(folded, *(np.delete(one, twice) for one in (kind, start, end)))


def _frame(folded: Folded, kind: Places, start: Places, end: Places) -> pl.DataFrame:
    inside, _, edges = stretches(start, end)
    chars, capitals = folded.chars[inside], _counts(folded.upper[inside], edges)
    digits, small = _counts(_is_digit(chars), edges), _counts(_is_plain_letter(chars), edges) - capitals
    kept = np.flatnonzero((digits > 0) | _of_kinds(_NO_DIGIT)[kind])
    kind, start, end = kind[kept], start[kept], end[kept]
    note = np.searchsorted(folded.begin, start, side="right") - 1
    border = folded.begin[1:] - (np.arange(1, len(folded.begin)) < len(folded.first))
    first, last = folded.begin[note], border[note]
    text = Text(folded.chars)
    loud = np.diff(np.searchsorted(np.flatnonzero(folded.upper), folded.begin)) > LOUD * np.diff(folded.begin)
    return pl.DataFrame(
        {
            "kind": pl.Series(kind, dtype=pl.UInt8), "note": pl.Series(note, dtype=pl.UInt32), "start": start, "end": end,
            "text": text.cut(start, end), "before": text.cut(np.maximum(first, start - AROUND), start),
            "after": text.cut(end, np.minimum(last, end + AROUND)), "is_loud": loud[note], "capitals": capitals[kept],
            "small": small[kept], "digits": digits[kept],
        }
    )  # fmt: skip


@cache
def _of_kinds(names: tuple[str, ...]) -> Flags:
    """For each kind and anchor, whether it is one of these."""
    return np.isin(_NAMES, names)


def _counts(of: Flags, edges: Places) -> np.ndarray:
    """How many are true in each stretch."""
    total = np.zeros(len(of) + 1, np.int32)
    np.cumsum(of, out=total[1:])
    return np.diff(total[edges])


def _is_plain_letter(chars: np.ndarray) -> Flags:
    return (chars - np.uint8(ord("a"))) < _LETTERS


def _is_digit(chars: np.ndarray) -> np.ndarray:
    return (chars - np.uint8(ord("0"))) < _TEN


def _none() -> Places:
    return np.zeros((0, 3), np.int64)


def _found(folded: Folded, dated: Flags) -> Places:
    """Kind, start and end of all matches."""
    chars = folded.chars
    digits = np.flatnonzero(_is_digit(chars))
    led = _scan("everywhere", chars.tobytes())
    is_anchor, is_birth = led[:, 0] >= len(KINDS), led[:, 0] == _BORN
    near = _near_digits("near_digits", folded, digits)
    parts = [led[~is_anchor], _near_anchors(folded, led[is_anchor & ~is_birth], digits), near]
    told = np.concatenate([led[is_birth, 1], near[np.isin(near[:, 0], _OF_PEOPLE), 1]])
    dated = dated.copy()
    dated[np.searchsorted(folded.begin, told, side="right") - 1] = True
    digits = digits[np.repeat(dated, np.diff(np.searchsorted(digits, folded.begin)))]
    return np.concatenate([*parts, _near_digits("dates", folded, digits)])


def _near_digits(automaton: str, folded: Folded, digits: Places) -> Places:
    if not len(digits):
        return _none()
    return _inside(automaton, folded, *_windows(folded, digits - BEFORE_DIGITS, digits + 1 + AFTER_DIGITS, DIGITS_APART))


def _near_anchors(folded: Folded, anchors: Places, digits: Places) -> Places:
    kind, start, end = anchors.T
    reach = np.array([REACH.get(name, (0, 0)) for name in ANCHORS])[kind - len(KINDS)]
    low, high = start - reach[:, 0], end + reach[:, 1]
    kept = ~_of_kinds(AFTER_DIGIT)[kind] | (np.searchsorted(digits, start) > np.searchsorted(digits, low))
    is_plain = kind == _STREET
    is_plain[is_plain] = ~_follows_comma(folded.chars, start[is_plain])
    kept |= (kind == _STREET) & ~is_plain
    is_plain, start, low, high = is_plain[kept], start[kept], low[kept], high[kept]
    if not len(low):
        return _none()
    order = np.argsort(low, kind="stable")
    low, high = _windows(folded, low[order], np.maximum.accumulate(high[order]), 0)
    is_mixed = np.zeros(len(low), np.bool_)
    is_mixed[np.searchsorted(low, start[~is_plain], side="right") - 1] = True
    parts = (("near_streets", ~is_mixed), ("near_anchors", is_mixed))
    return np.concatenate([_inside(automaton, folded, low[of], high[of]) for automaton, of in parts if of.any()])


def _follows_comma(chars: np.ndarray, at: Places) -> Flags:
    """Whether a comma stands before, with but words between, as behind a house's name."""
    near = sliding_window_view(np.append(np.zeros(COMMA_WITHIN, np.uint8), chars), COMMA_WITHIN)[at][:, ::-1]
    found: Flags = near[np.arange(len(at)), _PARTS_WORDS[near].argmax(axis=1)] == ord(",")
    return found


def _windows(folded: Folded, low: Places, high: Places, apart: int) -> tuple[Places, Places]:
    """Where to look: stretches that touch, or are not further apart, made one; within the notes."""
    size = len(folded.chars)
    low, high = np.maximum(low, 0), np.minimum(high, size)
    opens = np.append(True, low[1:] > high[:-1] + apart - BEFORE_DIGITS - AFTER_DIGITS if apart else low[1:] > high[:-1])
    first = np.flatnonzero(opens)
    return low[first], np.append(high[first[1:] - 1], high[-1])


def _inside(automaton: str, folded: Folded, low: Places, high: Places) -> Places:
    """The matches in these stretches. Between them stand guards, so that a word that is cut off does not begin or end there."""
    chars = np.append(folded.chars, np.uint8(BORDER))
    size = high - low + 3
    to = np.cumsum(size)
    shift = low - (to - size) - 2
    buffer = chars[np.minimum(np.repeat(shift, size) + np.arange(to[-1]), len(chars) - 1)]
    buffer[to - size] = BORDER
    buffer[to - size + 1] = np.where((low > 0) & _is_word(chars[low - 1]), ord("_"), BORDER)
    buffer[to - 1] = np.where(_is_word(chars[high]), ord("_"), BORDER)
    found = _scan(automaton, buffer.tobytes())
    moved = shift[np.searchsorted(to, found[:, 1], side="right")]
    found[:, 1] += moved
    found[:, 2] += moved
    return found


def _is_word(chars: np.ndarray) -> np.ndarray:
    return ((chars >= ord("a")) & (chars <= ord("z"))) | ((chars >= ord("0")) & (chars <= ord("9")))


def _scan(automaton: str, raw: bytes) -> Places:
    found: list[int] = []
    add = found.extend

    def on_match(kind: int, start: int, end: int, _flags: int, _context: object) -> None:
        add((kind, start, end))

    with _LOCK:
        _automaton(automaton).scan(raw, match_event_handler=on_match)
    return np.array(found, np.int64).reshape(-1, 3)


def _longest(found: Places) -> tuple[Places, Places, Places]:
    """Of the matches of a kind that begin together, the longest; all of those whose check says where they end."""
    kind, start, end = found[np.lexsort((found[:, 2], found[:, 1], found[:, 0]))].T
    is_last = np.ones(len(found), np.bool_)
    is_last[:-1] = (start[1:] != start[:-1]) | (kind[1:] != kind[:-1]) | _of_kinds(_EVERY_END)[kind[:-1]]
    return kind[is_last], start[is_last], end[is_last]


@cache
def _automaton(name: str) -> hyperscan.Database:
    sets: dict[str, Mapping[str, str]] = {
        "everywhere": EVERYWHERE,
        "near_digits": NEAR_DIGITS,
        "near_anchors": NEAR_ANCHORS,
        "near_streets": NEAR_STREETS,
        "dates": DATES,
    }
    patterns = sets[name]
    automaton = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    automaton.compile(
        expressions=[pattern.encode() for pattern in patterns.values()],
        ids=[_NAMES.index(kind) for kind in patterns],
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(patterns),
    )
    return automaton
