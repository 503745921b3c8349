"""Pairs of records as levels of agreement, comparison by comparison. Distinct pairs of values are compared once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rules.match.growing import Rows
from rules.match.kinds import KINDS
from rules.match.likeness import LIKENESS, Levels
from rules.match.model import Field
from rules.match.pool import Codes
from rules.match.prepared import Coded

FEW = 256
"""Below this many pairs it costs more to look for equal ones than to compare them all."""


def levels_of(fields: Sequence[Field], left: Coded, right: Coded, one: Rows, two: Rows) -> NDArray[np.int8]:
    """The level of each pair in each field: m by fields; 0 where a side has no value, 1 equal, higher is less alike."""
    table = np.zeros((len(fields), len(one)), np.int8)
    for row, field in enumerate(fields):
        table[row] = field_levels(fields, field, left, right, one, two)
    return table.T


def field_levels(fields: Sequence[Field], field: Field, left: Coded, right: Coded, one: Rows, two: Rows) -> Levels:
    """The level of each pair in one field; `fields` are all, for what a value may have been swapped with.

    Forename and surname in each other's place are one event: the surname's level tells it, the forename says nothing.
    """
    mine, theirs = left.codes[field.name][one], right.codes[field.name][two]
    levels = np.zeros(len(one), np.int8)
    known = (mine != 0) & (theirs != 0)
    same = known & (left.pools[field.name].hashes[mine] == right.pools[field.name].hashes[theirs])
    levels[same] = 1
    open_pairs = np.flatnonzero(known & ~same)
    levels[open_pairs] = _unlike(field, left, right, mine[open_pairs], theirs[open_pairs])
    names = list(KINDS[field.kind].levels)
    if field.kind == "forename" and _swapped_with(fields, field):
        levels[(levels > 1) & _crossed(field, _swapped_with(fields, field), left, right, one, two, both=True)] = 0
    for word, others in (("swapped", _swapped_with(fields, field)), ("elsewhere", _siblings(fields, field))):
        if word in names and others:
            worse = levels > names.index(word) + 1
            levels[worse & _crossed(field, others, left, right, one, two, both=word == "swapped")] = names.index(word) + 1
    return levels


def _unlike(field: Field, left: Coded, right: Coded, mine: Codes, theirs: Codes) -> Levels:
    kind = KINDS[field.kind]
    compare = LIKENESS[kind.likeness]
    mine_pool, their_pool = left.pools[field.name], right.pools[field.name]
    if len(mine) < FEW:
        return compare(kind.levels, mine_pool, their_pool, mine, theirs)
    distinct, places = np.unique(mine.astype(np.int64) * len(their_pool) + theirs, return_inverse=True)
    one, two = (distinct // len(their_pool)).astype(np.int32), (distinct % len(their_pool)).astype(np.int32)
    return compare(kind.levels, mine_pool, their_pool, one, two)[places]


def _swapped_with(fields: Sequence[Field], field: Field) -> list[str]:
    other = {"forename": "surname", "surname": "forename"}.get(field.kind)
    return [one.name for one in fields if one.kind == other]


def _siblings(fields: Sequence[Field], field: Field) -> list[str]:
    return [one.name for one in fields if one.kind == "address" and one.name != field.name and field.kind == "address"]


def _crossed(
    field: Field, others: list[str], left: Coded, right: Coded, one: Rows, two: Rows, *, both: bool
) -> NDArray[np.bool_]:
    """Whether a value stands in another field of the other record; `both` asks it of both, or of one whose other is empty."""
    mine, theirs = left.hashes(field.name, one), right.hashes(field.name, two)
    found = np.zeros(len(one), np.bool_)
    for name in others:
        my_other, their_other = left.hashes(name, one), right.hashes(name, two)
        there, back = mine == their_other, theirs == my_other
        found |= (there & back) | (there & (my_other == 0)) | (back & (their_other == 0)) if both else there | back
    return found
