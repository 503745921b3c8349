"""Names by evidence: what a word is, how it is written, what stands around it. Each piece of evidence is a number of tenths.

A word at or above `ENOUGH` is a name; one beside a name needs less. Nothing here looks further than four words, so that a note's
outcome does not depend on other notes.
"""

from functools import cache

import numpy as np

from rules.redact.fold import Flags
from rules.redact.known import in_note
from rules.redact.lexicon import BIT, firms
from rules.redact.people import initials
from rules.redact.tokens import APOSTROPHE, BLANK, BREAK, COMMA, ENDS, HYPHEN, LINE, SHOUTED, SMALL, STOP, paired, words_of
from rules.redact.written import FLAT, IN_HALF, IN_OPENING, IN_SHOUTED, IN_SMALL, IN_TITLE, Words

Score = np.ndarray
ENOUGH, BESIDE, BESIDE_FLAT = 20, 3, 1
NEVER = -90
FIRST_BIT = np.uint32(1 << 8)
"""Flags at or above this are kinds, those below are levels."""
LONG_SHOUT = 6
"""Letters of a word in capitals that is too long for what is written short."""


def _pick(of: Flags, yes: Score | int, no: Score | int = 0) -> Score:
    """Points, in two bytes each."""
    return np.where(of, np.asarray(yes, np.int16), np.asarray(no, np.int16))


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
    index = w.fore + np.int16(4) * w.sur + np.int16(16) * w.word + np.int16(128) * w.form
    score = _priors()[index]
    score[w.has("place")] -= 18
    score[w.has("eponym") & (w.sur < 3)] -= 30
    score[w.single] = NEVER
    score[_of_firms(w)] -= 60
    long = (w.form == IN_SHOUTED) & (w.word == 0) & (w.flags == 0) & (w.at.end - w.at.start >= LONG_SHOUT)
    score[long] += 16
    cut = (w.at.gap == APOSTROPHE) & w.next(w.at.hash == initials()[ord("t") - ord("a")])
    tells = w.has("title") | w.has("role") | w.has("relation")
    score[w.has("title")] = NEVER
    score[tells & (w.fore < 2)] -= 30
    short = (w.form == IN_SHOUTED) & (w.at.end - w.at.start < 4)
    score[(w.has("never") & ((w.fore < 2) | short)) | cut | w.has("naming")] = NEVER
    return score


def _of_firms(w: Words) -> Flags:
    """Halves of a firm's name, with or without `and` between: `Marks and Spencer`."""
    size, joint = len(w.at), w.at.hash == _number("and")
    half = np.zeros(size, np.bool_)
    for step in (1, 2):
        at = np.flatnonzero(w.same[step] & (joint[1 : size - 1] if step > 1 else True)) if size > step else np.zeros(0, np.int64)
        hit = at[firms().look(paired(w.at.hash[at], w.at.hash[at + step])) > 0]
        half[hit] = half[hit + step] = True
    return half


def own(w: Words) -> Score:
    """What it adds that the row knows the word: all that is needed if it is no other word, and most of it if it stands as a name."""
    seen = w.seen
    size = w.at.end - w.at.start
    doubtful = (w.word > 1) | w.has("never") | w.has("place") | w.has("after") | (size < 3)
    by_form = np.array([-5, 45, 20, 35, 18, 0], np.int16)[w.form] - _pick(
        ((w.word > 3) | w.has("never")) & ((w.form == FLAT) | (w.form == IN_OPENING)), 8, 0
    )
    score = _pick(doubtful, by_form, 60)
    score = _pick(seen.misspelt, 35, score)
    score = _pick(seen.part > 0, score, 0)
    score = _pick(w.single, 0, score)
    score -= _pick(w.counted & (w.word > 1) & (score > 0), 40)
    lone = (w.form == FLAT) & (w.prev(w.single) | w.next(w.single))
    weak = (_is_word_letter(w) & (w.form == FLAT)) | (w.has("never") | (w.word > 3)) & (
        (w.form == IN_SMALL) | (w.form == IN_HALF) | lone
    )
    return score + _pick(seen.paired, _pick(weak, 5, 60), 0)


