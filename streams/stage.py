"""The way of one batch: clean, protect, encode. Pure: the same records, declarations and keys give the same bytes."""

from dataclasses import dataclass

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
from schemas.change import INTERNAL, REFUSAL
from schemas.dataset import Dataset
from schemas.frames import polars_type
from streams.clean import as_refusals, clean
from streams.protect import protect, protect_refusals


@dataclass(frozen=True, slots=True)
class Processed:
    """What a batch gave: changes as they are published, and refusals."""

    changes: pl.DataFrame
    """Columns of `schemas.change.history_schema`, in offset order."""
    refusals: pl.DataFrame
    """Columns of `schemas.change.REFUSAL`."""


def process(changes: pl.DataFrame, refusals: pl.DataFrame, dataset: Dataset, keys: Keys) -> Processed:
    """Clean and protect decoded changes; refusals of the decoder are joined by those of the checks."""
    passed, refused = clean(changes, dataset)
    all_refused = pl.concat([refusals, as_refusals(refused, dataset)]) if len(refused) else refusals
    return Processed(protect(passed, dataset, keys), protect_refusals(all_refused, dataset, keys).sort("_offset"))


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

    def encode(self, processed: Processed, batch: Batch) -> Outgoing:
        """Records in raw order; each covers the raw offsets from the one before it, and the last one all of the batch."""
        changes, refusals = processed.changes, processed.refusals
        offsets = pl.concat([changes["_offset"], refusals["_offset"]]).sort()
        covers = pl.DataFrame({"_offset": offsets, "_after": offsets.shift(1, fill_value=batch.after)})
        parts = []
        if len(changes):
            typed = [to_avro(type_, pl.col(name)).alias(avro_name(name)) for name, type_ in self.dataset.published.items()]
            body = self._covered(changes, covers).select(*typed, *INTERNAL, *COVERAGE)
            parts.append(self._part(changes["_offset"], _keys(changes, self.dataset), body, change_subject(self.dataset)))
        if len(refusals):
            body = self._covered(refusals, covers).select(*REFUSAL, *COVERAGE)
            parts.append(self._part(refusals["_offset"], refusals["key_token"].cast(pl.Binary), body, refusal_subject()))
        last = batch.after if not len(offsets) else int(offsets[-1])
        if last < batch.upto:
            parts.append(self._marker(batch, last))
        records = pl.concat(parts).sort("offset")
        keys, values = (records[name].to_arrow().to_pylist() for name in ("key", "value"))
        return Outgoing(self.dataset.cleaned_topic, batch.partition, keys, values)

    def _covered(self, frame: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
        return frame.join(covers, on="_offset", how="left", maintain_order="left").with_columns(_topic_id=pl.lit(self.topic_id))

    def _marker(self, batch: Batch, after: int) -> pl.DataFrame:
        row = {"_partition": batch.partition, "_offset": batch.upto, "_after": after, "_topic_id": self.topic_id}
        body = pl.DataFrame(
            {name: [row[name]] for name in MARKER}, schema={name: polars_type(arrow) for name, arrow in MARKER.items()}
        )
        return self._part(body["_offset"], pl.Series([None], dtype=pl.Binary), body, marker_subject())

    def _part(self, offsets: pl.Series, keys: pl.Series, body: pl.DataFrame, subject: Subject) -> pl.DataFrame:
        header = MAGIC + self.ids[subject.name].to_bytes(4, "big")
        batch = body.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks().to_batches()[0]
        batch = batch.cast(pa.schema([_small(field) for field in batch.schema]))
        values = pyruhvro.serialize_record_batch(batch, plain(subject.schema), 1)[0]
        value = pl.Series(values, dtype=pl.Binary)
        return pl.DataFrame({"offset": offsets, "key": keys, "value": value}).with_columns(value=pl.lit(header) + pl.col("value"))


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
