"""Row by row: are the tables what the source says? The source's rows go the same way as changes do, and must come out equal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rules.protection import CHANGED_AT, Keys
from schemas.change import INTERNAL, PLACE, REFUSAL, key_token
from schemas.dataset import Dataset
from schemas.frames import empty, polars_type
from schemas.links import record_key
from sink.lake import Lake
from sink.read import Reader, Transactions
from sink.snapshot import Snapshot
from streams.redact import in_clear, redacted_rows
from streams.stage import process

Known = Callable[[pl.Series], pl.DataFrame]
"""Gives what is known of the people of records: `record`, `dictionary` and the columns of `rules.redact.ROW`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a dataset differs from its source table at a moment; counts and names, no values."""

    dataset: str
    at: str
    missing: int
    """Rows of the source that the table lacks."""
    unexpected: int
    """Rows of the table that the source lacks."""
    different: Mapping[str, int] = field(default_factory=dict)
    """Rows that differ, by column."""

    @property
    def rows(self) -> int:
        return self.missing + self.unexpected + sum(self.different.values())


class Comparison:
    """A dataset of a lake beside its source table. Keys that wait in quarantine are left out on both sides."""

    def __init__(
        self, lake: Lake, dataset: Dataset, keys: Keys, known: Known | None = None, source: Transactions | None = None
    ) -> None:
        """Args:
        known: who is known, where a redactor has published free text; else it must be withheld.
        source: what comparisons of datasets of one source share, so that it is read once.
        """
        self._dataset, self._keys, self._known = dataset, keys, known
        self._reader = Reader(lake, dataset.name, source)
        held = Snapshot.load(lake.quarantine(dataset)).scan().select("key_token").collect()["key_token"]
        self._held = held.drop_nulls().unique()
        self.rows = 0
        """Rows of the table as it was when it was compared as it is now."""

    def now(self, source: pl.DataFrame) -> Difference | None:
        """How the table as it is now differs from the source's rows; None where they are equal.

        Args:
            source: the source's rows, in declared types.
        """
        actual = self._reader.now()
        self.rows = len(actual)
        return self._differ(actual, source, "now")

    def at_each(self, sources: Mapping[datetime, pl.DataFrame]) -> list[Difference]:
        """How the table as of each of these moments differs from the source's rows of that moment, where it does."""
        tables = zip(self._reader.at_each(sources), sources.items(), strict=True)
        found = [self._differ(table, source, moment.isoformat()) for table, (moment, source) in tables]
        return [difference for difference in found if difference is not None]

    def _differ(self, actual: pl.DataFrame, source: pl.DataFrame, at: str) -> Difference | None:
        expected = self._free(expected_rows(source, self._dataset, self._keys, self._known))
        return differ(self._known_only(self._free(actual)), expected, self._dataset, at)

    def _known_only(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows without what was redacted while their subject was known, and stays as it was when it is not known any more."""
        if self._known is None or not self._dataset.redacted:
            return rows
        records = rows.select(record_key(self._dataset)).to_series()
        is_known = records.is_in(self._known(records.drop_nulls())["record"].implode())
        return rows.with_columns(pl.when(is_known).then(pl.col(name)).alias(name) for name in self._dataset.redacted)

    def _free(self, rows: pl.DataFrame) -> pl.DataFrame:
        is_held = key_token(self._dataset.key).is_in(self._held.implode())
        return rows.filter(~is_held).select(list(self._dataset.published))


def expected_rows(source: pl.DataFrame, dataset: Dataset, keys: Keys, known: Known | None = None) -> pl.DataFrame:
    """The published rows that these source rows must give: with their free text redacted, where it is said who is known."""
    made_as = dataset if known is None else in_clear(dataset)
    fixed = {
        "_op": "r",
        "_epoch": 0,
        "_commit": 0,
        "_lsn": 0,
        "_partition": 0,
        "_offset": 0,
        "_revision": 0,
        "_unknown": [],
        "_notes": [],
    }
    internal = [pl.lit(fixed.get(name), polars_type(arrow)).alias(name) for name, arrow in INTERNAL.items()]
    key = {name: dataset.by_name[name].type.arrow for name in dataset.key}
    previous, refusals = empty({name: INTERNAL[name] for name in PLACE} | key), empty(REFUSAL | key)
    rows = process(source.with_columns(internal), previous, refusals, made_as, keys).changes.drop(list(INTERNAL))
    if known is None or not dataset.redacted:
        return rows
    return redacted_rows(rows, known(rows.select(record_key(dataset).alias("record")).to_series().drop_nulls()), dataset)


def differ(actual: pl.DataFrame, expected: pl.DataFrame, dataset: Dataset, at: str) -> Difference | None:
    """How two sets of rows differ; None where they are equal.

    What is published as of a row's last change can't be told from the source's rows, and is left out.
    """
    key = list(dataset.key)
    missing, unexpected = len(expected.join(actual, on=key, how="anti")), len(actual.join(expected, on=key, how="anti"))
    both = expected.join(actual, on=key, how="inner", suffix="\0")
    as_of_change = {column.name for column in dataset.columns if CHANGED_AT in column.protect.reads}
    values = [name for name in dataset.published if name not in key and name not in as_of_change]
    unequal = both.select(pl.col(name).ne_missing(pl.col(name + "\0")).sum().alias(name) for name in values)
    different = {name: count for name, count in (unequal.row(0, named=True) if values else {}).items() if count}
    twice = len(actual) - actual.select(key).n_unique()
    if missing or unexpected or different or twice:
        return Difference(dataset.name, at, missing, unexpected + twice, different)
    return None