def around(w: Words) -> Score:
    """What the words before and after say."""
    gap = w.at.gap
    before = np.concatenate(([ENDS], gap[:-1]))
    touching = (before == BLANK) | (before == HYPHEN)
    near = touching | (before == COMMA) | (before == LINE)
    written = (w.form == IN_TITLE) | (w.form == IN_SHOUTED) | (w.form == IN_OPENING)
    titled, called = _called(w, before, touching, written)
    tells = w.has("label") | w.has("relation") | w.has("role")
    several = w.prev(w.single & (w.at.case == SMALL)) & w.prev(w.has("naming"), 2)
    labelled = (w.prev(tells) | several) & (before == BREAK)
    score = called + _greeted(w, before, written)
    mid = w.form == IN_TITLE
    related = w.has("relation")
    score += _pick(w.prev(related) & near, _pick((w.word > 2) & ~(mid & (w.fore > 1)), 6, 12))
    score += _pick(w.prev(related & mid) & touching & mid, 14)
    score += _pick(w.prev(w.has("naming")) & (before != ENDS), _pick(w.word > 2, 8, 20))
    score += _pick(labelled & written & ((w.fore + w.sur > 0) | (w.word == 0)), 15)
    speech, link = w.prev(w.has("speech")) & touching, w.prev(w.has("link")) & touching
    score += _pick(speech, 10) + _pick(link, _pick(w.prev(np.isin(w.at.hash, _among())) & mid & (w.fore + w.sur > 0), 8, 5))
    score -= _pick(_in_places(w, before) & mid, 12)
    pair = written & (gap == BLANK) & (w.word == 0) & (w.flags == 0) & w.next(written & (w.word == 0) & ~w.has("thing"))
    score += _pick(pair & (speech | link | labelled), 5)
    score += _pick(link & (w.prev(w.has("speech"), 2) | w.prev(w.has("relation"), 2)), 10)
    score += _pick(w.prev(w.has("where")) & touching & ~titled & ~w.has("owner"), -12)
    return score + _behind(w)


@cache
def _among() -> np.ndarray:
    """Links that are said of people rather than of places."""
    return words_of(["with", "by", "against", "between", "versus", "alongside", "re"])[1].hash


def _in_places(w: Words, before: np.ndarray) -> Flags:
    """What stands beside a place in a list: `Burnley, Nelson and Colne`."""
    place, joint = w.has("place"), w.at.hash == _number("and")
    listed = (before == COMMA) & w.prev(place) | (w.at.gap == COMMA) & w.next(place)
    return listed | w.prev(joint) & w.prev(place, 2) | w.next(joint) & w.next(place, 2)


def _called(w: Words, before: np.ndarray, touching: Flags, written: Flags) -> tuple[Flags, Score]:
    """Which words a title stands before, and what titles and ranks say: `Mr`, `Dr.`, `PC`; `so` is a rank in capitals only."""
    short = w.at.end - w.at.start < 4
    so = w.at.hash == _number("so")
    then = w.next((w.word == 0) & (w.flags & ~BIT["particle"] < FIRST_BIT))
    rank = w.has("role") & ~(so & ((w.at.case == SMALL) | (w.form == FLAT) & ~then))
    title = w.has("title")
    titled = _through_particles(w, w.prev(title & short) & (before == STOP) | w.prev(title) & touching, touching)
    ranked = _through_particles(w, w.prev(rank & short) & (before == STOP) | w.prev(rank) & touching, touching)
    plain = _pick(w.word == 0, 36, _pick((w.word > 2) & (w.sur < 3), 8, 30))
    score = _pick(titled, _pick(written | (w.word < 4), 45, _pick(w.sur > 1, 40, 10)))
    said = w.prev((w.at.hash == _number("the")) | (w.at.hash == _number("a")) | (w.at.hash == _number("an"))) & touching
    score -= _pick(said & (w.form == IN_TITLE) & ~w.next(w.has("after")), 14)
    return titled, score + _pick(ranked, _pick(written, 20, _pick(w.form == FLAT, plain, 14)))


def _greeted(w: Words, before: np.ndarray, written: Flags) -> Score:
    """`Dear Ewa,` and `Regards` with a name on the next line."""
    greet = w.prev(w.has("greet"))
    alone = np.isin(before, (BLANK, LINE, COMMA)) & np.isin(w.at.gap, (COMMA, LINE, ENDS, BREAK, STOP))
    sure = greet & alone & ((w.fore > 0) | (w.word == 0))
    return _pick(sure, 30, _pick(greet & written & (before != BREAK) & (before != ENDS), 15))


def _through_particles(w: Words, at: Flags, touching: Flags) -> Flags:
    """What is true of a particle or an initial is true of the word after it: `Mr van der Berg`, `Ms J. Okoro`."""
    through = w.has("particle") | w.single & (w.at.case != SMALL)
    after_initial = w.prev(w.single) & (w.prev(w.at.gap) == STOP)
    for _ in range(2):
        at = at | (w.prev(at & through) & (touching | after_initial))
    return at


@cache
def _number(word: str) -> np.uint64:
    return words_of([word])[1].hash[0]


