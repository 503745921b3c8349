"""The topic of people: what became of persons, for subscribers."""

from datetime import datetime
from io import BytesIO

import fastavro
import polars as pl

from schemas.avro import MAGIC
from schemas.batch import Outgoing
from schemas.links import PEOPLE_TOPIC, people_subject

_SCHEMA = fastavro.parse_schema(people_subject().schema)


def encode_events(events: pl.DataFrame, model: str, schema_id: int) -> Outgoing:
    """Events of the log of links as records in the order decided, all on one partition; the key is the person.

    Args:
        events: rows of links/ of kind `event`, in order.
        schema_id: of the registered subject.
    """
    rows = events.select("decision", "place", "at", pl.col("reasons").alias("kind"), "person", "other", "records").to_dicts()
    header = MAGIC + schema_id.to_bytes(4, "big")
    keys = [str(row["person"]).encode() for row in rows]
    return Outgoing(PEOPLE_TOPIC, 0, keys, [header + _encoded({**row, "model": model}) for row in rows])


def _encoded(row: dict[str, str | int | datetime | list[str] | None]) -> bytes:
    out = BytesIO()
    fastavro.schemaless_writer(out, _SCHEMA, row)
    return out.getvalue()
