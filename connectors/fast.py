"""The fast reader: a whole batch of Debezium's JSON parsed at once into columns, see `lines`."""

import json
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from connectors.careful import SEQUENCE, parse
from connectors.lines import Indexes, MalformedBatchError, join_lines, read_lines, row_columns
from connectors.placeholder import Placeholder, is_sent_as_null
from connectors.values import Broken
from connectors.wire import ok, typed
from schemas.change import LIVE_OPS, MESSAGE, ROW_OPS, TRUNCATE
from schemas.dataset import Column, Dataset
from schemas.order import TIMES

SAMPLED_ROWS = 2_000
MOST_SHAPES = 16  # of events; texts that look like names make more
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
        "scale",
        "value",
        "x",
        "y",
        "wkb",
        "srid",
    ]
)
"""Names that stand in an event whether or not the row has a column of that name; those of numbers and points among them."""


def read_fast(
    indexes: Indexes, keys: pa.BinaryArray, values: pa.LargeBinaryArray, dataset: Dataset, placeholder: Placeholder
) -> tuple[pl.DataFrame, Indexes]:
    """Changes of the records that fit, and the places of those that must be read with care.

    Raises:
        MalformedBatchError: the batch can't be parsed as a whole.
    """
    try:
        return _read_fast(indexes, keys, values, dataset, placeholder)
    except pl.exceptions.PanicException as problem:
        raise MalformedBatchError from problem


def _read_fast(
    indexes: Indexes, keys: pa.BinaryArray, values: pa.LargeBinaryArray, dataset: Dataset, placeholder: Placeholder
) -> tuple[pl.DataFrame, Indexes]:
    lines = read_lines(join_lines(indexes, keys, values), len(indexes), dataset, careful=False)
    if not np.array_equal(lines["_i"].to_numpy(), indexes):
        raise MalformedBatchError
    flat = _flatten(lines, dataset)
    flat = _add_placeholders(flat, dataset, placeholder)
    flat, unsure = _add_missing(flat, values, dataset)
    unsure |= _may_be_told_before(flat, values) | _may_be_unsent(flat, dataset) | _may_be_no_json(values)
    fits = flat.select(_fits(dataset)).to_series() & ~unsure
    return _typed(flat.filter(fits), dataset), flat.filter(~fits)["_i"].to_numpy()


def read_careful(documents: list[dict[str, object]], dataset: Dataset) -> pl.DataFrame:
    """Changes of events that were read with care, given in canonical form `{"_i", "_k", "_v"}`.

    Raises:
        MalformedBatchError: one of them has a value that its type does not hold, which no rule has found.
    """
    text = "\n".join(json.dumps({**document, "_k": [document["_k"]], "_v": [document["_v"]]}) for document in documents)
    try:
        flat = _flatten(read_lines(pa.py_buffer(text.encode()), len(documents), dataset, careful=True), dataset, careful=True)
        return _typed(flat, dataset)
    except pl.exceptions.PanicException as problem:
        raise MalformedBatchError from problem


def _flatten(lines: pl.DataFrame, dataset: Dataset, *, careful: bool = False) -> pl.DataFrame:
    value = pl.col("_v").struct
    opened = lines.with_columns(
        _op=value.field("op"), _source=value.field("source"), _after=value.field("after"),
        _unknown=value.field("unknown").fill_null([]) if careful else pl.lit(None),
        _notes=value.field("notes").fill_null([]) if careful else pl.lit([], pl.List(pl.String)),
    )  # fmt: skip
    return opened.select(_flat(dataset))


