"""The fast reader: a whole batch of Debezium's JSON parsed at once into columns.

Key and value of each record are set into one JSON line with the record's place in the batch, so that a line can't be
mistaken for another whatever bytes it holds: the places must come back complete and in order.
"""

import json
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from connectors.careful import SEQUENCE
from connectors.placeholder import Placeholder, is_sent_as_null
from connectors.wire import ok, typed, wire
from schemas.change import MESSAGE, ROW_OPS, TRUNCATE
from schemas.dataset import Column, Dataset

SAMPLED_ROWS = 2_000
Indexes = npt.NDArray[np.int64]
_FIRST = r'^\[\s*"?(\d+)'
_SECOND = r'(\d+)"?\s*\]$'
_ENVELOPE_WORDS = frozenset(
    [
        "before",
        "after",
        "source",
        "version",
        "connector",
        "name",
        "ts_ms",
        "snapshot",
        "db",
        "sequence",
        "ts_us",
        "ts_ns",
        "schema",
        "table",
        "txId",
        "lsn",
        "xmin",
        "origin",
        "origin_lsn",
        "transaction",
        "id",
        "total_order",
        "data_collection_order",
        "op",
    ]
)


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
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


@lru_cache
def _schema(dataset: Dataset, *, careful: bool) -> pa.Schema:
    def struct(columns: list[Column]) -> pa.DataType:
        return pa.struct([(column.name, wire(column.type, careful=careful)) for column in columns] or [("_", pa.null())])

    numbers = [(name, pa.int64()) for name in ("ts_us", "ts_ms", "txId", "lsn")]
    value = [
        ("op", pa.string()),
        ("source", pa.struct([("sequence", pa.string()), ("snapshot", pa.string()), *numbers])),
        ("after", struct(row_columns(dataset))),
        ("unknown", pa.list_(pa.string())),
    ]
    key = struct([dataset.by_name[name] for name in dataset.key])
    return pa.schema([("_i", pa.int64()), ("_k", key), ("_v", pa.struct(value if careful else value[:3]))])


def row_columns(dataset: Dataset) -> list[Column]:
    """The columns that are read from `after`; the key is read from the record's key."""
    return [column for column in dataset.needed if column.name not in dataset.key]


def join_lines(indexes: Indexes, keys: pa.BinaryArray, values: pa.LargeBinaryArray) -> pa.Buffer:
    """One JSON line for each record: its place, its key, its value."""
    places = pa.array(indexes).cast(pa.string()).cast(pa.large_binary())
    keys = pc.fill_null(keys, b"null").cast(pa.large_binary())
    parts = [b'{"_i":', places, b',"_k":', keys, b',"_v":', values, b"}\n"]
    scalars = [pa.scalar(part, pa.large_binary()) if isinstance(part, bytes) else part for part in parts]
    joined = pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.large_binary()))
    return joined.buffers()[2]


def read_fast(
    indexes: Indexes, keys: pa.BinaryArray, values: pa.LargeBinaryArray, dataset: Dataset, placeholder: Placeholder
) -> tuple[pl.DataFrame, Indexes]:
    """Changes of the records that fit, and the places of those that must be read with care.

    Raises:
        MalformedBatchError: the batch can't be parsed as a whole.
    """
    lines = read_lines(join_lines(indexes, keys, values), len(indexes), dataset, careful=False)
    if not np.array_equal(lines["_i"].to_numpy(), indexes):
        raise MalformedBatchError
    flat = _flatten(lines, dataset)
    flat = _add_placeholders(flat, dataset, placeholder)
    flat, unsure = _add_missing(flat, values, dataset)
    unsure |= _may_be_told_before(flat, values) | _may_be_unsent(flat, dataset)
    fits = flat.select(_fits(dataset)).to_series() & ~unsure
    return _typed(flat.filter(fits), dataset), flat.filter(~fits)["_i"].to_numpy()


def read_careful(documents: list[dict[str, object]], dataset: Dataset) -> pl.DataFrame:
    """Changes of events that were read with care, given in canonical form `{"_i", "_k", "_v"}`."""
    text = "\n".join(json.dumps(document) for document in documents)
    flat = _flatten(read_lines(pa.py_buffer(text.encode()), len(documents), dataset, careful=True), dataset, unknown=True)
    return _typed(flat, dataset)


