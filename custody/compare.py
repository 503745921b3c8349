"""Row by row: are the tables what the source says? The source's rows go the same way as changes do, and must come out equal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rules.protect import Keys
from schemas.change import INTERNAL, REFUSAL, key_token
from schemas.dataset import Dataset
from schemas.frames import empty, polars_type
from sink.lake import Lake
from sink.read import Reader
from sink.table import Snapshot
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


def compare(lake: Lake, dataset: Dataset, keys: Keys, source: pl.DataFrame, at: datetime | None = None) -> Difference | None:
    """Compare a dataset with its source table; None where they are equal.

    Keys that wait in quarantine are left out on both sides.

    Args:
        source: the source's rows, in declared types.
        at: the moment they are of; None: now.
    """
    reader = Reader(lake, dataset.name)
    actual = reader.now() if at is None else reader.at(at)
    held = Snapshot.load(lake.quarantine(dataset)).scan().select("key_token").collect()["key_token"].drop_nulls().unique()
    expected = _free(expected_rows(source, dataset, keys), dataset, held)
    return differ(_free(actual, dataset, held), expected, dataset, "now" if at is None else at.isoformat())


def expected_rows(source: pl.DataFrame, dataset: Dataset, keys: Keys) -> pl.DataFrame:
    """The published rows that these source rows must give."""
    fixed = {"_op": "r", "_epoch": 0, "_commit": 0, "_lsn": 0, "_partition": 0, "_offset": 0, "_revision": 0, "_unknown": []}
    internal = [pl.lit(fixed.get(name), polars_type(arrow)).alias(name) for name, arrow in INTERNAL.items()]
    refusals = empty({**REFUSAL, **{name: dataset.by_name[name].type.arrow for name in dataset.key}})
    return process(source.with_columns(internal), refusals, dataset, keys).changes.drop(list(INTERNAL))


def _free(rows: pl.DataFrame, dataset: Dataset, held: pl.Series) -> pl.DataFrame:
    return rows.filter(~key_token(dataset.key).is_in(held.implode())).select(list(dataset.published))


def differ(actual: pl.DataFrame, expected: pl.DataFrame, dataset: Dataset, at: str) -> Difference | None:
    """How two sets of rows differ; None where they are equal."""
    key = list(dataset.key)
    missing, unexpected = len(expected.join(actual, on=key, how="anti")), len(actual.join(expected, on=key, how="anti"))
    both = expected.join(actual, on=key, how="inner", suffix="\0")
    values = [name for name in dataset.published if name not in key]
    unequal = both.select(pl.col(name).ne_missing(pl.col(name + "\0")).sum().alias(name) for name in values)
    different = {name: count for name, count in (unequal.row(0, named=True) if values else {}).items() if count}
    twice = len(actual) - actual.select(key).n_unique()
    if missing or unexpected or different or twice:
        return Difference(dataset.name, at, missing, unexpected + twice, different)
    return None
