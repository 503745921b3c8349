"""Rare cues of people: nicknames that are told, letters that are names, lists, pairs. Evidence in tenths, at few words only."""

import numpy as np

from rules.redact.against import against
from rules.redact.evidence import Score, number
from rules.redact.fold import Flags, Places
from rules.redact.formed import formed
from rules.redact.lexicon import BIT, WORD, flags_of, level
from rules.redact.near import (
    ACTS,
    AND,
    BY,
    CASE,
    EXHIBIT,
    FROM,
    HER,
    HIM,
    NO_NAME,
    PLACES,
    TELLS,
    THEM,
    WHO,
    WHOM,
    WHOSE,
    Near,
    add,
    among,
)
from rules.redact.tokens import AND as AMPERSAND
from rules.redact.tokens import BLANK, BREAK, COMMA, LINE, SHOUTED, SMALL, STOP, hashes
from rules.redact.written import FLAT, IN_OPENING, IN_SMALL, IN_TITLE, Words

_HUMAN = (
    "abusive polite aggressive upset tearful angry distressed compliant settled anxious warned spoken seen told asked placed observed "
    "escorted arrested interviewed charged sentenced remanded challenged advised unlocked searched restrained assaulted bullied worried "
    "unhappy happy keen drunk intoxicated verbally adamant apologetic calm chatty quiet rude threatening unwell nicked involved"
)
_LONG, _SHORT_TITLE = 3, 5
_QUOTES = np.frombuffer(b"'\"", np.uint8)
_ROLL = 5
"""How many names, or words, are looked at behind."""
_BULLET = 4
"""Characters before an item that are looked at for the beginning of its line."""
_PART, _LONGEST_PART, _EVERYDAY = 3, 9, 3


def cues(w: Words) -> Score:
    """What rare words and signs say of the words around them."""
    score = np.zeros(len(w.at), np.int16)
    if len(w.at):
        near = Near(w)
        for look in (_nicknames, _letters, _items, _people, _pairs, _flat, _strange, _everyday, _rolls, _aimed, _whole, formed):
            look(near, score)
        against(near, score)
    return score


def _nicknames(near: Near, score: Score) -> None:
    """`aka Tiny`, `goes by Smokey`, `known as "Spudz"`, `they call him Chopper`."""
    w, at = near.w, near.seeds("naming")
    word, then = w.at.hash[at], near.word(at, 1)
    led = among(word, "known name nickname alias") & among(then, "as is was only")
    by, whom = near.cues(BY), near.cues(HIM, HER, THEM)
    by = by[among(near.word(by, -1), "goes go going went")]
    whom = whom[among(near.word(whom, -1), "call calls called calling")]
    strong = at[among(word, "aka alias nicknamed nickname") & ~led]
    told = [near.to(strong, 1), near.to(at[led], 2), near.to(by, 1), near.to(whom, 1), _quoted(near)]
    found = np.unique(np.concatenate(told))
    if not len(found):
        return
    found = np.union1d(found, near.to(found[w.at.hash[found] == number("as")], 1))
    second = near.to(found[(w.form[found] == IN_TITLE) & (w.at.gap[found] == BLANK)], 1)
    add(score, second[(w.form[second] == IN_TITLE) & ((w.flags[second] & (NO_NAME | PLACES)) == 0)], 15)
    found = found[(w.flags[found] & (NO_NAME | PLACES)) == 0]
    flat, quoted = w.form[found] == FLAT, w.quoted[found]
    add(score, found[quoted | (w.form[found] == IN_TITLE)], 40)
    add(score, found[flat & ~quoted & (w.word[found] < 2)], 25)


def _quoted(near: Near) -> Places:
    """Two nicknames: `"Bones" and "Razor"`."""
    w, quotes = near.w, np.flatnonzero(near.w.quoted)
    quotes = quotes[near.word(quotes, 1) == number("and")]
    beyond = near.of(w.at.start, quotes, 2)
    quotes = quotes[np.isin(w.chars[np.maximum(beyond, 1) - 1], _QUOTES) & near.capital(quotes)]
    both = near.to(quotes, 2)
    return np.concatenate([quotes, both[w.quoted[both]]])


