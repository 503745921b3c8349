"""The people that are known: identities and links followed as they are folded and decided, and how far they are complete."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rules.protection import Keys
from schemas.dataset import Dataset
from schemas.identity import models_of
from schemas.links import record_key
from sink.follow import Follower, Step
from sink.lake import Lake
from sink.links import Assigned
from sink.manifest import Cuts
from sink.snapshot import Snapshot
from sink.table import TableNotFoundError
from streams.dictionary import (
    FACTS,
    PERSONS,
    RELATED,
    SHARED,
    around,
    facts_of,
    of_persons,
    of_related,
    related,
    rows_of,
    versions,
)

VERSIONS = pl.Schema({"record": pl.String, "dictionary": pl.String})


@dataclass(slots=True)
class Followed:
    """Datasets of one source database in one lake, followed as they are folded."""

    lake: Lake
    datasets: Mapping[str, Dataset]
    followers: Mapping[str, Follower]
    manifest: Cuts
    until: datetime | None = None
    """The source time up to which all of them are known; None where it is not known at all."""
    _covered: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Versions of history/ and of what was folded of it that were found to hold the same."""

    @classmethod
    def of(cls, lake: Lake, datasets: Mapping[str, Dataset], columns: Callable[[Dataset], list[str]]) -> "list[Followed]":
        """Args:
        columns: what is kept of a dataset's rows.
        """
        found = []
        for database in sorted({one.database for one in datasets.values()}):
            mine = {name: one for name, one in datasets.items() if one.database == database}
            followers = {name: Follower(lake.current(one), columns(one)) for name, one in mine.items()}
            found.append(cls(lake, mine, followers, Cuts(lake, database)))
        return found

    @property
    def rows(self) -> dict[str, pl.DataFrame]:
        """The rows of each dataset that is there, as of the last look."""
        return {name: follower.rows.collect() for name, follower in self.followers.items() if follower.is_known}

    def look(self) -> dict[str, Step]:
        """Take in what was folded since the last look: what changed, by dataset.

        Raises:
            Unavailable: the store is away.
        """
        cut = self.manifest.look()
        steps = {name: follower.look() for name, follower in self.followers.items()}
        said = dict(cut.select("dataset", "version").iter_rows())
        if all(name in said and self._holds(name, said[name]) for name in self.datasets):
            until = cut.filter(pl.col("dataset").is_in(list(self.datasets)))["complete_until"].min()
            assert isinstance(until, datetime), "a cut has a time"
            self.until = until
        return {name: step for name, step in steps.items() if step is not None and len(step)}

    def _holds(self, name: str, version: int) -> bool:
        """Whether all rows that history/ has in a version have been folded, and read."""
        follower = self.followers[name]
        if not follower.is_known:
            return False
        if follower.folded >= version or self._covered.get(name) == (version, follower.folded):
            return True
        place = self.lake.history(self.datasets[name])
        try:
            folded = Snapshot.load(place, follower.folded).files() if follower.folded >= 0 else set()
            if Snapshot.load(place, version).files() - folded:
                return False
        except TableNotFoundError:
            return False
        self._covered[name] = (version, follower.folded)
        return True


