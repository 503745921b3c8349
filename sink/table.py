"""One Delta table of ours: created, owned, committed to and read. The only place that knows deltalake.

A commit carries rows, marks and the owner's epoch in one version of the table (Delta protocol, "Transaction
identifiers"). A writer keeps the table as it loaded it: whoever commits after another owner has begun is refused.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import polars as pl
import pyarrow as pa
import structlog
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from schemas.errors import Fenced, Refused, Stopped, Unavailable
from schemas.evolution import differences
from schemas.frames import polars_type
from sink.away import meaning, patience

__all__ = ["COMMIT", "EPOCH", "FOLDED", "OWNER", "Place", "Snapshot", "Table", "TableNotFoundError"]

T = TypeVar("T")
log = structlog.get_logger()

OWNER = "custody/owner"
COMMIT = "custody/commit"
FOLDED = "custody/folded"
"""The mark of current/ that says which version of history/ it was folded from."""
EPOCH = "custody/epoch"
"""The mark that says which epoch of the source readers see: a later one is there, and waits for the end of its snapshot."""
ABOUT = "custody.about"
KEPT_FOR_EVER = {"delta.enableExpiredLogCleanup": "false", "delta.logRetentionDuration": "interval 36500 days"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies: its address, and what is needed to reach it."""

    address: str
    options: Mapping[str, str]

    def load(self, version: int | None = None) -> DeltaTable:
        """The table as it is now, or as of a version.

        Raises:
            TableNotFoundError: there is none.
            Unavailable: the store is away.
        """
        return _waiting(lambda: DeltaTable(self.address, version=version, storage_options=dict(self.options)))

    def exists(self) -> bool:
        try:
            self.load()
        except TableNotFoundError:
            return False
        return True


