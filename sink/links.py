"""links/ and people/: the log of links that one owner writes, and who is whom, folded from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import polars as pl
import pyarrow as pa

from rules.match.people import LOG, intervals
from rules.protection import FIRST, Keys
from schemas.frames import empty
from schemas.links import APART, ASSIGNED, EDGE, EVENT, LINKS, OVERRIDES, PEOPLE, TOGETHER, WITHDRAWN
from sink.lake import Lake
from sink.snapshot import Snapshot, Watched
from sink.table import FOLDED, Table, TableNotFoundError
from sink.tokens import stand_under

TAKEN_IN = "identities/"
"""The marks of links/ that say which version of a dataset's history/ had been taken in."""
PIECE = 100_000
"""Rows of the log read at once."""
RANGE, EVERY = 200_000, 100
"""Assignments that people/ is made of at once; one in so many is looked at to find where they are cut."""
PAIR = ["kind", "one", "two", "weight", "rules"]
_NOBODY = pl.DataFrame(schema=LOG)
PUBLISHED = "custody/published"
"""The mark of links/ and people/ that says up to which decision events were sent to subscribers."""


@dataclass(frozen=True, slots=True)
class Log:
    """links/ as read: its rows, in the order decided."""

    rows: pl.DataFrame

    @property
    def assigned(self) -> pl.DataFrame:
        """Who was given to whom, in the order decided: columns of `rules.match.people.LOG`."""
        mine = self.rows.filter(pl.col("kind") == ASSIGNED)
        return mine.select(pl.col("one").alias("record"), "person", "at", pl.col("two").alias("former"))

    @property
    def edges(self) -> pl.DataFrame:
        """The pairs that stand now: the newest row of each, sorted."""
        mine = self.rows.filter(pl.col("kind").is_in([EDGE, WITHDRAWN])).unique(["one", "two"], keep="last", maintain_order=True)
        return mine.filter(pl.col("kind") == EDGE).sort("one", "two")

    @property
    def events(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("kind") == EVENT)

    def assignments(self) -> Iterator[pl.DataFrame]:
        """As `assigned`, a piece after the other."""
        yield self.assigned

    def pairs(self) -> Iterator[pl.DataFrame]:
        """Every row that tells of a pair, in the order decided, a piece after the other: `kind, one, two, weight, rules`."""
        yield self.rows.filter(pl.col("kind").is_in([EDGE, WITHDRAWN])).select(PAIR)


