"""Deciding who is one person, change by change: pairs, clusters and ids, as rows for the log of links. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Protocol

import numpy as np
import polars as pl

from rules.match.assign import Event, People, assign
from rules.match.edges import Links, joined
from rules.match.model import Model
from rules.match.prepared import Prepared, prepare_fields
from rules.match.score import Reasons
from rules.match.sets import among, without
from rules.match.stream import Changed, Linker
from schemas.frames import empty
from schemas.links import ASSIGNED, EDGE, EVENT, LINKS, WITHDRAWN
from streams.link import ORGANISATION

Pair = tuple[str, str]
PIECE = 20_000
"""Pairs told, and records given to persons, in one decision where all are looked at: what bounds the memory."""
_SIGN = pl.when(pl.col("bits") < 0).then(pl.lit("-")).otherwise(pl.lit("+"))
_TOLD = pl.col("name") + _SIGN + pl.col("bits").abs().cast(pl.String)
_NOTHING = empty({name: LINKS.field(name).type for name in LINKS.names})


@dataclass
class Decider:
    """Records, their clusters, and who they were decided to be: one owner's state. Not safe for threads."""

    model: Model
    model_mark: str
    """What names the model in the log."""
    secret: bytes
    """Ids are hashed with it."""
    linker: Linker = field(init=False)
    people: People = field(init=False)
    conflicts: frozenset[Pair] = frozenset()
    """Pairs decided to be apart that stand together all the same."""
    too_large: int = 0
    """How often a record looked at stood in a block over the model's cap, and was not compared with the rest of it."""

    def __post_init__(self) -> None:
        self.linker = Linker(self.model)
        self.people = People(self.linker.known.names)

    def begin(
        self, records: Iterable[pl.DataFrame], decided: "Decided", log: "Told", at: datetime,
        rekeyed: Mapping[str, str] | None = None,
    ) -> Iterator[pl.DataFrame]:  # fmt: skip
        """Take in all records there are, in pieces, and decide only what differs from what the log says.

        Args:
            rekeyed: as of `step`: what came under another key since the log was written.

        Yields:
            Rows for the log: columns of `schemas.links.LINKS`, without numbers. Each is a decision of its own, the next from
            where it left the log: who is stopped between two begins anew, and decides the rest.
        """
        for assigned in log.assignments():
            self.people.take(assigned)
        self.linker.decide(decided.together, decided.apart)
        self.too_large += sum(self.linker.begin(map(self._prepared, records)))
        for rows in chain(self._edges_since(log, at), self._given_since(rekeyed or {}, at)):
            yield rows.with_columns(at=pl.lit(at))

    def _links(self, log: Iterable[pl.DataFrame]) -> Links:
        """The pairs that stand: of each what was told last."""
        links, stands = [], [np.zeros(0, np.bool_)]
        for rows in log:
            one, two = (self.linker.known.numbers(rows[side]) for side in ("one", "two"))
            links.append(Links(one, two, rows["weight"].to_numpy(), rows["rules"].to_numpy().astype(np.uint64)))
            stands.append((rows["kind"] == EDGE).to_numpy())
        every = joined(links)
        links.clear()
        last, place = every.last
        return last.where(np.concatenate(stands)[place])

    def _edges_since(self, log: "Told", at: datetime) -> Iterator[pl.DataFrame]:
        new, lost = self.linker.edges.all().since(self._links(log.pairs()))
        if len(lost):
            yield _withdrawn(self.linker.frame(lost)[0], at)
        for low in range(0, len(new), PIECE):
            links = new.where(np.arange(low, min(low + PIECE, len(new))))
            frame, order = self.linker.frame(links)
            yield self._edges(frame, self.linker.known.reasons(links.one[order], links.two[order]))

    def _given_since(self, rekeyed: Mapping[str, str], at: datetime) -> Iterator[pl.DataFrame]:
        """First those of whom the log knows somebody, who can decide on each other; then the others, in pieces."""
        every = self.linker.clusters()
        self.conflicts = frozenset(every.conflicts)
        now, sizes = self.people.now(every.numbers), every.sizes
        is_one = np.ones(len(sizes), np.bool_)
        had = np.zeros(len(sizes), np.bool_)
        if len(sizes):
            low, high = (by.reduceat(now, every.starts) for by in (np.minimum, np.maximum))
            is_one = (low == high) & (low >= 0)
            is_one[is_one] = self.people.sizes(low[is_one]) == sizes[is_one]
            under_another_key = among(every.numbers, np.sort(self.linker.known.find_numbers(sorted(rekeyed))))
            had = np.maximum.reduceat(self.people.had(every.numbers) | under_another_key, every.starts)
        gone = self.linker.known.names.of(without(self.people.living(), np.sort(every.numbers))).sort().to_list()
        clusters = every.where(~is_one & had).clusters
        if clusters or gone:
            yield self._assigned(clusters, gone, rekeyed, at)
        for piece in every.where(~had).pieces(PIECE):
            yield self._assigned(piece.clusters, (), {}, at)

    def step(
        self, records: pl.DataFrame, gone: Sequence[str], rekeyed: Mapping[str, str], decided: "Decided | None", at: datetime
    ) -> pl.DataFrame:
        """Take in records that have changed, and forget others; put what people decided anew in place.

        Returns:
            Rows for the log, none where nothing follows.
        """
        parts = []
        if decided is not None:
            parts.append(self._told(self.linker.decide(decided.together, decided.apart), {}, at))
        if len(records) or gone:
            parts.append(self._told(self.linker.apply(self._prepared(records), gone), rekeyed, at))
        return pl.concat([_NOTHING, *parts]).with_columns(at=pl.lit(at))

    def rest(self) -> bool:
        """While nothing comes, do what would soon hold changes up; whether anything was to be done."""
        return any([self.linker.known.rest(), self.people.rest()])

    def _told(self, changed: Changed, rekeyed: Mapping[str, str], at: datetime) -> pl.DataFrame:
        self._note(changed)
        assigned = self._assigned(changed.clusters, changed.gone, rekeyed, at)
        return pl.concat([self._edges(changed.links, changed.reasons), _withdrawn(changed.withdrawn, at), assigned])

    def _note(self, changed: Changed) -> None:
        self.too_large += sum(changed.too_large)
        person = self.people.past(chain(*self.conflicts)).person
        stand = {(one, two) for one, two in self.conflicts if person.get(one) == person.get(two)}
        self.conflicts = frozenset((stand & self.linker.apart) | set(changed.conflicts))

    def _prepared(self, records: pl.DataFrame) -> Prepared:
        return prepare_fields(records, self.model.fields, "id", ORGANISATION if ORGANISATION in records.columns else None)

    def _assigned(
        self, clusters: Iterable[Sequence[str]], gone: Sequence[str], rekeyed: Mapping[str, str], at: datetime
    ) -> pl.DataFrame:
        decision = assign(self.people, clusters, gone, at, self.secret, rekeyed)
        if not len(decision.log):
            return _events(decision.events)
        self.people.take(decision.log)
        log = decision.log.select(
            pl.lit(ASSIGNED).alias("kind"), pl.col("record").alias("one"), pl.col("former").alias("two"), "person"
        )
        return pl.concat([_shaped(log), _events(decision.events)])

    def _edges(self, links: pl.DataFrame, why: Reasons) -> pl.DataFrame:
        if not len(links):
            return _NOTHING
        told = reasons_text(self.model, why)
        return _shaped(links.with_columns(kind=pl.lit(EDGE), reasons=told, model=pl.lit(self.model_mark)))


