"""Forms of a value that records can agree on: what blocking rules are made of."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import numpy as np
import polars as pl

from rules.match.growing import FEW
from rules.match.hashes import Hashes, hash_of, hashed_forms
from rules.match.kinds import KINDS
from rules.match.model import Model
from rules.match.pool import Pool

_VALUE = pl.col("v")
_LENGTH = _VALUE.str.len_chars().fill_null(0)
_FORMS: Mapping[str, pl.Expr] = {
    "exact": _VALUE,
    "word": _VALUE.str.extract(r"^(\S+)"),
    "initial": _VALUE.str.slice(0, 1),
    "head": pl.when(_LENGTH >= 3).then(_VALUE.str.slice(0, 4)),  # noqa: PLR2004
    "year": _VALUE.str.slice(0, 4),
    "month": _VALUE.str.slice(0, 6),
    "day": _VALUE.str.slice(4, 4),
    "district": pl.when(_LENGTH > 4).then(_VALUE.str.head(_LENGTH.clip(3) - 3)).otherwise(_VALUE.str.head(2)),  # noqa: PLR2004
    "mailbox": _VALUE.str.extract(r"^([^@]+)"),
}
"""The value, its first word, first letter or four; of a date the year, month, day; of a British postcode all but the last
three characters, of another the first two; of a mail address what stands before the sign."""
_HASHED = {name: hash_of(form).alias(name) for name, form in _FORMS.items()}
_COMPARED = {"name": "initial", "postcode": "district", "email": "mailbox"}
"""By likeness the form that it asks for."""


def _made(name: str) -> Callable[[Pool], Hashes]:
    return lambda pool: hashed_forms(pool.mains, [_HASHED[name]])[0]


FORMS: Mapping[str, Callable[[Pool], Hashes]] = {
    "sound": lambda pool: pool.sounds,
    **{name: _made(name) for name in _FORMS},
}
"""What a part may be: one of these, or how the value sounds."""


def asked_for(model: Model) -> dict[str, frozenset[str]]:
    """By field the forms that comparisons and blocking rules of a model ask for."""
    found = {one.name: {"exact"} for one in model.fields}
    for one in model.fields:
        likeness = KINDS[one.kind].likeness
        found[one.name] |= {_COMPARED[likeness]} if likeness in _COMPARED else set()
        found[one.name] |= {"sound"} if likeness == "name" else set()
    for names, form in (part.split(".") for rule in model.rules for part in rule.parts):
        for name in names.split("+"):
            found[name].add("sound" if form == "either" else form)
    return {name: frozenset(forms) for name, forms in found.items()}


def make_together(pools: Iterable[tuple[Pool, frozenset[str]]]) -> None:
    """Make some forms of pools of few values, all at once: to begin with each costs more than to make it."""
    few = [(pool, forms - pool.made) for pool, forms in pools if len(pool) <= FEW]
    texts = [pool.mains for pool, _ in few] + [pool.sounding for pool, forms in few if "sound" in forms]
    names = sorted({"exact"}.union(*(forms for _, forms in few)) - {"sound"})
    if not texts or not any(forms for _, forms in few):
        return
    table = dict(zip(names, hashed_forms(pl.concat(texts), [_HASHED[name] for name in names]), strict=True))
    pieces = pairwise(np.cumsum([0, *map(len, texts)]).tolist())
    for pool, forms in few:
        low, high = next(pieces)
        pool.keep({name: table[name][low:high] for name in forms - {"sound"}})
    for pool, forms in few:
        if "sound" in forms:
            low, high = next(pieces)
            pool.keep({"sound": table["exact"][low:high]})