@lru_cache
def _flat(dataset: Dataset) -> list[pl.Expr]:
    source, after = pl.col("_source").struct, pl.col("_after").struct
    sequence = source.field("sequence")
    has_order = sequence.str.contains(SEQUENCE).fill_null(value=False)
    first = pl.when(has_order).then(sequence.str.extract(_FIRST).cast(pl.Int64, strict=False).fill_null(0))
    lsn = pl.coalesce(source.field("lsn"), sequence.str.extract(_SECOND).cast(pl.Int64, strict=False))
    millis = source.field("ts_ms")
    in_range = millis.is_between(TIMES[0] // 1000, TIMES[1] // 1000)
    micros = pl.coalesce(source.field("ts_us"), pl.when(in_range).then(millis * 1000))
    at = pl.when(micros.is_between(*TIMES)).then(micros).cast(pl.Datetime("us", "UTC"))
    snapshot = source.field("snapshot")
    commit, place = [pl.lit(0, pl.Int64)] * 2
    if dataset.order == "commit":
        commit, place = first, pl.when(pl.col("_op") == "r").then(0).otherwise(lsn)
    return [
        pl.col("_i"), pl.col("_op"), pl.col("_unknown"), pl.col("_notes"),
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
    told = _has_before(values) if with_nulls else unsure
    for column in with_nulls:
        null = flat.select(is_null[column.name]).to_series()
        if column.name in _ENVELOPE_WORDS or not column.name.isascii():
            unsure |= null
            continue
        unsure |= null & _is_named_once(values, column.name, told)
        named = raw.filter(null).bin.contains(f'"{column.name}":'.encode())
        unsure |= _is_elsewhere(values, column.name, null, named)
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
    return is_partial & (flat["_op"] == "u") & _has_before(values)


def _may_be_no_json(values: pa.LargeBinaryArray) -> pl.Series:
    """Whether there is a number that JSON has no word for: the parser takes NaN and Infinity, the careful reader knows better."""
    raw = pl.Series(values, dtype=pl.Binary)
    suspect = raw.bin.contains(b"NaN") | raw.bin.contains(b"Inf")
    if not suspect.any():
        return suspect
    return suspect & pl.Series(pc.match_substring_regex(values, r"[:,\[]\s*-?(NaN|Inf)"), dtype=pl.Boolean)


def _has_before(values: pa.LargeBinaryArray) -> pl.Series:
    """Whether the row as it was before is told."""
    raw = pl.Series(values, dtype=pl.Binary)
    return raw.bin.contains(b'"before":{') | raw.bin.contains(b'"before": {')


def _is_elsewhere(values: pa.LargeBinaryArray, name: str, null: pl.Series, named: pl.Series) -> pl.Series:
    """Where a null is named: whether the first place that has the name stands behind the row, in what is said of the source."""
    rows = null.arg_true().filter(named)
    some = values.take(pa.array(rows.to_numpy()))
    place, source = (pc.find_substring(some, text) for text in (f'"{name}":', '"source":{'))
    is_behind = pl.Series(pc.and_(pc.greater(place, source), pc.greater_equal(source, 0)), dtype=pl.Boolean)
    return pl.repeat(value=False, n=len(null), eager=True).scatter(rows, is_behind)


def _is_named_once(values: pa.LargeBinaryArray, name: str, told: pl.Series) -> pl.Series:
    """Whether of the row before and the row after only one has the column."""
    if not told.any():
        return told
    count = pl.Series(pc.count_substring(values, f'"{name}":'), dtype=pl.Int64)
    return told & (count == 1)


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
    is_placed = pl.col("_commit").is_not_null() & (pl.col("_lsn") >= 0) & pl.col("_source_at").is_not_null()
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
    row = pl.col("_op").is_in(LIVE_OPS)
    columns = []
    for column in row_columns(dataset):
        value = pl.col(column.name) if is_known else pl.when(~pl.col("_unknown").list.contains(column.name)).then(column.name)
        columns.append(typed(column.type, pl.when(row).then(value)).alias(column.name))
    keys = [
        typed(dataset.by_name[name].type, pl.when(pl.col("_op").is_in(ROW_OPS)).then(name)).alias(name) for name in dataset.key
    ]
    unknown = pl.when(row).then("_unknown").otherwise(pl.lit([], pl.List(pl.String)))
    others = [pl.col(name) for name in ("_op", "_commit", "_lsn", "_tx", "_source_at", "_snapshot", "_notes")]
    return [pl.col("_i"), *keys, *columns, *others, unknown.alias("_unknown")]


def undeclared(values: pa.LargeBinaryArray, dataset: Dataset) -> set[str]:
    """Names of columns that are not declared, seen in the first and the last event of each shape (number of names).

    The last ones show a column that was renamed meanwhile. Of many events a sample is looked at, its end included:
    a column that appears stays.

    Args:
        values: events of one partition, in its order.
    """
    if len(values) > SAMPLED_ROWS:
        values = values.take(np.linspace(0, len(values) - 1, SAMPLED_ROWS // 8, dtype=np.int64))
    shapes = pl.Series(pc.count_substring(values, '":'))
    last = len(values) - 1 - shapes.reverse().arg_unique().head(MOST_SHAPES).to_numpy().astype(np.int64)
    found: set[str] = set()
    for index in {*shapes.arg_unique().head(MOST_SHAPES), *last.tolist()}:
        try:
            event = parse(values[index].as_py())
        except Broken:
            continue
        for row in (event.get("before"), event.get("after")) if isinstance(event, dict) else ():
            found |= {name for name in row if not dataset.knows(name)} if isinstance(row, dict) else set()
    return found
