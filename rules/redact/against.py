"""Rare cues against people: animals, clubs, zones, trades, abbreviations. Evidence in tenths, at few words only."""

import numpy as np

from rules.redact.evidence import Score, number
from rules.redact.fold import Places
from rules.redact.lexicon import BIT, flags_of
from rules.redact.near import ACTS, AN, AND, OR, PLACES, TELLS, ZONE, ZONES, A, Near, add, among
from rules.redact.tokens import AND as AMPERSAND
from rules.redact.tokens import APOSTROPHE, BLANK, BREAK, COMMA, ENDS, LINE, SHOUTED, STOP, hashes, in_note
from rules.redact.written import FLAT, IN_OPENING, IN_SHOUTED, IN_SMALL, IN_TITLE

_PLAY = "beat beats v vs versus lost drew won thrashed"
_SHORT = 7
_LISTED = 7
"""Words before works that are looked at."""
_FIRM = 8
"""Words behind `solicitors` that are looked at."""
_ZONE = 10
"""Words behind `zone` that are looked at."""
_ALONG = "in near outside around off along down up onto through across into"
_FINDINGS = "neg pos negative positive not excluded ruled queried suspected"


def against(near: Near, score: Score) -> None:
    """What rare words and signs say against people being meant by the words around them."""
    for look in (
        _animals,
        _others,
        _short,
        _clubs,
        _zones,
        _trades,
        _eponyms,
        _entered,
        _partners,
        _practices,
        _goods,
        _works,
        _measured,
        _articles,
    ):
        look(near, score)


def _animals(near: Near, score: Score) -> None:
    """`a dog named Rex`, `his staffie Tyson`, `Bella a staffie`; and wherever these are named in their note."""
    w, at = near.w, near.seeds("pet")
    if not len(at):
        return
    direct = near.to(at[(w.at.gap[at] != STOP) & (w.at.gap[at] != LINE)], 1)
    called = near.to(at[near.has(at, 1, BIT["naming"])], 2)
    behind = near.to(at[among(near.word(at, -1), "a the")], -2)
    both = near.to(called, 1)
    found = np.concatenate([direct, called, both, near.to(both[w.at.hash[both] == number("and")], 1), behind])
    found = found[near.capital(found) | (w.form[found] == FLAT) & np.isin(found, called)]
    found = found[((w.flags[found] & TELLS) == 0) & (np.maximum(w.fore[found], w.sur[found]) > 0)]
    if len(found):
        add(score, _alike(near, found), -100)


def _alike(near: Near, at: Places) -> Places:
    """These words, wherever they stand in their notes."""
    words = near.w.at
    return np.flatnonzero(np.isin(in_note(words.hash, words.note), in_note(words.hash[at], words.note[at])))


def _others(near: Near, score: Score) -> None:
    """A place beside `or`: `Charlton or Stanley`."""
    either = near.cues(OR)
    if not len(either):
        return
    for step in (-1, 1):
        where = near.to(either[near.has(either, -step, PLACES)], step)
        add(score, where[near.capital(where) & (near.w.fore[where] < 3)], -12)
    where = near.to(either[near.has(either, -1, PLACES) & among(near.word(either, -2), "to from in near than")], 1)
    add(score, where[near.capital(where) & (near.w.fore[where] > 2)], -20)


def _short(near: Near, score: Score) -> None:
    """Words in capitals among others, short and with no name beside them: `SARA completed`."""
    w, at = near.w, np.flatnonzero(near.w.form == IN_SHOUTED)
    at = at[near.size(at) < _SHORT]
    if not len(at):
        return
    add(score, at[among(near.word(at, -1), "the a an")], -20)
    at = at[~near.has(at, -1, TELLS) & (near.of(w.at.case, at, 1) != SHOUTED) & (near.of(w.at.case, at, -1) != SHOUTED)]
    at = at[(near.of(w.fore, at, 1) <= 1) & (near.of(w.fore, at, -1) <= 1) & ~near.of(w.single, at, 1)]
    acts = near.has(at, 1, BIT["acts"] | BIT["modal"] | BIT["aux"])
    add(score, at[~acts], -16)
    add(score, at[acts], -6)


def _clubs(near: Near, score: Score) -> None:
    """Places among places, clubs that play (`Chelsea beat Arsenal`), and officers who are called as a place is."""
    w, at = near.w, near.seeds("place")
    several = np.bincount(w.at.note[at], minlength=1)
    at = at[(w.fore[at] > 0) | (w.sur[at] > 0)]
    crowded = at[(several[w.at.note[at]] > 2) & ((w.form[at] == IN_TITLE) | (w.form[at] == IN_OPENING))]
    add(score, crowded[~near.has(crowded, -1, TELLS)], -12)
    add(score, at[among(near.word(at, 1), _PLAY) | among(near.word(at, -1), _PLAY)], -30)
    officers = at[(w.form[at] == IN_TITLE) & (w.sur[at] > 2)]
    add(score, officers[near.has(officers, -1, BIT["role"])], 14)


