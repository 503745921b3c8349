"""The shape of a change: internal columns, the same in every table, and the schemas of the tables."""

import json

import polars as pl
import pyarrow as pa

from schemas.dataset import Dataset

ROW_OPS = ("r", "c", "u", "d")
"""Debezium's ops that concern one row: read by a snapshot, created, updated, deleted."""
TRUNCATE = "t"
MESSAGE = "m"

INTERNAL: dict[str, pa.DataType] = {
    "_op": pa.string(),
    "_epoch": pa.int32(),
    "_commit": pa.int64(),
    "_lsn": pa.int64(),
    "_tx": pa.int64(),
    "_source_at": pa.timestamp("us", "UTC"),
    "_partition": pa.int32(),
    "_offset": pa.int64(),
    "_received_at": pa.timestamp("us", "UTC"),
    "_unknown": pa.list_(pa.string()),
    "_revision": pa.int32(),
}
"""Internal columns of a change. `_epoch, _commit, _lsn` are its order; `_partition, _offset` its raw position."""

ORDER = ("_epoch", "_commit", "_lsn")
"""Commit order; equal orders (snapshot rows of one key) go to the later raw offset."""
SEQUENCE = (*ORDER, "_offset", "_revision")
"""The full sort of one key's changes."""

IDENTITY = ("_epoch", "_op", "_lsn", "_tx", "_snapshot_commit", "_revision")
"""With the key columns: what makes two records the same change, whatever their raw offsets."""

REFUSAL: dict[str, pa.DataType] = {
    "_partition": pa.int32(),
    "_offset": pa.int64(),
    "_received_at": pa.timestamp("us", "UTC"),
    "_epoch": pa.int32(),
    "_commit": pa.int64(),
    "_lsn": pa.int64(),
    "_tx": pa.int64(),
    "_source_at": pa.timestamp("us", "UTC"),
    "key_token": pa.string(),
    "reason": pa.string(),
    "column": pa.string(),
}
"""What is published, and laid in quarantine/, in place of an event that could not be processed: no values."""

RAW = pa.schema(
    [
        pa.field("_topic", pa.string()),
        pa.field("_partition", pa.int32()),
        pa.field("_offset", pa.int64()),
        pa.field("_received_at", pa.timestamp("us", "UTC")),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
        pa.field("headers", pa.list_(pa.struct([("name", pa.string()), ("value", pa.binary())]))),
    ]
)
"""One row a Kafka record, its bytes as they came."""


def history_schema(dataset: Dataset) -> pa.Schema:
    """The published columns as declared, then the internal ones."""
    columns = [pa.field(name, type_.arrow) for name, type_ in dataset.published.items()]
    return pa.schema([*columns, *(pa.field(name, arrow) for name, arrow in INTERNAL.items())])


def about(dataset: Dataset) -> str:
    """What a reader must know of a dataset's tables that Delta does not say (JSON)."""
    types = {name: str(type_) for name, type_ in dataset.published.items()}
    return json.dumps({"dataset": dataset.name, "source": dataset.source, "key": dataset.key, "types": types})


def quarantine_schema() -> pa.Schema:
    return pa.schema([pa.field(name, arrow) for name, arrow in REFUSAL.items()])


def snapshot_commit() -> pl.Expr:
    """`_commit` where it belongs to a change's identity: on snapshot rows only, see `IDENTITY`."""
    return pl.when(pl.col("_op") == "r").then(pl.col("_commit")).alias("_snapshot_commit")


def key_token(key: tuple[str, ...]) -> pl.Expr:
    """What stands for a published key where rows must be told apart without showing it: a hash of its JSON."""
    token: pl.Expr = pl.struct(key).struct.json_encode().chash.sha2_256().str.slice(0, 32)  # type: ignore[attr-defined]
    return token