def _flatten(lines: pl.DataFrame, dataset: Dataset, *, unknown: bool = False) -> pl.DataFrame:
    value = pl.col("_v").struct
    opened = lines.with_columns(
        _op=value.field("op"), _source=value.field("source"), _after=value.field("after"),
        _unknown=value.field("unknown").fill_null([]) if unknown else pl.lit(None),
    )  # fmt: skip
    return opened.select(_flat(dataset))


@lru_cache
def _flat(dataset: Dataset) -> list[pl.Expr]:
    source, after = pl.col("_source").struct, pl.col("_after").struct
    sequence = source.field("sequence")
    has_order = sequence.str.contains(SEQUENCE).fill_null(value=False)
    first = pl.when(has_order).then(sequence.str.extract(_FIRST).cast(pl.Int64, strict=False).fill_null(0))
    lsn = pl.coalesce(source.field("lsn"), sequence.str.extract(_SECOND).cast(pl.Int64, strict=False))
    at = pl.coalesce(source.field("ts_us"), source.field("ts_ms") * 1000).cast(pl.Datetime("us", "UTC"))
    snapshot = source.field("snapshot")
    commit, place = [pl.lit(0, pl.Int64)] * 2
    if dataset.order == "commit":
        commit, place = first, pl.when(pl.col("_op") == "r").then(0).otherwise(lsn)
    return [
        pl.col("_i"), pl.col("_op"), pl.col("_unknown"),
        *(pl.col("_k").struct.field(name) for name in dataset.key),
        *(after.field(column.name) for column in row_columns(dataset)),
        pl.col("_after").is_not_null().alias("_is_live"),
        commit.alias("_commit"),
        place.alias("_lsn"),
        source.field("txId").alias("_tx"),
        at.alias("_source_at"),
        pl.when(pl.col("_op") == "r").then(snapshot).alias("_snapshot"),
    ]  # fmt: skip


def _add_placeholders(flat: pl.DataFrame, dataset: Dataset, placeholder: Placeholder) -> pl.DataFrame:
    """Name the columns whose value is a placeholder."""
    matches = _placeholders(dataset, placeholder)
    found = flat.select(**matches).select(pl.all().any()).row(0, named=True) if matches else {}
    names = [pl.when(matches[name]).then(pl.lit(name)) for name, is_there in found.items() if is_there]
    unknown = pl.concat_list(names).list.drop_nulls() if names else pl.lit([], pl.List(pl.String))
    return flat.with_columns(_unknown=unknown)


@lru_cache
def _placeholders(dataset: Dataset, placeholder: Placeholder) -> dict[str, pl.Expr]:
    matched = {column.name: placeholder.matches(pl.col(column.name), column.type) for column in row_columns(dataset)}
    return {name: match for name, match in matched.items() if match is not None}


def _add_missing(flat: pl.DataFrame, values: pa.LargeBinaryArray, dataset: Dataset) -> tuple[pl.DataFrame, pl.Series]:
    """Name the columns that an event does not carry: unknown, not null. Where that is not certain, say so."""
    unsure = pl.repeat(value=False, n=len(flat), eager=True)
    is_null = {column.name: pl.col(column.name).is_null() & pl.col("_is_live") for column in row_columns(dataset)}
    found = flat.select(**is_null).select(pl.all().any()).row(0, named=True) if is_null else {}
    with_nulls = [column for column in row_columns(dataset) if found[column.name]]
    raw = pl.Series(values, dtype=pl.Binary) if with_nulls else pl.Series([], dtype=pl.Binary)
    for column in with_nulls:
        null = flat.select(is_null[column.name]).to_series()
        if column.name in _ENVELOPE_WORDS or not column.name.isascii():
            unsure |= null
            continue
        named = raw.filter(null).bin.contains(f'"{column.name}":'.encode())
        if named.all():
            continue
        absent = null.clone().scatter(null.arg_true(), ~named)
        unsure |= absent & raw.bin.contains(b'" :')
        if column.renamed_from:
            unsure |= absent & raw.bin.contains(f'"{column.renamed_from}"'.encode())
        flat = flat.with_columns(
            _unknown=pl.when(absent).then(pl.concat_list("_unknown", pl.lit(column.name))).otherwise("_unknown")
        )
    return flat, unsure


