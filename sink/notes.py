"""Where history/ holds free text: which changes have some, what is published of it, and how old that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from schemas.change import FOUND_BY_ABSENCE, LIVE_OPS, PLACE, RECORD
from schemas.dataset import Dataset
from sink.snapshot import Snapshot

TEXTS: Mapping[str, pl.DataType] = {
    "_partition": pl.Int32(), "_offset": pl.Int64(), "_received_at": pl.Datetime("us", "UTC"), "_revision": pl.Int32(),
    "at": pl.Datetime("us", "UTC"), "record": pl.String(), "is_withheld": pl.Boolean(), "is_open": pl.Boolean(),
    "rules": pl.String(), "dictionary": pl.String(),
}  # fmt: skip
"""A change with free text, by its newest revision: when its row was changed at the source, and whose it is.

`is_withheld`: nothing is published of a text of it. `is_open`: so, or it is published as it was before it was declared to be
redacted. `rules`, `dictionary`: the versions that what is published was redacted with; null where it was not.
"""


@dataclass(frozen=True, slots=True)
class Words:
    """How a dataset's texts are told apart in its history."""

    record: pl.Expr
    """The linked record that a row is about."""
    withheld: Sequence[str]
    """The notes that say that a text is withheld."""


def texts_in(history: Snapshot, dataset: Dataset, words: Words, files: set[str]) -> pl.DataFrame:
    """The changes in some files of history/ that have free text, one each: `TEXTS`."""
    has_text = pl.any_horizontal(pl.col(name).is_not_null() for name in dataset.redacted)
    return _texts(history, history.scan(files), dataset, words, has_text)


def texts_about(history: Snapshot, dataset: Dataset, words: Words, records: pl.Series) -> pl.DataFrame:
    """The changes about some records whose text is redacted or withheld, one each: `TEXTS`. Reads no text."""
    mine = history.scan().filter(words.record.is_in(records.implode()))
    return _texts(history, mine, dataset, words, pl.lit(value=False))


def _texts(history: Snapshot, rows: pl.LazyFrame, dataset: Dataset, words: Words, has_text: pl.Expr) -> pl.DataFrame:
    told = rows.filter(pl.col("_op").is_in(LIVE_OPS)).select(
        *RECORD, "_revision", "_epoch", "_op", *_told(history, dataset, words, has_text)
    )
    each = told.group_by(RECORD).agg(pl.all().sort_by("_revision").last())
    newest = each.filter(pl.col("is_open") | pl.col("dictionary").is_not_null()).collect(engine="streaming")
    return that_were(newest, history).select(list(TEXTS))


def that_were(rows: pl.DataFrame, history: Snapshot) -> pl.DataFrame:
    """Changes without the rows that only an interrupted snapshot read, and that were found absent: they never were.

    Args:
        rows: with `_op`, `_epoch` and the raw position.
    """
    if not (rows["_op"] == "r").any():
        return rows
    is_absent = (pl.col("_reason") == FOUND_BY_ABSENCE) & (pl.col("_offset") >= 0)
    gone = history.scan().filter(is_absent).select("_epoch", *PLACE).collect(engine="streaming")
    return rows.join(gone, on=["_epoch", *PLACE], how="anti", maintain_order="left")


def _told(history: Snapshot, dataset: Dataset, words: Words, has_text: pl.Expr) -> list[pl.Expr]:
    said = pl.col("_redactions")
    is_withheld = pl.col("_notes").list.eval(pl.element().is_in(words.withheld)).list.any() | _came_later(history, dataset)
    return [
        pl.coalesce("_source_at", "_received_at").alias("at"),
        words.record.alias("record"),
        is_withheld.alias("is_withheld"),
        (is_withheld | (has_text & said.is_null())).alias("is_open"),
        said.str.extract('"rules":"([^"]*)"').alias("rules"),
        said.str.extract('"dictionary":"([^"]*)"').alias("dictionary"),
    ]


def _came_later(history: Snapshot, dataset: Dataset) -> pl.Expr:
    """Whether a text is unknown because the row's own declaration did not have its column; not so what a change did not tell."""
    later = pl.lit(value=False)
    for number, had in enumerate(history.declarations):
        for name in dataset.redacted:
            if name not in had and dataset.renamed.get(name) not in had:
                later |= (pl.col("_schema").fill_null(0) == number) & pl.col("_unknown").list.contains(name)
    return later