class Table:
    """A table that this process owns: every commit is refused once somebody else owns it."""

    def __init__(
        self,
        place: Place,
        schema: pa.Schema,
        *,
        stats: Sequence[str],
        about: str = "",
        compression: Literal["SNAPPY", "ZSTD"] = "SNAPPY",
    ) -> None:
        """Open the table, or create it, and take ownership.

        Args:
            stats: columns whose smallest and largest value are kept for each file.
            about: what readers must know of the table (JSON), kept with it.
        """
        self._place = place
        self._writer = WriterProperties(compression=compression)
        self._dropped: list[pa.Field[pa.DataType]] = []
        self.schema = schema
        configuration: dict[str, str | None] = {
            **KEPT_FOR_EVER,
            "delta.dataSkippingStatsColumns": ",".join(stats),
            ABOUT: about,
        }
        _waiting(lambda: DeltaTable.create(
            place.address, schema=schema, mode="ignore", storage_options=dict(place.options), configuration=configuration,
            raise_if_key_not_exists=False,
        ))  # fmt: skip
        self._table = place.load()
        self.epoch = (self.mark(OWNER) or 0) + 1
        self._next = (self.mark(COMMIT) or 0) + 1
        self._commit_actions({}, {"custody.act": "own"})
        self._evolve(about)

    def _evolve(self, about: str) -> None:
        """Bring the table to its declaration: columns added, types widened; a column no longer declared stays, and gets nulls.

        Raises:
            Refused: a column is declared with a type that can't hold what the table has.
        """
        there = pa.schema(self._table.schema())
        found = differences(there, self.schema)
        self._dropped = [there.field(name) for name in found.dropped]
        if found.impossible:
            raise Refused(
                f"declared with a type that can't hold what the table has: {', '.join(found.impossible)}",
                table=self._place.address, remedy="declare it under a new name, with renamed_from the old one",
            )  # fmt: skip
        if found.added:
            fields = Schema.from_arrow(pa.schema([self.schema.field(name) for name in found.added])).fields
            said = {"custody.act": "columns added", "custody.columns": ", ".join(found.added)}
            self._commit(lambda p: self._table.alter.add_columns(fields, commit_properties=p), {}, said)
        if found.widened:
            whole = pa.schema([*self.schema, *self._dropped])
            rows = scan(self._place, self._table).select(whole.names).collect()
            said = {"custody.act": "types widened", "custody.columns": ", ".join(found.widened)}
            wide = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(whole)
            self._commit(lambda p: self._write(wide, "overwrite", p, schema_mode="overwrite"), {}, said)
        if about != self._table.metadata().configuration.get(ABOUT, ""):
            alter = self._table.alter
            said = {"custody.act": "declared anew"}
            self._commit(lambda p: alter.set_table_properties({ABOUT: about}, False, commit_properties=p), {}, said)

    @property
    def version(self) -> int:
        version: int = self._table.version()
        return version

    def mark(self, name: str) -> int | None:
        """The version that the last commit with this mark gave it."""
        value: int | None = self._table.transaction_version(name)
        return value

    def marks(self, prefix: str, partitions: Sequence[int]) -> dict[int, int]:
        """The mark of each partition; -1 where there is none."""
        found = {partition: self.mark(f"{prefix}/{partition}") for partition in partitions}
        return {partition: -1 if value is None else value for partition, value in found.items()}

    def append(self, rows: pa.Table, marks: Mapping[str, int], about: Mapping[str, str]) -> None:
        """Add rows and set marks in one version. Without rows only the marks are set.

        Raises:
            Fenced: another owner has taken the table.
            Unavailable: the store is away; whether the rows are there is known from the marks on the next start.
        """
        if rows.num_rows:
            self._commit(lambda properties: self._write(rows, "append", properties), marks, about)
        else:
            self._commit_actions(marks, about)

    def overwrite(self, rows: pa.Table, marks: Mapping[str, int], about: Mapping[str, str]) -> None:
        """Replace all rows and set marks in one version; earlier versions stay readable."""
        self._commit(lambda properties: self._write(rows, "overwrite", properties), marks, about)

    def _write(
        self, rows: pa.Table, mode: Literal["append", "overwrite"], properties: CommitProperties,
        schema_mode: Literal["overwrite"] | None = None,
    ) -> None:  # fmt: skip
        for field in self._dropped if rows.num_columns == len(self.schema) else ():
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
        write_deltalake(
            self._table, rows, mode=mode, schema_mode=schema_mode, commit_properties=properties, writer_properties=self._writer
        )

    def _commit_actions(self, marks: Mapping[str, int], about: Mapping[str, str]) -> None:
        def write(properties: CommitProperties) -> None:
            self._table.create_write_transaction([], mode="append", schema=self._table.schema(), commit_properties=properties)
            self._table.update_incremental()

        self._commit(write, marks, about)

    def _commit(self, write: Callable[[CommitProperties], None], marks: Mapping[str, int], about: Mapping[str, str]) -> None:
        """Commit once. After a doubtful answer the log is read before anything is tried again."""
        named = {**marks, OWNER: self.epoch, COMMIT: self._next}
        properties = CommitProperties(
            custom_metadata=dict(about), max_commit_retries=0,
            app_transactions=[Transaction(name, version) for name, version in named.items()],
        )  # fmt: skip
        before = self.version
        for attempt in patience():
            with attempt:
                try:
                    write(properties)
                except (CommitFailedError, DeltaError, OSError) as problem:
                    self._table = self._place.load()
                    if not self._has_landed():
                        raise Unavailable("the table could not be committed to", table=self._place.address) from problem
                    log.info("doubtful_commit_had_landed", table=self._place.address, version=self.version)
        if self.version != before + 1:
            self._has_landed()
            raise Stopped("somebody else committed to this table", table=self._place.address, version=self.version)
        self._next += 1

    def _has_landed(self) -> bool:
        owner = self.mark(OWNER) or 0
        if owner > self.epoch:
            raise Fenced("another owner has taken the table", table=self._place.address, owner=owner)
        return owner == self.epoch and self.mark(COMMIT) == self._next

    def scan(self, files: set[str] | None = None) -> pl.LazyFrame:
        """Rows of the table as this owner knows it, or of some of its files; the declared columns."""
        return scan(self._place, self._table, files).select(self.schema.names)

    def files(self) -> set[str]:
        """Addresses of the table's files."""
        return set(self._table.file_uris())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table as a reader loaded it: one version, which nobody changes."""

    place: Place
    _table: DeltaTable

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
        value: int | None = self._table.transaction_version(FOLDED)
        return value

    @property
    def epoch(self) -> int | None:
        """The epoch of the source that readers see."""
        value: int | None = self._table.transaction_version(EPOCH)
        return value

    def files(self) -> set[str]:
        return set(self._table.file_uris())

    def scan(self, files: set[str] | None = None) -> pl.LazyFrame:
        return scan(self.place, self._table, files)


def _waiting(call: Callable[[], T]) -> T:
    """Call until the store answers."""

    def attempt() -> T:
        try:
            return call()
        except TableNotFoundError:
            raise
        except (DeltaError, OSError) as problem:
            raise meaning(problem) or TableNotFoundError("no such bucket") from problem

    return patience()(attempt)


def scan(place: Place, table: DeltaTable, files: set[str] | None = None) -> pl.LazyFrame:
    """The rows of a loaded table, or of some of its files, read lazily; a renamed column has what it had under its old name."""
    return _renamed(_scan(place, table, files), table)


def _renamed(rows: pl.LazyFrame, table: DeltaTable) -> pl.LazyFrame:
    renamed = json.loads(table.metadata().configuration.get(ABOUT) or "{}").get("renamed", {})
    there = {field.name for field in table.schema().fields}
    return rows.with_columns(pl.coalesce(new, old).alias(new) for new, old in renamed.items() if {new, old} <= there)


def _scan(place: Place, table: DeltaTable, files: set[str] | None) -> pl.LazyFrame:
    if files is None:
        return pl.scan_delta(table, storage_options=dict(place.options))
    schema = table.schema()
    kinds = {name: polars_type(kind) for name, kind in zip(pa.schema(schema).names, pa.schema(schema).types, strict=True)}
    if not files:
        return pl.LazyFrame(schema=kinds)
    return pl.scan_parquet(sorted(files), schema=kinds, storage_options=dict(place.options) or None, missing_columns="insert")
