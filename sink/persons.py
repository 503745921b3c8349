"""Which person a row is about: joined when it is read, as known now or as known then."""

from datetime import datetime

import polars as pl

from schemas.links import record_of
from sink.links import read_people
from sink.read import Reader

PERSON = "person_id"


def with_persons(rows: pl.DataFrame, reader: Reader, model: str, known_at: datetime | None) -> pl.DataFrame:
    """Rows of a dataset with the person of their subject as `person_id`; null where nobody was linked.

    Args:
        known_at: as was decided by then; None is now.

    Raises:
        Refused: the dataset does not say whose data its rows are.
    """
    subject, register = reader.subject
    people = read_people(reader.lake, model)
    if known_at is None:
        stands = pl.col("to").is_null()
    else:
        stands = (pl.col("from") <= known_at) & (pl.col("to").is_null() | (pl.col("to") > known_at))
    known = people.filter(stands).select("record", pl.col("person").alias(PERSON))
    keyed = rows.with_columns(record=record_of(register, pl.col(subject)))
    return keyed.join(known, on="record", how="left", maintain_order="left").drop("record")
