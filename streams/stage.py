"""The way of batches: clean, protect, encode. Pure: the same records, declarations and keys give the same bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
import pyarrow as pa
import pyruhvro

from rules.protect import Keys
from schemas.avro import (
    COVERAGE,
    MAGIC,
    MARKER,
    Subject,
    avro_name,
    change_subject,
    marker_subject,
    plain,
    refusal_subject,
    to_avro,
)
from schemas.batch import Batch, Outgoing
from schemas.change import PLACE, REFUSAL, SENT
from schemas.dataset import Dataset
from streams.clean import as_refusals, clean, clean_key
from streams.protect import protect, protect_key, protect_refusals, with_previous_keys

_PLACE = list(PLACE)


@dataclass(frozen=True, slots=True)
class Processed:
    """What a batch gave: changes as they are published, and refusals."""

    changes: pl.DataFrame
    """Columns of `schemas.change.history_schema`, by partition in offset order."""
    refusals: pl.DataFrame
    """Columns of `schemas.change.REFUSAL`."""


def process(changes: pl.DataFrame, previous: pl.DataFrame, refusals: pl.DataFrame, dataset: Dataset, keys: Keys) -> Processed:
    """Clean and protect decoded changes; refusals of the decoder are joined by those of the checks.

    Args:
        previous: the keys that rows had before, by position of the change: cleaned and protected like any key.
    """
    passed, refused = clean(changes, dataset)
    all_refused = pl.concat([refusals, as_refusals(refused, dataset)]) if len(refused) else refusals
    protected = protect(passed, dataset, keys)
    if len(previous):
        protected = with_previous_keys(protected, protect_key(clean_key(previous, dataset), dataset, keys), dataset)
    return Processed(protected, protect_refusals(all_refused, dataset, keys).sort("_partition", "_offset"))


@dataclass(frozen=True, slots=True)
class Encoder:
    """Turns what a batch gave into records for the cleaned topic."""

    dataset: Dataset
    topic_id: str
    """The id of the raw topic, as the broker gives it."""
    ids: dict[str, int]
    """Subject name to registered id."""

    @staticmethod
    def subjects(dataset: Dataset) -> tuple[Subject, ...]:
        """What must be registered before anything is encoded."""
        return change_subject(dataset), refusal_subject(), marker_subject()

    def encode(self, processed: Processed, batches: Sequence[Batch]) -> list[Outgoing]:
        """Records for each partition in raw order; each covers the raw offsets since the one before, the last one all."""
        changes, refusals = processed.changes, processed.refusals
        covers = _covers(pl.concat([changes.select(_PLACE), refusals.select(_PLACE)]), batches)
        parts = []
        if len(changes):
            body = self._covered(changes, covers).select(*_typed(self.dataset), *SENT, *COVERAGE)
            parts.append(self._part(_keys(changes, self.dataset), body, _change(self.dataset)))
        if len(refusals):
            body = self._covered(refusals, covers).select(*REFUSAL, *COVERAGE)
            parts.append(self._part(refusals["key_token"].cast(pl.Binary), body, refusal_subject()))
        if len(rest := _rest(covers, batches)):
            body = rest.with_columns(_topic_id=pl.lit(self.topic_id)).select(list(MARKER))
            parts.append(self._part(_no_keys(len(rest)), body, marker_subject()))
        records = pl.concat(parts).sort(_PLACE)
        return [
            Outgoing(self.dataset.cleaned_topic, int(partition), mine["key"].to_list(), mine["value"].to_list())
            for (partition,), mine in records.group_by("_partition", maintain_order=True)
        ]

    def _covered(self, frame: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
        return frame.join(covers, on=_PLACE, how="left", maintain_order="left").with_columns(_topic_id=pl.lit(self.topic_id))

    def _part(self, keys: pl.Series, body: pl.DataFrame, subject: Subject) -> pl.DataFrame:
        header = MAGIC + self.ids[subject.name].to_bytes(4, "big")
        batch = body.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks().to_batches()[0]
        batch = batch.cast(pa.schema([_small(field) for field in batch.schema]))
        values = pyruhvro.serialize_record_batch(batch, _plain_of(subject.text), 1)[0]
        value = pl.Series(values, dtype=pl.Binary)
        return body.select(_PLACE).with_columns(key=keys, value=pl.lit(header) + value)


@lru_cache
def _typed(dataset: Dataset) -> list[pl.Expr]:
    return [to_avro(type_, pl.col(name)).alias(avro_name(name)) for name, type_ in dataset.published.items()]


@lru_cache
def _change(dataset: Dataset) -> Subject:
    return change_subject(dataset)


@lru_cache
def _plain_of(text: str) -> str:
    return plain(json.loads(text))


def _covers(places: pl.DataFrame, batches: Sequence[Batch]) -> pl.DataFrame:
    """What each record comes after: the record before it in its partition, or what its batch comes after."""
    starts: dict[int, int] = {}
    for batch in batches:
        starts.setdefault(batch.partition, batch.after)
    before = pl.col("_offset").shift(1).over("_partition")
    first = pl.col("_partition").replace_strict(starts, return_dtype=pl.Int64)
    return places.sort(_PLACE).with_columns(_after=pl.coalesce(before, first))


def _rest(covers: pl.DataFrame, batches: Sequence[Batch]) -> pl.DataFrame:
    """The end of each partition's batches that no record covers yet."""
    ends = {batch.partition: batch.upto for batch in batches}
    starts = {batch.partition: batch.after for batch in reversed(batches)}
    reached = {**starts, **dict(covers.group_by("_partition").agg(pl.col("_offset").max()).iter_rows())}
    rows = [(partition, upto, reached[partition]) for partition, upto in ends.items() if reached[partition] < upto]
    return pl.DataFrame(rows, schema={"_partition": pl.Int32, "_offset": pl.Int64, "_after": pl.Int64}, orient="row")


def _no_keys(count: int) -> pl.Series:
    return pl.repeat(None, count, dtype=pl.Binary, eager=True)


def _small(field: "pa.Field[pa.DataType]") -> "pa.Field[pa.DataType]":
    """The field without 64-bit string and list offsets, which the codec does not take."""
    if pa.types.is_large_string(field.type):
        return field.with_type(pa.string())
    if pa.types.is_large_list(field.type):
        return field.with_type(pa.list_(_small(field.type.value_field)))
    return field


def _keys(changes: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """The published key as JSON; null on a truncate, which concerns no one row."""
    text = pl.struct(dataset.key).struct.json_encode().cast(pl.Binary)
    return changes.select(pl.when(pl.col("_op") != "t").then(text)).to_series()