def _may_be_told_before(flat: pl.DataFrame, values: pa.LargeBinaryArray) -> pl.Series:
    """Whether a value that is unknown may stand in `before`: under REPLICA IDENTITY FULL it does."""
    is_partial = flat["_unknown"].list.len() > 0
    if not is_partial.any():
        return is_partial
    told = pl.Series(values, dtype=pl.Binary).bin.contains(b'"before":{') | pl.Series(values, dtype=pl.Binary).bin.contains(
        b'"before": {'
    )
    return is_partial & (flat["_op"] == "u") & told


def _may_be_unsent(flat: pl.DataFrame, dataset: Dataset) -> pl.Series | bool:
    """Whether a null may stand for something else: an unchanged array, or one of numbers that holds NaN."""
    lists = [column for column in row_columns(dataset) if is_sent_as_null(column.type)]
    nulls = [pl.col(column.name).is_null() & ((pl.col("_op") == "u") | ("DECIMAL" in str(column.type))) for column in lists]
    return flat.select(pl.any_horizontal(nulls) & pl.col("_is_live")).to_series() if nulls else False


@lru_cache
def _fits(dataset: Dataset) -> pl.Expr:
    is_row = pl.col("_op").is_in(ROW_OPS)
    has_row = pl.col("_is_live") | (pl.col("_op") == "d")
    has_key = pl.all_horizontal(pl.col(name).is_not_null() for name in dataset.key)
    is_placed = pl.col("_commit").is_not_null() & pl.col("_lsn").is_not_null() & pl.col("_source_at").is_not_null()
    row_fits = [fits for column in dataset.needed if (fits := _value_fits(column, dataset)) is not None]
    other = pl.col("_op").is_in([TRUNCATE, MESSAGE])
    fits = pl.when(is_row).then(has_key & has_row & pl.all_horizontal(pl.lit(value=True), *row_fits)).otherwise(other)
    return (fits & is_placed).fill_null(value=False)


def _value_fits(column: Column, dataset: Dataset) -> pl.Expr | None:
    fits = ok(column.type, pl.col(column.name))
    if fits is None or column.name in dataset.key:
        return fits
    return fits | pl.col("_unknown").list.contains(column.name)


def _typed(flat: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Declared types; what is unknown is null, and only a live row has values."""
    return flat.select(_types(dataset, is_known=flat["_unknown"].list.len().sum() == 0))


@lru_cache
def _types(dataset: Dataset, *, is_known: bool) -> list[pl.Expr]:
    row = pl.col("_op").is_in(["r", "c", "u"])
    columns = []
    for column in row_columns(dataset):
        value = pl.col(column.name) if is_known else pl.when(~pl.col("_unknown").list.contains(column.name)).then(column.name)
        columns.append(typed(column.type, pl.when(row).then(value)).alias(column.name))
    keys = [
        typed(dataset.by_name[name].type, pl.when(pl.col("_op").is_in(ROW_OPS)).then(name)).alias(name) for name in dataset.key
    ]
    unknown = pl.when(row).then("_unknown").otherwise(pl.lit([], pl.List(pl.String)))
    others = [pl.col(name) for name in ("_op", "_commit", "_lsn", "_tx", "_source_at", "_snapshot")]
    return [pl.col("_i"), *keys, *columns, *others, unknown.alias("_unknown")]


def undeclared(values: pa.LargeBinaryArray, dataset: Dataset) -> set[str]:
    """Names in `after` that are not declared, seen in one event of each shape (number of names) in the batch.

    Of a large batch a sample is looked at, its end included: a column that appears stays.
    """
    if len(values) > SAMPLED_ROWS:
        values = values.take(np.linspace(0, len(values) - 1, SAMPLED_ROWS // 8, dtype=np.int64))
    shapes = pl.Series(pc.count_substring(values, '":'))
    found: set[str] = set()
    for index in shapes.arg_unique().head(16):
        try:
            event = json.loads(values[index].as_py())
        except ValueError:
            continue
        after = event.get("after") if isinstance(event, dict) else None
        found |= {name for name in after or () if not dataset.knows(name)} if isinstance(after, dict) else set()
    return found
