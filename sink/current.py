"""current/: the living rows, folded from history/ when the tail is worth it or the table rests."""

from collections.abc import Mapping

import polars as pl
import structlog

from schemas.change import about as about_dataset
from schemas.change import history_schema
from schemas.dataset import Dataset
from schemas.errors import Stopped
from sink.fold import fold, is_late, reach
from sink.history import as_rows, reached_by
from sink.lake import Lake
from sink.table import FOLDED, Place, Snapshot, Table

log = structlog.get_logger()

TAIL_SHARE = 5
"""A tail of a fifth of the table is worth folding: each change then costs at most five rows written anew."""
TAIL_ROWS = 50_000
"""A smaller tail waits until the table rests."""


class Current:
    """The current rows of one dataset, and the tail of history that is not folded into them yet."""

    def __init__(self, lake: Lake, dataset: Dataset, history: Table, about: Mapping[str, str]) -> None:
        self._dataset = dataset
        self._history = history
        self._about = about
        self._table = Table(lake.current(dataset), history_schema(dataset), stats=dataset.key, about=about_dataset(dataset))
        self._place = lake.history(dataset)
        folded = self._table.mark(FOLDED)
        self._reached, self._tail = _unfolded(self._place, history, folded)
        self._rows = self._table.scan().select(pl.len()).collect().item()

    @property
    def tail_rows(self) -> int:
        return sum(len(part) for part in self._tail)

    def add(self, changes: pl.DataFrame) -> None:
        """Take note of changes that have just been committed to history."""
        if len(changes):
            self._tail.append(changes)

    def is_worth_folding(self) -> bool:
        return bool(self.tail_rows >= max(TAIL_ROWS, self._rows // TAIL_SHARE))

    def fold(self) -> int:
        """Fold the tail into the rows, in one commit; returns the number of changes folded.

        Raises:
            Stopped: there is a truncate in the tail.
        """
        if self._continues():
            return self._fold(self._table.scan().collect(), pl.concat(self._tail)) if self._tail else 0
        self._reached, self._tail = {}, [self._history.scan().collect()]
        return self._fold(self._tail[0].head(0), self._tail[0])

    def _fold(self, rows: pl.DataFrame, tail: pl.DataFrame) -> int:
        if (tail["_op"] == "t").any():
            raise truncated(self._dataset)
        new = self._folded(rows, tail)
        about = {**self._about, "custody.folded_changes": str(len(tail)), "custody.rows": str(len(new))}
        self._table.overwrite(as_rows(new, self._dataset), {FOLDED: self._history.version}, about)
        self._reached, self._rows, self._tail = reach(tail, self._reached), len(new), []
        log.info("folded", dataset=self._dataset.name, changes=len(tail), rows=len(new), version=self._table.version)
        return len(tail)

    def _continues(self) -> bool:
        """Whether history has only been appended to since it was folded."""
        folded = self._table.mark(FOLDED)
        return folded is None or Snapshot.load(self._place, folded).files() <= self._history.files()

    def _folded(self, rows: pl.DataFrame, tail: pl.DataFrame) -> pl.DataFrame:
        key = list(self._dataset.key)
        touched = tail.select(key).unique()
        late = tail.filter(is_late(tail, self._reached)).select(key).unique()
        changes = [rows.join(touched, on=key, how="semi"), tail]
        if len(late):
            anew = self._history.scan().join(late.lazy(), on=key, how="semi").collect()
            changes = [*(part.join(late, on=key, how="anti") for part in changes), anew]
        untouched = rows.join(touched, on=key, how="anti")
        return pl.concat([untouched, fold(pl.concat(changes), key)])


def _unfolded(place: Place, history: Table, folded: int | None) -> tuple[dict[int, tuple[int, int, int]], list[pl.DataFrame]]:
    """What the folded version of history had reached, and the changes since."""
    if folded is None:
        tail = history.scan().collect()
        return {}, [tail] if len(tail) else []
    before = Snapshot.load(place, folded).files()
    tail = history.scan(history.files() - before).collect()
    return reached_by(history.scan(before)), [tail] if len(tail) else []


def truncated(dataset: Dataset) -> Stopped:
    return Stopped(
        "the source table was truncated: the dataset stops until truncates can be confirmed",
        dataset=dataset.name, remedy="check with the table's owner; history/ holds the truncate, current/ the rows before it",
    )  # fmt: skip
