"""One Delta table of ours: created, owned, committed to and read. The only place that knows deltalake.

A commit carries rows, marks and the owner's epoch in one version of the table (Delta protocol, "Transaction
identifiers"). A writer keeps the table as it loaded it: whoever commits after another owner has begun is refused.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import polars as pl
import pyarrow as pa
import structlog
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from schemas.errors import Fenced, Refused, Stopped, Unavailable
from schemas.evolution import differences
from sink.away import meaning, patience
from sink.declared import ABOUT, FILE, SCHEMAS, addresses, changed, located, name_of, numbered, scan

__all__ = ["COMMIT", "EPOCH", "FILE", "FOLDED", "KEYS", "OWNER", "SCHEMA", "Added", "Place", "Table", "TableNotFoundError"]

T = TypeVar("T")
log = structlog.get_logger()

OWNER = "custody/owner"
COMMIT = "custody/commit"
FOLDED = "custody/folded"
"""The mark of current/ and people/ that says which version of history/, of links/, it was folded from."""
EPOCH = "custody/epoch"
"""The mark that says which epoch of the source readers see: a later one is there, and waits for the end of its snapshot."""
SCHEMA = "custody/schema"
"""The mark of current/ that says under which declaration it was folded, by its number in history/."""
KEYS = "custody/keys"
"""The mark that says under which key the tokens of a table are; without it, the first."""
KEPT_FOR_EVER = {"delta.enableExpiredLogCleanup": "false", "delta.logRetentionDuration": "interval 36500 days"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies: its address, and what is needed to reach it."""

    address: str
    options: Mapping[str, str]

    def load(self, version: int | None = None) -> DeltaTable:
        """The table as it is now, or as of a version.

        Raises:
            TableNotFoundError: there is none, nor perhaps a bucket.
            Unavailable: the store is away.
        """
        return _waiting(lambda: DeltaTable(self.address, version=version, storage_options=dict(self.options)))

    def catch_up(self, table: DeltaTable) -> None:
        """Bring a loaded table to its newest version, by what came since.

        Raises:
            Unavailable: the store is away.
        """
        _waiting(table.update_incremental)

    def exists(self) -> bool:
        try:
            self.load()
        except TableNotFoundError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Added:
    """A file that lies in a table's folder, and that no version of the table has yet."""

    name: str
    size: int
    """Bytes."""
    stats: str
    """Statistics (JSON; Delta protocol, "Per-file Statistics")."""