def _letters(near: Near, score: Score) -> None:
    """`Mr K`, and `j.bloggs`."""
    w, at = near.w, np.flatnonzero(near.w.single)
    titled = at[near.has(at, -1, BIT["title"])]
    titled = titled[(near.of(w.at.gap, titled, -1) != BREAK) & ~among(w.at.hash[titled], "a i")]
    titled = titled[
        (near.of(w.at.end, titled, -1) - near.of(w.at.start, titled, -1) < _SHORT_TITLE) & ~near.has(titled, 1, TELLS)
    ]
    add(score, titled[(w.at.case[titled] != SMALL) | (w.form[titled] == FLAT)], 80)
    pair = at[(w.at.gap[at] == STOP) & (w.at.case[at] != SMALL) & near.of(w.single, at, 1) & ~near.of(w.single, at, -1)]
    pair = pair[(near.of(w.at.case, pair, 1) != SMALL) & (near.has(pair, 2, ACTS) | among(near.word(pair, 2), "aged age"))]
    add(score, pair, 120)
    add(score, pair + 1, 120)
    shouted = near.to(at[(w.at.gap[at] == STOP) & (w.at.case[at] != SMALL) & ~among(w.at.hash[at], "a i")], 1)
    add(
        score,
        shouted[w.bare[shouted] & (w.form[shouted] == FLAT) & (w.at.case[shouted] == SHOUTED) & (near.size(shouted) > _LONG)],
        34,
    )
    aged = np.flatnonzero(w.aged & (w.form != IN_SMALL))
    add(score, aged[w.bare[aged]], 8)
    add(score, aged[(w.sur[aged] > 0) & (w.fore[aged] < 2) & (w.word[aged] < 2)], 12)
    tied = at[(w.at.gap[at] == STOP) & (w.at.case[at] == SMALL)]
    tied = near.to(tied[near.of(w.at.start, tied, 1) == w.at.end[tied] + 1], 1)
    tied = tied[near.size(tied) > _LONG]
    add(score, tied[(w.sur[tied] > 1) & (w.word[tied] < 2) | w.bare[tied]], 50)


def _items(near: Near, score: Score) -> None:
    """Items of a list that begin with a name: `- Pemberton - enhanced`, `2. Lowndes: basic`, or are one."""
    w = near.w
    at = np.flatnonzero(((w.at.gap == BREAK) | (w.at.gap == LINE)) & (w.form == IN_OPENING))
    last = w.at.edges[1:][w.at.edges[1:] > w.at.edges[:-1]] - 1
    at = np.concatenate([at, last[w.form[last] == IN_OPENING]])
    at = at[((w.flags[at] & (NO_NAME | PLACES)) == 0) & (w.word[at] < 2)]
    if not len(at):
        return
    first, begins = w.at.start[at] - 1, at == w.at.edges[w.at.note[at]]
    for step in range(_BULLET):
        begins |= w.chars[np.maximum(first - step, 0)] == ord("\n")
    at = at[begins]
    named = (w.fore[at] > 0) | (w.sur[at] > 0)
    add(score, at[named], 8)
    sure = w.at.note[at[(w.fore[at] > 2) | (w.sur[at] > 2)]]
    strange = at[w.bare[at] & (near.size(at) > _LONG)]
    add(score, strange[np.isin(w.at.note[strange], sure)], 20)


def _people(near: Near, score: Score) -> None:
    """`Ramsbottom, who`, `Fenella from Psychology`, `Officer in case Bose`."""
    w, who, room = near.w, near.cues(WHO, WHOSE, WHOM), near.cues(FROM)
    gap = near.of(w.at.gap, who, -1)
    behind = near.to(who[(gap == COMMA) | (gap == BLANK)], -1)
    add(score, behind[near.capital(behind) & ((w.flags[behind] & NO_NAME) == 0)], 14)
    behind = near.to(room[near.of(w.form, room, 1) == IN_TITLE], -1)
    behind = behind[(w.at.gap[behind] == BLANK) & w.bare[behind] & ((w.flags[behind] & (NO_NAME | PLACES)) == 0)]
    add(score, behind[w.form[behind] == IN_OPENING], 20)
    add(score, behind[w.form[behind] == IN_TITLE], 8)
    case = near.cues(CASE)
    case = case[near.has(case, -2, BIT["role"]) & (near.word(case, -1) == number("in"))]
    ahead = near.to(np.concatenate([case, near.cues(EXHIBIT)]), 1)
    add(score, ahead[w.form[ahead] == IN_TITLE], 14)


