"""Debezium's JSON records become changes: columns in, columns out, and what can't be read is refused with a reason.

The fast reader parses a whole batch at once. One bad event fails it, so a batch that fails is halved until the bad
ones stand alone; those, and whatever does not fit its type, are read again with care, one by one.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from connectors.careful import Verdict, examine, examine_key
from connectors.fast import read_careful, read_fast, undeclared
from connectors.lines import Indexes, MalformedBatchError
from connectors.placeholder import Placeholder, is_sent_as_null
from schemas.batch import MAX_VALUE_BYTES, Batch, Headers
from schemas.change import DELETED_AT_SOURCE, INTERNAL, KEY_CHANGED, MESSAGE, REFUSAL
from schemas.dataset import Dataset
from schemas.errors import Stopped
from schemas.frames import empty, polars_type

OVERSIZE = "oversize: larger than what is taken in, and perhaps cut"
CAREFUL_ROWS = 32
"""A failing run of events of at most this length is read with care."""
EPOCH_HEADER = "custody.epoch"
PLACEHOLDER_HEADER = "custody.unavailable"
"""The header in which a record says what stands in it for a value that was not sent."""
OLD_KEY, NEW_KEY = "__debezium.oldkey", "__debezium.newkey"
"""Headers of the create and of the delete that a changed primary key gives (Debezium, "Primary key updates")."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a batch of raw records says. Every record is in exactly one of the parts."""

    changes: pl.DataFrame
    """Internal columns and the declared ones that are needed, by partition in offset order; not yet cleaned or protected."""
    previous: pl.DataFrame
    """The key that a row had before its key was changed: `_partition, _offset` of the create, and the key columns."""
    refusals: pl.DataFrame
    """One row a refused record: the columns of `schemas.change.REFUSAL`, and the key where it could be read."""
    tombstones: int
    messages: int
    undeclared: frozenset[str]
    """Names of columns that arrived and are not declared."""


@dataclass(frozen=True, slots=True)
class _Records:
    """The records of several batches of a topic."""

    topic: str
    partitions: np.ndarray[tuple[int], np.dtype[np.int32]]
    offsets: pa.Int64Array
    received_at: pa.TimestampArray
    keys: pa.BinaryArray
    values: pa.LargeBinaryArray
    headers: Sequence[Headers]
    kinds: frozenset[Headers]
    """The headers there are: few, however many records."""

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> "_Records":
        partitions = np.repeat(np.array([b.partition for b in batches], np.int32), [len(b) for b in batches])
        headers = [headers for b in batches for headers in b.headers] if len(batches) > 1 else batches[0].headers
        return cls(
            topic=batches[0].topic,
            partitions=partitions,
            offsets=pa.concat_arrays([b.offsets for b in batches]),
            received_at=pa.concat_arrays([b.received_at for b in batches]),
            keys=pa.concat_arrays([b.keys for b in batches]),
            values=pa.concat_arrays([b.values for b in batches]),
            headers=headers,
            kinds=frozenset(headers),
        )

    def __len__(self) -> int:
        return len(self.offsets)


def decode(batches: Sequence[Batch], dataset: Dataset, placeholder: Placeholder) -> Decoded:
    """Read batches of Debezium's JSON of one topic, with or without schema.

    Args:
        placeholder: what stands for a value that was not sent, in records that do not say it themselves.

    Raises:
        Stopped: the epoch in a record's header is not a number.
    """
    batch = _Records.of(batches)
    live = np.flatnonzero(np.asarray(batch.values.is_valid()))
    large = np.flatnonzero(pc.fill_null(pc.binary_length(batch.values), 0).to_numpy() > MAX_VALUE_BYTES)
    parts, odd = _read_all(batch, dataset, placeholder, np.setdiff1d(live, large))
    odd = np.union1d(odd, large)
    before, unreadable = _previous_keys(batch, dataset)
    again = unreadable | (before.keys() if any(is_sent_as_null(column.type) for column in dataset.needed) else set())
    if again:
        odd = np.union1d(odd, sorted(again))
        parts = [part.filter(~pl.col("_i").is_in(sorted(again))) for part in parts]
    judged = [(int(index), _examine(batch, dataset, placeholder, int(index), unreadable, before)) for index in odd]
    read, unfit = _read_careful([(index, verdict) for index, verdict in judged if not verdict.reason], dataset)
    bad = [*((index, verdict) for index, verdict in judged if verdict.reason), *unfit]
    whole = _in_order([*parts, *read], batch, dataset)
    changes = whole.filter(pl.col("_op") != MESSAGE)
    decoded = Decoded(
        changes=changes,
        previous=_previous(before, batch, dataset),
        refusals=_refusals(bad, batch, dataset),
        tombstones=len(batch) - len(live),
        messages=len(whole) - len(changes),
        undeclared=frozenset(_undeclared(judged).union(*(undeclared(one.values.drop_null(), dataset) for one in batches))),
    )
    assert len(whole) + len(bad) + decoded.tombstones == len(batch), "every record is accounted for"
    return decoded


