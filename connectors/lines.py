"""Records as JSON lines, parsed all at once into columns of the declared types.

Key and value of each record are set into one line with the record's place in the batch, each in a list of its own, so
that a line can't be mistaken for another whatever bytes it holds: the places must come back complete and in order, and
each list with one item. What is not UTF-8 is no JSON.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from connectors.wire import wire
from schemas.dataset import Column, Dataset
from schemas.types import TIMESTAMP

Indexes = npt.NDArray[np.int64]


class MalformedBatchError(Exception):
    """At least one record of the batch can't be parsed."""


def read_lines(lines: pa.Buffer, count: int, dataset: Dataset, *, careful: bool) -> pl.DataFrame:
    """Parse JSON lines `{"_i", "_k", "_v"}`; columns i, k, v.

    Raises:
        MalformedBatchError: a line is not JSON, or not of the dataset's types.
    """
    try:
        table = pa.json.read_json(
            pa.BufferReader(lines),
            read_options=pa.json.ReadOptions(use_threads=False, block_size=max(lines.size + 1, 1 << 16)),
            parse_options=pa.json.ParseOptions(
                explicit_schema=_schema(dataset, careful=careful), unexpected_field_behavior="ignore"
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as problem:
        raise MalformedBatchError from problem
    if table.num_rows != count or table["_i"].null_count:
        raise MalformedBatchError
    keys, values = (_only_items(table[name].combine_chunks()) for name in ("_k", "_v"))
    moments = [column.name for column in dataset.needed if column.type == TIMESTAMP]
    if moments:
        keys = _with(keys, {name: _moments(keys.field(name)) for name in moments if name in dataset.key})
        after = values.field("after")
        after = _with(after, {name: _moments(after.field(name)) for name in moments if name not in dataset.key})
        values = _with(values, {"after": after})
    frame = pl.from_arrow(pa.table({"_i": table["_i"], "_k": keys, "_v": values}))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _moments(texts: pa.StringArray) -> pa.TimestampArray:
    """Texts as moments; each must name its zone, which the parser of JSON does not ask for."""
    try:
        return texts.cast(TIMESTAMP.arrow)
    except pa.ArrowInvalid as problem:
        raise MalformedBatchError from problem


def _with(rows: pa.StructArray, changed: dict[str, pa.Array]) -> pa.StructArray:
    """The rows with some of their parts exchanged."""
    parts = {field.name: rows.field(field.name) for field in rows.type} | changed
    return pa.StructArray.from_arrays(list(parts.values()), list(parts), mask=rows.is_null())


def _only_items(lists: pa.ListArray) -> pa.Array:
    """The items of lists that hold one each."""
    if lists.null_count or not np.array_equal(lists.offsets.to_numpy(), np.arange(len(lists) + 1)):
        raise MalformedBatchError
    return lists.values


@lru_cache
def _schema(dataset: Dataset, *, careful: bool) -> pa.Schema:
    def struct(columns: list[Column]) -> pa.DataType:
        kinds = [
            (column.name, pa.string() if column.type == TIMESTAMP else wire(column.type, careful=careful)) for column in columns
        ]
        return pa.struct(kinds or [("_", pa.null())])

    numbers = [(name, pa.int64()) for name in ("ts_us", "ts_ms", "txId", "lsn")]
    value = [
        ("op", pa.string()),
        ("source", pa.struct([("sequence", pa.string()), ("snapshot", pa.string()), *numbers])),
        ("after", struct(row_columns(dataset))),
        ("unknown", pa.list_(pa.string())),
        ("notes", pa.list_(pa.string())),
    ]
    key = struct([dataset.by_name[name] for name in dataset.key])
    row = pa.struct(value if careful else value[:3])
    return pa.schema([("_i", pa.int64()), ("_k", pa.list_(key)), ("_v", pa.list_(row))])


def row_columns(dataset: Dataset) -> list[Column]:
    """The columns that are read from `after`; the key is read from the record's key."""
    return [column for column in dataset.needed if column.name not in dataset.key]


def join_lines(indexes: Indexes, keys: pa.BinaryArray, values: pa.LargeBinaryArray) -> pa.Buffer:
    """One JSON line for each record: its place, its key, its value.

    Raises:
        MalformedBatchError: a key or a value is not UTF-8.
    """
    places = pa.array(indexes).cast(pa.string()).cast(pa.large_binary())
    keys = pc.fill_null(keys, b"null").cast(pa.large_binary())
    parts = [b'{"_i":', places, b',"_k":[', keys, b'],"_v":[', values, b"]}\n"]
    scalars = [pa.scalar(part, pa.large_binary()) if isinstance(part, bytes) else part for part in parts]
    joined = pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.large_binary()))
    try:
        return joined.cast(pa.large_string()).buffers()[2]
    except pa.ArrowInvalid as problem:
        raise MalformedBatchError from problem