@dataclass(frozen=True, slots=True)
class LogInLake:
    """The log of a model's links, of which only what is asked for is read, and nothing kept."""

    lake: Lake
    model: str

    @property
    def last(self) -> int:
        """The number of the last decision; -1 where there is none."""
        newest = self._read(["decision"], pl.lit(value=True))["decision"].max()
        return -1 if newest is None else int(str(newest))

    def assignments(self, low: str | None = None, high: str | None = None) -> Iterator[pl.DataFrame]:
        """As of `Log`; of the records from one on and before another, where they are given."""
        wanted = pl.col("kind") == ASSIGNED
        wanted = wanted if low is None else wanted & (pl.col("one") >= low)
        wanted = wanted if high is None else wanted & (pl.col("one") < high)
        for piece in self._pieces(["at", "kind", "one", "two", "person"], wanted):
            yield Log(piece).assigned

    def ranges(self, size: int) -> list[tuple[str | None, str | None]]:
        """Ranges of records, ascending, of which each has about so many assignments; all in one where the log is no longer."""
        now = self._now()
        if now is None or now.count <= size:
            return [(None, None)]
        some = [piece["record"].gather_every(EVERY) for piece in self.assignments()]
        cuts = pl.concat(some).sort()[size // EVERY :: size // EVERY].unique(maintain_order=True).to_list() if some else []
        return list(pairwise([None, *cuts, None]))

    def pairs(self) -> Iterator[pl.DataFrame]:
        """As of `Log`."""
        for piece in self._pieces(PAIR, pl.col("kind").is_in([EDGE, WITHDRAWN])):
            yield piece.select(PAIR)

    def events_after(self, decision: int) -> pl.DataFrame:
        return self._read(LINKS.names, (pl.col("kind") == EVENT) & (pl.col("decision") > decision))

    def _read(self, names: Sequence[str], wanted: pl.Expr) -> pl.DataFrame:
        return _read(self.lake, "links", self.model, LINKS, names, wanted)

    def _now(self) -> Snapshot | None:
        try:
            return Snapshot.load(self.lake.place("links", self.model))
        except TableNotFoundError:
            return None

    def _pieces(self, names: Sequence[str], wanted: pl.Expr) -> Iterator[pl.DataFrame]:
        """Rows in the order decided, some whole decisions at a time: what bounds the memory."""
        now = self._now()
        if now is None:
            return
        for files in now.runs("decision", PIECE):
            yield _ordered(now.scan(files).filter(wanted), "links", ["decision", "place", *names])


def read_log(lake: Lake, model: str) -> Log:
    """The log of a model's links; empty where there is none."""
    return Log(_read(lake, "links", model, LINKS))


class Assigned:
    """Who is whom now, kept up with a log of links: only what was appended is read."""

    def __init__(self, lake: Lake, model: str) -> None:
        self._log = Watched(lake.place("links", model))
        self._rows = empty({"decision": pa.int64(), "place": pa.int32(), "record": pa.string(), "person": pa.string()})
        self._files: set[str] = set()
        self.version = -1
        """The version of the log that has been read."""

    @property
    def persons(self) -> pl.DataFrame:
        """`record`, `person`."""
        return self._rows.filter(pl.col("person").is_not_null()).select("record", "person")

    def look(self) -> bool:
        """Read what was decided since the last look; whether anything was.

        Raises:
            Unavailable: the store is away.
        """
        now = self._log.look()
        if now is None or now.version == self.version:
            return False
        new, self.version = now.files() - self._files, now.version
        if not new:
            return False
        mine = (
            now.scan(new).filter(pl.col("kind") == ASSIGNED).select("decision", "place", pl.col("one").alias("record"), "person")
        )
        both = pl.concat([self._rows, mine.collect()]).sort("decision", "place")
        self._rows = both.unique("record", keep="last", maintain_order=True)
        self._files |= new
        return True


def read_people(lake: Lake, model: str) -> pl.DataFrame:
    """Who was whom, from and to, exact to the last decision: columns of `schemas.links.PEOPLE`."""
    log = LogInLake(lake, model)
    return pl.concat(people_of(pl.concat([_NOBODY, *log.assignments(low, high)])) for low, high in log.ranges(RANGE))


def people_of(assigned: pl.DataFrame) -> pl.DataFrame:
    """people/ of a log of assignments."""
    parts = pl.col("record").str.split_exact("/", 1)
    found = intervals(assigned).with_columns(parts.struct.field("field_0").alias("register"))
    subject = pl.col("record").str.strip_prefix(pl.col("register") + "/").alias("subject")
    return found.with_columns(subject).select(PEOPLE.names)


def read_overrides(lake: Lake, model: str) -> pl.DataFrame:
    """What people decided, in order; empty where nobody has."""
    return _read(lake, "overrides", model, OVERRIDES)


class Decisions:
    """What people decided of a model's links, kept up with: read only when something was."""

    def __init__(self, lake: Lake, model: str) -> None:
        self._table, self._version = Watched(lake.place("overrides", model)), -1
        self.rows = empty({field.name: field.type for field in OVERRIDES})
        """In order."""

    def look(self) -> bool:
        """Read what there is; whether anything was decided since the last look.

        Raises:
            Unavailable: the store is away.
        """
        now = self._table.look()
        if now is None or now.version == self._version:
            return False
        self._version = now.version
        before, self.rows = len(self.rows), _ordered(now.scan(), "overrides", OVERRIDES.names)
        return len(self.rows) != before


def standing(overrides: pl.DataFrame) -> pl.DataFrame:
    """The newest decision on each pair, but for those that were undone."""
    newest = overrides.unique(["one", "two"], keep="last", maintain_order=True)
    return newest.filter(pl.col("decision").is_in([TOGETHER, APART])).sort("one", "two")


def _read(
    lake: Lake, zone: str, model: str, schema: pa.Schema, names: Sequence[str] = (), wanted: pl.Expr | None = None
) -> pl.DataFrame:
    try:
        rows = Snapshot.load(lake.place(zone, model)).scan()
    except TableNotFoundError:
        rows = empty({field.name: field.type for field in schema}).lazy()
    rows = rows if wanted is None else rows.filter(wanted)
    return _ordered(rows, zone, names or schema.names)


def _ordered(rows: pl.LazyFrame, zone: str, names: Sequence[str]) -> pl.DataFrame:
    order = [name for name in (("decision", "place") if zone == "links" else ("decided_at",)) if name in names]
    return rows.select(names).collect().sort(order, maintain_order=True)


class Links:
    """The log of one model's links, owned by this process; with people/ beside it."""

    def __init__(self, lake: Lake, model: str, keys: Keys = FIRST) -> None:
        """Take ownership, and go on after the last decision.

        Raises:
            Stopped: the records are named by tokens of another key.
        """
        self._table = Table(lake.place("links", model), LINKS, stats=("decision", "at"))
        self._people = Table(lake.place("people", model), PEOPLE, stats=("record",))
        stand_under(keys, self._table, self._people)
        self._lake, self._model = lake, model
        self.log = LogInLake(lake, model)
        self.decision = self.log.last
        marks = [table.mark(PUBLISHED) for table in (self._table, self._people)]
        self.published = max(-1 if mark is None else mark for mark in marks)

    def taken_in(self, name: str) -> int | None:
        """The version of a dataset's history/ that had been taken in when the last decision was made."""
        return self._table.mark(TAKEN_IN + name)

    def append(self, rows: pl.DataFrame, taken_in: Mapping[str, int], about: Mapping[str, str]) -> None:
        """Commit one decision, its rows in the order decided, with what had been taken in by then.

        Raises:
            Fenced: another owner has taken the log.
        """
        self.decision += 1
        table = self.numbered(rows).select(LINKS.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(LINKS)
        marks = {TAKEN_IN + name: version for name, version in taken_in.items()}
        self._table.append(table, {**marks, **self._sent}, about)

    @property
    def _sent(self) -> dict[str, int]:
        """The mark of what was sent: kept with whatever is committed next."""
        return {PUBLISHED: self.published} if self.published >= 0 else {}

    def numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of the last decision, as they are in the log."""
        return rows.with_columns(decision=pl.lit(self.decision, pl.Int64), place=pl.int_range(pl.len(), dtype=pl.Int32))

    def fold(self) -> int:
        """Make people/ anew from the log; the number of rows. Nothing is written where it is what it was."""
        if self._people.mark(FOLDED) == self._table.version:
            return 0
        rows = read_people(self._lake, self._model)
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(PEOPLE)
        self._people.overwrite(table, {FOLDED: self._table.version, **self._sent}, {"custody.act": "fold"})
        return len(rows)


class Overrides:
    """What people decide of a model's links: written by one act at a time, read by the linker."""

    def __init__(self, lake: Lake, model: str) -> None:
        self._table = Table(lake.place("overrides", model), OVERRIDES, stats=("decided_at",))

    def add(self, one: str, two: str, decision: str, at: datetime, by: str, why: str) -> None:
        """Record one decision on a pair of records.

        Raises:
            Fenced: somebody else decides at this moment.
        """
        row = {
            "one": [min(one, two)],
            "two": [max(one, two)],
            "decision": [decision],
            "decided_at": [at],
            "decided_by": [by],
            "why": [why],
        }
        self._table.append(pa.table(row, schema=OVERRIDES), {}, {"custody.act": decision, "custody.by": by, "custody.why": why})
