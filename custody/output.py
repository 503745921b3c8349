"""What is printed: rows as JSON lines, CSV or a table, summaries as JSON, and exit codes."""

import json
import math
import sys

import click
import polars as pl
from polars import selectors as cs

from schemas.change import INTERNAL

EXIT_PROBLEM, EXIT_REFUSED, EXIT_BUG = 1, 2, 70
PEOPLE_ROWS = 50
"""How many rows a person is shown before the rest is only counted."""


def print_json(value: object) -> None:
    """One JSON object on a line of its own; moments in ISO 8601."""
    click.echo(json.dumps(value, default=str))


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every value in the form JSON can carry: decimals as text, dates and times ISO 8601, binary base64."""
    return frame.select(_plain(frame.schema[name], pl.col(name)).alias(name) for name in frame.columns)


def _plain(kind: pl.DataType, value: pl.Expr) -> pl.Expr:
    if isinstance(kind, pl.List):
        inner = _plain(kind.inner, pl.element())  # type: ignore[arg-type]
        return value.list.eval(inner)
    if isinstance(kind, pl.Decimal):
        return value.cast(pl.String)
    if isinstance(kind, pl.Binary):
        return value.bin.encode("base64")
    if isinstance(kind, pl.Date):
        return value.dt.strftime("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        zone = "Z" if kind.time_zone else ""
        whole, fine = value.dt.strftime(f"%Y-%m-%dT%H:%M:%S{zone}"), value.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.6f{zone}")
        return pl.when(value.dt.microsecond() == 0).then(whole).otherwise(fine)
    return value


def write_jsonl(frame: pl.DataFrame) -> None:
    """One JSON object a row (RFC 8259), which has no NaN and no infinity: these are written as text."""
    text = as_text(frame)
    if _has_odd_floats(text):
        for row in text.iter_rows(named=True):
            sys.stdout.buffer.write(json.dumps({name: _spoken(value) for name, value in row.items()}).encode() + b"\n")
    else:
        text.write_ndjson(sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _has_odd_floats(frame: pl.DataFrame) -> bool:
    floats = [frame[name] for name in frame.select(cs.float()).columns]
    lists = [frame[name].explode() for name, kind in frame.schema.items() if kind in {pl.List(pl.Float64), pl.List(pl.Float32)}]
    return any(not part.is_finite().all() for part in [*floats, *lists])


def _spoken(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return [_spoken(item) for item in value] if isinstance(value, list) else value


def write_csv(frame: pl.DataFrame) -> None:
    """CSV as in RFC 4180; a list is written as JSON, null as nothing and empty text as two quotes."""
    text = as_text(frame)
    lists = [pl.col(name).map_elements(_json, pl.String) for name, kind in text.schema.items() if isinstance(kind, pl.List)]
    text.with_columns(lists).write_csv(sys.stdout.buffer, quote_style="necessary")
    sys.stdout.buffer.flush()


def _json(values: pl.Series) -> str:
    return values.to_frame("v").select(pl.col("v").implode().alias("v")).write_ndjson().strip()[len('{"v":') : -1]


def write_table(frame: pl.DataFrame, *, internal: bool) -> None:
    """A table for people: the declared columns, and the internal ones where they are what is asked for."""
    from rich.console import Console  # noqa: PLC0415 - only people wait for it
    from rich.table import Table as Grid  # noqa: PLC0415

    names = [name for name in frame.columns if internal or name not in INTERNAL]
    text = as_text(frame.select(names).head(PEOPLE_ROWS))
    grid = Grid(*names)
    for row in text.iter_rows():
        grid.add_row(*("" if value is None else str(value) for value in row))
    console = Console()
    console.print(grid)
    more = len(frame) - len(text)
    console.print(f"{len(frame):,} rows" + (f", the first {len(text)} shown; --format csv or jsonl gives all" if more else ""))
