"""The people we know: a dictionary that is handed in whole, with a version, and what a row knows, both as numbers of words.

A dictionary knows pairs, as forename and surname in either order, or initial and surname: one word of it alone says little.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import polars as pl

from rules.redact.fold import Places, stretches
from rules.redact.rows import ALIAS, ALIAS_WORD, FORENAME, INITIALS, SURNAME, Known, known, person_ids
from rules.redact.table import Sieve, Table, Values
from rules.redact.tokens import Hashes, paired, words_of

IS_FORENAME, IS_SURNAME, IS_ALIAS, IS_INITIALS, IS_ALIAS_WORD = (
    np.uint32(1 << part) for part in (FORENAME, SURNAME, ALIAS, INITIALS, ALIAS_WORD)
)
FOREIGN = r"[^\p{Latin}\p{Common}\p{Inherited}]"
"""Letters of other scripts: names in them are looked for as they are written."""
AMBIGUOUS = np.uint32(0xFFFFFFFF)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class People:
    version: str
    pairs: Table | None = None
    """Two words that are somebody's name together -> whose, counted from 1 in `ids`; AMBIGUOUS: of several."""
    words: Table | None = None
    """A word -> which parts of names it is."""
    sieve: Sieve | None = None
    """Which words can be in either."""
    ids: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    """The `person_id` of each one, where it is known."""

    @classmethod
    def of(cls, rows: pl.DataFrame, version: str) -> "People":
        """A dictionary of everyone in rows of the shape `rows.ROW`, linked people included."""
        words = Words.of(known(rows))
        if not len(words.hash):
            return cls(version)
        whole = words.initial < 0
        owners, number = np.unique(words.owner, return_inverse=True)
        named_pairs, line = words.pairs()
        pairs, whose = _of_one(named_pairs, number[line].astype(np.uint32) + np.uint32(1))
        ids = pl.DataFrame({"note": (owners >> 8).astype(np.uint32), "person": -(owners & 255)})
        ids = ids.join(person_ids(rows), on=["note", "person"], how="left", maintain_order="left")
        return cls(
            version,
            Table.of(pairs, whose) if len(pairs) else None,
            Table.of(words.hash[whole], np.uint32(1) << words.part[whole].astype(np.uint32)),
            Sieve.of(np.unique(np.concatenate([words.hash, initials()]))),
            ids["id"],
        )


NOBODY = People("none")


def _of_one(pairs: Hashes, whose: Values) -> tuple[Hashes, Values]:
    """Each pair once, with whose it is."""
    order = np.lexsort((whose, pairs))
    pairs, whose = pairs[order], whose[order]
    first = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    last = np.append(first[1:], len(pairs))[: len(first)] - 1
    return pairs[first], np.where(whose[first] == whose[last], whose[first], AMBIGUOUS).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of names, one a line, in the order of their names."""

    hash: Hashes
    owner: Places
    """Which person of which note: -person + note * 256."""
    part: Places
    name: Places
    """Which name they are of."""
    initial: Places
    """For a word of one letter, its number; else -1."""
    first: Places
    """The number of the word's first letter."""
    spelt: np.ndarray
    """The letters of each word, cut and filled to the same length."""
    size: Places

    @classmethod
    def of(cls, named: Known) -> "Words":
        """The words of all names. Each text is read once, however many bear it."""
        names = named.names
        coded = names["text"].to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
        folded, found = words_of(_readable(pl.Series(coded.dictionary, dtype=pl.String)))
        code = coded.indices.to_numpy().astype(np.int64)
        at, line, edges = stretches(found.edges[code], found.edges[code + 1])
        owner = names["note"].to_numpy().astype(np.int64) * 256 + np.minimum(-names["person"].to_numpy(), 255)
        size = found.end - found.start
        letters = letters_at(folded.chars, found.start, size)
        first = letters[:, 0].astype(np.int64) - ord("a")
        part = names["part"].to_numpy().astype(np.int64)[line]
        part = np.where((part == ALIAS) & (np.diff(edges)[line] > 1), ALIAS_WORD, part)
        initial = np.where(size == 1, first, -1)
        return cls(found.hash[at], owner[line], part, line, initial[at], first[at], letters[at], size[at])

    def of_notes(self, first: int, last: int) -> "Words":
        """Those of the notes from `first` to before `last`, counted from the first."""
        low, high = np.searchsorted(self.owner, (first << 8, last << 8))
        return self._at(slice(low, high), self.owner[low:high] - (first << 8))

    def only(self, notes: Places) -> "Words":
        """Those of some notes, counted along `notes`."""
        note = self.owner >> 8
        place = np.minimum(np.searchsorted(notes, note), max(len(notes) - 1, 0))
        kept = np.flatnonzero(notes[place] == note) if len(notes) else place[:0]
        return self._at(kept, (place[kept] << 8) + (self.owner[kept] & 255))

    def _at(self, lines: slice | Places, owner: Places) -> "Words":
        every = (self.part, self.name, self.initial, self.first, self.spelt, self.size)
        return Words(self.hash[lines], owner, *(one[lines] for one in every))

    def notes(self) -> Places:
        """The notes that they are of."""
        note = self.owner >> 8
        return note[np.flatnonzero(np.append(True, note[1:] != note[:-1])[: len(note)])]

    def pairs(self) -> tuple[Hashes, Places]:
        """Words that are somebody's name when they stand together: any forename and surname in either order, initial and surname,
        and whatever follows each other in an alias or in a name of several words; and for each, a line that it is of.
        """  # fmt: skip
        line = np.arange(len(self.hash))
        frame = pl.DataFrame({"owner": self.owner, "part": self.part, "hash": self.hash, "first": self.first, "line": line})
        given = frame.filter(pl.col("part") == FORENAME)
        both = given.join(frame.filter(pl.col("part") == SURNAME), on="owner", suffix="_last")
        first, last = both["hash"].to_numpy(), both["hash_last"].to_numpy()
        initial = initials()[np.clip(both["first"].to_numpy(), 0, len(_LETTERS) - 1)]
        follows = np.flatnonzero(self.name[1:] == self.name[:-1])
        several = paired(self.hash[follows], self.hash[follows + 1])
        of = both["line"].to_numpy()
        pairs = [paired(first, last), paired(last, first), paired(initial, last), several]
        return np.concatenate(pairs), np.concatenate([of, of, of, follows])


def _readable(texts: pl.Series) -> pl.Series:
    """Without letters of other scripts."""
    foreign = (texts.str.len_bytes() > texts.str.len_chars()).arg_true()
    return texts.scatter(foreign, texts.gather(foreign).str.replace_all(FOREIGN, " ")) if len(foreign) else texts


LONGEST_SPELT = 20


def letters_at(chars: np.ndarray, start: Places, size: Places) -> np.ndarray:
    """The letters of words as rows of bytes."""
    padded = np.append(chars, np.zeros(LONGEST_SPELT, np.uint8)).astype(np.uint8)
    rows = np.lib.stride_tricks.sliding_window_view(padded, LONGEST_SPELT)[start]
    return np.where(np.arange(LONGEST_SPELT) < size[:, None], rows, 0).astype(np.uint8)


@cache
def initials() -> Hashes:
    return words_of(list(_LETTERS))[1].hash
