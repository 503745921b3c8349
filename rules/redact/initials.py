"""Initials of the people whom a row knows: `DM`, `D.T.M.`, `K-L W`, `SO'N`."""

from functools import cache

import numpy as np

from rules.redact.fold import Flags, Folded, Places
from rules.redact.lexicon import BIT, WORD, level
from rules.redact.people import IS_ALIAS_WORD, IS_FORENAME, IS_SURNAME, Words
from rules.redact.tokens import APOSTROPHE, BLANK, HYPHEN, SHOUTED, SMALL, STOP, Tokens, numbers_of

LONGEST, LONGEST_WORD = 4, 3
_BASE = 27
_SMALL_A = np.uint8(ord("a"))
_ABBREVIATIONS = (
    "am ap bb bc bp bst ca cab cbt cct cd cm cms cp cps cr crn cs csu csw ct cv da dbs dc dci di dip dl dna dob doc ds dss dv dwp ed "
    "ems eod er esa et ete eu fb fgm fm fta ftp gcse ge gmt gp gps hb hbv hcp hcv hdc hgv hiv hiya hmo hmp hq hr id ie iep ip iq ir it "
    "iv jp jr jsa kc kg km lb lgv lp ltd mc md mdt mg mha mi min mo mod mot mp mph mr mri mrs ms nd nhs ni np nps nrc od ok om omu os "
    "osg ot pa pc pcso pd pe pg pi pm pnc po pol pom pp pps pr ps psr pt pto qc qr rc ref rj rta rtc sa sc sd sg sgt si sms so sos sp "
    "spo sr st std tba tbc td tia tv uk us usa vat vip vlo vo wc yo yot yp"
)
_SPOKEN, _WRITTEN = "pd mi", "na"
"""Abbreviations that are somebody's initials where the letters stand apart; and the other way round."""
_NUMBERED = "wing block unit cell landing spur house hep hepatitis vitamin plan group type class cat category grade exhibit gate zone band tier option form level stage part section appendix table schedule platform bay lane team set section"
"""What is told apart by letters."""
_ARTICLES = "the a an this another no any each every our their his her my your these those"

_BORNE = "team nurse staff app form clinic line engineer needs assessment history unit status prisoners prisoner officer officers plan conference markers marker check checks letter test card charge meeting worker manager referral system machine player number order service services risk training cell wing area court bail licence condition conditions programme course pathway insurance elevation segment address support"
"""Behind letters: what bears them, as nobody does."""


def initialled(folded: Folded, words: Tokens, flags: np.ndarray, mine: Words) -> tuple[Places, Places]:
    """The words that are somebody's initials, or part of them, and whose they are: -1 the subject's, -2 and below of somebody linked."""
    first, last = _runs(folded, words, flags, mine)
    letters, count = _letters(folded.chars, words, first, last)
    kept = (count > 1) & (count <= LONGEST)
    first, last, letters, count = first[kept], last[kept], letters[kept], count[kept]
    kept = ~_barred(folded, words, flags, first, last) & ~_short_for(letters, first == last)
    first, last, letters, count = first[kept], last[kept], letters[kept], count[kept]
    count = count - ((last > first) & (words.gap[last - 1] == APOSTROPHE))
    whose = _whose(mine.only(np.unique(words.note[first])), words.note[first], letters, count)
    first, last, whose = first[whose < 0], last[whose < 0], whose[whose < 0]
    length = last - first + 1
    at = np.repeat(first - (np.cumsum(length) - length), length) + np.arange(length.sum())
    return at, np.repeat(whose, length)


def _runs(folded: Folded, words: Tokens, flags: np.ndarray, mine: Words) -> tuple[Places, Places]:
    """The first and the last word of what may be initials: letters, and words of two or three, in notes whose row knows somebody."""
    asked = np.zeros(len(words.edges), np.bool_)
    asked[mine.notes()] = True
    size = words.end - words.start
    at = np.flatnonzero((size <= LONGEST_WORD) & ((words.case != SMALL) | (flags == 0)))
    size, case = size[at], words.case[at]
    short = (case == SHOUTED) | (size == 1) & (case != SMALL)
    plain = (size == 2) & (case == SMALL)
    kept = asked[words.note[at]] & (short | plain)
    at, short = at[kept], short[kept]
    joined = _joined(folded, words, at, short)
    first, last = np.ones(len(at), np.bool_), np.ones(len(at), np.bool_)
    first[1:] &= ~joined
    last[:-1] &= ~joined
    return at[first], at[last]


def _joined(folded: Folded, words: Tokens, at: Places, short: Flags) -> Flags:
    """For each of these words but the last, whether it and the next are one run of initials."""
    here, then = at[:-1], at[1:]
    gap, one = words.gap[here], words.end[at] - words.start[at] == 1
    near = short[:-1] & short[1:] & (then == here + 1) & (words.start[then] - words.end[here] <= 2)
    near &= words.note[then] == words.note[here]
    owns = (gap == APOSTROPHE) & ~one[:-1] & (folded.chars[words.start[then]] == ord("s"))
    owns &= folded.chars[words.end[here] - 1] != ord("o")
    apart = ((gap == BLANK) | (gap == STOP)) & one[:-1] & one[1:]
    tied = ((gap == HYPHEN) | (gap == APOSTROPHE)) & (one[:-1] | one[1:])
    return near & (apart | tied) & ~owns & ~_opens(folded, words, here, then)


