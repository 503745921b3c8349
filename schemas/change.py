"""The shape of a change: internal columns, the same in every table, and the schemas of the tables."""

import json
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from rules.tokens import TOKEN
from schemas.dataset import Dataset

ROW_OPS = ("r", "c", "u", "d")
"""Debezium's ops that concern one row: read by a snapshot, created, updated, deleted."""
LIVE_OPS = ("r", "c", "u")
"""Those of them after which the row is there."""
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
    "_previous_key": pa.string(),
    "_reason": pa.string(),
    "_notes": pa.list_(pa.string()),
    "_snapshot": pa.string(),
    "_schema": pa.int32(),
    "_redactions": pa.string(),
}
"""Internal columns of a change.

`_epoch, _commit, _lsn` are its order; `_partition, _offset` its raw position. `_previous_key` is the published key (JSON)
that the row had before this change gave it another. `_reason` says why a row was deleted. `_notes` says what a check
found in a value that was published all the same, or taken out. `_snapshot` is Debezium's mark of a row that a snapshot
read: `first`, `true`, `last_in_data_collection`, `incremental` and so on. `_schema` is the number of the declaration that the
row was written under: an index into the table's property `custody.schemas`, which says the columns and types of each.
`_redactions` (JSON) says what was hidden in free text: by which rules and dictionary, and by column of each span its kind,
layer, rule and place in the text as it was cleaned; never the value. Null where the change
tells no such text, or it is withheld.
"""

SENT = {name: arrow for name, arrow in INTERNAL.items() if name != "_schema"}
"""The internal columns that travel on a cleaned topic: all but the one that only the table knows."""

APPLIED = 1
"""The revision of a truncate that is applied; at revision 0 it waits for a person, and folds and readers pass over it."""
DELETED_AT_SOURCE = "deleted at source"
FOUND_BY_ABSENCE = "found by absence"
KEY_CHANGED = "key changed"

ORDER = ("_epoch", "_commit", "_lsn")
"""Commit order; equal orders (snapshot rows of one key) go to the later raw offset."""
SEQUENCE = (*ORDER, "_offset", "_revision")
"""The full sort of one key's changes."""

PLACE = ("_partition", "_offset")
"""The raw position, within the dataset's topic."""

RECORD = (*PLACE, "_received_at")
"""What names a raw record for good: a topic that is made anew counts its offsets from 0 again."""

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
    "_snapshot": pa.string(),
    "key_token": pa.string(),
    "reason": pa.string(),
    "column": pa.string(),
}
"""What is published, and laid in quarantine/, in place of an event that could not be processed: no values."""

DECISION: dict[str, pa.DataType] = {
    "decision": pa.string(),
    "decided_at": pa.timestamp("us", "UTC"),
    "decided_by": pa.string(),
    "why": pa.string(),
}
"""What a person decided of a refusal: a row of quarantine/ with the same position, `released` or `discarded`."""
RELEASED, DISCARDED, REPUBLISHED = "released", "discarded", "republished"
"""`republished` decides nothing: it brings new revisions of changes that history/ holds."""

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


def withheld(column: str) -> str:
    """The note in `_notes` of a change whose free text is not published yet."""
    return f"{column}: withheld until it is redacted"


def purged(column: str) -> str:
    """The note in `_notes` of a revision whose free text was taken out, since a later one has it redacted better."""
    return f"{column}: purged, a later revision has it"


def history_schema(dataset: Dataset) -> pa.Schema:
    """The published columns as declared, then the internal ones."""
    columns = [pa.field(name, type_.arrow) for name, type_ in dataset.published.items()]
    return pa.schema([*columns, *(pa.field(name, arrow) for name, arrow in INTERNAL.items())])


def about(dataset: Dataset) -> str:
    """What a reader must know of a dataset's tables that Delta does not say (JSON)."""
    types = {name: str(type_) for name, type_ in dataset.published.items()}
    said = {"dataset": dataset.name, "source": dataset.source, "key": dataset.key, "types": types, "order": dataset.order}
    if dataset.subject in dataset.published:
        said |= {"subject": dataset.subject, "register": dataset.register}
    return json.dumps({**said, "renamed": dataset.renamed} if dataset.renamed else said)


def quarantine_schema() -> pa.Schema:
    """The refusals, and the decisions on them: append-only, so that it is its own audit."""
    return pa.schema([pa.field(name, arrow) for name, arrow in {**REFUSAL, **DECISION}.items()])


INITIAL_READ = (pl.col("_op") == "r") & (pl.col("_commit") == 0) & (pl.col("_snapshot") != "incremental").fill_null(value=True)
"""Whether an initial snapshot read the row: before anything streamed."""


def attempt() -> pl.Expr:
    """The transaction in which an initial snapshot read a row: one a try, and rising; 0 where the connector tells none."""
    return pl.col("_tx").fill_null(0)


def snapshot_commit() -> pl.Expr:
    """`_commit` where it belongs to a change's identity: on snapshot rows only, see `IDENTITY`."""
    return pl.when(pl.col("_op") == "r").then(pl.col("_commit")).alias("_snapshot_commit")


def key_text(key: Sequence[str]) -> pl.Expr:
    """A published key as JSON, its columns in declared order."""
    return pl.struct(key).struct.json_encode()


def key_token(key: Sequence[str]) -> pl.Expr:
    """What stands for a published key where rows must be told apart without showing it: a hash of its JSON.

    Tokens in it stand beside the hash of the rest, so that another key lifts them here as it does everywhere.
    """
    text = key_text(key)
    tokens = text.str.extract_all(TOKEN)
    rest: pl.Expr = text.str.replace_all(TOKEN, "\0").chash.sha2_256().str.slice(0, 32)  # type: ignore[attr-defined]
    return pl.when(tokens.list.len() > 0).then(pl.concat_str(rest, tokens.list.join("."), separator=".")).otherwise(rest)
