"""What the words before and after say of a word: titles, ranks, relations, verbs, labels, what bears names and is nobody."""

import numpy as np

from rules.redact.cues import cues
from rules.redact.evidence import Score, number, pick
from rules.redact.fold import Flags
from rules.redact.lexicon import BIT
from rules.redact.people import initials
from rules.redact.things import of_things
from rules.redact.tokens import APOSTROPHE, BLANK, BREAK, COMMA, ENDS, HYPHEN, LINE, SMALL, STOP
from rules.redact.written import FLAT, IN_OPENING, IN_SHOUTED, IN_SMALL, IN_TITLE, Words

FIRST_BIT = np.uint64(1 << 8)
"""Flags at or above this are kinds, those below are levels."""
_SHORT = 4


def around(w: Words) -> Score:
    """What the words before and after say."""
    gap = w.at.gap
    before = np.concatenate(([ENDS], gap[:-1]))
    touching = (before == BLANK) | (before == HYPHEN)
    near = touching | (before == COMMA) | (before == LINE)
    written = (w.form == IN_TITLE) | (w.form == IN_SHOUTED) | (w.form == IN_OPENING)
    called = _called(w, before, touching, written)
    tells = w.has("label") | w.has("relation") | w.has("role") | w.has("post")
    several = w.prev(w.single & (w.at.case == SMALL)) & w.prev(w.has("naming"), 2)
    labelled = (w.prev(tells) | several) & (before == BREAK)
    labelled |= w.prev(labelled & w.single & (w.at.case != SMALL)) & (touching | (before == STOP))
    score = called + _greeted(w, before, written)
    mid = w.form == IN_TITLE
    related = w.has("relation")
    score += pick(w.prev(related) & near, pick((w.word > 2) & ~(mid & (w.fore > 1)), 6, 12))
    told = w.prev(related) & touching & (w.form == FLAT) & w.bare & (w.at.end - w.at.start > _SHORT) & ~w.past
    score += pick(told, 24)
    score += pick(w.prev(related & mid) & touching & mid, 14) + pick(w.prev(related) & touching & mid & (w.word < 2), 6)
    lands = w.prev(w.at.hash == number("from")) & ~w.prev(w.has("speech") | w.has("message"), 2) & mid
    score += pick(w.prev(w.at.hash == initials()[ord("w") - ord("a")]) & (before == BREAK) & mid, 8)
    score -= pick(lands & (w.fore == 0) & ((w.word > 0) | (w.sur < 2)), 8)
    score += pick(w.prev(w.has("naming")) & (before != ENDS), pick(w.word > 2, 8, 20))
    score += pick(
        labelled & (written | (w.form == FLAT) & (w.at.case != SMALL)) & ((w.fore + w.sur > 0) | (w.word == 0)),
        pick(w.word == 0, 20, 15) + pick(w.form == FLAT, 5),
    )
    speech, link = w.prev(w.has("speech")) & touching, w.prev(w.has("link")) & touching
    score += pick(speech, 10) + pick(link, pick(w.prev(w.has("among")) & mid & (w.fore + w.sur > 0), 8, 5))
    pair = written & (gap == BLANK) & w.bare & w.next(written & (w.word == 0) & ~w.has("thing"))
    score += pick(pair & (speech | link | labelled), 5)
    score += pick(link & (w.prev(w.has("speech"), 2) | w.prev(w.has("relation"), 2)), 10)
    return score + _behind(w) + cues(w) - of_things(w, before, touching, written)


def _called(w: Words, before: np.ndarray, touching: Flags, written: Flags) -> Score:
    """What titles and ranks say: `Mr`, `Dr.`, `PC`; `so` is a rank in capitals only."""
    short = w.at.end - w.at.start < 4
    so = w.at.hash == number("so")
    then = w.next((w.word == 0) & (w.flags & ~BIT["particle"] < FIRST_BIT))
    rank = w.has("role") & ~(so & ((w.at.case == SMALL) | (w.form == FLAT) & ~then))
    title = w.has("title")
    numbered = w.prev(rank & w.counted) & w.after_number & (before == BREAK)
    titled = _through_particles(w, w.prev(title & short) & (before == STOP) | w.prev(title) & touching, touching)
    ranked = _through_particles(w, w.prev(rank & short) & (before == STOP) | w.prev(rank) & touching | numbered, touching)
    plain = pick(w.word == 0, 36, pick((w.word > 2) & (w.sur < 3), 8, 30))
    score = pick(titled, pick(written | (w.word < 4), 45, pick(w.sur > 1, 40, 10)))
    said = w.prev((w.at.hash == number("the")) | (w.at.hash == number("a")) | (w.at.hash == number("an"))) & touching
    score -= pick(said & (w.form == IN_TITLE) & ~w.next(w.has("after")), 14)
    flat = (w.form == FLAT) & ~w.has("particle")
    score += pick(w.prev(w.has("post")) & touching & (w.form == IN_TITLE), 14)
    return score + pick(ranked, pick(written, 20 + pick((w.word == 1) & (w.form == IN_TITLE), 8), pick(flat, plain, 14)))


