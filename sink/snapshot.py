"""A table as a reader loads it: one version, which nobody changes; and one that is looked at again and again."""

import json
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa

from sink.declared import ABOUT, SCHEMAS, addresses, name_of, scan
from sink.table import EPOCH, FOLDED, SCHEMA, Place, TableNotFoundError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table as a reader loaded it: one version, which nobody changes."""

    place: Place
    _table: Any
    """The loaded Delta table."""
    _marks: dict[str, int | None] = field(default_factory=dict, compare=False, repr=False)

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
        """The version that the last commit with this mark gave it."""
        if name not in self._marks:  # asking the table reads its log anew
            self._marks[name] = self._table.transaction_version(name)
        return self._marks[name]

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
        return addresses(self._table)

    @property
    def count(self) -> int:
        """How many rows it has, as far as statistics tell."""
        return int(pl.DataFrame(self._table.get_add_actions())["num_records"].sum())

    def runs(self, column: str, most: int) -> list[set[str]]:
        """Its files in the order of a column of whole numbers of which statistics are kept, in runs of about so many rows.

        No value stands in two runs; a file without statistics makes all files one run.
        """
        address = {name_of(file): file for file in self.files()}
        told = pl.DataFrame(self._table.get_add_actions(flatten=True))
        low, high = f"min.{column}", f"max.{column}"
        if not {low, high} <= set(told.columns) or told.select(pl.any_horizontal(pl.col(low, high).is_null()).any()).item():
            return [self.files()] if address else []
        runs: list[set[str]] = []
        rows, reached = most, None
        for path, count, least, greatest in told.sort(low, high).select("path", "num_records", low, high).iter_rows():
            if rows >= most and (reached is None or least > reached):
                runs.append(set())
                rows = 0
            runs[-1].add(address[name_of(path)])
            rows, reached = rows + count, greatest if reached is None else max(reached, greatest)
        return runs

    def scan(self, files: set[str] | None = None) -> pl.LazyFrame:
        return scan(self._table, self.place.options, files)


class Watched:
    """A table that is looked at again and again: of its log only what came since the last look is read."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._table: Any = None
        self._newest: Snapshot | None = None
        self._version = -1

    def look(self) -> Snapshot | None:
        """The table as it is now, the same object where nothing came; None where there is none. It is good until the next look.

        Raises:
            Unavailable: the store is away.
        """
        if self._table is None:
            try:
                self._table = self._place.load()
            except TableNotFoundError:
                return None
        else:
            self._place.catch_up(self._table)
        if self._table.version() != self._version:
            self._newest, self._version = Snapshot(self._place, self._table), self._table.version()
        return self._newest
