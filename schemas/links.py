"""What is kept and told of persons: the log of links, the table of people, what people decided, and events for subscribers."""

import polars as pl
import pyarrow as pa

from schemas.avro import Subject
from schemas.dataset import Dataset

EDGE, WITHDRAWN, ASSIGNED, EVENT = "edge", "withdrawn", "assigned", "event"

LINKS = pa.schema(
    [
        pa.field("decision", pa.int64()),
        pa.field("place", pa.int32()),
        pa.field("at", pa.timestamp("us", "UTC")),
        pa.field("kind", pa.string()),
        pa.field("one", pa.string()),
        pa.field("two", pa.string()),
        pa.field("weight", pa.float64()),
        pa.field("rules", pa.int64()),
        pa.field("reasons", pa.string()),
        pa.field("person", pa.string()),
        pa.field("other", pa.string()),
        pa.field("records", pa.list_(pa.string())),
        pa.field("model", pa.string()),
    ]
)
"""links/: append-only; in the order decided by `decision`, and by `place` within one.

`edge`: two records weigh so much, with the reasons, from the model's `review` on; bit r of `rules` is set where rule r found
them. `withdrawn`: they no longer do. `assigned`: from `at` on the record `one` is of `person`, null where it is gone; `two` is
the key that it had until then, where that changed. `event`: what became of `person`, in one word as `reasons`.
"""

PEOPLE = pa.schema(
    [
        pa.field("record", pa.string()),
        pa.field("register", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("person", pa.string()),
        pa.field("from", pa.timestamp("us", "UTC")),
        pa.field("to", pa.timestamp("us", "UTC")),
    ]
)
"""people/: which person the subject of a register was, from and to in decision time; `to` is null where it is so today."""

TOGETHER, APART, UNDONE = "together", "apart", "undone"
OVERRIDES = pa.schema(
    [
        pa.field("one", pa.string()),
        pa.field("two", pa.string()),
        pa.field("decision", pa.string()),
        pa.field("decided_at", pa.timestamp("us", "UTC")),
        pa.field("decided_by", pa.string()),
        pa.field("why", pa.string()),
    ]
)
"""overrides/: what people decided of pairs of records, append-only: the newest row of a pair counts."""

PEOPLE_TOPIC = "people"


def record_of(register: str, subject: pl.Expr) -> pl.Expr:
    """The key of a linked record: `register/subject`."""
    return pl.concat_str(pl.lit(f"{register}/"), subject.cast(pl.String))


def record_key(dataset: Dataset) -> pl.Expr:
    """The linked record that a row of a dataset is about, by its published subject; null where it has none."""
    if dataset.subject is None or dataset.subject not in dataset.published:
        return pl.lit(None, pl.String)
    return record_of(dataset.register, pl.col(dataset.subject))


def people_subject() -> Subject:
    """The subject of events on the topic of people."""
    fields: list[dict[str, object]] = [
        {"name": "decision", "type": "long", "doc": "Rises; with `place` it names an event, which may come twice."},
        {"name": "place", "type": "int"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "kind", "type": "string"},
        {"name": "model", "type": "string", "doc": "Which people these are: the name of the model that links them."},
        {"name": "person", "type": "string"},
        {"name": "other", "type": ["null", "string"], "default": None},
        {"name": "records", "type": {"type": "array", "items": "string"}},
    ]
    record: dict[str, object] = {"type": "record", "name": "PersonEvent", "namespace": "custody", "fields": fields}
    return Subject(f"{PEOPLE_TOPIC}-value", {**record, "doc": "What became of a person."})