def _greeted(w: Words, before: np.ndarray, written: Flags) -> Score:
    """`Dear Ewa,` and `Regards` with a name on the next line."""
    greet = w.prev(w.has("greet"))
    gap = w.at.gap
    alone = (before == BLANK) | (before == LINE) | (before == COMMA)
    alone &= (gap == COMMA) | (gap == LINE) | (gap == ENDS) | (gap == BREAK) | (gap == STOP)
    sure = greet & alone & ((w.fore > 0) | (w.word == 0))
    return pick(sure, 30, pick(greet & written & (before != BREAK) & (before != ENDS), 15))


def _through_particles(w: Words, at: Flags, touching: Flags) -> Flags:
    """What is true of a particle or an initial is true of the word after it: `Mr van der Berg`, `Ms J. Okoro`."""
    through = w.has("particle") | w.single & (w.at.case != SMALL)
    after_initial = w.prev(w.single) & (w.prev(w.at.gap) == STOP)
    for _ in range(2):
        at = at | (w.prev(at & through) & (touching | after_initial))
    return at


def _does(w: Words, follows: Flags) -> Score:
    """A word at the beginning that does what people do: `Wood denied it`, `Banks will ring back`, `Anna to chase`."""
    acts = follows & w.next(w.has("acts") & (w.at.case == SMALL))
    acts |= follows & w.next(w.has("modal")) & w.next(w.has("does"), 2)
    opening = acts & (w.form == IN_OPENING)
    name = ((w.fore > 1) | (w.sur > 1)) & ~w.has("thing")
    name &= (w.fore > 1) | (w.word < 2) | ~w.next(w.has("suffers")) | w.next(w.has("object"), 2)
    return pick(opening & name & (w.word > 0), 13) + pick(opening & (w.word > 2) & name, 8) + pick(opening & w.bare, 4)


def _behind(w: Words) -> Score:
    gap = w.at.gap
    follows = gap == BLANK
    mine = (gap == APOSTROPHE) & w.next(w.at.hash == initials()[ord("s") - ord("a")])
    saint = w.prev(w.at.hash == number("st")) & ~w.prev((w.fore > 1) | w.has("title") | w.has("role"), 2)
    says = follows & w.next((w.has("after") | w.past) & (w.at.case == SMALL) | w.has("after"))
    score = pick(says, pick(w.form == IN_OPENING, pick(w.bare & ~w.next(w.has("aux")), 20, 13), 10))
    score += _does(w, follows) + pick(w.aged & (w.form != IN_SMALL) & ((w.fore > 1) | w.bare), pick(w.word > 1, 24, 12))
    score += pick(mine, 8) - pick(saint, 50)
    score += pick(follows & w.next(w.at.hash == number("to")) & (w.form == IN_OPENING) & (w.word == 0) & (w.sur > 1), 8)
    thing, owner = follows & w.next(w.has("thing")), w.has("owner")
    ailment = follows & w.next(w.has("ailment")) | mine & w.next(w.has("ailment"), 2)
    surname = w.next(w.sur > 2) & (w.fore > 1) & (w.word < 2)
    score -= pick(thing & (w.next(w.form) != IN_OPENING) & ~owner, pick(surname, 8, 26), 0)
    score -= pick(w.has("eponym") & mine, 40)
    score -= pick(ailment, 80, 0) + pick(mine & w.next(w.has("finding"), 2) & (w.fore < 3), 40)
    score += pick(owner & follows, 8, 0)
    score -= pick(follows & w.next(w.at.hash == number("of")) & (w.form != FLAT), 10, 0)
    capital = w.next(w.form == IN_TITLE) | w.next(w.form == IN_SHOUTED)
    return score - pick(follows & capital & w.next(follows) & w.next(w.has("thing"), 2), 14, 0)
