"""The people that are known: identities and links followed as they are folded and decided, and how far they are complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rules.protection import Keys
from schemas.dataset import Dataset
from schemas.links import record_key
from sink.follow import Follower
from sink.lake import Lake
from sink.links import Assigned
from sink.manifest import Cuts
from sink.snapshot import Snapshot
from sink.table import TableNotFoundError
from streams.dictionary import FACTS, PERSONS, facts_of, of_persons, rows_of, together, versions

VERSIONS = pl.Schema({"record": pl.String, "dictionary": pl.String})


@dataclass(slots=True)
class KnownPeople:
    """What is known of everyone who is linked, as of the last look."""

    identities: Lake
    models: Mapping[str, Mapping[str, Dataset]]
    """By linkage model the identities that it links."""
    keys: Keys
    followers: dict[str, Follower]
    assigned: dict[str, Assigned]
    cuts: dict[str, Cuts]
    """The manifest of each source database of theirs."""
    versions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERSIONS))
    """`record`, `dictionary` of each record that is linked."""
    until: dict[str, datetime] = field(default_factory=dict)
    """By source database the source time up to which all its identities are known."""
    _facts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FACTS))
    _covered: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Versions of history/ and of what was folded of it that were found to hold the same."""

    @classmethod
    def follow(cls, lake: Lake, identities: Lake, models: Mapping[str, Mapping[str, Dataset]], keys: Keys) -> "KnownPeople":
        datasets = {name: one for mine in models.values() for name, one in mine.items()}
        followers = {name: Follower(identities.current(one), list(one.published)) for name, one in datasets.items()}
        cuts = {database: Cuts(identities, database) for database in {one.database for one in datasets.values()}}
        return cls(identities, models, keys, followers, {model: Assigned(lake, model) for model in models}, cuts)

    @property
    def datasets(self) -> dict[str, Dataset]:
        return {name: one for mine in self.models.values() for name, one in mine.items()}

    @property
    def complete_until(self) -> datetime | None:
        """Up to which source time the identities of every linked database are known; None where those of one are not at all."""
        databases = {one.database for one in self.datasets.values()}
        return min(self.until[database] for database in databases) if databases <= self.until.keys() else None

    @property
    def read_to(self) -> dict[str, int]:
        """Of the history/ of each dataset of identities the version whose fold was read, of each model's links/ the version."""
        links = {f"links/{model}": log.version for model, log in self.assigned.items()}
        return {name: follower.folded for name, follower in self.followers.items()} | links

    def look(self) -> pl.Series:
        """Take in what was folded and decided since the last look; the records of which something else is known now.

        Raises:
            Unavailable: the store is away.
        """
        cuts = {database: manifest.look() for database, manifest in self.cuts.items()}
        told = self._follow()
        touched, before = [told], self._persons()
        if any([log.look() for log in self.assigned.values()]):  # noqa: C419 - each is looked at
            now = self._persons()
            touched += [
                before.join(now, on=now.columns, how="anti")["record"],
                now.join(before, on=now.columns, how="anti")["record"],
            ]
        self._note_complete(cuts)
        return self._renewed(pl.concat(touched).unique(), before)

    def _follow(self) -> pl.Series:
        """Take in what was folded; the records whose identities are others."""
        told = [pl.Series("record", [], pl.String)]
        for name, follower in self.followers.items():
            step = follower.look()
            if step is not None and len(step):
                told.append(_keys(pl.concat([step.gone, step.come]), self.datasets[name]).drop_nulls())
        changed = pl.concat(told).unique()
        if len(changed):
            rows = {name: follower.rows.collect() for name, follower in self.followers.items() if follower.is_known}
            mine = {name: one.filter(_keys(one, self.datasets[name]).is_in(changed.implode())) for name, one in rows.items()}
            others = self._facts.join(changed.to_frame(), on="record", how="anti")
            self._facts = pl.concat([others, facts_of(mine, self.datasets)])
        return changed

    def rows(self, records: pl.Series) -> pl.DataFrame:
        """`record`, `dictionary` and the columns of `rules.redact.ROW`, of those of these records that are linked."""
        named = self.versions.join(records.alias("record").to_frame().unique(), on="record", how="semi")
        rows = rows_of(of_persons(named["record"], self._facts, self._persons()))
        return named.join(rows, on="record", how="left", maintain_order="left")

    def _persons(self) -> pl.DataFrame:
        parts = [log.persons.with_columns(person=f"{model}/" + pl.col("person")) for model, log in self.assigned.items()]
        return pl.concat([pl.DataFrame(schema=PERSONS), *parts])

    def _renewed(self, touched: pl.Series, before: pl.DataFrame) -> pl.Series:
        """Make the versions of these records and of all of the same persons, then and now, anew; those that are others."""
        if not len(touched):
            return touched
        now = self._persons()
        about = pl.concat([together(touched, before), together(touched, now)]).unique()
        fresh = versions(about, self._facts, now, self.keys)
        kept = self.versions.join(about.to_frame(), on="record", how="anti")
        changed = fresh.join(self.versions, on=fresh.columns, how="anti")["record"]
        self.versions = pl.concat([kept, fresh])
        return changed

    def _note_complete(self, cuts: Mapping[str, pl.DataFrame]) -> None:
        """How far each database is known: as its manifest says, once what that counts in has been folded, and read here."""
        for database, cut in cuts.items():
            mine = {name: one for name, one in self.datasets.items() if one.database == database}
            said = dict(cut.select("dataset", "version").iter_rows())
            if all(name in said and self._holds(name, one, said[name]) for name, one in mine.items()):
                until = cut.filter(pl.col("dataset").is_in(list(mine)))["complete_until"].min()
                assert isinstance(until, datetime), "a cut has a time"
                self.until[database] = until

    def _holds(self, name: str, dataset: Dataset, version: int) -> bool:
        """Whether all rows that history/ has in a version have been folded, and read."""
        follower = self.followers[name]
        if not follower.is_known:
            return False
        if follower.folded >= version or self._covered.get(name) == (version, follower.folded):
            return True
        place = self.identities.history(dataset)
        try:
            folded = Snapshot.load(place, follower.folded).files() if follower.folded >= 0 else set()
            if Snapshot.load(place, version).files() - folded:
                return False
        except TableNotFoundError:
            return False
        self._covered[name] = (version, follower.folded)
        return True


def _keys(rows: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """The record that each row is about; null where it has no subject."""
    return rows.select(record_key(dataset).alias("record")).to_series()
