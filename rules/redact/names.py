"""Names by evidence: what a word is, how it is written, what stands around it. Each piece of evidence is a number of tenths.

A word at or above `ENOUGH` is a name; one beside a name needs less. Nothing here looks further than four words, but for a name that is
told elsewhere in the same note; a note's outcome does not depend on other notes.
"""

import numpy as np

from rules.redact.around import FIRST_BIT, around
from rules.redact.evidence import Score, number, pick, prior
from rules.redact.fold import Flags, Places
from rules.redact.lexicon import BIT
from rules.redact.people import IS_ALIAS_WORD, initials
from rules.redact.things import among_things, cited, moved_to
from rules.redact.tokens import BLANK, BREAK, COMMA, ENDS, HYPHEN, SHOUTED, SMALL, STOP, are_in, in_note
from rules.redact.written import FLAT, IN_HALF, IN_OPENING, IN_SHOUTED, IN_SMALL, IN_TITLE, Words

ENOUGH, BESIDE, BESIDE_FLAT = 20, 3, 1


def own(w: Words) -> Score:
    """What it adds that the row knows the word: all that is needed if it is no other word, and most of it if it stands as a name."""
    seen = w.seen
    size = w.at.end - w.at.start
    doubtful = (w.word > 1) | w.has("never") | w.has("place") | w.has("after") | (size < 3)
    by_form = np.array([-5, 45, 20, 35, 18, 0], np.int16).take(w.form) - pick(
        ((w.word > 3) | w.has("never")) & ((w.form == FLAT) | (w.form == IN_OPENING)), 8, 0
    )
    score = pick(doubtful, by_form, 60)
    dated = w.has("month") & (w.prev(w.has("when")) | w.after_number | w.counted)
    score = pick(dated, -20, score)
    led = w.has("particle") & w.next((seen.part > 0) & ~w.single) & ((w.at.gap == BLANK) | (w.at.gap == HYPHEN))
    score = pick(led, 60, score)
    score = pick(seen.misspelt, 35, score)
    score = pick(seen.part > 0, score, 0)
    part_alone = (seen.part == IS_ALIAS_WORD) & (w.word > 2) & ~seen.paired
    abbreviated = (size < 3) & (w.has("never") | w.has("title") | w.has("role")) & ~led
    score = pick(w.single | part_alone | abbreviated, 0, score)
    score[seen.letters] = _of_letters(w, seen.letters)
    score -= pick(w.counted & (w.word > 1) & (score > 0), 40)
    lone = (w.form == FLAT) & (w.prev(w.single) | w.next(w.single))
    plain = w.has("never") | (w.word > 3)
    alias = (seen.part & IS_ALIAS_WORD) != 0
    told = alias & (w.prev(alias & ~plain & ~w.single) | w.next(alias & ~plain & ~w.single))
    weak = (_is_word_letter(w) & (w.form == FLAT)) | plain & ~told & ((w.form == IN_SMALL) | (w.form == IN_HALF) | lone)
    both = (w.form == IN_TITLE) | (w.form == IN_OPENING)
    both &= (seen.part > 0) & ~w.single
    both[seen.letters] = False
    joint = w.at.hash == number("and")
    beside_own = both & (w.next(joint) & w.next(both, 2) | w.prev(joint) & w.prev(both, 2))
    return score + pick(seen.paired, pick(weak, 5, 60), 0) + pick(beside_own, 10)


def _of_letters(w: Words, at: Places) -> Score:
    """What it adds that words are initials of the row's people: all that is needed where they are set apart, most of it in capitals."""
    joined = (at[1:] == at[:-1] + 1) & (w.at.gap[at[:-1]] != BREAK)
    one = w.single[at]
    apart = one.copy()
    apart[:-1] |= joined & one[1:]
    apart[1:] |= joined & one[:-1]
    form = w.form[at]
    return pick(apart, 60, pick(form == IN_SHOUTED, 35, pick(form == FLAT, 18)))


