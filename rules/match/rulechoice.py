"""Which blocking rules a model has: chosen by what they find for what they cost, from the kinds of its fields."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from rules.match import threshold
from rules.match.blocking import key_of
from rules.match.growing import Rows
from rules.match.hashes import Hashes
from rules.match.kinds import IDENTIFIERS
from rules.match.model import Field, Rule
from rules.match.prepared import Prepared

MOST_RULES = 8
"""An index holds 8 bytes a record and rule: so many stay well under 100 bytes a record."""
WORTH = 1e-5
"""A rule is taken while it adds at least this share of the matches found."""
PAIR_COST = 2e-4
"""How many matches looking at one more pair is worth."""

_ALONE = frozenset({"email", "phone", "birth_date", "date", "address", "text", "surname", "postcode", "number"}) | IDENTIFIERS
_FORMS = {
    "surname": ("sound", "head"),
    "forename": ("sound", "word"),
    "middle_name": ("exact",),
    "birth_date": ("exact", "month", "year", "day"),
    "date": ("exact",),
    "address": ("exact", "head"),
    "text": ("exact", "head"),
    "postcode": ("exact", "head"),
}


def candidates(fields: Sequence[Field]) -> list[Rule]:
    """All rules that are thought of: single values that tell people apart, and two forms of two fields."""
    rules = [Rule((f"{field.name}.exact",)) for field in fields if field.kind in _ALONE]
    for first, second in combinations(fields, 2):
        rules += [Rule((f"{first.name}.{one}", f"{second.name}.{two}"))
                  for one in _forms(first) for two in _forms(second) if _is_sensible(first, second)]  # fmt: skip
    forenames, surnames, births = (
        [field.name for field in fields if field.kind == kind] for kind in ("forename", "surname", "birth_date")
    )
    for forename in forenames:
        for surname in surnames:
            rules.append(Rule((f"{forename}+{surname}.either",)))
            for birth in births:
                rules += [
                    Rule((f"{forename}+{surname}.either", f"{birth}.year")),
                    Rule((f"{forename}.initial", f"{surname}.sound", f"{birth}.year")),
                    Rule((f"{forename}.sound", f"{surname}.initial", f"{birth}.month")),
                    Rule((f"{forename}.initial", f"{surname}.initial", f"{birth}.exact")),
                ]
    return rules


def _forms(field: Field) -> tuple[str, ...]:
    return _FORMS.get(field.kind, ("exact",))


def _is_sensible(first: Field, second: Field) -> bool:
    """Two coarse attributes together still find everyone."""
    coarse = {"sex", "region", "category", "house_number"}
    return not (first.kind in coarse and second.kind in coarse)


class Costed:
    """Rules with their keys, and how many pairs each gives."""

    def __init__(self, rules: Sequence[Rule], left: Prepared, right: Prepared | None, max_block: int, most: float) -> None:
        self.rules: list[Rule] = []
        self.keys: list[tuple[Hashes, Hashes]] = []
        self.costs: list[int] = []
        self.fine: list[tuple[Hashes, NDArray[np.bool_]]] = []
        for rule in rules:
            mine = key_of(left, rule)
            theirs = mine if right is None else key_of(right, rule)
            cost, distinct, small = _cost(np.sort(mine), None if right is None else np.sort(theirs), max_block)
            if 0 < cost <= most:
                self.rules.append(rule)
                self.keys.append((mine, theirs))
                self.costs.append(cost)
                self.fine.append((distinct, small))

    def cheapest(self, budget: float) -> list[int]:
        """The places of the rules that together give at most `budget` pairs, cheap ones first."""
        order = sorted(range(len(self.rules)), key=lambda place: (self.costs[place], self.rules[place].parts))
        total, taken = 0, list[int]()
        for place in order:
            total += self.costs[place]
            if total > budget and taken:
                break
            taken.append(place)
        return taken

    def finds(self, one: Rows, two: Rows) -> NDArray[np.bool_]:
        """Which rule finds which of the pairs: rules by pairs."""
        table = np.zeros((len(self.rules), len(one)), np.bool_)
        for place, (mine, theirs) in enumerate(self.keys):
            key = mine[one]
            distinct, small = self.fine[place]
            at = np.minimum(np.searchsorted(distinct, key), len(distinct) - 1)
            table[place] = (key != 0) & (key == theirs[two]) & small[at]
        return table


def _cost(mine: Hashes, theirs: Hashes | None, max_block: int) -> tuple[int, Hashes, NDArray[np.bool_]]:
    """How many pairs; the distinct keys; whether each one's block is small enough."""
    mine = mine[np.searchsorted(mine, np.uint64(0), "right") :]
    edges = np.flatnonzero(np.diff(mine)) + 1
    starts = np.concatenate([[0], edges]).astype(np.int64) if len(mine) else np.zeros(0, np.int64)
    sizes, distinct = np.diff(np.concatenate([starts, [len(mine)]])), mine[starts]
    if theirs is None:
        small = sizes <= max_block
        return int((sizes * (sizes - 1) // 2)[small].sum()), distinct, small
    others = np.searchsorted(theirs, distinct, "right") - np.searchsorted(theirs, distinct, "left")
    small = others <= max_block
    return int((sizes * others)[small].sum()), distinct, small


def chosen(
    costed: Costed, one: Rows, two: Rows, chance: NDArray[np.float64], dear: float = 1.0, most: float = np.inf
) -> tuple[Rule, ...]:
    """The rules that together find most of the likely matches, each worth what it costs; greedily, ties by name.

    Args:
        one: rows of the likely matches, with `two`.
        chance: of each that it is a match.
        dear: how many times as dear a pair is as in these records: where the rules are for a larger population.
        most: how many pairs of strangers a rule may give.
    """
    if not costed.rules:
        return ()
    table = costed.finds(one, two).astype(np.float64)
    left = threshold.counted(chance)
    total = float(left.sum())
    strangers = np.maximum(np.array(costed.costs) - table @ left, 0.0) * dear
    order = sorted(range(len(costed.rules)), key=lambda place: costed.rules[place].parts)
    taken: list[int] = []
    while len(taken) < MOST_RULES:
        gains = table @ left
        worth = [gains[place] - PAIR_COST * strangers[place] if place not in taken else -np.inf for place in order]
        worth = [value if strangers[place] <= most else -np.inf for value, place in zip(worth, order, strict=True)]
        best = order[int(np.argmax(worth))]
        if max(worth) <= 0 or gains[best] < max(WORTH * total, 0.3):
            break
        taken.append(best)
        left[table[best] > 0] = 0.0
    return tuple(costed.rules[place] for place in taken or costed.cheapest(1)[:1])
