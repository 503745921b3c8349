"""What bears a name and is nobody: ships, pubs, firms, films, cases at law, places. Evidence against, in tenths."""

from functools import cache

import numpy as np

from rules.redact.evidence import Score, number, of_firms, pick
from rules.redact.fold import Flags, stretches
from rules.redact.people import initials
from rules.redact.tokens import AND, APOSTROPHE, BLANK, COMMA, ENDS, HYPHEN, LINE, STOP
from rules.redact.written import FLAT, IN_SMALL, IN_TITLE, Words

_A_THING = 5
_CITED = 5
"""Words before a citation that are looked at for the `v` of a case."""


def of_things(w: Words, before: np.ndarray, touching: Flags, written: Flags) -> Score:
    """Against what a ship, a storm or a police operation is called by, `the William Morris`, `Holland & Barrett`, `West Jordan ward`."""
    gaol = w.has("prefix") & w.has("where")
    borne = touching & (written & w.prev(w.has("prefix") & ~w.prev(tells(w))) | w.prev(gaol))
    borne |= touching & written & (w.fore > 1) & w.prev(w.has("royal") & ~w.prev(tells(w)))
    borne |= touching & (w.form == IN_TITLE) & w.prev(borne)
    score = pick(borne | (w.has("prefix") | w.has("royal")) & w.next(borne) & ~w.prev(tells(w)), 60)
    inner = w.prev(w.has("compass") & (w.form != FLAT)) & touching & (w.at.gap == BLANK)
    inner &= w.next(w.has("thing"))
    score += pick(inner | w.next(inner), 80)
    place = w.prev(w.has("where"), 2) & w.prev(touching & written & (w.fore < 2)) & touching & written & (w.fore < 2)
    score += pick(place & (w.at.hash != number("and")) & (w.word > 0), 15)
    score += pick(w.prev(w.has("where")) & touching & ~w.has("owner"), 12)
    score += pick(_in_places(w, before) & (w.form != IN_SMALL), 12) + pick(w.has("thing") & w.prev(w.has("place")) & touching, 20)
    more = pick(moved_to(w) & touching & written, 14) + pick(_after_article(w, touching), 30) + pick(_partners(w, written), 26)
    more += pick(_of_works(w, before) & (written | (w.form == FLAT)), 45) + pick(_part_of(w) & written, 20)
    article = w.prev((w.at.hash == number("a")) | (w.at.hash == number("an"))) & touching & (w.form == IN_TITLE)
    more += pick(article & (w.fore < 2) & ~tells(w), 10)
    more += pick((w.has("place") | w.has("town")) & w.prev((w.at.hash == number("to")) | (w.at.hash == number("from"))), 10)
    more += pick(_to_be_done(w), 20) + pick(w.counted & written, 12)
    more += pick(_at(w, touching), 18)
    street = (w.at.gap == BLANK) & w.next((w.at.hash == number("st")) & ~w.next(written))
    chained = (w.at.gap == HYPHEN) & w.next(w.at.gap == HYPHEN) & written
    more += pick(street & written, 26) + pick(chained | w.prev(chained) | w.prev(chained, 2), 40)
    return score + pick((w.seen.part == 0) & ~w.seen.paired, more)


def tells(w: Words) -> Flags:
    """What says that a person follows: a title, a rank, a relation."""
    return w.has("title") | w.has("role") | w.has("relation") | w.has("post")


def moved_to(w: Words) -> Flags:
    """Where somebody is taken: `released to Milton`, `transferred from Walton`."""
    to = w.prev(w.at.hash == number("to"))
    return w.prev(w.has("moves"), 2) & (to | w.prev(w.at.hash == number("from")))


def _in_places(w: Words, before: np.ndarray) -> Flags:
    """What stands beside a place in a list: `Burnley, Nelson and Colne`."""
    place, joint = w.has("place") | w.has("town") | of_firms(w), w.at.hash == number("and")
    listed = (before == COMMA) & w.prev(place) | (w.at.gap == COMMA) & w.next(place)
    return listed | w.prev(joint) & w.prev(place, 2) | w.next(joint) & w.next(place, 2)


