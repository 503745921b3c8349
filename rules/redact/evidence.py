"""What a word alone says of itself, in tenths: how often it is a name, how often a word, and how it is written."""

from functools import cache

import numpy as np

from rules.redact.fold import Flags
from rules.redact.lexicon import firms
from rules.redact.people import initials
from rules.redact.tokens import APOSTROPHE, paired, words_of
from rules.redact.written import FLAT, IN_HALF, IN_OPENING, IN_SHOUTED, IN_SMALL, Words

Score = np.ndarray
NEVER = -90
LONG_SHOUT = 6
"""Letters of a word in capitals that is too long for what is written short."""


def pick(of: Flags, yes: Score | int, no: Score | int = 0) -> Score:
    """Points, in two bytes each. Products, which take a seventh of the time of a choice."""
    points: Score = np.multiply(of, np.asarray(yes, np.int16), dtype=np.int16)
    if isinstance(no, int) and no == 0:
        return points
    points += np.multiply(~of, np.asarray(no, np.int16), dtype=np.int16)
    return points


@cache
def number(word: str) -> np.uint64:
    return words_of([word])[1].hash[0]


def _prior(fore: int, sur: int, word: int, form: int) -> int:
    """What a word alone says."""
    strength = max(fore, 0.85 * sur)
    if not strength:
        plain = {0: (-30, 12, 0, -6, -14, -24), 1: (-40, -8, -16, -20, -25, -40), 2: (-40, -18, -24, -30, -30, -40)}
        return plain.get(word, (-40,) * 6)[form]
    score = (8, 30, 24, 22, 22, 16)[form]
    score -= 0 if strength > 2.5 else 5 if strength > 1.6 else (20, 10, 12, 14, 20, 24)[form]
    score -= 6 if (not fore and form in {IN_SMALL, IN_HALF}) or (not fore and form == FLAT and (word or sur < 3)) else 0
    score -= (0, 5, 10, 16, 20)[word] if fore > 1 else (0, 6, 16, 24, 30)[word]
    return score - (15 if word > 1 and form in {IN_SMALL, IN_HALF} else 6 if word > 1 and form in {FLAT, IN_OPENING} else 0)


@cache
def _priors() -> Score:
    """`_prior` of every case, at fore + 4 * sur + 16 * word + 128 * form."""
    return np.array(
        [_prior(f, s, min(w, 4), form) for form in range(6) for w in range(8) for s in range(4) for f in range(4)], np.int16
    )


def prior(w: Words) -> Score:
    index: np.ndarray = w.fore + np.int16(4) * w.sur + np.int16(16) * w.word + np.int16(128) * w.form
    score = _priors().take(index)
    score -= pick(w.has("place"), 18, pick(w.has("town"), 10)) + pick(w.has("eponym") & (w.sur < 3), 30)
    np.putmask(score, w.single, NEVER)
    long = (w.form == IN_SHOUTED) & w.bare & (w.at.end - w.at.start >= LONG_SHOUT)
    score += pick(long, 16) - pick(of_firms(w), 60)
    cut = (w.at.gap == APOSTROPHE) & w.next(w.at.hash == initials()[ord("t") - ord("a")])
    tells = w.has("title") | w.has("role") | w.has("relation")
    np.putmask(score, w.has("title"), NEVER)
    score -= pick(tells & (w.fore < 2), 30)
    short = (w.form == IN_SHOUTED) & (w.at.end - w.at.start < 4)
    score -= pick(short & (w.fore < 3), 15)
    np.putmask(score, (w.has("never") & ((w.fore < 2) | short)) | cut | w.has("naming") | w.has("count") | w.camel, NEVER)
    return score


def of_firms(w: Words) -> Flags:
    """Halves of a firm's name, with or without `and` or `'s` between: `Marks and Spencer`, `Crohn's disease`."""
    return w.once("firms", _of_firms)


def _of_firms(w: Words) -> Flags:
    size, owns = len(w.at), w.at.hash == initials()[ord("s") - ord("a")]
    joint = (w.at.hash == number("and")) | owns & w.prev(w.at.gap == APOSTROPHE)
    half = np.zeros(size, np.bool_)
    pairs, sieve = firms()
    may = sieve.may_hold(w.at.hash)
    for step in (1, 2):
        near = w.same[step] & may[:-step] if size > step else may[:0]
        at = np.flatnonzero(near & joint[1 : size - 1] if step > 1 and size > step else near)
        hit = at[pairs.look(paired(w.at.hash[at], w.at.hash[at + step])) > 0]
        half[hit] = half[hit + step] = True
    return half