def beside(w: Words, context: Score) -> Score:
    """What it adds that a forename stands before a surname, a surname in capitals or before a comma before a forename."""
    asked = (w.fore > 1) & (context >= 10) & w.next((w.sur > 1) & (w.word < 2))
    asked |= (w.fore > 1) & (w.form == IN_TITLE) & w.next((w.form == IN_TITLE) & ((w.sur > 1) | w.bare) & ~w.has("thing"))
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
    unknown = joined & (fore > 1) & w.next((w.word < 2) & (w.form == IN_TITLE) & ~w.has("thing") & ~w.has("place"))
    strange = w.bare & (w.form == IN_TITLE)
    opening = w.bare & (w.form == IN_OPENING) & w.next(strange & w.next(w.has("after")))
    ahead = joined & w.bare & (w.form == IN_OPENING) & w.next((w.form == IN_TITLE) & ((fore > 1) | (sur > 1)))
    unknown |= joined & opening | joined & strange & w.next((w.form == IN_TITLE) & (w.sur > 1) | strange) & ~w.next(
        w.has("thing"), 2
    )
    left = pick(pair, 15, pick(given, 10, pick(turned, 12, pick(unknown, 8, 0))))
    right = w.prev(pick(pair, 15, pick(given, 10, pick(turned, 12, pick(unknown, 8, 0)))))
    capital = (w.form == IN_TITLE) | (w.form == IN_SHOUTED) | (w.form == FLAT)
    capital |= (w.form == IN_OPENING) & (w.prev(gap) == STOP)
    lettered = w.prev(w.single & (w.at.case != SMALL) & ~_is_word_letter(w)) & capital & ~w.has("never")
    lettered &= (w.prev(gap) == BLANK) | (w.prev(gap) == STOP)
    odd = lettered & w.bare & ~w.single & (w.form != FLAT) & ((w.at.end - w.at.start) > 3)
    return (
        np.maximum(left, right) + pick(ahead, 4) + pick(lettered & (w.sur > 1), 12, pick(odd, pick(w.form == IN_TITLE, 8, 20), 0))
    )


def _is_word_letter(w: Words) -> Flags:
    """`I` and `A`, which are words, and the letter of a wing."""
    letters = initials()
    plain = (w.at.hash == letters[8]) | (w.at.hash == letters[0])
    return plain | (w.next(w.has("hand")) & (w.at.gap == BLANK))


def listed_with(w: Words, sure: Flags) -> Score:
    """What it adds that a name stands before it in a list: `Jan, Ewa and Xolani`."""
    before = np.concatenate(([ENDS], w.at.gap[:-1]))
    joint = w.prev(w.at.hash == number("and")) & (before == BLANK) & w.prev(sure, 2)
    mid = w.form == IN_TITLE
    flat = np.flatnonzero(joint & (w.form == FLAT))
    flat = flat[
        w.bare[flat] & (w.at.end[flat] - w.at.start[flat] > 3) | ((w.fore[flat] > 0) | (w.sur[flat] > 1)) & (w.word[flat] < 3)
    ]
    leads = w.bare & ((w.at.gap == COMMA) & w.next(sure) | w.next(w.at.hash == number("and")) & w.next(sure, 2))
    extra = pick(leads & mid, 10) + pick(leads & (w.form == IN_OPENING), 20)
    extra[flat] += np.int16(30)
    score = extra + pick(((before == COMMA) & w.prev(sure) | joint) & mid & ((w.word == 0) | (w.fore > 1)), 8)
    return score + pick(joint & mid & (w.sur > 2) & (w.word > 0) & ~w.next(w.has("thing")), 16)


