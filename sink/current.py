"""current/: the living rows, folded from history/ when the tail is worth it or the table rests."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import polars as pl
import structlog

from schemas.change import TRUNCATE, history_schema
from schemas.change import about as about_dataset
from schemas.dataset import Dataset
from sink.files import Ranges, write_sorted
from sink.fold import NOWHERE, fold, last_truncate
from sink.history import reached_by
from sink.lake import Lake
from sink.overlay import Refolded, Wide, refold
from sink.reach import Order, is_late, reach
from sink.snapshot import Snapshot
from sink.table import EPOCH, FOLDED, SCHEMA, Place, Table

log = structlog.get_logger()

TAIL_SHARE = 5
"""A tail of a fifth of the table is worth folding: each change then costs at most five rows written anew."""
TAIL_ROWS, TAIL_MOST = 50_000, 250_000
"""A smaller tail waits until the table rests; a larger one is folded whatever the table's size: it is held in memory."""


class Current:
    """The current rows of one dataset, and the tail of history that is not folded into them yet."""

    def __init__(self, lake: Lake, dataset: Dataset, history: Table, about: Mapping[str, str], *, in_order: bool = True) -> None:
        """Args:
        in_order: a key's changes come on one partition; else, and after the number of partitions has changed, a change is
            late if its order is at or below the highest of any partition.
        """
        self._dataset, self._history, self._about, self._in_order = dataset, history, about, in_order
        self.table = Table(lake.current(dataset), history_schema(dataset), stats=dataset.key, about=about_dataset(dataset))
        self._place, self._key = lake.history(dataset), list(dataset.key)
        folded = self.table.mark(FOLDED)
        self._reached, self._tail = _unfolded(self._place, history, folded)
        self._wide = Wide.of(history.scan(), dataset.key)
        rows = self.table.scan().select("_unknown").collect()
        self._rows, self.unknown_rows = len(rows), _unknown(rows)

    @property
    def tail_rows(self) -> int:
        return sum(len(part) for part in self._tail)

    def add(self, changes: pl.DataFrame) -> None:
        """Take note of changes that have just been committed to history."""
        if len(changes):
            self._tail.append(changes)
            self._wide = self._wide.with_more(changes, self._dataset.key)

    def beside(self, rewrite: Callable[[], int]) -> int:
        """Write history anew, with nothing in it that would fold otherwise, and go on from there; what `rewrite` gives."""
        goes_on = not self._tail and self.table.mark(FOLDED) is not None and self._continues()
        count = rewrite()
        if count and goes_on:
            about = {**self._about, "custody.act": "history was written anew"}
            self.table.append(self.table.schema.empty_table(), {FOLDED: self._history.version}, about)
        return count

    def is_worth_folding(self) -> bool:
        enough = min(max(TAIL_ROWS, self._rows // TAIL_SHARE), TAIL_MOST)
        return self._is_of_another_schema() or bool(self.tail_rows >= enough)

    def _is_of_another_schema(self) -> bool:
        """Whether the rows were folded under another declaration: then they do not say which columns they don't know."""
        return self.table.mark(FOLDED) is not None and self.table.mark(SCHEMA) != self._history.schema_number

    def fold(self) -> int:
        """Fold the tail into the rows, in one commit; returns the number of changes folded."""
        if not self._continues():
            changes = self._visible(self._history.scan()).collect()
            return self._replace_all(fold(changes, self._key), changes)
        if not self._tail:
            return 0
        tail = self._visible(pl.concat(self._tail).lazy()).collect()
        ranges = Ranges.read(self.table.place, self.table.files(), self._key)
        if ranges is None:
            over = self._refolded(tail, self.table.scan())
            return self._replace_all(pl.concat([over.rest(self.table.scan().collect()), over.rows]), tail)
        chosen = self._touched(tail, ranges)
        over = self._refolded(tail, self.table.scan(chosen))
        runs = ranges.runs(chosen) or [[]]
        return self._replace(sorted(chosen), (self._laid(run, over, ranges) for run in runs), tail)

    def _touched(self, tail: pl.DataFrame, ranges: Ranges) -> set[str]:
        """The files that changes concern: those with their keys; all of them, where rows went to other keys or were truncated."""
        keys = tail.filter(pl.col("_op") != TRUNCATE).select(self._key).unique()
        if last_truncate(tail) != NOWHERE or len(self._wide.related(keys, self._key)):
            return set(ranges.files)
        return set(ranges.of(keys).drop_nulls())

    def _refolded(self, tail: pl.DataFrame, rows: pl.LazyFrame) -> Refolded:
        history = self._visible(self._history.scan())
        return refold(rows, tail, self._doubtful(tail), history, self._wide, self._key)

    def _laid(self, run: Sequence[str], over: Refolded, ranges: Ranges) -> Iterator[pl.DataFrame]:
        """The rows of a run of files after the changes, file by file."""
        if not run:
            yield over.rows
            return
        belongs = ranges.of(over.rows)
        for file in run:
            rows = self.table.scan({file}).collect()
            self._rows, self.unknown_rows = self._rows - len(rows), self.unknown_rows - _unknown(rows)
            yield pl.concat([over.rest(rows), over.rows.filter(belongs == file)])

    def _doubtful(self, tail: pl.DataFrame) -> pl.Series:
        highest = max(self._reached.values(), default=(-1, -1, -1))
        reached = self._reached if self._in_order else dict.fromkeys(tail["_partition"].unique().to_list(), highest)
        return is_late(tail, reached)

    def _visible(self, changes: pl.LazyFrame) -> pl.LazyFrame:
        epoch = self._history.mark(EPOCH)
        return changes if epoch is None else changes.filter(pl.col("_epoch") <= epoch)

    def _replace_all(self, rows: pl.DataFrame, folded: pl.DataFrame) -> int:
        self._rows = self.unknown_rows = 0
        return self._replace(sorted(self.table.files()), [[rows]], folded)

    def _replace(self, removed: Sequence[str], runs: Iterable[Iterable[pl.DataFrame]], folded: pl.DataFrame) -> int:
        """Commit what runs of files hold now; the number of changes folded."""
        added = [one for run in runs for one in write_sorted(self.table.place, map(self._counted, run), self._key)]
        about = {**self._about, "custody.folded_changes": str(len(folded)), "custody.rows": str(self._rows)}
        if self.unknown_rows:
            about["custody.rows_with_unknown_values"] = str(self.unknown_rows)
        marks = {FOLDED: self._history.version, EPOCH: self._history.mark(EPOCH) or 0, SCHEMA: self._history.schema_number}
        self.table.replace(removed, added, marks, about)
        self._reached, self._tail = reach(folded, self._reached), []
        log.info(
            "folded", dataset=self._dataset.name, changes=len(folded), rows=self._rows, unknown=self.unknown_rows,
            files_removed=len(removed), files_added=len(added), version=self.table.version,
        )  # fmt: skip
        return len(folded)

    def _counted(self, rows: pl.DataFrame) -> pl.DataFrame:
        self._rows, self.unknown_rows = self._rows + len(rows), self.unknown_rows + _unknown(rows)
        return rows.select(self.table.schema.names)

    def _continues(self) -> bool:
        """Whether history has only been appended to since it was folded, and shows the same epoch."""
        folded = self.table.mark(FOLDED)
        if folded is None:
            return True
        if self.table.mark(EPOCH) != (self._history.mark(EPOCH) or 0) or self._is_of_another_schema():
            return False
        return Snapshot.load(self._place, folded).files() <= self._history.files()


def _unknown(rows: pl.DataFrame) -> int:
    """How many rows have a value that nothing told."""
    return int((rows["_unknown"].list.len() > 0).sum())


def _unfolded(place: Place, history: Table, folded: int | None) -> tuple[dict[int, Order], list[pl.DataFrame]]:
    """What the folded version of history had reached, and the changes since."""
    if folded is None:
        tail = history.scan().collect()
        return {}, [tail] if len(tail) else []
    before = Snapshot.load(place, folded).files()
    tail = history.scan(history.files() - before).collect()
    return reached_by(history.scan(before)), [tail] if len(tail) else []