def _pairs(near: Near, score: Score) -> None:
    """`Mark and Will share a cell`: two forenames that are words, too, the second with a capital."""
    w, at = near.w, near.cues(AND)
    at = at[(near.of(w.form, at, 1) == IN_TITLE) & (w.at.gap[at] == BLANK) & (near.of(w.at.gap, at, -1) == BLANK)]
    left = near.to(at, -1)
    left = left[(w.form[left] == IN_OPENING) | (w.form[left] == IN_TITLE)]
    right = left + 2
    couple = np.flatnonzero(w.at.gap == AMPERSAND)
    couple = couple[near.capital(couple) & (near.of(w.form, couple, 1) == IN_TITLE)]
    named = couple[(w.sur[couple] > 1) & (near.of(w.fore, couple, 1) > 1) & (near.of(w.form, couple, 2) == IN_TITLE)]
    add(score, named[near.of(w.at.gap, named, 1) == BLANK], 20)
    left, right = np.concatenate([left, couple]), np.concatenate([right, near.to(couple, 1)])
    opens = w.form[left] == IN_OPENING
    fore = (w.fore[left] > 1) & (w.fore[right] > 1) & (((w.flags[left] | w.flags[right]) & (BIT["thing"] | PLACES)) == 0)
    add(score, left[fore & opens], 22)
    add(score, left[fore & ~opens], 12)
    add(score, right[fore], 12)
    strange = w.bare[left] & w.bare[right] & near.has(right, 1, ACTS)
    add(score, left[strange & opens], 20)
    add(score, left[strange & ~opens], 8)
    add(score, right[strange], 8)


def _flat(near: Near, score: Score) -> None:
    """In notes whose case tells nothing: who acts at the beginning of a sentence, and who is spoken to."""
    w = near.w
    at = np.flatnonzero(w.form == FLAT)
    mine = at[(w.seen.part[at] > 0) & w.at.opens[at]]
    add(score, mine[among(near.word(mine, 1), "in is was has says said feels seems")], 6)
    at = at[((w.flags[at] & (NO_NAME | PLACES)) == 0) & (w.word[at] < 3)]
    at = at[~w.single[at] & ~w.past[at]]
    if not len(at):
        return
    acts = at[w.at.opens[at] & (w.at.gap[at] == BLANK) & near.has(at, 1, ACTS)]
    rare = (near.size(acts) > _LONG) & (w.fore[acts] == 0) & (w.word[acts] == 0)
    add(score, acts[_strange_and_whole(near, acts)], 34)
    add(score, acts[rare & (w.sur[acts] == 1)], 25)
    add(score, acts[((w.fore[acts] > 1) | (w.sur[acts] > 1)) & (w.word[acts] < 2)], 10)
    add(score, acts[(w.sur[acts] > 2) & (w.word[acts] > 1)], 26)
    at = at[w.bare[at] & near.has(at, -1, BIT["link"] | BIT["speech"]) & (near.of(w.at.gap, at, -1) == BLANK)]
    at = at[near.has(at, -1, BIT["link"]) & near.has(at, -2, BIT["speech"]) | (near.word(at, -1) == number("told"))]
    add(score, at[_strange_and_whole(near, at)], 20)


def _strange_and_whole(near: Near, at: Places) -> Flags:
    """Words of which nothing is known, and that no two everyday words make, as `standfast`."""
    w, size = near.w, near.size(at)
    found = w.bare[at] & (size > _LONG)
    for cut in range(_PART, _LONGEST_PART):
        left = np.flatnonzero(found & (size - cut >= _PART))
        if not len(left):
            break
        start, rest = w.at.start[at[left]], size[left] - cut
        both = flags_of(hashes(w.chars, start, np.full_like(rest, cut))), flags_of(hashes(w.chars, start + cut, rest))
        found[left] = np.minimum(level(both[0], WORD, 7), level(both[1], WORD, 7)) < _EVERYDAY
    return found


