"""Rows of a table as today's declaration has them: what was written under an earlier one is read for what it is.

A column that a row's own declaration did not have is unknown in it, not null. One that was renamed has what it had under
its old name, where the type can hold it.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa

from schemas.change import LIVE_OPS
from schemas.evolution import is_same, is_wider
from schemas.frames import polars_type

ABOUT, SCHEMAS = "custody.about", "custody.schemas"
"""Properties of a table: what readers must know of it, and the declarations that its rows were written under, by number."""
FILE = "\0file"
"""The column of `located` that says which file a row lies in."""


def numbered(types: Mapping[str, str], known: list[dict[str, str]]) -> tuple[int, list[dict[str, str]]]:
    """The number of a declaration (published columns and their types) among those known, and all that are known then."""
    there = list(known)
    if dict(types) not in there:
        there.append(dict(types))
    return there.index(dict(types)), there


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """What a new declaration adds, drops, renames, in words for the commit log."""
    had, has = set(before.get("types", {})), set(now.get("types", {}))
    renamed = [f"{old} to {new}" for new, old in now.get("renamed", {}).items() if new in has - had]
    said = {"added": sorted(has - had), "dropped": sorted(had - has), "renamed": sorted(renamed)}
    return {f"custody.{what}": ", ".join(names) for what, names in said.items() if names}


def as_declared(rows: pl.LazyFrame, there: pa.Schema, about: str, written: str) -> pl.LazyFrame:
    """Rows with renamed columns filled, and `_unknown` naming what their own declaration lacked.

    Args:
        there: what the table has.
        about: what is declared today (JSON), see `schemas.change.about`.
        written: the declarations that rows were written under (JSON, by number); empty where the table keeps none.
    """
    said = json.loads(about or "{}")
    renamed = {new: old for new, old in said.get("renamed", {}).items() if _holds(there, new, old)}
    if renamed:
        rows = rows.with_columns(
            pl.coalesce(new, pl.col(old).cast(polars_type(there.field(new).type))).alias(new) for new, old in renamed.items()
        )
    known: list[dict[str, str]] = json.loads(written or "[]")
    today = [name for name in said.get("types", {}) if name in there.names]
    lacking = {n: [c for c in today if c not in had and renamed.get(c) not in had] for n, had in enumerate(known)}
    earlier = {number: names for number, names in lacking.items() if names}
    if renamed and known:
        back = {old: new for new, old in renamed.items()}
        rows = rows.with_columns(pl.col("_unknown").list.eval(pl.element().replace(back)))
    if earlier:
        is_live = pl.col("_op").is_in(LIVE_OPS)
        whens = pl.col("_unknown")
        for number, names in earlier.items():
            is_its = is_live & (pl.col("_schema").fill_null(0) == number)
            whens = pl.when(is_its).then(pl.col("_unknown").list.set_union(pl.lit(names))).otherwise(whens)
        rows = rows.with_columns(_unknown=whens)
    return rows


def _holds(there: pa.Schema, new: str, old: str) -> bool:
    if not {new, old} <= set(there.names):
        return False
    had, has = there.field(old).type, there.field(new).type
    return is_same(had, has) or is_wider(had, has)


def addresses(table: Any) -> set[str]:
    """The addresses of a loaded Delta table's files. Those on disk are paths, where deltalake tells them as parts of a URI."""
    return {unquote(one) if one.startswith("/") else one for one in table.file_uris()}


def name_of(address: str) -> str:
    """The name of a file in its table's folder."""
    return address.rsplit("/", 1)[-1]


def scan(table: Any, options: Mapping[str, str], files: set[str] | None = None) -> pl.LazyFrame:
    """The rows of a loaded Delta table, or of some of its files, read lazily, as today's declaration has them."""
    said = table.metadata().configuration
    there = pa.schema(table.schema())
    return as_declared(_scan(table, there, options, files), there, said.get(ABOUT) or "", said.get(SCHEMAS) or "")


def located(table: Any, options: Mapping[str, str], files: set[str] | None = None) -> pl.LazyFrame:
    """The rows of a loaded Delta table as they were written, each with the address of its file as `FILE`."""
    kinds = _kinds(pa.schema(table.schema()))
    chosen = addresses(table) if files is None else files
    if not chosen:
        return pl.LazyFrame(schema={**kinds, FILE: pl.String})
    return pl.scan_parquet(
        sorted(chosen), schema=kinds, storage_options=dict(options) or None, missing_columns="insert", include_file_paths=FILE
    )


def _kinds(there: pa.Schema) -> dict[str, pl.DataType]:
    return {name: polars_type(kind) for name, kind in zip(there.names, there.types, strict=True)}


def _scan(table: Any, there: pa.Schema, options: Mapping[str, str], files: set[str] | None) -> pl.LazyFrame:
    if files is None and "%" not in table.table_uri:
        return pl.scan_delta(table, storage_options=dict(options))
    files = addresses(table) if files is None else files
    kinds = _kinds(there)
    if not files:
        return pl.LazyFrame(schema=kinds)
    return pl.scan_parquet(sorted(files), schema=kinds, storage_options=dict(options) or None, missing_columns="insert")
