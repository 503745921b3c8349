"""Spans of people: words that are names put together, and who is meant by each."""

from collections import deque
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from rules.redact.fold import MARK, Flags, Folded, Places, mended, stretches
from rules.redact.known import matches, with_pairs
from rules.redact.lexicon import known_words
from rules.redact.names import named, surnamed
from rules.redact.people import AMBIGUOUS, People
from rules.redact.people import Words as NameWords
from rules.redact.spans import SCHEMA
from rules.redact.tokens import APOSTROPHE, BLANK, BREAK, COMMA, HYPHEN, LINE, SHOUTED, SMALL, STOP, in_note, tokens
from rules.redact.written import FLAT, IN_HALF, IN_SMALL, Words, styles, words

PART = 1 << 19
"""How many characters are looked at together: what a processor's cache holds."""
_KNOWN, _UNKNOWN = 2, 3
LONGEST = 8
"""Words of a name that are looked at to tell whose it is."""
_COMPARED = 4
_RULES, _MISSPELT = pl.Series(["name", "known_name", "misspelt_name"]), 2


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of a chunk, a line each; `start` and `end` in `folded.chars`."""

    note: Places
    start: Places
    end: Places
    rule: Places
    """By its place in `_RULES`."""
    person: Places
    listed: np.ndarray

    @classmethod
    def joined(cls, parts: list["_Names"]) -> "_Names":
        nothing = np.zeros(0, np.int64)
        every = [[getattr(part, one.name) for part in parts] for one in fields(cls)]
        return cls(*(np.concatenate([nothing, *of]) for of in every))

    def frame(self) -> pl.DataFrame:
        label = pl.Series(["PERSON"]).new_from_index(0, len(self.note))
        layer = np.where(self.rule > 0, np.uint8(_KNOWN), np.uint8(_UNKNOWN))
        note, listed = self.note.astype(np.uint32), self.listed.astype(np.uint32)
        every = note, self.start, self.end, label, layer, _RULES.gather(self.rule), self.person, listed
        return pl.DataFrame(dict(zip(SCHEMA, every, strict=True)))


def persons(folded: Folded, mine: NameWords, people: People, *, unknown: bool) -> pl.DataFrame:
    """The people named in a chunk; `start` and `end` in `folded.chars`."""
    folded = mended(folded)
    if not unknown:
        notes = _knowing(folded, mine, people)
        if len(notes) * 2 <= len(folded.first):
            return _within(folded, notes, mine, people, unknown=False).frame()
    return _in_parts(folded, mine, people, unknown=unknown).frame()


def _in_parts(folded: Folded, mine: NameWords, people: People, *, unknown: bool) -> _Names:
    parts = []
    for first, part in folded.parts(PART):
        found = _persons(part, mine.of_notes(first, first + len(part.first)), people, unknown=unknown)
        low = int(folded.begin[first])
        parts.append(replace(found, note=found.note + first, start=found.start + low, end=found.end + low))
    return _Names.joined(parts)


def _knowing(folded: Folded, mine: NameWords, people: People) -> Places:
    """The notes that may name those whom the rows or the dictionary know: most hold none, and are looked at no further."""
    pairs = [with_pairs(part, people) + first for first, part in folded.parts(PART)]
    return np.union1d(mine.notes(), np.concatenate([np.zeros(0, np.int64), *pairs]))


def _within(folded: Folded, notes: np.ndarray, mine: NameWords, people: People, *, unknown: bool) -> _Names:
    """The people named in these notes of a chunk."""
    if not len(notes):
        return _Names.joined([])
    rest, place = folded.only(notes)
    found = _in_parts(rest, mine.only(notes), people, unknown=unknown)
    return replace(found, note=notes[found.note], start=place[found.start], end=place[found.end - 1] + 1)


def _persons(folded: Folded, mine: NameWords, people: People, *, unknown: bool) -> _Names:
    at = tokens(folded)
    if not len(at):
        return _Names.joined([])
    flags = known_words(folded, at)
    w = words(folded, at, flags, matches(folded, at, flags, mine, people))
    first, last = _runs(w, named(w, unknown=unknown))
    seen = w.seen
    edges = np.stack([first, last + 1], axis=1).ravel()
    is_known = _any((seen.part > 0) | seen.paired, edges)
    rule = np.where(_any(seen.misspelt, edges), _MISSPELT, is_known)
    found = _Names(at.note[first], at.start[first], at.end[last], rule, _who(w, first, last), _listed(w, first, last))
    return _Names.joined([found, _more(folded, w, found, mine, people, unknown=unknown)])


def _listed(w: Words, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whom of the dictionary each name means: one and the same by all pairs in it."""
    whose = w.seen.whose
    most, least = np.zeros(len(first), np.uint32), np.full(len(first), AMBIGUOUS)
    for step in range(int(np.minimum(last - first, LONGEST - 1).max(initial=-1)) + 1):
        here = whose[np.minimum(first + step, last)]
        most, least = np.maximum(most, here), np.where(here > 0, np.minimum(least, here), least)
    return np.where((most == least) & (most != AMBIGUOUS), most, np.uint32(0))


def _more(folded: Folded, w: Words, found: _Names, mine: NameWords, people: People, *, unknown: bool) -> _Names:
    """What would be found if notes were redacted again: where their style seems another once names are marks, or a name stands near one."""
    changes = np.zeros(len(w.at) + 1, np.int64)
    np.add.at(changes, np.searchsorted(w.at.start, found.start), 1)
    np.add.at(changes, np.searchsorted(w.at.start, found.end), -1)
    hidden = np.cumsum(changes[:-1]) > 0
    before, after = w.styles, styles(folded, w.at, w.flags, hidden)
    notes = np.flatnonzero((before[0] != after[0]) | (before[1] != after[1]))
    if unknown:
        notes = np.union1d(notes, w.at.note[_left_beside(w, hidden)])
    rest = folded.masked(found.start, found.end, MARK) if len(notes) else folded
    more = _within(rest, notes, mine, people, unknown=unknown)
    return replace(more, person=np.where(more.person > 0, more.person + len(w.at), more.person))


