"""Deciding who is one person, change by change: pairs, clusters and ids, as rows for the log of links. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from rules.match.assign import Event, People, assign
from rules.match.model import Model
from rules.match.prepared import Prepared, prepare, with_shares
from rules.match.score import reasons
from rules.match.stream import Changed, Linker
from schemas.frames import empty
from schemas.links import ASSIGNED, EDGE, EVENT, LINKS, WITHDRAWN
from streams.link import ORGANISATION

Pair = tuple[str, str]
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
    people: People = field(default_factory=People)
    conflicts: frozenset[Pair] = frozenset()
    """Pairs decided to be apart that stand together all the same."""
    too_large: int = 0
    """How often a record looked at stood in a block over the model's cap, and was not compared with the rest of it."""

    def __post_init__(self) -> None:
        self.linker = Linker(self.model)

    def begin(
        self, records: pl.DataFrame, together: frozenset[Pair], apart: frozenset[Pair], log: "Told", at: datetime
    ) -> pl.DataFrame:
        """Take in all records there are, and decide only what differs from what the log says.

        Returns:
            Rows for the log: columns of `schemas.links.LINKS`, without numbers.
        """
        self.people.take(log.assigned)
        self.linker.decide(together, apart)
        changed = self.linker.apply(self._prepared(records))
        every = self.linker.clusters().clusters
        clusters = [one for one in every if not self._is_as_decided(one)]
        there = {key for one in every for key in one}
        gone = sorted(key for key in self.people.person if key not in there)
        pairs = ["one", "two", "weight", "rules"]
        new = changed.links.join(log.edges.select(pairs), on=pairs, how="anti", maintain_order="left")
        lost = log.edges.select(pairs).join(changed.links, on=["one", "two"], how="anti", maintain_order="left")
        self._note(changed)
        return pl.concat([self._edges(new), _withdrawn(lost, at), self._assigned(clusters, gone, {}, at)]).with_columns(
            at=pl.lit(at)
        )

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

    def _told(self, changed: Changed, rekeyed: Mapping[str, str], at: datetime) -> pl.DataFrame:
        self._note(changed)
        assigned = self._assigned(changed.clusters, changed.gone, rekeyed, at)
        return pl.concat([self._edges(changed.links), _withdrawn(changed.withdrawn, at), assigned])

    def _note(self, changed: Changed) -> None:
        self.too_large += sum(changed.too_large)
        stand = {pair for pair in self.conflicts if self.people.person.get(pair[0]) == self.people.person.get(pair[1])}
        self.conflicts = frozenset((stand & self.linker.apart) | set(changed.conflicts))

    def _prepared(self, records: pl.DataFrame) -> Prepared:
        return prepare(records, self.model, "id", ORGANISATION if ORGANISATION in records.columns else None)

    def _is_as_decided(self, cluster: Sequence[str]) -> bool:
        """Whether the log has just these records as one person."""
        person = self.people.person.get(cluster[0])
        return person is not None and set(self.people.records[person]) == set(cluster)

    def _assigned(
        self, clusters: Iterable[Sequence[str]], gone: Sequence[str], rekeyed: Mapping[str, str], at: datetime
    ) -> pl.DataFrame:
        decision = assign(self.people, clusters, gone, at, self.secret, rekeyed)
        self.people.take(decision.log)
        log = decision.log.select(
            pl.lit(ASSIGNED).alias("kind"), pl.col("record").alias("one"), pl.col("former").alias("two"), "person"
        )
        return pl.concat([_shaped(log), _events(decision.events)])

    def _edges(self, links: pl.DataFrame) -> pl.DataFrame:
        if not len(links):
            return _NOTHING
        names = pl.concat([links["one"], links["two"]]).unique().sort().to_list()
        known = self.linker.known
        records = with_shares(known.taken(known.find_numbers(names)), self.model.terms)
        place = {key: row for row, key in enumerate(records.ids.to_list())}
        one, two = (np.array([place[key] for key in links[side].to_list()], np.int64) for side in ("one", "two"))
        told = reasons_text(self.model, records, one, two)
        return _shaped(links.with_columns(kind=pl.lit(EDGE), reasons=told, model=pl.lit(self.model_mark)))


@dataclass(frozen=True, slots=True)
class Told:
    """What the log says: who was given to whom, and which pairs stand."""

    assigned: pl.DataFrame
    edges: pl.DataFrame


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
    return _shaped(links.select("one", "two", "weight", "rules", kind=pl.lit(WITHDRAWN), at=pl.lit(at)))


def _events(events: Sequence[Event]) -> pl.DataFrame:
    rows = [(EVENT, one.kind, one.person, one.other, list(one.records)) for one in events]
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "kind": pl.String,
        "reasons": pl.String,
        "person": pl.String,
        "other": pl.String,
        "records": pl.List(pl.String),
    }
    return _shaped(pl.DataFrame(rows, schema=kinds, orient="row"))


def reasons_text(model: Model, records: Prepared, one: np.ndarray, two: np.ndarray) -> pl.Series:
    """Of each pair every part of its weight, such as `surname exact +8.1`: levels of agreement and bits, no values."""
    why = reasons(model, records, records, one, two)
    parts = [pl.Series("prior", [f"prior {model.prior_weight:+.1f}"]).new_from_index(0, len(one))]
    for place, comparison in enumerate(model.comparisons):
        names = pl.Series([None, *(f"{comparison.field} {level.name} " for level in comparison.levels)], dtype=pl.String)
        parts.append((names.gather(why.levels[:, place].astype(np.int64)) + _bits(why.parts[:, place])).rename(comparison.field))
    parts.append(("moved " + _bits(why.moved)).rename("\0moved"))
    parts.append(("family " + _bits(why.family)).rename("\0family"))
    return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)).to_series()


def _bits(values: np.ndarray) -> pl.Series:
    rounded = pl.Series(np.round(values, 1))
    signs = pl.select(pl.when(rounded < 0).then(pl.lit("-")).otherwise(pl.lit("+"))).to_series()
    return signs + rounded.abs().cast(pl.String)
