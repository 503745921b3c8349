"""The Python reading API: `custody.open("s3://…").table("offenders").at(when).to_polars()`."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa

from custody.settings import load_settings
from custody.stack import for_reading
from schemas.errors import Refused
from sink.lake import Lake
from sink.persons import with_persons
from sink.read import Reader


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read."""

    frame: pl.DataFrame
    reader: Reader

    def linked(self, known_at: datetime | str | None = None, *, model: str = "person") -> "Rows":
        """The rows with `person_id`: which person their subject is as known today, or as it was known at a moment.

        Raises:
            Refused: the dataset does not say whose data its rows are, or the text is not a moment.
        """
        then = None if known_at is None else moment(known_at)
        return Rows(with_persons(self.frame, self.reader, model, then), self.reader)

    def to_polars(self) -> pl.DataFrame:
        return self.frame

    def to_arrow(self) -> pa.Table:
        return self.frame.to_arrow()


@dataclass(frozen=True, slots=True)
class TableReader:
    """One dataset of a lake, to be read as of a moment or a version, or as it is now."""

    reader: Reader

    def to_polars(self) -> pl.DataFrame:
        """The living rows as they are now."""
        return self.reader.now()

    def to_arrow(self) -> pa.Table:
        return self.reader.now().to_arrow()

    def linked(self, known_at: datetime | str | None = None, *, model: str = "person") -> Rows:
        """The living rows with `person_id`, as `Rows.linked`."""
        return Rows(self.reader.now(), self.reader).linked(known_at, model=model)

    def at(self, when: datetime | str) -> Rows:
        """The living rows as the source was at a moment; text is ISO 8601, without a zone it is UTC.

        Raises:
            Refused: not a moment, before the first change, or later than the dataset is complete.
        """
        return Rows(self.reader.at(moment(when)), self.reader)

    def version(self, version: int) -> Rows:
        """The rows of a version of current/."""
        return Rows(self.reader.version(version), self.reader)

    def history(self) -> Rows:
        """Every change, in commit order."""
        return Rows(self.reader.history(), self.reader)


@dataclass(frozen=True, slots=True)
class Moment:
    """A lake as of one moment: all tables of a source at the same transaction boundary."""

    lake: Lake
    at: datetime

    def table(self, name: str) -> Rows:
        """Raises: Refused: before the first change, or later than the dataset is complete."""
        reader = Reader(self.lake, name)
        return Rows(reader.at(self.at), reader)


@dataclass(frozen=True, slots=True)
class OpenLake:
    """A lake, opened for reading."""

    lake: Lake

    def table(self, name: str) -> TableReader:
        return TableReader(Reader(self.lake, name))

    def at(self, when: datetime | str) -> Moment:
        """All tables as their sources were at a moment; text is ISO 8601, without a zone it is UTC."""
        return Moment(self.lake, moment(when))

    def complete_until(self, name: str) -> datetime | None:
        """The source time up to which everything is in the table."""
        return Reader(self.lake, name).complete_until()


def open(address: str | None = None, **options: str) -> OpenLake:  # noqa: A001 - read as custody.open
    """A lake by its address, a folder or `s3://bucket/prefix`; without one, the lake of the settings.

    Args:
        options: what reaches the store, in the words of the `object_store` library; else the settings say it.
    """
    settings = for_reading(load_settings(lake=address))
    return OpenLake(Lake(settings.lake, options or settings.store))


def moment(when: datetime | str) -> datetime:
    """A moment in UTC.

    Raises:
        Refused: the text is not ISO 8601.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError as problem:
            raise Refused("not a moment: write it as 2026-01-31T12:00:00Z", at=when) from problem
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