def _behind(w: Words) -> Score:
    gap = w.at.gap
    follows = gap == BLANK
    mine = (gap == APOSTROPHE) & w.next(w.at.hash == initials()[ord("s") - ord("a")])
    saint = w.prev(w.at.hash == _number("st")) & ~w.prev((w.fore > 1) | w.has("title") | w.has("role"), 2)
    says = follows & w.next((w.has("after") | w.past) & (w.at.case == SMALL) | w.has("after"))
    score = _pick(says, _pick(w.form == IN_OPENING, _pick((w.word == 0) & (w.flags == 0) & ~w.next(w.has("aux")), 20, 13), 10))
    score += _pick(mine, 8) - _pick(saint, 30)
    score += _pick(follows & w.next(w.at.hash == _number("to")) & (w.form == IN_OPENING) & (w.word == 0) & (w.sur > 1), 8)
    thing, owner = follows & w.next(w.has("thing")), w.has("owner")
    ailment = follows & w.next(w.has("ailment")) | mine & w.next(w.has("ailment"), 2)
    surname = w.next(w.sur > 2) & (w.fore > 1) & (w.word < 2)
    score -= _pick(thing & (w.next(w.form) != IN_OPENING) & ~owner, _pick(surname, 8, 26), 0)
    score -= _pick(w.has("eponym") & mine, 40)
    score -= _pick(ailment, 60, 0)
    score += _pick(owner & follows, 8, 0)
    score -= _pick(follows & w.next(w.at.hash == _number("of")) & (w.form != FLAT), 10, 0)
    capital = w.next(w.form == IN_TITLE) | w.next(w.form == IN_SHOUTED)
    return score - _pick(follows & capital & w.next(follows) & w.next(w.has("thing"), 2), 14, 0)


def beside(w: Words, context: Score) -> Score:
    """What it adds that a forename stands before a surname, a surname in capitals or before a comma before a forename."""
    asked = (w.fore > 1) & (context >= 10) & w.next((w.sur > 1) & (w.word < 2))
    asked |= (w.fore > 1) & (w.form == IN_TITLE) & w.next((w.form == IN_TITLE) & (w.sur > 1) & ~w.has("thing"))
    alive = (
        (~w.has("never") | asked) & ~((w.word > 3) & ((w.form == IN_SMALL) | (w.form == IN_HALF))) & ~w.single & ~w.has("thing")
    )
    both = alive & w.next(alive) & (w.form != IN_SMALL) | alive & w.next(alive) & (w.fore > 1)
    gap = w.at.gap
    joined = both & ((gap == BLANK) | (gap == HYPHEN))
    fore, sur = w.fore, w.sur
    pair = joined & (((fore > 1) & (w.next(sur) > 0)) | ((fore > 0) & (w.next(sur) > 1)))
    given = joined & (fore > 1) & (w.next(fore) > 1)
    turned = both & ~w.has("place") & ((gap == COMMA) | (gap == BLANK) & (w.at.case == SHOUTED)) & (sur > 1) & (w.next(fore) > 1)
    unknown = joined & (fore > 1) & (w.next(w.word) == 0) & (w.next(w.form) == IN_TITLE)
    strange = (w.word == 0) & (w.flags == 0) & (w.form == IN_TITLE)
    opening = (w.word == 0) & (w.flags == 0) & (w.form == IN_OPENING) & w.next(strange & w.next(w.has("after")))
    unknown |= joined & opening | joined & strange & w.next((w.form == IN_TITLE) & (w.sur > 1) | strange) & ~w.next(
        w.has("thing"), 2
    )
    left = _pick(pair, 15, _pick(given, 10, _pick(turned, 12, _pick(unknown, 8, 0))))
    right = w.prev(_pick(pair, 15, _pick(given, 10, _pick(turned, 12, _pick(unknown, 8, 0)))))
    capital = (w.form == IN_TITLE) | (w.form == IN_SHOUTED) | (w.form == FLAT)
    capital |= (w.form == IN_OPENING) & (w.prev(gap) == STOP)
    lettered = w.prev(w.single & (w.at.case != SMALL) & ~_is_word_letter(w)) & capital & ~w.has("never")
    lettered &= (w.prev(gap) == BLANK) | (w.prev(gap) == STOP)
    odd = lettered & (w.word == 0) & (w.flags == 0) & ~w.single & (w.form != FLAT) & ((w.at.end - w.at.start) > 3)
    return np.maximum(left, right) + _pick(lettered & (w.sur > 1), 12, _pick(odd, _pick(w.form == IN_TITLE, 8, 20), 0))


def _is_word_letter(w: Words) -> Flags:
    """`I` and `A`, which are words, and the letter of a wing."""
    letters = initials()
    plain = (w.at.hash == letters[8]) | (w.at.hash == letters[0])
    return plain | (w.next(w.has("hand")) & (w.at.gap == BLANK))