@dataclass(slots=True)
class KnownPeople:
    """What is known of everyone who is linked, and of whom they have to do with, as of the last look."""

    keys: Keys
    identities: list[Followed]
    relating: list[Followed]
    """The datasets whose rows tell who has to do with whom."""
    assigned: dict[str, Assigned]
    """By linkage model, who is whom."""
    versions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERSIONS))
    """`record`, `dictionary` of each record that is linked."""
    _facts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FACTS))
    _persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSONS))
    _related: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RELATED))

    @classmethod
    def follow(cls, lake: Lake, identities: Lake, datasets: Mapping[str, Dataset], keys: Keys) -> "KnownPeople":
        """Args:
        datasets: all that are declared.
        """
        relating = {name: one for name, one in datasets.items() if one.relates}
        models = models_of(datasets)
        linked = {name: one for mine in models.values() for name, one in mine.items()}
        return cls(
            keys, Followed.of(identities, linked, lambda one: list(one.published)),
            Followed.of(lake, relating, lambda one: list(dict.fromkeys([*one.key, str(one.subject), one.relates]))),
            {model: Assigned(lake, model) for model in models},
        )  # fmt: skip

    @property
    def read_to(self) -> dict[str, int]:
        """Of the history/ of each dataset the version whose fold was read, of each model's links/ the version."""
        links = {f"links/{model}": log.version for model, log in self.assigned.items()}
        followers = [pair for one in (*self.identities, *self.relating) for pair in one.followers.items()]
        return {f"current/{name}": follower.folded for name, follower in followers} | links

    @property
    def complete_until(self) -> datetime | None:
        """Up to which source time it is known who everyone is; None where that of one database is not known at all."""
        found = [one.until for one in (*self.identities, *self.relating)]
        known = [until for until in found if until is not None]
        return min(known) if known and len(known) == len(found) else None

    def look(self) -> pl.Series:
        """Take in what was folded and decided since the last look; the records of which something else is known now.

        Raises:
            Unavailable: the store is away.
        """
        touched = [self._follow()]
        persons, relations = self._persons, self._related
        is_related_anew = any([one.look() for one in self.relating])  # noqa: C419 - each is looked at
        if any([log.look() for log in self.assigned.values()]):  # noqa: C419 - each is looked at
            parts = [log.persons.with_columns(person=f"{model}/" + pl.col("person")) for model, log in self.assigned.items()]
            self._persons = pl.concat([pl.DataFrame(schema=PERSONS), *parts])
            touched += [_differing(persons, self._persons, "record")]
            is_related_anew = True
        if is_related_anew:
            shared = [_shared(rows, one.datasets[name]) for one in self.relating for name, rows in one.rows.items()]
            self._related = related(pl.concat([pl.DataFrame(schema=SHARED), *shared]), self._persons)
            whose = _differing(relations, self._related, "person").alias("person").to_frame().unique()
            touched += [frame.join(whose, on="person", how="semi")["record"] for frame in (persons, self._persons)]
        return self._renewed(pl.concat(touched).unique(), persons, relations)

    def _follow(self) -> pl.Series:
        """Take in what was folded of identities; the records whose identities are others."""
        datasets = {name: dataset for one in self.identities for name, dataset in one.datasets.items()}
        told = [pl.Series("record", [], pl.String)]
        for one in self.identities:
            told += [_keys(pl.concat([s.gone, s.come]), one.datasets[name]).drop_nulls() for name, s in one.look().items()]
        changed = pl.concat(told).unique()
        if len(changed):
            rows = {name: frame for one in self.identities for name, frame in one.rows.items()}
            mine = {name: frame.filter(_keys(frame, datasets[name]).is_in(changed.implode())) for name, frame in rows.items()}
            others = self._facts.join(changed.to_frame(), on="record", how="anti")
            self._facts = pl.concat([others, facts_of(mine, datasets)])
        return changed

    def rows(self, records: pl.Series) -> pl.DataFrame:
        """`record`, `dictionary` and the columns of `rules.redact.ROW`, of those of these records that are linked."""
        named = self.versions.join(records.alias("record").to_frame().unique(), on="record", how="semi")
        others = of_related(named["record"], self._facts, self._persons, self._related)
        rows = rows_of(of_persons(named["record"], self._facts, self._persons), others)
        return named.join(rows, on="record", how="left", maintain_order="left")

    def _renewed(self, touched: pl.Series, persons: pl.DataFrame, relations: pl.DataFrame) -> pl.Series:
        """Make the versions of these records, and of all around them then and now, anew; those that are others.

        Args:
            persons, relations: as they were.
        """
        if not len(touched):
            return touched
        about = pl.concat([around(touched, persons, relations), around(touched, self._persons, self._related)]).unique()
        fresh = versions(about, self._facts, self._persons, self._related, self.keys)
        kept = self.versions.join(about.to_frame(), on="record", how="anti")
        changed = fresh.join(self.versions, on=fresh.columns, how="anti")["record"]
        self.versions = pl.concat([kept, fresh])
        return changed


def _differing(before: pl.DataFrame, after: pl.DataFrame, name: str) -> pl.Series:
    """A column of the rows that only one of two tables has."""
    names = before.columns
    return pl.concat([one.join(two, on=names, how="anti")[name] for one, two in ((before, after), (after, before))])


def _shared(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """`SHARED`, as a dataset's rows tell it."""
    value = pl.lit(f"{dataset.name}/") + pl.col(dataset.relates).cast(pl.String)
    return rows.select(value.alias("value"), record_key(dataset).alias("record"))


def _keys(rows: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """The record that each row is about; null where it has no subject."""
    return rows.select(record_key(dataset).alias("record")).to_series()
