"""Reading a dataset: as it is now, as it was, as of a version, and its history. Writes nothing, owns nothing."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from schemas.change import INTERNAL, ORDER, PLACE
from schemas.errors import Refused
from schemas.frames import empty
from sink.declared import name_of
from sink.fold import fold
from sink.lake import Lake
from sink.manifest import read_manifest
from sink.overlay import Wide, lay_over
from sink.reach import Order
from sink.snapshot import Snapshot
from sink.store import listed
from sink.table import TableNotFoundError

BEYOND: Order = (1 << 31, 0, 0)
_TIMES = ("_op", *ORDER, "_tx", "_source_at", "_received_at")


@dataclass(frozen=True)
class Transactions:
    """The transactions of a source database, as the tables of its datasets tell them; read once, when first asked for."""

    lake: Lake
    database: str

    @cached_property
    def cut(self) -> pl.DataFrame:
        """The newest row of manifest/ of each dataset."""
        return read_manifest(self.lake, self.database)

    @cached_property
    def times(self) -> pl.DataFrame:
        """Op, order, transaction and times of each change, up to the cut at least; not of datasets without commit order."""
        found = [Snapshot.load(self.lake.place("history", name)) for name in self.cut["dataset"]]
        ordered = [table for table in found if json.loads(table.about).get("order") != "arrival"]
        return pl.concat([empty({name: INTERNAL[name] for name in _TIMES}), *(_times_of(table) for table in ordered)])


@dataclass(frozen=True)
class Reader:
    """One dataset of a lake."""

    lake: Lake
    name: str
    source: Transactions | None = None
    """What readers of datasets of one source share, so that it is read once; None: this one's own."""

    @cached_property
    def _about(self) -> dict[str, Any]:
        about: dict[str, Any] = json.loads(self._history.about)
        return about

    @cached_property
    def _history(self) -> Snapshot:
        try:
            return Snapshot.load(self.lake.place("history", self.name))
        except TableNotFoundError as problem:
            raise Refused("no such dataset in this lake", dataset=self.name, lake=self.lake.address) from problem

    @cached_property
    def _complete(self) -> Snapshot:
        """history/, no older than the cut that says up to when it is complete."""
        published = self._transactions.cut.filter(pl.col("dataset") == self.name)["version"].to_list()
        is_older = any(version > self._history.version for version in published)
        return Snapshot.load(self._history.place) if is_older else self._history

    @property
    def key(self) -> list[str]:
        key: list[str] = self._about["key"]
        return key

    @property
    def types(self) -> dict[str, str]:
        """Declared type of each published column, by name."""
        types: dict[str, str] = self._about["types"]
        return types

    @property
    def database(self) -> str:
        return str(self._about["source"]).split(".", 1)[0]

    @property
    def subject(self) -> tuple[str, str]:
        """The column that says whose data a row is, and the register that it is a number of.

        Raises:
            Refused: the dataset publishes none.
        """
        if "subject" not in self._about:
            raise Refused("the dataset does not say whose data its rows are", dataset=self.name, remedy="declare subject=…")
        return str(self._about["subject"]), str(self._about["register"])

    def complete_until(self) -> datetime | None:
        """The source time up to which everything is in the table; None where nothing was published yet."""
        return self._transactions.cut.filter(pl.col("dataset") == self.name)["complete_until"].max()  # type: ignore[return-value]

    @cached_property
    def _transactions(self) -> Transactions:
        return self.source or Transactions(self.lake, self.database)

    def now(self) -> pl.DataFrame:
        """The living rows, exact to the last commit: the folded rows with the unfolded tail laid over them."""
        history = self._history
        try:
            current = Snapshot.load(self.lake.place("current", self.name))
        except TableNotFoundError:
            return self._folded(history)
        if current.folded is None:
            return self._folded(history)
        if current.folded > history.version:
            history = Snapshot.load(history.place)
        folded = Snapshot.load(history.place, current.folded).files()
        if not folded <= history.files():
            return self._folded(history)
        if (current.epoch or 0) != (history.epoch or 0) or current.schema_number != history.schema_number:
            return self._folded(history)
        tail = _visible(history, history.scan(history.files() - folded)).collect()
        scan = _visible(history, history.scan())
        doubtful = pl.repeat(value=True, n=len(tail), eager=True)
        return lay_over(current.scan().collect(), tail, doubtful, scan, Wide.of(scan, self.key), self.key)

    def _folded(self, history: Snapshot) -> pl.DataFrame:
        return fold(_visible(history, history.scan()).collect(), self.key)

    def version(self, version: int) -> pl.DataFrame:
        """The rows of a version of current/.

        Raises:
            Refused: there is no such version, or what it showed was purged.
        """
        place = self.lake.place("current", self.name)
        newest = Snapshot.load(place).version
        if not 0 <= version <= newest:
            raise Refused(f"current/ has versions 0 to {newest}", dataset=self.name, version=version)
        table = Snapshot.load(place, version)
        if set(map(name_of, table.files())) - set(listed(place.address, place.options)):
            raise Refused(
                "files of that version were removed when free text was purged", dataset=self.name, version=version,
                remedy="read it as of a moment: --at",
            )  # fmt: skip
        return table.scan().collect().sort(self.key)

    def at(self, moment: datetime) -> pl.DataFrame:
        """The living rows of the source after the last transaction that is not later than `moment`.

        Transactions are taken in commit order; the time of one is the earlier of its commit and its receipt, and never
        before that of one committed earlier. All datasets of a source database share the boundary.

        Raises:
            Refused: before the first change, or later than the dataset is complete.
        """
        return self._at(moment, _visible(self._complete, self._complete.scan()))

    def at_each(self, moments: Iterable[datetime]) -> Iterator[pl.DataFrame]:
        """The living rows at each moment; the history is read once for all, and held."""
        changes = _visible(self._complete, self._complete.scan()).collect().lazy()
        return (self._at(moment, changes) for moment in moments)

    def _at(self, moment: datetime, changes: pl.LazyFrame) -> pl.DataFrame:
        until = self.complete_until()
        if until is None or moment > until:
            said = until.isoformat() if until else "no moment yet"
            raise Refused(f"the dataset is complete only up to {said}", dataset=self.name, at=moment.isoformat())
        first = self._times.select(pl.min_horizontal("_source_at", "_received_at").min()).item()
        if not isinstance(first, datetime) or moment < first:
            said = first.isoformat() if isinstance(first, datetime) else "nothing was captured"
            raise Refused(f"that is before the first change: {said}", dataset=self.name, at=moment.isoformat())
        if not self._keeps_order:
            return fold(changes.filter(~_is_later(moment)).collect(), self.key)
        return fold(_before(changes, _first_later(self._times, moment), moment).collect(), self.key)

    def history(self) -> pl.DataFrame:
        """Every change, in commit order; of equal orders the deletes first, as where a row goes on under another key.

        Not so the delete that revises a row read by a snapshot that was begun anew: it stands behind that row.
        """
        is_live = (pl.col("_op") != "d") | (pl.col("_revision") > 0)
        return self._history.scan().collect().sort(*ORDER, is_live, *PLACE, "_revision")

    @property
    def _keeps_order(self) -> bool:
        return self._about.get("order") != "arrival"

    @cached_property
    def _times(self) -> pl.DataFrame:
        shared = self._transactions.times
        return shared if self._keeps_order else pl.concat([shared, _times_of(self._complete)])