def _left_beside(w: Words, names: Flags) -> Flags:
    """Words at most two words from a name that might be one, too, and are not."""
    may = ~names & ((w.fore > 1) | (w.sur > 1) | w.bare) & (w.word < 3) & (w.form != IN_SMALL) & (w.form != IN_HALF)
    return may & (w.prev(names) | w.next(names) | w.prev(names, 2) | w.next(names, 2))


def _any(of: Flags, edges: np.ndarray) -> Flags:
    """Whether it is true of any word of each run."""
    total = np.concatenate(([0], np.cumsum(of)))
    ends = total[edges].reshape(-1, 2)
    return ends[:, 1] > ends[:, 0]


def _runs(w: Words, names: Flags) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last word of each name."""
    gap = w.at.gap
    turned = (gap == COMMA) & (w.sur > 0) & ((w.at.case == SHOUTED) | (w.fore < 2)) & (w.next(w.fore) > 1)
    turned |= (gap == COMMA) & (w.sur > 0) & w.next(w.single & (w.at.case != SMALL) & (gap != BLANK))
    wrapped = (gap == LINE) & (w.fore > 1) & (w.next(w.sur) > 0) & (w.next(w.fore) < 2)
    ties = (gap == BLANK) | (gap == HYPHEN) | ((gap == STOP) & w.single) | turned | wrapped
    letters = w.seen.letters
    ties[letters] |= gap[letters] == APOSTROPHE
    ties |= (gap == BREAK) & (w.quoted & names | w.next(w.quoted & names))
    names = names & ~_institutions(w, names, ties)
    joined = names[:-1] & names[1:] & ties[:-1] & ~(w.prev(names & w.single)[1:] & w.single[1:] & ~names[1:])
    first = names.copy()
    first[1:] &= ~joined
    last = names.copy()
    last[:-1] &= ~joined
    return np.flatnonzero(first), np.flatnonzero(last)


def _institutions(w: Words, names: Flags, ties: Flags) -> Flags:
    """The words of names that a hospital, a street or a report bears: `Queen Elizabeth Hospital`. Not in a note without capitals."""
    follows = (w.at.gap == BLANK) | (w.at.gap == APOSTROPHE)
    known = (w.seen.part > 0) | w.seen.paired | surnamed(w)
    borne = (
        names
        & follows
        & (w.next(w.has("thing")) & (w.form != FLAT) & ~known & ~w.has("owner"))
        & ~w.prev(w.has("title") | w.has("relation"))
    )
    for _ in range(LONGEST):
        borne = borne | (names & ties & w.next(borne) & ~known)
    return borne | (w.has("thing") & w.prev(borne & follows) & ~w.next(names))


def _who(w: Words, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whom each name means: below 0 one of the row's, by forename before surname; above 0 one whom names of the note share."""
    person = np.where(w.seen.part > 0, w.seen.person, 0)
    who = np.zeros(len(first), np.int64)
    length = np.minimum(last - first, LONGEST - 1)
    for step in range(int(length.max(initial=0)), -1, -1):
        at = np.minimum(first + step, last)
        who = np.where(person[at] != 0, person[at], who)
    for step in range(int(length.max(initial=0)) + 1):
        at = np.minimum(first + step, last)
        given = (w.seen.part[at] & ~np.uint32(2) | np.uint32(0)) > 0
        who = np.where(given & (person[at] != 0), person[at], who)
    left = np.flatnonzero(who == 0)
    who[left] = _numbered(w, first[left], last[left])
    return who


def _numbered(w: Words, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Unknown people: two names of a note mean one person if they share a word and no other word of theirs speaks against it."""
    note, hashes = w.at.note[first], w.at.hash
    numbers = np.arange(1, len(first) + 1)
    several = _sharing(w, first, last)
    now, seen = -1, _Seen()
    for place in np.flatnonzero(several).tolist():
        if note[place] != now:
            now, seen = int(note[place]), _Seen()
        mine = frozenset(hashes[first[place] : min(int(last[place]) + 1, int(first[place]) + LONGEST)].tolist())
        numbers[place] = seen.number(mine, int(numbers[place]))
    return numbers


def _sharing(w: Words, first: np.ndarray, last: np.ndarray) -> Flags:
    """The names that have a word of another one of their note, or of their own again."""
    at, of, _ = stretches(first, np.minimum(last + 1, first + LONGEST))
    keys = in_note(w.at.hash[at], w.at.note[at])
    order = np.argsort(keys)
    alike = keys[order][1:] == keys[order][:-1]
    found = np.zeros(len(first), np.bool_)
    found[of[order[1:][alike]]] = True
    found[of[order[:-1][alike]]] = True
    return found


class _Seen:
    """Who was named in a note so far. Of those who share a word with a name only the latest few are compared."""

    def __init__(self) -> None:
        self._whole: dict[frozenset[int], int] = {}
        self._with: dict[int, deque[tuple[int, frozenset[int]]]] = {}

    def number(self, mine: frozenset[int], new: int) -> int:
        """The number of whom these words name."""
        if mine in self._whole:
            return self._whole[mine]
        near = (one for word in sorted(mine) for one in self._with.get(word, ()))
        number = next((number for number, theirs in near if mine <= theirs or theirs <= mine or len(mine & theirs) > 1), new)
        self._whole[mine] = number
        for word in mine:
            self._with.setdefault(word, deque(maxlen=_COMPARED)).append((number, mine))
        return number