def _in_order(parts: list[pl.DataFrame], batch: _Records, dataset: Dataset) -> pl.DataFrame:
    """What was read, by partition in offset order: the columns needed, and the internal ones."""
    columns = [column.name for column in dataset.needed]
    if not parts:
        return empty({**{column.name: column.type.arrow for column in dataset.needed}, **INTERNAL})
    whole = pl.concat([_with_position(part, batch, dataset).select(*columns, *INTERNAL) for part in parts], how="vertical")
    return whole.sort("_partition", "_offset")


def _read_all(
    batch: _Records, dataset: Dataset, placeholder: Placeholder, indexes: Indexes
) -> tuple[list[pl.DataFrame], Indexes]:
    """The records, those with one placeholder together."""
    said = {headers: _placeholder(headers, placeholder) for headers in batch.kinds}
    kinds = sorted(set(said.values()), key=lambda kind: kind.text)
    if len(kinds) <= 1:
        return _read(batch, dataset, kinds[0] if kinds else placeholder, indexes)
    number = {kind: place for place, kind in enumerate(kinds)}
    of = np.array([number[said[headers]] for headers in batch.headers])[indexes]
    read = [_read(batch, dataset, kind, indexes[of == number[kind]]) for kind in kinds]
    return [frame for frames, _ in read for frame in frames], np.concatenate([odd for _, odd in read])


def _placeholder(headers: Headers, default: Placeholder) -> Placeholder:
    texts = [value for name, value in headers if name == PLACEHOLDER_HEADER]
    return Placeholder(texts[-1].decode(errors="replace")) if texts and texts[-1] else default


def _read(batch: _Records, dataset: Dataset, placeholder: Placeholder, indexes: Indexes) -> tuple[list[pl.DataFrame], Indexes]:
    if not len(indexes):
        return [], indexes
    try:
        is_all = len(indexes) == len(batch)
        keys, values = (batch.keys, batch.values) if is_all else (batch.keys.take(indexes), batch.values.take(indexes))
        frame, odd = read_fast(indexes, keys, values, dataset, placeholder)
    except MalformedBatchError:
        if len(indexes) <= CAREFUL_ROWS:
            return [], indexes
        halves = [_read(batch, dataset, placeholder, half) for half in np.array_split(indexes, 2)]
        return [frame for frames, _ in halves for frame in frames], np.concatenate([odd for _, odd in halves])
    return [frame], odd


