"""Reading declared tables straight from the source, all of one moment: what everything else is compared with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import polars as pl

from connectors.debezium import Source
from schemas.dataset import Dataset
from schemas.frames import polars_type
from schemas.types import Type

EPOCH = "1970-01-01"


async def connect(source: Source) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host=source.host, port=source.port, user=source.user, password=source.password, database=source.database, timeout=10
    )


async def read_source(source: Source, datasets: Mapping[str, Dataset]) -> tuple[datetime, dict[str, pl.DataFrame]]:
    """The clock of the source, and its tables as one transaction sees them, in their declared types.

    A moment and its tables belong together only while nobody writes.
    """
    connection = await connect(source)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tables = {name: _frame(await connection.fetch(_query(dataset)), dataset) for name, dataset in datasets.items()}
            moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    finally:
        await connection.close()
    return moment, tables


def _query(dataset: Dataset) -> str:
    columns = ", ".join(_asked(column.type, '"' + column.name.replace('"', '""') + '"') for column in dataset.needed)
    table = ".".join(f'"{part}"' for part in dataset.source.split(".")[1:])
    return f"SELECT {columns} FROM {table}"  # noqa: S608 - names of declared columns, quoted


def _asked(type_: Type, column: str) -> str:
    """The column in a form that asyncpg hands over exactly."""
    match type_.name.split("(", 1)[0]:
        case "TEXT":
            return f"CASE WHEN {column} IS NOT NULL THEN concat({column}) END"  # a cast takes the blanks off char(n)
        case "UUID" | "JSON" | "DECIMAL" | "TIME":
            return f"{column}::text"
        case "DATE":
            return f"({column} - date '{EPOCH}')"
        case "LIST" if type_.item is not None and type_.item.name == "UUID":
            return f"{column}::text[]"
        case "TIMESTAMP" | "TIMESTAMP_NTZ":
            return f"(extract(epoch FROM {column}) * 1000000)::bigint"
        case _:
            return column


def _frame(rows: Sequence[Any], dataset: Dataset) -> pl.DataFrame:
    columns = [
        _series([row[place] for row in rows], column.type).alias(column.name) for place, column in enumerate(dataset.needed)
    ]
    return pl.DataFrame(columns)


def _series(values: list[Any], type_: Type) -> pl.Series:
    match type_.name.split("(", 1)[0]:
        case "DATE":
            return pl.Series(values, dtype=pl.Int32).cast(pl.Date)
        case "TIMESTAMP":
            return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        case "TIMESTAMP_NTZ":
            return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us"))
        case "DECIMAL":
            return pl.Series(values, dtype=pl.String).cast(polars_type(type_.arrow))
        case "TIME":
            return pl.Series([None if value is None else _time(value) for value in values], dtype=pl.String)
        case _:
            return pl.Series(values, dtype=polars_type(type_.arrow))


def _time(text: str) -> str:
    """PostgreSQL leaves out trailing zeros of a fraction; ours has six digits or none."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<6}" if fraction else whole
