"""Rows kept in files by key: each file holds a range of keys, in order, so that a fold rewrites only the files it touches."""

import io
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import uuid4

import polars as pl

from sink.declared import name_of
from sink.store import put
from sink.table import Added, Place

FILE_ROWS = 250_000
"""A file holds about so many rows: this much is in memory while it is written anew."""
_PREFIX = "rows-"
_FILE, _ROW = "_file", "_row"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The files of a table by the key that each begins with."""

    starts: pl.DataFrame
    """The first key of each file, sorted, and its address in `_file`."""
    key: Sequence[str]

    @classmethod
    def read(cls, place: Place, files: set[str], key: Sequence[str]) -> "Ranges | None":
        """The ranges of files that were written here; None where another hand wrote one of them."""
        if not all(name_of(file).startswith(_PREFIX) for file in files):
            return None
        options = dict(place.options) or None
        firsts = [
            pl.scan_parquet(file, storage_options=options).select(key).head(1).collect().with_columns(pl.lit(file).alias(_FILE))
            for file in sorted(files)
        ]
        return cls(pl.concat(firsts).sort(key) if firsts else pl.DataFrame(), key)

    @property
    def files(self) -> list[str]:
        """Every file, in the order of their keys."""
        return self.starts[_FILE].to_list() if len(self.starts) else []

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """The file to which each row belongs by its key; null where there are no files."""
        if not len(self.starts):
            return pl.repeat(None, len(rows), dtype=pl.String, eager=True)
        marked = rows.select(self.key).with_row_index(_ROW)
        placed = pl.concat([self.starts, marked], how="diagonal").sort([*self.key, _ROW], nulls_last=False)
        filled = placed.with_columns(pl.col(_FILE).forward_fill().backward_fill())
        return filled.filter(pl.col(_ROW).is_not_null()).sort(_ROW)[_FILE]

    def runs(self, chosen: Collection[str]) -> list[list[str]]:
        """Files in runs that no other file lies between: what is written for a run overlaps nothing else."""
        grouped = groupby(self.files, key=lambda file: file in chosen)
        return [list(run) for is_chosen, run in grouped if is_chosen]


def write_sorted(place: Place, parts: Iterable[pl.DataFrame], key: Sequence[str]) -> list[Added]:
    """Write rows, given in parts whose keys rise, as files of bounded size; what a commit must say of them."""
    added: list[Added] = []
    rest: pl.DataFrame | None = None
    for part in parts:
        rest = part.sort(key) if rest is None else pl.concat([rest, part.sort(key)])
        while len(rest) >= 2 * FILE_ROWS:
            added.append(_write(place, rest.head(FILE_ROWS), key))
            rest = rest.slice(FILE_ROWS)
    if rest is not None and len(rest):
        added.append(_write(place, rest, key))
    return added


def write_rows(place: Place, rows: pl.DataFrame, stats: Sequence[str]) -> Added:
    """Write rows as a file of its own, in the order given, with the bounds of some columns; what a commit must say of it."""
    return _write(place, rows, [name for name in stats if not rows[name].has_nulls()])


def _write(place: Place, rows: pl.DataFrame, key: Sequence[str]) -> Added:
    name, buffer = f"{_PREFIX}{uuid4()}.parquet", io.BytesIO()
    rows.write_parquet(buffer, compression="snappy", statistics=True)
    put(f"{place.address}/{name}", place.options, buffer.getbuffer())
    return Added(name, buffer.getbuffer().nbytes, _stats(rows, key))


def _stats(rows: pl.DataFrame, key: Sequence[str]) -> str:
    """Statistics of a file (Delta protocol, "Per-file Statistics"); bounds of the key columns whose JSON form is plain."""
    plain = [name for name in key if rows.schema[name].is_integer() or rows.schema[name] == pl.String]
    bounds = {
        word: rows.select(bound).row(0, named=True) if plain else {}
        for word, bound in (("minValues", pl.col(plain).min()), ("maxValues", pl.col(plain).max()))
    }
    return json.dumps({"numRecords": len(rows), "nullCount": dict.fromkeys(plain, 0), **bounds})