def _times_of(history: Snapshot) -> pl.DataFrame:
    return _visible(history, history.scan()).select(_TIMES).collect()


def _visible(history: Snapshot, changes: pl.LazyFrame) -> pl.LazyFrame:
    """Changes of the epochs that readers see."""
    return changes if history.epoch is None else changes.filter(pl.col("_epoch") <= history.epoch)


def _first_later(times: pl.DataFrame, moment: datetime) -> Order:
    """The order of the first streamed transaction later than a moment; rows read by a snapshot bound nothing.

    A transaction was received when the last of its changes was.
    """
    transactions = times.filter(pl.col("_op") != "r").group_by("_epoch", "_commit", "_tx")
    ends = transactions.agg(pl.col("_lsn").min(), pl.col("_source_at").max(), pl.col("_received_at").max())
    first = ends.filter(_is_later(moment)).select(ORDER).sort(ORDER).head(1).rows()
    return first[0] if first else BEYOND


def _is_later(moment: datetime) -> pl.Expr:
    return (pl.col("_source_at") > moment) & (pl.col("_received_at") > moment)


def _before(history: pl.LazyFrame, boundary: Order, moment: datetime) -> pl.LazyFrame:
    epoch, commit, lsn = boundary
    same_epoch, same_commit = pl.col("_epoch") == epoch, pl.col("_commit") == commit
    earlier = (
        (pl.col("_epoch") < epoch)
        | (same_epoch & (pl.col("_commit") < commit))
        | (same_epoch & same_commit & (pl.col("_lsn") < lsn))
    )
    return history.filter(earlier & ~((pl.col("_op") == "r") & _is_later(moment)))