def _strange(near: Near, score: Score) -> None:
    """Words that nothing is known of, with a capital: `assault on Vrabcenjak`, `Vrabcenjak (chaplain)`."""
    w = near.w
    at = np.flatnonzero(w.bare & (w.form == IN_TITLE))
    at = at[(w.flags[at] & BIT["town"]) == 0]
    before = near.word(at, -1)
    told = near.has(at, -2, BIT["speech"] | BIT["message"]) & (near.has(at, -1, BIT["link"]) | (before == number("on")))
    add(score, at[told], 6)
    add(score, at[~told & (before == number("by")) & near.of(w.past, at, -2)], 3)
    opens = np.flatnonzero(w.bare & (w.form == IN_OPENING))
    add(score, opens[near.has(opens, 1, BIT["modal"]) & near.has(opens, 2, BIT["does"])], 10)
    broken = at[w.at.gap[at] == BREAK]
    add(score, broken[near.has(broken, 1, TELLS | BIT["label"])], 10)


def _everyday(near: Near, score: Score) -> None:
    """Names that are everyday words, at the beginning of a sentence, of whom what follows is told: `Banks was abusive`."""
    w = near.w
    at = np.flatnonzero((w.form == IN_OPENING) & (w.word > 2))
    at = at[((w.sur[at] > 2) | (w.fore[at] > 1)) & ((w.flags[at] & (BIT["thing"] | BIT["month"])) == 0)]
    at = at[w.at.gap[at] == BLANK]
    then = near.word(at, 1)
    add(score, at[(w.fore[at] > 2) & among(then, "has had")], 7)
    asked = among(then, "is was has had seems seemed appeared got")
    asked &= among(near.word(at, 2), _HUMAN)
    add(score, at[asked | near.has(at, 1, BIT["suffers"]) & (near.word(at, 2) == number("to"))], 13)


def _rolls(near: Near, score: Score) -> None:
    """All who are named behind a rank of several: `Offs Tindall, Hoyle & Mbeki`."""
    w, at = near.w, near.seeds("several")
    at = near.to(at[w.at.gap[at] == BLANK], 1)
    for _ in range(_ROLL):
        at = at[near.capital(at) & ((w.flags[at] & NO_NAME) == 0)]
        if not len(at):
            return
        add(score, at, 24)
        joint = at[(w.at.gap[at] == BLANK) & (near.word(at, 1) == number("and"))]
        at = np.concatenate([near.to(at[np.isin(w.at.gap[at], (COMMA, AMPERSAND))], 1), near.to(joint, 2)])


def _aimed(near: Near, score: Score) -> None:
    """At whom somebody shouts or throws something, who is in no place."""
    w, at = near.w, near.seeds("aims")
    for _ in range(_ROLL if len(at) else 0):
        found = at[near.word(at, 1) == number("at")]
        aimed = near.to(found, 2)
        add(score, aimed, 18)
        add(score, aimed[w.bare[aimed] & (w.form[aimed] == IN_TITLE)], 8)
        at = near.to(at[near.word(at, 1) != number("at")], 1)


def _whole(near: Near, score: Score) -> None:
    """Forename and surname at once: two strange words at a beginning (`Bishnu Gurung attended`), and `spoke to jade knight`."""
    w = near.w
    at = np.flatnonzero((w.form == IN_OPENING) & (w.word == 0) & (w.at.gap == BLANK) & ~w.single)
    at = at[((w.flags[at] & (NO_NAME | PLACES)) == 0) & (near.of(w.form, at, 1) == IN_TITLE) & (near.size(at) > _LONG)]
    at = at[(near.of(w.word, at, 1) == 0) & ~near.has(at, 1, NO_NAME | PLACES) & ~near.has(at, 2, BIT["thing"] | BIT["trade"])]
    at = at[~near.of(w.single, at, 1)]
    add(score, at, 12)
    add(score, near.to(at, 1), 8)
    at = np.flatnonzero((w.form == FLAT) & (w.fore > 2) & (w.at.gap == BLANK))
    if not len(at):
        return
    at = at[(w.word[at] < 4) & ((w.flags[at] & NO_NAME) == 0) & (near.of(w.sur, at, 1) > 2) & (near.of(w.word, at, 1) < 4)]
    at = at[~near.has(at, 1, NO_NAME & ~BIT["thing"])]
    told = near.has(at, -1, BIT["relation"]) | near.has(at, -1, BIT["link"]) & near.has(at, -2, BIT["speech"])
    told |= near.word(at, -1) == number("told")
    add(score, at[told], 25)
    add(score, near.to(at[told], 1), 25)