def _zones(near: Near, score: Score) -> None:
    """What follows a zone in its sentence: `exclusion zone: Byker, Walker and Heaton`."""
    w, at = near.w, near.cues(ZONE, ZONES)
    for _ in range(_ZONE if len(at) else 0):
        at = near.to(at[(w.at.gap[at] != STOP) & (w.at.gap[at] != LINE)], 1)
        at = at[(w.flags[at] & (TELLS | ACTS)) == 0]
        add(score, at[near.capital(at) & (w.fore[at] < 3)], -30)


def _trades(near: Near, score: Score) -> None:
    """Who a trade is called after: `Gordon Bros Scaffolding`, `Dave's Autos`, `kevin's tyres`."""
    w, at = near.w, near.seeds("trade")
    if not len(at):
        return
    left = near.to(at[np.isin(near.of(w.at.gap, at, -1), (BLANK, AMPERSAND))], -1)
    owner = near.to(left[near.of(w.at.gap, left, -1) == APOSTROPHE], -1)
    found = np.unique(np.concatenate([left, owner, near.to(left[near.capital(left)], -1)]))
    found = found[near.capital(found) | (w.form[found] == FLAT)]
    found = found[(w.flags[found] & TELLS) == 0]
    found = found[(w.fore[found] > 0) | (w.sur[found] > 0)]
    if len(found):
        add(score, found, -30)
        add(score, _alike(near, found), -26)


def _eponyms(near: Near, score: Score) -> None:
    """Who owns nothing that is told: `Lachman's neg`, `awaiting nephrology for Goodpasture's;`, `from Nando's`, `a shop called Hassan's`."""
    w = near.w
    at = np.flatnonzero(w.at.gap == APOSTROPHE)
    at = at[near.capital(at) & (near.word(at, 1) == number("s"))]
    if not len(at):
        return
    ends = np.isin(near.of(w.at.gap, at, 1), (STOP, COMMA, ENDS, BREAK))
    add(score, at[(w.fore[at] < 2) & (ends | among(near.word(at, 2), _FINDINGS))], -25)
    add(score, at[near.has(at, -1, BIT["naming"])], -40)
    rest = at[ends | among(near.word(at, 2), "and or on in for with at then from to")]
    words = [w.chars[w.at.start[place] : w.at.end[place]].tobytes() + b"s" for place in rest.tolist()]
    size = np.array([len(word) for word in words], np.int64)
    brands = flags_of(hashes(np.frombuffer(b"".join(words), np.uint8), np.cumsum(size) - size, size))
    add(score, rest[(brands & (BIT["place"] | BIT["never"])) != 0], -40)


def _entered(near: Near, score: Score) -> None:
    """What is entered, streets, and places beside others: `not to enter Harold Hill`, `off Harvey Way`, `in Clare and Kerry`."""
    w, at = near.w, near.seeds("enters")
    if len(at):
        first = near.to(at, 1)
        both = np.concatenate([first, near.to(first[w.at.gap[first] == BLANK], 1)])
        add(score, both[near.capital(both) & ((w.flags[both] & TELLS) == 0)], -40)
    joint = near.cues(AND, OR)
    joint = near.to(joint[near.has(joint, -2, BIT["where"])], 1) - 1
    left = near.to(joint, -1)
    left = left[(w.form[left] == IN_TITLE) & (w.at.gap[left] == BLANK)]
    right = left + 2
    add(score, right[near.capital(right) & ((w.flags[right] & TELLS) == 0)], -30)
    street = near.seeds("street")
    street = street[w.form[street] == IN_TITLE]
    if not len(street):
        return
    street = street[near.of(w.at.gap, street, -1) == BLANK]
    street = street[(w.sur[street] < 2) | among(near.word(street, -2), _ALONG)]
    add(score, street, -40)
    add(score, near.to(street, -1), -40)


def _partners(near: Near, score: Score) -> None:
    """Firms of law: `Hartley Moss & Keane`."""
    w, at = near.w, np.flatnonzero(near.w.at.gap == AMPERSAND)
    at = at[near.capital(at) & (w.sur[at] > 1)]
    if not len(at):
        return
    right = near.to(at, 1)
    right = right[near.capital(right) & (w.fore[right] < 2) & (w.sur[right] > 0)]
    left = right - 1
    third = near.to(left[near.of(w.at.gap, left, -1) == BLANK], -1)
    third = third[near.capital(third) & ((w.flags[third] & TELLS) == 0)]
    add(score, np.concatenate([third, third + 1, third + 2]), -45)