def _at(w: Words, touching: Flags) -> Flags:
    """All words of what something happens in or at, unless it is somebody's."""
    mid = (w.form == IN_TITLE) & touching & ~tells(w)
    inside = mid & w.prev((w.at.hash == number("in")) | (w.at.hash == number("at")))
    inside |= mid & w.prev(inside)
    owner = (w.at.gap == APOSTROPHE) | w.has("owner")
    return inside & ~owner & ~w.next(owner & inside)


def _part_of(w: Words) -> Flags:
    """What follows `of` behind a capital: `House of Fraser`, `Duke of Kent`."""
    return w.prev(w.at.hash == number("of")) & w.prev((w.form == IN_TITLE) & ~tells(w), 2)


def _to_be_done(w: Words) -> Flags:
    """A word that stands where a verb does: `will chase`, `please mark`."""
    return w.prev(w.has("modal")) & (w.word > 0) & (w.form != IN_TITLE)


def _after_article(w: Words, touching: Flags) -> Flags:
    """`the Lord Raglan`, `The Molly Malone`: all words of what is called so, but for families."""
    mid = w.form == IN_TITLE
    told = mid & w.prev(w.at.hash == number("the")) & touching & ~tells(w)
    for _ in range(2):
        told |= mid & touching & w.prev(told) & ~tells(w)
    kin = w.has("relation") | w.has("kin")
    return told & ~w.next(kin) & ~w.next(kin, 2)


def _partners(w: Words, written: Flags) -> Flags:
    """Two surnames with `&` between."""
    third = w.prev(written & (w.fore < 2) & (w.at.gap == BLANK))
    joint = (w.at.gap == AND) & written & ((w.fore < 2) & w.next(written & (w.fore < 3)) | third & w.next(written))
    joint &= ~w.prev((w.fore > 1) & written | tells(w)) & (w.seen.part == 0)
    return joint | w.prev(joint)


def _of_works(w: Words, before: np.ndarray) -> Flags:
    """What follows `film`, `song` or `poster` in its sentence, up to somebody who does something."""
    found, cues = np.zeros(len(w.at), np.bool_), np.flatnonzero(w.has("work"))
    if len(cues):
        stops = np.append(np.flatnonzero(_stopping().take(before) | tells(w) | w.has("speech") | w.has("acts")), len(found))
        ends = np.minimum(stops[np.searchsorted(stops, cues, side="right")], np.append(cues[1:] + 1, len(found)))
        found[stretches(cues + 1, ends)[0]] = True
    return found


@cache
def _stopping() -> Flags:
    return np.isin(np.arange(256), (STOP, LINE, ENDS))


def among_things(w: Words) -> Score:
    """Against names that nothing speaks for in notes of places, firms and ailments: more where there are several."""
    thing = w.has("place") | w.has("town") | w.has("eponym") | w.has("ailment") | of_firms(w)
    total = np.zeros(len(thing) + 1, np.int32)
    np.cumsum(thing, out=total[1:], dtype=np.int32)
    many = np.minimum(np.diff(total[w.at.edges]), 2)
    return (many.astype(np.int16) * np.int16(_A_THING))[w.at.note]


def cited(w: Words) -> Flags:
    """The parties of a case that is cited with its year: `R v Galbraith [1981] 1 WLR 1039`."""
    found = np.zeros(len(w.at), np.bool_)
    versus = w.at.hash == _versus()
    for place in np.flatnonzero(w.cites).tolist():
        low = max(place - _CITED, int(w.at.edges[w.at.note[place]]))
        at = np.flatnonzero(versus[low:place])
        if len(at):
            found[max(low + int(at[-1]) - 4, int(w.at.edges[w.at.note[place]])) : place + 1] = True
    return found


@cache
def _versus() -> np.uint64:
    return initials()[ord("v") - ord("a")]
