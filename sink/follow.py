"""Following a dataset's current/: what each fold changed, file by file."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sink.snapshot import Snapshot
from sink.table import Place, TableNotFoundError

_FILE = "\0file"


@dataclass(frozen=True, slots=True)
class Step:
    """What changed since the last look: rows that are gone or are no longer so, and rows that are new or otherwise."""

    gone: pl.DataFrame
    come: pl.DataFrame

    def __len__(self) -> int:
        return len(self.gone) + len(self.come)


class Follower:
    """The living rows of a table of current rows, kept up with its folds. Reads only files that folds have added.

    A fold that is read is exact: it is what the source was after some of its changes, each whole.
    """

    def __init__(self, place: Place, columns: Sequence[str]) -> None:
        """Args:
        columns: what is kept of each row.
        """
        self._place, self._columns = place, list(columns)
        self._rows: pl.DataFrame | None = None
        self.version = -1
        """The version of the table that has been read."""
        self.folded = -1
        """The version of history/ that it was folded from."""

    @property
    def rows(self) -> pl.DataFrame:
        """The living rows as of the last look."""
        return pl.DataFrame() if self._rows is None else self._rows.drop(_FILE)

    @property
    def is_known(self) -> bool:
        """Whether the table has been there at all."""
        return self._rows is not None

    def look(self) -> Step | None:
        """Read what was folded since the last look; None where nothing was.

        Raises:
            Unavailable: the store is away.
        """
        try:
            now = Snapshot.load(self._place)
        except TableNotFoundError:
            return None
        if now.version == self.version:
            return None
        files = now.files()
        had = self._rows if self._rows is not None else self._read(now, set())
        stays = had.filter(pl.col(_FILE).is_in(sorted(files)))
        new = self._read(now, files - set(stays[_FILE].unique()))
        left = had.filter(~pl.col(_FILE).is_in(sorted(files)))
        self._rows, self.version = pl.concat([stays, new]), now.version
        self.folded = -1 if now.folded is None else now.folded
        return Step(*_differing(left.drop(_FILE), new.drop(_FILE)))

    def _read(self, table: Snapshot, files: set[str]) -> pl.DataFrame:
        frames = [
            table.scan({file}).select(self._columns).collect().with_columns(pl.lit(file).alias(_FILE)) for file in sorted(files)
        ]
        empty = table.scan(set()).select(self._columns).collect().with_columns(pl.lit("", pl.String).alias(_FILE))
        return pl.concat([empty, *frames]).with_columns(pl.col(_FILE).cast(pl.String))


def _differing(before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that only one of two tables has."""
    names = before.columns
    return (
        before.join(after, on=names, how="anti", nulls_equal=True),
        after.join(before, on=names, how="anti", nulls_equal=True),
    )