def _practices(near: Near, score: Score) -> None:
    """Who is named behind `solicitors` with `&`, and `Messrs Bennett Carr`, who are no two people."""
    w, at = near.w, near.seeds("practice")
    if not len(at):
        return
    found, messrs = at, near.to(at[w.at.hash[at] == number("messrs")], 1)
    for _ in range(_FIRM):
        found = near.to(found[(w.at.gap[found] != STOP) & (w.at.gap[found] != LINE)], 1)
        found = found[(w.flags[found] & (TELLS | BIT["acts"])) == 0]
        gaps = w.at.gap[found], near.of(w.at.gap, found, -1), near.of(w.at.gap, found, 1)
        tied = (gaps[0] == AMPERSAND) | (gaps[1] == AMPERSAND) | (gaps[2] == AMPERSAND)
        add(score, found[near.capital(found) & tied], -60)
    second = near.to(messrs[near.capital(messrs) & (w.at.gap[messrs] == BLANK)], 1)
    second = second[near.capital(second) & (near.word(second, 1) != number("and"))]
    add(score, np.concatenate([second - 1, second]), -80)


def _goods(near: Near, score: Score) -> None:
    """What is worn, eaten or read: `Paul Smith belt`, `Charlie Bigham's lasagne`, `reading Rebecca for the third time`."""
    w, at = near.w, near.seeds("goods")
    read = near.seeds("reads")
    if len(read):
        read = near.to(read[w.at.gap[read] == BLANK], 1)
        add(score, read[(w.form[read] == IN_TITLE) & (near.of(w.form, read, 1) != IN_TITLE)], -14)
    if not len(at):
        return
    last = near.to(at[near.of(w.at.gap, at, -1) == BLANK], -1)
    owner = near.to(last[near.of(w.at.gap, last, -1) == APOSTROPHE], -1)
    last = np.concatenate([last[near.capital(last)], owner[near.capital(owner)]])
    last = last[(near.of(w.at.gap, last, -1) == BLANK) & ((w.flags[last] & TELLS) == 0)]
    first = near.to(last, -1)
    first = first[near.capital(first) & (w.fore[first] > 0) & ((w.flags[first] & TELLS) == 0)]
    add(score, np.concatenate([first, first + 1]), -50)


def _works(near: Near, score: Score) -> None:
    """Who is named before works (`Fleetwood Mac and Elton John CDs`) and behind a count (`2 x Ben Sherman`)."""
    w, at = near.w, near.seeds("works")
    for _ in range(_LISTED if len(at) else 0):
        at = near.to(at, -1)
        at = at[near.capital(at) & ((w.flags[at] & TELLS) == 0) | np.isin(w.at.hash[at], (number("and"), number("or")))]
        at = at[np.isin(w.at.gap[at], (BLANK, AMPERSAND, COMMA))]
        add(score, at[near.capital(at)], -60)
    counted = np.flatnonzero(w.single & w.after_number)
    first = near.to(counted[w.at.hash[counted] == number("x")], 1)
    first = first[near.capital(first) & ((w.flags[first] & TELLS) == 0)]
    second = near.to(first[w.at.gap[first] == BLANK], 1)
    add(score, np.concatenate([first, second[near.capital(second)]]), -45)


def _measured(near: Near, score: Score) -> None:
    """`four cans of Foster's`, `Governor Grade 5`, `employed by Stobart`."""
    w, at = near.w, near.seeds("measure")
    if len(at):
        held = near.to(at[near.word(at, 1) == number("of")], 2)
        add(score, held[near.capital(held)], -35)
    grade = near.to(near.seeds("title"), 1)
    add(score, grade[w.counted[grade] & (w.word[grade] > 2)], -45)
    at = near.seeds("owing")
    if len(at):
        firm = near.to(at[among(near.word(at, 1), "from with at by")], 2)
        add(score, firm[(w.form[firm] == IN_TITLE) & (w.fore[firm] < 3)], -18)
    at = near.seeds("hired")
    if not len(at):
        return
    firm = near.to(at[among(near.word(at, 1), "by for at")], 2)
    add(score, firm[(w.form[firm] == IN_TITLE) & (w.fore[firm] < 2)], -18)


def _articles(near: Near, score: Score) -> None:
    """What an article makes a thing of: `a Stanley blade`, `a Che Guevara poster`."""
    w, at = near.w, near.cues(A, AN)
    first = near.to(at[near.of(w.form, at, 1) == IN_TITLE], 1)
    first = first[((w.flags[first] & TELLS) == 0) & (w.at.gap[first] == BLANK)]
    if not len(first):
        return
    second = near.to(first[(near.of(w.form, first, 1) == IN_TITLE) & (near.of(w.at.gap, first, 1) == BLANK)], 1)
    for last, size in ((first, 1), (second, 2)):
        noun = (near.of(w.form, last, 1) == IN_SMALL) & (near.of(w.word, last, 1) > 0)
        noun &= ~near.has(last, 1, BIT["never"] | BIT["link"] | BIT["after"] | ACTS | TELLS) & ~near.of(w.past, last, 1)
        for step in range(size):
            add(score, last[noun] - step, -30)
