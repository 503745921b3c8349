"""The model: what is compared, how much each agreement weighs, which pairs are looked at, and from where on two are one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import log2

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match.hashes import Hashes, hashed

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a record: where it is read from, and what it means."""

    name: str
    kind: str
    """A word of `rules.match.kinds`."""
    columns: tuple[str, ...]
    """Where it may stand: the first of these that has a value is read."""
    also: tuple[str, ...] = ()
    """Columns with further values of the same attribute: aliases, previous names, former postcodes."""
    part: str = ""
    """`first` or `last` where the columns hold whole names and only that part is meant."""
    month_first: tuple[str, ...] = ()
    """Those of the columns that write the month before the day."""
    nothing: tuple[str, ...] = ()
    """Values, in canonical writing, that stand for nothing: placeholders such as 19700101, or `*0101` for all that end so."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement: its share among pairs of one person (m) and of two (u)."""

    name: str
    m: float
    u: float

    @property
    def weight(self) -> float:
        """The evidence of this level in bits."""
        return log2(max(self.m, TINY) / max(self.u, TINY))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The levels of one field, best first; the level of a pair where a side has no value is 0 and weighs nothing."""

    field: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Terms:
    """How frequent the values of a field are: those that are frequent by name, the share of any other one."""

    shares: Mapping[str, float]
    other: float

    @cached_property
    def sorted(self) -> tuple[Hashes, NDArray[np.float64]]:
        """Hashes of the frequent values in order, and their shares."""
        keys = hashed(pl.Series(list(self.shares), dtype=pl.String))
        order = np.argsort(keys)
        return keys[order], np.array(list(self.shares.values()))[order]

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """The shares of the frequent values, in the order of `sorted`, and at the end the one of any other."""
        return np.append(self.sorted[1], self.other)


@dataclass(frozen=True, slots=True)
class Rule:
    """A blocking rule: pairs that agree on all of these parts are looked at.

    A part is `field.form`; the forms are those of `rules.match.forms`.
    """

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A way in which two people agree without being one: a household, twins, father and son.

    Such pairs agree on `fields` as one person would, and on the rest as strangers do; `rate` is their share of all pairs.
    """

    name: str
    fields: tuple[str, ...]
    rate: float


@dataclass(frozen=True, slots=True)
class Model:
    """All that a decision depends on, beside the records and what people decided."""

    fields: tuple[Field, ...]
    comparisons: tuple[Comparison, ...]
    rules: tuple[Rule, ...]
    max_block: int
    """A block of more records than this gives no pairs; it is reported."""
    prior: float
    """The share of pairs of one person among all pairs, blocked or not."""
    moved: float
    """The share of pairs of one person whose records say two places: then no place speaks for or against."""
    families: tuple[Family, ...]
    join: float
    """Weight from which two records are one person."""
    review: float
    """Weight from which a pair that is not joined is shown to people."""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    one_to_one: bool = False
    """Whether each of two files was found to hold a person once: then a record is linked to its best partner only."""
    provenance: Mapping[str, object] = field(default_factory=dict)
    """Where it came from: positions or counts of the training data, seed, revision of the code."""

    @property
    def prior_weight(self) -> float:
        return log2(self.prior / (1 - self.prior))

    def field_named(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)