def _opens(folded: Folded, words: Tokens, here: Places, then: Places) -> Flags:
    """`A` and `I` that begin a sentence: `wing B. A man`."""
    word = np.isin(folded.chars[words.start[then]], (ord("a"), ord("i"))) & (words.gap[then] == BLANK)
    word &= words.case[np.minimum(then + 1, len(words) - 1)] == SMALL
    return word & (words.gap[here] == STOP) & (words.start[then] - words.end[here] > 1)


def _letters(chars: np.ndarray, words: Tokens, first: Places, last: Places) -> tuple[np.ndarray, Places]:
    """The letters of each run, counted from 1 and filled with 0, and how many there are."""
    letters = np.zeros((len(first), LONGEST + 1), np.int64)
    count = np.zeros(len(first), np.int64)
    for step in range(LONGEST):
        at = first + step
        here = np.flatnonzero(at <= last)
        at = at[here]
        for place in range(LONGEST_WORD):
            has = here[(words.end - words.start)[at] > place]
            which = words.start[first[has] + step] + place
            letters[has, np.minimum(count[has], LONGEST)] = chars[which] - _SMALL_A + 1
            count[has] += 1
    count[last - first >= LONGEST] = LONGEST + 1
    return letters[:, :LONGEST], count


def _barred(folded: Folded, words: Tokens, flags: np.ndarray, first: Places, last: Places) -> Flags:
    """Letters that number something, stand beside a number or a stroke, behind an article, or are a word."""
    padded = np.append(folded.chars, np.zeros(3, np.uint8))
    digit = (padded >= ord("0")) & (padded <= ord("9"))
    start, end = words.start[first], words.end[last]
    before, after = padded[start - 1], padded[end]
    beside = (start > 0) & ((before == ord("/")) | digit[start - 1] | (before == ord(" ")) & digit[start - 2])
    beside |= (after == ord("/")) | digit[end] | ((after == ord(" ")) | (after == ord("-"))) & digit[end + 1]
    previous = np.maximum(first - 1, 0)
    led = (first > 0) & (words.note[previous] == words.note[first]) & (words.gap[previous] == BLANK)
    numbered = led & np.isin(words.hash[previous], numbers_of(_NUMBERED))
    led &= np.isin(words.hash[previous], numbers_of(_ARTICLES)) & (words.case[previous] != SHOUTED)
    then = np.minimum(last + 1, len(words) - 1)
    led |= (words.gap[last] == BLANK) & (words.case[then] == SMALL) & np.isin(words.hash[then], numbers_of(_BORNE))
    size = words.end[last] - words.start[last]
    known = (flags[first] & (BIT["title"] | BIT["role"] | BIT["never"] | BIT["hand"])) > 0
    known |= level(flags[first], WORD, 7) > np.where(size > 2, 0, 2)
    return beside | numbered | led | (first == last) & (known | (size > 2) & (flags[first] > 0))


def _short_for(letters: np.ndarray, is_word: Flags) -> Flags:
    """What is short for something else."""
    of = _coded(letters)
    return np.where(
        is_word,
        np.isin(of, _codes(_ABBREVIATIONS)),
        np.isin(of, _codes(f"{_ABBREVIATIONS} {_WRITTEN}")) & ~np.isin(of, _codes(_SPOKEN)),
    )


def _coded(letters: np.ndarray) -> Places:
    code = np.zeros(len(letters), np.int64)
    for place in range(LONGEST):
        code = code * _BASE + letters[:, place]
    return code


@cache
def _codes(words: str) -> Places:
    padded = [word.ljust(LONGEST, chr(_SMALL_A - 1)) for word in words.split() if len(word) <= LONGEST]
    return _coded(np.array([[ord(char) - int(_SMALL_A) + 1 for char in word] for word in padded], np.int64))


def _whose(mine: Words, note: Places, letters: np.ndarray, count: Places) -> Places:
    """Of whom the first letter begins a forename, the last a surname, and those between any name; 0 of nobody.

    Behind an apostrophe (`SO'N`) stands the second letter of what is one word.
    """
    part = np.uint32(1) << mine.part.astype(np.uint32)
    given, family = (_begun(mine, (part & of) > 0) for of in (IS_FORENAME, IS_SURNAME))
    other = _begun(mine, (part & (IS_FORENAME | IS_SURNAME | IS_ALIAS_WORD)) > 0)
    last = letters[np.arange(len(letters)), count - 1]
    note = np.searchsorted(np.unique(note), note)
    whose = np.zeros(len(note), np.int64)
    for person in range(int((mine.owner & 255).max(initial=0)), 0, -1):
        owner = ((note << 8) + person) * _BASE
        fits = np.isin(owner + letters[:, 0], given) & np.isin(owner + last, family)
        for place in (1, 2):
            fits &= (count <= place + 1) | np.isin(owner + letters[:, place], other)
        whose[fits] = -person
    return whose


def _begun(mine: Words, of: Flags) -> Places:
    """Which letters begin such words of a person."""
    lines = np.flatnonzero(of & (mine.first >= 0))
    return mine.owner[lines] * _BASE + mine.first[lines] + 1