class Told(Protocol):
    """What the log says, read when it is asked for."""

    def assignments(self) -> Iterator[pl.DataFrame]:
        """Who was given to whom, in the order decided, a piece after the other: columns of `rules.match.people.LOG`."""

    def pairs(self) -> Iterator[pl.DataFrame]:
        """Every pair told and withdrawn, in the order decided, a piece after the other: `kind, one, two, weight, rules`."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, and what sources say they merged: each pair the lower key first."""

    together: frozenset[Pair]
    apart: frozenset[Pair]


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with all columns of the log, null where they have none."""
    schema = _NOTHING.schema
    there = [pl.col(n).cast(kind) if n in rows.columns else pl.lit(None, kind).alias(n) for n, kind in schema.items()]
    return rows.select(there)


def _withdrawn(links: pl.DataFrame, at: datetime) -> pl.DataFrame:
    if not len(links):
        return _NOTHING
    return _shaped(links.select("one", "two", "weight", "rules", kind=pl.lit(WITHDRAWN), at=pl.lit(at)))


def _events(events: Sequence[Event]) -> pl.DataFrame:
    if not events:
        return _NOTHING
    rows = [(EVENT, one.kind, one.person, one.other, list(one.records)) for one in events]
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "kind": pl.String,
        "reasons": pl.String,
        "person": pl.String,
        "other": pl.String,
        "records": pl.List(pl.String),
    }
    return _shaped(pl.DataFrame(rows, schema=kinds, orient="row"))


def reasons_text(model: Model, why: Reasons) -> pl.Series:
    """Of each pair every part of its weight, such as `surname exact +8.1`: levels of agreement and bits, no values."""
    names: list[str | None] = [None, "moved ", "family "]
    starts = []
    for comparison in model.comparisons:
        starts.append(len(names) - 1)
        names += [f"{comparison.field} {level.name} " for level in comparison.levels]
    named = np.where(why.levels == 0, 0, why.levels + np.array(starts, np.int64))
    both = np.full((len(why), 2), [1, 2], np.int64)
    which = np.concatenate([named, both], axis=1).T.ravel()
    bits = np.concatenate([why.parts, why.moved[:, None], why.family[:, None]], axis=1).T.ravel()
    frame = pl.DataFrame({"name": pl.Series(names, dtype=pl.String).gather(which), "bits": np.round(bits, 1)})
    told = frame.select_seq(_TOLD).to_series()
    parts = [told.slice(low, len(why)).rename(str(low)) for low in range(0, len(told), len(why))]
    prior = pl.lit(f"prior {model.prior_weight:+.1f}")
    texts = pl.concat_str(prior, *(one.name for one in parts), separator="; ", ignore_nulls=True)
    return pl.DataFrame(parts).select_seq(texts).to_series()