def grown(w: Words, score: Score, names: Flags) -> Flags:
    """The names with what belongs to them: words beside them that need less, initials, particles."""
    gap = w.at.gap
    blank, hyphen = gap == BLANK, gap == HYPHEN
    capital = (w.form == IN_TITLE) | (w.form == IN_OPENING) | (w.form == IN_SHOUTED)
    surname = w.has("thing") & (w.sur > 2) & w.prev((w.fore > 1) & (w.word < 2)) & ~w.next(w.has("thing"))
    barred = (w.has("thing") & ~surname) | w.has("never") | w.has("title") | w.has("role") | w.has("relation")
    solid = ~barred & ((w.form == IN_TITLE) | (w.form == IN_SHOUTED)) & (w.sur > 0)
    easy = ~barred & (capital & (score >= BESIDE) | ~capital & (score >= BESIDE_FLAT) & (w.fore + w.sur > 0))
    odd = ~barred & (w.form == FLAT) & (w.bare | (w.flags == BIT["particle"])) & w.prev(w.fore > 1)
    ahead = ~barred & (capital | (w.form == FLAT)) & w.bare & w.next((w.sur > 2) | (w.sur > 1) & (w.fore < 2))
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
    lettered = w.single & (w.at.case != SMALL) & ~initial & ((w.at.hash == initials()[0]) | w.at.opens)
    single = np.flatnonzero(w.single & (gap == STOP))
    after = single[w.same[1][np.minimum(single, len(gap) - 2)] & (single < len(gap) - 1)] + 1 if len(gap) > 1 else single[:0]
    lettered[after] |= w.single[after] & (w.at.case[after] != SMALL) & ~initial[after]
    flat = after[(w.form[after] == FLAT) & (w.sur[after] > 0)] - 1
    initial[flat] = True
    particle = w.has("particle") & (blank | hyphen) & (~w.has("never") | (w.at.case != SMALL))
    for _ in range(3):
        left, right = w.prev(names), w.next(names)
        names = names | (left & w.prev(blank) & part_of) | (right & blank & (easy | given | ahead))
        names |= (left & w.prev(hyphen) | right & hyphen) & tied
        names |= w.quoted & left & right & ~barred & (w.at.case != SMALL)
        names |= lettered & (w.next(names & w.single) & blank | w.next(names) & (gap == STOP))
        names |= initial & (left & (w.prev(blank) | w.prev(gap == COMMA) & ~blank) | right & (blank | (gap == STOP)))
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
    first, near = prior(w) - pick(cited(w), 80), beside(w, context)
    score = first + context + near + mine
    idle = (context <= 3) & (near <= 0) & (w.fore < 2) & (mine <= 0) & ((w.form == IN_TITLE) | (w.form == IN_OPENING))
    score -= pick(idle, among_things(w))
    score += listed_with(w, grown(w, score, is_known | (score >= ENOUGH)))
    names = grown(w, score, is_known | (score >= ENOUGH))
    more = again(w, names)
    names = grown(w, score, names | more) if more.any() else names
    return names & (is_known | ~_borne(w, names))


def surnamed(w: Words) -> Flags:
    """Forenames before a surname that is a thing, too: `James Ward`; not where somebody is moved: `admitted to Byron Ward`."""
    moved = w.prev(w.has("where")) | moved_to(w)
    thing = w.has("thing") & (w.sur > 2) & (w.at.case != SMALL) & ~w.next(w.has("thing"))
    return (w.fore > 1) & (w.word < 2) & (w.form == IN_TITLE) & (w.at.gap == BLANK) & w.next(thing) & ~moved & ~w.has("place")


def _borne(w: Words, names: Flags) -> Flags:
    """A house or a ward that another word, which is no name, is put before (`Byron Ward`), and abbreviations (`MoJ`)."""
    capital = (w.form == IN_TITLE) | (w.form == IN_OPENING) | (w.form == IN_SHOUTED)
    before = w.prev(capital & ~names & ~w.has("title") & ~w.has("role") & ~w.has("relation") & ~w.single & (w.at.gap == BLANK))
    before &= w.prev((w.word < 3) & ~w.has("never"))
    return w.short | (w.has("thing") & before & ~w.next(names) & (w.form == IN_TITLE))


def again(w: Words, names: Flags) -> Flags:
    """Words that are nothing else, written as names are, that are part of a name elsewhere in their note."""
    plain = (w.word == 0) & (w.flags < FIRST_BIT) & ~w.single & (w.form != IN_SMALL) & (w.form != IN_HALF)
    told = w.at.note[names & plain]
    if not len(told):
        return np.zeros(len(w.at), np.bool_)
    here = np.zeros(int(w.at.note[-1]) + 1, np.bool_)
    here[told] = True
    asked = np.flatnonzero(plain & ~names & here[w.at.note])
    found, named_so = np.zeros(len(w.at), np.bool_), np.flatnonzero(names & plain)
    asked_for, known = (in_note(w.at.hash[at], w.at.note[at]) for at in (asked, named_so))
    known.sort()
    found[asked[are_in(asked_for, known)]] = True
    return found & ~(w.next(w.has("thing")) & (w.at.gap == BLANK))