def listed_with(w: Words, sure: Flags) -> Score:
    """What it adds that a name stands before it in a list: `Jan, Ewa and Xolani`."""
    before = np.concatenate(([ENDS], w.at.gap[:-1]))
    joint = w.prev(w.at.hash == _number("and")) & (before == BLANK) & w.prev(sure, 2)
    mid = w.form == IN_TITLE
    score = _pick(((before == COMMA) & w.prev(sure) | joint) & mid & ((w.word == 0) | (w.fore > 1)), 8)
    return score + _pick(joint & mid & (w.sur > 2) & (w.word > 0) & ~w.next(w.has("thing")), 16)


def grown(w: Words, score: Score, names: Flags) -> Flags:
    """The names with what belongs to them: words beside them that need less, initials, particles."""
    gap = w.at.gap
    blank, hyphen = gap == BLANK, gap == HYPHEN
    capital = (w.form == IN_TITLE) | (w.form == IN_OPENING) | (w.form == IN_SHOUTED)
    surname = w.has("thing") & (w.sur > 2) & w.prev((w.fore > 1) & (w.word < 2)) & ~w.next(w.has("thing"))
    barred = (w.has("thing") & ~surname) | w.has("never") | w.has("title") | w.has("role") | w.has("relation")
    solid = ~barred & ((w.form == IN_TITLE) | (w.form == IN_SHOUTED)) & (w.sur > 0)
    easy = ~barred & np.where(capital, score >= BESIDE, (score >= BESIDE_FLAT) & (w.fore + w.sur > 0))
    odd = ~barred & (w.form == FLAT) & (w.word == 0) & ((w.flags & ~BIT["particle"]) == 0) & w.prev(w.fore > 1)
    ahead = (
        ~barred & (capital | (w.form == FLAT)) & (w.word == 0) & (w.flags == 0) & w.next((w.sur > 2) | (w.sur > 1) & (w.fore < 2))
    )
    odd |= ~barred & (w.form == FLAT) & (w.sur > 2) & w.prev((w.fore > 1) & (w.word < 2))
    part_of = (
        easy
        | odd
        | solid
        | (capital & ~barred & w.has("place") & (score >= -20) & ~w.next(w.has("thing") & (w.at.case != SMALL)))
    )
    given = (w.fore > 1) & (capital | (w.form == FLAT)) & w.next((w.sur > 1) & (w.word < 2))
    tied = ~barred & (capital | (w.word < 3) | (w.sur > 1))
    initial = w.single & (w.at.case != SMALL) & ~_is_word_letter(w)
    particle = w.has("particle") & blank & (~w.has("never") | (w.at.case != SMALL))
    for _ in range(3):
        left, right = w.prev(names), w.next(names)
        names = names | (left & w.prev(blank) & part_of) | (right & blank & (easy | given | ahead))
        names |= (left & w.prev(hyphen) | right & hyphen) & tied
        names |= initial & (left & w.prev(blank) | right & (blank | (gap == STOP)))
        inside = particle & left & w.prev(blank) & (w.next(easy) | w.next(particle) & w.next(easy, 2))
        names |= inside | w.prev(inside) & easy | particle & right & w.next(capital | w.has("particle"))
    return names


def named(w: Words, *, unknown: bool) -> Flags:
    """Which words are names: of people we know, or, if `unknown`, of anybody."""
    context = around(w)
    mine = own(w)
    is_known = ((w.seen.part > 0) | w.seen.paired) & (mine + context >= ENOUGH)
    if not unknown:
        return is_known
    first = prior(w)
    score = first + context + beside(w, context) + mine + listed_with(w, first >= ENOUGH)
    names = grown(w, score, is_known | (score >= ENOUGH))
    return grown(w, score, names | again(w, names))


def again(w: Words, names: Flags) -> Flags:
    """Words that are nothing else, written as names are, that are part of a name elsewhere in their note."""
    plain = (w.word == 0) & (w.flags < FIRST_BIT) & ~w.single & (w.form != IN_SMALL) & (w.form != IN_HALF)
    told = w.at.note[names & plain]
    if not len(told):
        return np.zeros(len(w.at), np.bool_)
    here = np.zeros(int(w.at.note[-1]) + 1, np.bool_)
    here[told] = True
    asked = np.flatnonzero(plain & ~names & here[w.at.note])
    keys = in_note(w.at.hash, w.at.note)
    found = np.zeros(len(w.at), np.bool_)
    found[asked[np.isin(keys[asked], keys[names & plain])]] = True
    return found & ~(w.next(w.has("thing")) & (w.at.gap == BLANK))
