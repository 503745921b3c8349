"""Following a dataset's current/: what each fold changed, file by file; and what history/ was given in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from schemas.change import SEQUENCE
from sink.snapshot import Snapshot, Watched
from sink.table import Place, TableNotFoundError

GROUP_ROWS = 50_000
"""Rows that are opened together."""


@dataclass(frozen=True, slots=True)
class Step:
    """What changed since the last look: rows that are gone or are no longer so, and rows that are new or otherwise."""

    gone: pl.DataFrame
    come: pl.DataFrame

    def __len__(self) -> int:
        return len(self.gone) + len(self.come)


class Follower:
    """The living rows of a table of current rows, kept up with its folds. Reads only files that folds have added.

    A fold that is read is exact: it is what the source was after some of its changes, each whole. The rows are kept packed,
    as they are in files: many times smaller than when they are open, and nothing stays of one that is gone.
    """

    def __init__(self, place: Place, columns: Sequence[str]) -> None:
        """Args:
        columns: what is kept of each row.
        """
        self._table, self._columns = Watched(place), list(columns)
        self._packed: dict[str, bytes] = {}
        self._empty = pl.LazyFrame()
        self.version = -1
        """The version of the table that has been read."""
        self.folded = -1
        """The version of history/ that it was folded from."""

    @property
    def rows(self) -> pl.LazyFrame:
        """The living rows as of the last look; only what is asked for is opened."""
        return pl.concat([self._empty, *map(_opened, self._packed.values())])

    @property
    def is_known(self) -> bool:
        """Whether the table has been there at all."""
        return self.version >= 0

    def read(self) -> None:
        """As `look`, where nobody asks what has changed: file by file.

        Raises:
            Unavailable: the store is away.
        """
        now = self._newer()
        if now is not None:
            self._take(now)

    def look(self) -> Step | None:
        """Read what was folded since the last look; None where nothing was.

        Raises:
            Unavailable: the store is away.
        """
        now = self._newer()
        if now is None:
            return None
        had = dict(self._packed)
        self._take(now)
        left = [packed for file, packed in had.items() if file not in self._packed]
        come = [packed for file, packed in self._packed.items() if file not in had]
        return Step(*_differing(*(pl.concat([self._empty, *map(_opened, files)]).collect() for files in (left, come))))

    def _newer(self) -> Snapshot | None:
        now = self._table.look()
        return None if now is None or now.version == self.version else now

    def _take(self, now: Snapshot) -> None:
        files = now.files()
        stay = {file: packed for file, packed in self._packed.items() if file in files}
        new = {file: _packed(now.scan({file}).select(self._columns).collect()) for file in sorted(files - set(stay))}
        self._empty = now.scan(set()).select(self._columns).collect().lazy()
        self._packed, self.version = stay | new, now.version
        self.folded = -1 if now.folded is None else now.folded


class Tail:
    """The changes that history/ was given between two of its versions: only files that were added are read."""

    def __init__(self, place: Place) -> None:
        self._place, self._version = place, -1
        self._files: set[str] = set()

    def read(self, before: int, after: int, columns: Sequence[str]) -> pl.DataFrame | None:
        """In commit order; None where history was written anew meanwhile, or was not there, so that nobody can tell.

        Raises:
            Unavailable: the store is away.
        """
        if before < 0:
            return None
        try:
            had = self._files if self._version == before else Snapshot.load(self._place, before).files()
            now = Snapshot.load(self._place, after)
        except TableNotFoundError:
            return None
        self._files, self._version = now.files(), after
        if not had <= self._files:
            return None
        return now.scan(self._files - had).sort(SEQUENCE).select(columns).collect()


def _packed(rows: pl.DataFrame) -> bytes:
    out = BytesIO()
    rows.write_parquet(out, compression="zstd", compression_level=1, row_group_size=GROUP_ROWS)
    return out.getvalue()


def _opened(packed: bytes) -> pl.LazyFrame:
    return pl.scan_parquet(BytesIO(packed))


def _differing(before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that only one of two tables has."""
    names = before.columns
    return (
        before.join(after, on=names, how="anti", nulls_equal=True),
        after.join(before, on=names, how="anti", nulls_equal=True),
    )
