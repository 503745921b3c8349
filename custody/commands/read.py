"""`custody read`: rows of a dataset, now or as they were."""

from pathlib import Path

import click
import polars as pl

from custody.lake import moment
from custody.output import write_csv, write_jsonl, write_table
from custody.settings import load_settings
from custody.stack import for_reading
from schemas.errors import Refused
from sink.lake import Lake
from sink.persons import with_persons
from sink.read import Reader


@click.command(name="read", epilog="Example: custody read offenders --lake lake --at 2026-01-31T12:00:00Z --format jsonl")
@click.argument("dataset")
@click.option("--lake", help="Where the tables are: a folder, or s3://bucket/prefix.  [default: the settings']")
@click.option(
    "--at", help="As the source was at this moment (ISO 8601; UTC without a zone), what it had committed then included."
)
@click.option("--version", type=int, help="A version of current/.")
@click.option(
    "--person", type=click.Choice(["now", "then"]), help="Add person_id: who the subject is as known now, or was known at --at."
)
@click.option("--history", is_flag=True, help="Every change, in commit order, instead of the living rows.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "jsonl"]), default="table", show_default=True)
@click.option("--columns", help="Only these, separated by commas.")
@click.pass_obj
def read(
    settings: Path | None,
    dataset: str,
    lake: str | None,
    at: str | None,
    version: int | None,
    person: str | None,
    *,
    history: bool,
    form: str,
    columns: str | None,
) -> None:
    """Show the rows of a dataset: as they are now, as they were, or every change."""
    if sum([at is not None, version is not None, history]) > 1:
        raise Refused("--at, --version and --history exclude each other")
    known = for_reading(load_settings(settings, lake=lake))
    reader = Reader(Lake(known.lake, known.store), dataset)
    if person == "then" and at is None:
        raise Refused("--person then needs --at")
    frame = _read(reader, at, version, history=history)
    if person is not None:
        frame = with_persons(frame, reader, "person", moment(str(at)) if person == "then" else None)
    frame = frame.select(_names(columns, frame)) if columns else frame
    if form == "jsonl":
        write_jsonl(frame)
    elif form == "csv":
        write_csv(frame)
    else:
        write_table(frame, internal=history or columns is not None)


def _read(reader: Reader, at: str | None, version: int | None, *, history: bool) -> pl.DataFrame:
    if at is not None:
        return reader.at(moment(at))
    if version is not None:
        return reader.version(version)
    return reader.history() if history else reader.now()


def _names(columns: str, frame: pl.DataFrame) -> list[str]:
    names = [name.strip() for name in columns.split(",") if name.strip()]
    for name in names:
        if name not in frame.columns:
            raise Refused(f"no such column: {name}", remedy=f"there are: {', '.join(frame.columns)}")
    return names
