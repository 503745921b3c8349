"""`custody keys`: the keys that tokens are made with."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from custody.keyring import Keyring, read_keyring, write_keyring
from custody.output import print_json
from custody.settings import Settings, load_settings
from schemas.dataset import Dataset
from schemas.errors import Refused

_datasets = click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
_lake = click.option("--lake", help="Where the tables are.  [default: the settings']")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(name="keys", epilog="Example: custody keys rotate")
def keys() -> None:
    """Rotate the keys that tokens are made with, and lift old tokens to the new."""


@keys.command(name="list", epilog="Example: custody keys list --json")
@_datasets
@_lake
@_json
@click.pass_obj
def list_(settings: Path | None, datasets: Path | None, lake: str | None, *, as_json: bool) -> None:
    """Say which keys there are, and how many tokens of which key each table holds now."""
    known, declared = _opened(settings, datasets, lake)
    ring, tables = read_keyring(known.keyring), _held(known, declared)
    since = {key.version: key.since for key in ring.keys}
    versions = [
        {"version": version, "since": since.get(version), "retired": version <= ring.retired}
        for version in range(1, ring.version + 1)
    ]
    if as_json:
        print_json({"keys": versions, "tables": tables})
        return
    for key in versions:
        click.echo(f"key {key['version']}  since {key['since'] or 'the beginning'}{'  retired' if key['retired'] else ''}")
    for name, tokens in tables.items():
        click.echo(f"{name:40} " + ", ".join(f"{count:,} of key {version}" for version, count in tokens.items()))


@keys.command(epilog="Example: custody keys rotate")
@_json
@click.pass_obj
def rotate(settings: Path | None, *, as_json: bool) -> None:
    """Draw a new key, for all tokens from the next start of the pipeline on.

    Then end custody run, and start it again: it brings the tables under the new key first. Keep a copy of the keyring: without it
    no token can be made again.
    """
    known = load_settings(settings)
    ring = read_keyring(known.keyring)
    if known.token_secret is None:
        raise Refused("there is no first key to rotate", remedy="set CUSTODY_TOKEN_SECRET to a long random text")
    ring = ring.rotated(datetime.now(UTC))
    write_keyring(known.keyring, ring)
    if as_json:
        print_json({"version": ring.version, "keyring": str(known.keyring)})
        return
    click.echo(f"key {ring.version} is in {known.keyring}: keep a copy of it; it counts when custody run starts again")


@keys.command(epilog="Example: custody keys lift people.csv > lifted.csv")
@click.argument("file")
@click.option("--to", type=click.Path(path_type=Path, allow_dash=True), help="Write here; a Parquet file needs it.  [default: -]")
@click.pass_obj
def lift(settings: Path | None, file: str, to: Path | None) -> None:
    """Bring the tokens in FILE under the newest key, so that it joins with what is read now.

    CSV, JSON lines or other text; or Parquet, by its ending .parquet. - is standard input. Needs the keyring, no values and no
    first key.
    """
    from custody.lifted import lift_parquet, lift_text  # noqa: PLC0415 - what is heavy is loaded when it is needed

    ring, to = read_keyring(load_settings(settings).keyring), None if str(to) == "-" else to
    if file.endswith(".parquet"):
        if to is None:
            raise Refused("a Parquet file is not for standard output", remedy="say where it goes: --to FILE")
        count = lift_parquet(Path(file), to, ring)
    else:
        count = lift_text(None if file == "-" else Path(file), to, ring)
    click.echo(f"{count:,} tokens brought under key {ring.version}", err=True)


@keys.command(epilog="Example: custody keys retire")
@_datasets
@_lake
@_json
@click.pass_obj
def retire(settings: Path | None, datasets: Path | None, lake: str | None, *, as_json: bool) -> None:
    """End the time in which tokens of earlier keys are lifted for people: from now on they join with nothing.

    Refused while a table holds one. The secrets stay in the keyring, since later tokens are made through them.
    """
    known, declared = _opened(settings, datasets, lake)
    ring = read_keyring(known.keyring)
    if ring.retired == ring.version - 1:
        raise Refused("there is no earlier key to retire", remedy="custody keys rotate draws a new one")
    if behind := [name for name, tokens in _held(known, declared).items() if min(tokens) < ring.version]:
        raise Refused(f"tokens of earlier keys are in {', '.join(behind)}",
                      remedy="end the pipeline, and start it again: custody run brings them under the newest key")  # fmt: skip
    write_keyring(known.keyring, Keyring(ring.keys, ring.version - 1))
    if as_json:
        print_json({"version": ring.version, "retired": ring.version - 1})
        return
    click.echo(f"keys up to {ring.version - 1} are retired")


def _opened(settings: Path | None, datasets: Path | None, lake: str | None) -> tuple[Settings, dict[str, Dataset]]:
    from custody.stack import for_reading  # noqa: PLC0415
    from schemas.notation import load_datasets  # noqa: PLC0415

    known = for_reading(load_settings(settings, datasets=datasets, lake=lake))
    return known, load_datasets(known.datasets)


def _held(settings: Settings, declared: dict[str, Dataset]) -> dict[str, Any]:
    from custody.lifting import held  # noqa: PLC0415

    return {one.table: one.tokens for one in held(settings, declared)}