def _read_careful(good: list[tuple[int, Verdict]], dataset: Dataset) -> tuple[list[pl.DataFrame], list[tuple[int, Verdict]]]:
    """Rows of the events that were found good, and those that do not become one all the same."""
    if not good:
        return [], []
    try:
        return [read_careful([{"_i": index, "_k": verdict.key, "_v": verdict.value} for index, verdict in good], dataset)], []
    except MalformedBatchError:
        if len(good) == 1:
            [(index, verdict)] = good
            return [], [(index, replace(verdict, reason="a value that its declared type can't hold"))]
    halves = [_read_careful(half, dataset) for half in (good[: len(good) // 2], good[len(good) // 2 :])]
    return [frame for frames, _ in halves for frame in frames], [one for _, unfit in halves for one in unfit]


def _examine(
    batch: _Records, dataset: Dataset, placeholder: Placeholder, index: int, unreadable: Collection[int], moved: Container[int]
) -> Verdict:
    key, value = batch.keys[index].as_py(), batch.values[index].as_py()
    verdict = examine(key, value, dataset, _placeholder(batch.headers[index], placeholder), is_moved=index in moved)
    if len(value) > MAX_VALUE_BYTES:
        return replace(verdict, reason=OVERSIZE, column=None)
    if index in unreadable and not verdict.reason:
        return replace(verdict, reason="the key that the row had before can't be read")
    return verdict


def _previous_keys(batch: _Records, dataset: Dataset) -> tuple[dict[int, dict[str, object]], set[int]]:
    """The old key of each create that a changed key gave, by place, and the places where it can't be read."""
    changed = {headers for headers in batch.kinds if any(name == OLD_KEY for name, _ in headers)}
    keys: dict[int, dict[str, object]] = {}
    unreadable = set()
    for index, headers in enumerate(batch.headers if changed else ()):
        if headers not in changed or not batch.values[index].is_valid:
            continue
        key = examine_key(dict(headers)[OLD_KEY], dataset)
        if key is None:
            unreadable.add(index)
        else:
            keys[index] = key
    return keys, unreadable


def _previous(keys: dict[int, dict[str, object]], batch: _Records, dataset: Dataset) -> pl.DataFrame:
    kinds: dict[str, pl.DataType] = {"_partition": pl.Int32(), "_offset": pl.Int64()}
    kinds |= {name: polars_type(dataset.by_name[name].type.arrow) for name in dataset.key}
    if not keys:
        return pl.DataFrame(schema=kinds)
    documents: list[dict[str, object]] = [{"_i": index, "_k": key, "_v": {"op": "d"}} for index, key in keys.items()]
    return _with_position(read_careful(documents, dataset), batch, dataset).select(list(kinds))


def _undeclared(judged: list[tuple[int, Verdict]]) -> set[str]:
    return {name for _, verdict in judged if verdict.value for name in verdict.value.get("undeclared", ())}  # type: ignore[attr-defined]


def _with_position(frame: pl.DataFrame, batch: _Records, dataset: Dataset) -> pl.DataFrame:
    at = frame["_i"].to_numpy()
    epochs = _epochs(batch)
    return frame.with_columns(
        _epoch=pl.Series(epochs[at] if isinstance(epochs, np.ndarray) else np.full(len(at), epochs), dtype=pl.Int32),
        _partition=pl.Series(batch.partitions[at]),
        _offset=pl.Series(batch.offsets.take(at)),
        _received_at=pl.Series(batch.received_at.take(at)).cast(pl.Datetime("us", "UTC")),
        _revision=pl.lit(0, pl.Int32),
        _previous_key=pl.lit(None, pl.String),
        _reason=pl.when(pl.col("_op") == "d").then(_reasons(batch, at)),
        _schema=pl.lit(None, pl.Int32),
        _redactions=pl.lit(None, pl.String),
        **_arrival(batch, dataset, at),
    )


def _reasons(batch: _Records, at: Indexes) -> pl.Expr:
    """Why a row was deleted: at the source, or because its key was changed."""
    changed = {headers for headers in batch.kinds if any(name == NEW_KEY for name, _ in headers)}
    if not changed:
        return pl.lit(DELETED_AT_SOURCE)
    named = pl.Series([batch.headers[index] in changed for index in at], dtype=pl.Boolean)
    return pl.when(named).then(pl.lit(KEY_CHANGED)).otherwise(pl.lit(DELETED_AT_SOURCE))


def _arrival(batch: _Records, dataset: Dataset, at: Indexes) -> dict[str, pl.Series]:
    """Where the connector tells no order, the raw offset is one within its partition."""
    return {"_lsn": pl.Series(batch.offsets.take(at)) + 1} if dataset.order == "arrival" else {}


def _epochs(batch: _Records) -> np.ndarray[tuple[int], np.dtype[np.int32]] | int:
    """The source epoch of the batch, or of each record where they differ; 0 where no header says."""
    kinds = {headers: _epoch(headers, batch) for headers in batch.kinds}
    if len(set(kinds.values())) <= 1:
        return next(iter(kinds.values()), 0)
    return np.array([kinds[headers] for headers in batch.headers], np.int32)


def _epoch(headers: tuple[tuple[str, bytes | None], ...], batch: _Records) -> int:
    texts = [value for name, value in headers if name == EPOCH_HEADER]
    if not texts:
        return 0
    text = texts[-1] or b""
    if not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - digits of a 32-bit number
        raise Stopped(
            "the epoch header is not a number", remedy=f"register the connector again: it writes {EPOCH_HEADER}",
            topic=batch.topic,
        )  # fmt: skip
    return int(text)


def _refusals(bad: list[tuple[int, Verdict]], batch: _Records, dataset: Dataset) -> pl.DataFrame:
    keys = {name: polars_type(dataset.by_name[name].type.arrow) for name in dataset.key}
    kinds = {name: polars_type(arrow) for name, arrow in REFUSAL.items()}
    if not bad:
        return pl.DataFrame(schema={**kinds, **keys})
    readable = read_careful([_order_only(index, verdict) for index, verdict in bad], dataset)
    named = [verdict.key is not None for _, verdict in bad]
    return (
        _with_position(readable, batch, dataset)
        .with_columns(
            *(pl.when(pl.Series(named)).then(name).alias(name) for name in dataset.key),
            key_token=pl.lit(None, pl.String),
            reason=pl.Series([verdict.reason for _, verdict in bad]),
            column=pl.Series([verdict.column for _, verdict in bad], dtype=pl.String),
        )
        .select(*kinds, *keys)
    )


def _order_only(index: int, verdict: Verdict) -> dict[str, object]:
    value = {name: part for name, part in (verdict.value or {}).items() if name in {"op", "source"}}
    return {"_i": index, "_k": verdict.key, "_v": {"op": "d", **value}}
