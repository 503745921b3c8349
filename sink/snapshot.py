"""A table as a reader loads it: one version, which nobody changes."""

import json
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from sink.declared import ABOUT, SCHEMAS, scan
from sink.table import EPOCH, FOLDED, SCHEMA, Place


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table as a reader loaded it: one version, which nobody changes."""

    place: Place
    _table: Any
    """The loaded Delta table."""

    @classmethod
    def load(cls, place: Place, version: int | None = None) -> "Snapshot":
        """Raises: TableNotFoundError, Unavailable."""
        return cls(place, place.load(version))

    @property
    def version(self) -> int:
        version: int = self._table.version()
        return version

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(self._table.schema())

    @property
    def about(self) -> str:
        """What readers must know of the table (JSON); empty where it is not one of ours."""
        return str(self._table.metadata().configuration.get(ABOUT, ""))

    @property
    def folded(self) -> int | None:
        """Of a current table: the version of history it was folded from."""
        return self.mark(FOLDED)

    @property
    def epoch(self) -> int | None:
        """The epoch of the source that readers see."""
        return self.mark(EPOCH)

    def mark(self, name: str) -> int | None:
        value: int | None = self._table.transaction_version(name)
        return value

    @property
    def declarations(self) -> list[dict[str, str]]:
        """Of history/: the columns and types of each declaration that rows were written under, by number."""
        written: list[dict[str, str]] = json.loads(self._table.metadata().configuration.get(SCHEMAS) or "[]")
        return written

    @property
    def schema_number(self) -> int | None:
        """Of history/: the number of today's declaration; of current/: of the one it was folded under."""
        written = self.declarations
        today = json.loads(self.about or "{}").get("types")
        return written.index(today) if today in written else self.mark(SCHEMA)

    def files(self) -> set[str]:
        return set(self._table.file_uris())

    def scan(self, files: set[str] | None = None) -> pl.LazyFrame:
        return scan(self._table, self.place.options, files)