class Table:
    """A table that this process owns: every commit is refused once somebody else owns it."""

    def __init__(
        self, place: Place, schema: pa.Schema, *, stats: Sequence[str], about: str = "", keeps_schemas: bool = False,
        compression: Literal["SNAPPY", "ZSTD"] = "SNAPPY",
    ) -> None:  # fmt: skip
        """Open the table, or create it, and take ownership.

        Args:
            stats: columns whose smallest and largest value are kept for each file.
            about: what readers must know of the table (JSON), kept with it.
            keeps_schemas: rows bear the number of the declaration they were written under (`_schema`).
        """
        self.place, self.stats = place, tuple(stats)
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
        self._table, self._marks = place.load(), dict[str, int | None]()
        self.epoch = (self.mark(OWNER) or 0) + 1
        self._next = (self.mark(COMMIT) or 0) + 1
        self._commit_actions({}, {"custody.act": "own"})
        self.schema_number = self._number(about) if keeps_schemas else 0
        self._evolve(about)

    def _number(self, about: str) -> int:
        """The number of this declaration; kept with the table before any row bears it."""
        said = self._table.metadata().configuration
        earlier = [json.loads(said[ABOUT])["types"]] if ABOUT in said and SCHEMAS not in said else []
        known = json.loads(said.get(SCHEMAS, json.dumps(earlier)))
        number, now = numbered(json.loads(about)["types"], known)
        if now != known or SCHEMAS not in said:
            self._set({SCHEMAS: json.dumps(now)}, {"custody.act": "schema", "custody.schema": str(number)})
        return number

    def _set(self, properties: dict[str, str], said: Mapping[str, str]) -> None:
        alter = self._table.alter
        self._commit(lambda p: alter.set_table_properties(properties, False, commit_properties=p), {}, said)

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
                table=self.place.address, remedy="declare it under a new name, with renamed_from the old one",
            )  # fmt: skip
        if found.added:
            fields = Schema.from_arrow(pa.schema([self.schema.field(name) for name in found.added])).fields
            said = {"custody.act": "columns added", "custody.columns": ", ".join(found.added)}
            self._commit(lambda p: self._table.alter.add_columns(fields, commit_properties=p), {}, said)
        if found.widened:
            whole = pa.schema([*self.schema, *self._dropped])
            rows = scan(self._table, self.place.options).select(whole.names).collect()
            said = {"custody.act": "types widened", "custody.columns": ", ".join(found.widened)}
            wide = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(whole)
            self._commit(lambda p: self._write(wide, "overwrite", p, schema_mode="overwrite"), {}, said)
        before = self._table.metadata().configuration.get(ABOUT, "")
        if about != before:
            self._set({ABOUT: about}, {"custody.act": "declared anew", **changed(json.loads(before or "{}"), json.loads(about))})

    @property
    def version(self) -> int:
        version: int = self._table.version()
        return version

    def mark(self, name: str) -> int | None:
        """The version that the last commit with this mark gave it."""
        if name not in self._marks:  # asking the table reads its log anew
            self._marks[name] = self._table.transaction_version(name)
        return self._marks[name]

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

    def replace(self, removed: Sequence[str], added: Sequence[Added], marks: Mapping[str, int], about: Mapping[str, str]) -> None:
        """Take files out, put in others that are written already, and set marks in one version.

        Args:
            removed: addresses of files of the table.
        """
        now = int(time.time() * 1000)
        gone = [RemoveAction(name_of(address), data_change=True, deletion_timestamp=now) for address in removed]
        new = [AddAction(one.name, one.size, {}, now, data_change=True, stats=one.stats) for one in added]
        self._commit_actions(marks, about, [*gone, *new])

    def _write(
        self, rows: pa.Table, mode: Literal["append", "overwrite"], properties: CommitProperties,
        schema_mode: Literal["overwrite"] | None = None,
    ) -> None:  # fmt: skip
        for field in self._dropped if rows.num_columns == len(self.schema) else ():
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
        write_deltalake(
            self._table, rows, mode=mode, schema_mode=schema_mode, commit_properties=properties, writer_properties=self._writer
        )

    def _commit_actions(
        self, marks: Mapping[str, int], about: Mapping[str, str], actions: Sequence[AddAction | RemoveAction] = ()
    ) -> None:
        def write(properties: CommitProperties) -> None:
            schema = self._table.schema()
            self._table.create_write_transaction(list(actions), mode="append", schema=schema, commit_properties=properties)
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
                    self._table = self.place.load()
                    if not self._has_landed():
                        raise Unavailable("the table could not be committed to", table=self.place.address) from problem
                    log.info("doubtful_commit_had_landed", table=self.place.address, version=self.version)
        if self.version != before + 1:
            self._has_landed()
            raise Stopped("somebody else committed to this table", table=self.place.address, version=self.version)
        self._marks |= named
        self._next += 1

    def _has_landed(self) -> bool:
        self._marks = {}
        owner = self.mark(OWNER) or 0
        if owner > self.epoch:
            raise Fenced("another owner has taken the table", table=self.place.address, owner=owner)
        return owner == self.epoch and self.mark(COMMIT) == self._next

    def scan(self, files: set[str] | None = None) -> pl.LazyFrame:
        """Rows of the table as this owner knows it, or of some of its files; the declared columns."""
        return scan(self._table, self.place.options, files).select(self.schema.names)

    def located(self, files: set[str] | None = None) -> pl.LazyFrame:
        """Rows as they were written, of all files or some, each with the address of its file as `FILE`."""
        return located(self._table, self.place.options, files)

    def files(self) -> set[str]:
        """Addresses of the table's files."""
        return addresses(self._table)


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
