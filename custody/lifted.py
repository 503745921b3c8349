"""Files of tokens that were taken before a rotation, brought under the newest key."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import polars as pl

from custody.keyring import Keyring
from rules.protection import Keys
from rules.tokens import count_tokens, lift
from schemas.errors import Refused

LINES = 50_000


def lift_text(source: Path | None, to: Path | None, ring: Keyring) -> int:
    """Lift the tokens in a text, line by line, from standard input and to standard output where no file is meant.

    Returns:
        How many were lifted.

    Raises:
        Refused: the text is not UTF-8; a token is of a key that is retired, or not known.
    """
    count = 0
    with _read(source) as lines, _written(to) as out:
        while part := list(islice(lines, LINES)):
            try:
                texts = pl.Series([line.decode() for line in part], dtype=pl.String)
            except UnicodeDecodeError as problem:
                raise Refused("the text is not UTF-8", file=str(source or "-")) from problem
            lifted, some = _lifted(texts, ring)
            out.write("".join(lifted).encode())
            count += some
    return count


def lift_parquet(source: Path, to: Path, ring: Keyring) -> int:
    """Lift the tokens in the texts of a Parquet file; how many were lifted. Raises: Refused, as for a text."""
    try:
        rows, count = pl.read_parquet(source), 0
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise Refused("the file can't be read as Parquet", file=str(source)) from problem
    for name, kind in rows.schema.items():
        if kind in {pl.String, pl.List(pl.String)}:
            lifted, some = _lifted(rows[name], ring)
            rows, count = rows.with_columns(lifted), count + some
    with _written(to) as out:
        rows.write_parquet(out)
    return count


def _lifted(texts: pl.Series, ring: Keyring) -> tuple[pl.Series, int]:
    counts = count_tokens(texts)
    if max(counts, default=0) > ring.version:
        raise Refused(f"a token is of key {max(counts)}, and the newest here is {ring.version}",
                      remedy="use the keyring that has that key")  # fmt: skip
    if min(counts, default=ring.version) <= ring.retired:
        raise Refused(f"a token is of key {min(counts)}, which is retired", remedy="read the rows again from the lake")
    old = sum(count for version, count in counts.items() if version < ring.version)
    return lift(texts, Keys(b"", ring.later)), old


@contextmanager
def _read(source: Path | None) -> Iterator[BinaryIO]:
    if source is None:
        yield sys.stdin.buffer
        return
    try:
        with source.open("rb") as file:
            yield file
    except FileNotFoundError as problem:
        raise Refused("there is no such file", file=str(source)) from problem


@contextmanager
def _written(to: Path | None) -> Iterator[BinaryIO]:
    """Where what is lifted goes: a file is there whole, or not at all."""
    if to is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    new = to.with_name(to.name + ".new")
    try:
        with new.open("wb") as file:
            yield file
        new.replace(to)
    except OSError as problem:
        raise Refused("the file can't be written", file=str(to)) from problem
    finally:
        new.unlink(missing_ok=True)
