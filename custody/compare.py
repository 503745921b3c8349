"""Row by row: are the tables what the source says? The source's rows go the same way as changes do, and must come out equal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rules.protection import CHANGED_AT, Keys
from schemas.change import INTERNAL, PLACE, REFUSAL, key_token
from schemas.dataset import Dataset
from schemas.frames import empty, polars_type
from sink.lake import Lake
from sink.read import Reader
from sink.snapshot import Snapshot
from streams.stage import process


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

    def __init__(self, lake: Lake, dataset: Dataset, keys: Keys) -> None:
        self._dataset, self._keys = dataset, keys
        self._reader = Reader(lake, dataset.name)
        held = Snapshot.load(lake.quarantine(dataset)).scan().select("key_token").collect()["key_token"]
        self._held = held.drop_nulls().unique()

    def now(self, source: pl.DataFrame) -> Difference | None:
        """How the table as it is now differs from the source's rows; None where they are equal.

        Args:
            source: the source's rows, in declared types.
        """
        return self._differ(self._reader.now(), source, "now")

    def at(self, moment: datetime, source: pl.DataFrame) -> Difference | None:
        """How the table as of a moment differs from the source's rows of that moment; None where they are equal."""
        return self._differ(self._reader.at(moment), source, moment.isoformat())

    def _differ(self, actual: pl.DataFrame, source: pl.DataFrame, at: str) -> Difference | None:
        expected = self._free(expected_rows(source, self._dataset, self._keys))
        return differ(self._free(actual), expected, self._dataset, at)

    def _free(self, rows: pl.DataFrame) -> pl.DataFrame:
        is_held = key_token(self._dataset.key).is_in(self._held.implode())
        return rows.filter(~is_held).select(list(self._dataset.published))


def expected_rows(source: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """The published rows that these source rows must give."""
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
    return process(source.with_columns(internal), previous, refusals, dataset, keys).changes.drop(list(INTERNAL))


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
