"""The values of records in one way of writing: `MAIN`, or `MAIN|FURTHER|…` for several. Null where nothing is known."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import polars as pl

from rules.match.model import Field
from rules.match.writing import SHAPES, blank, part_of, way_of, words

_PARTS = r"[|;]"
FEW = 1000
"""Below this many records it costs more to look for equal values than to write them all."""
CACHED = 512
"""Ways of writing that are kept: to put one together costs as much as to write a few values."""


def canonical(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """The values of fields, a column each, one row a record. Columns that the frame lacks are taken as empty.

    What a record says decides how it is written, never what stands in other rows.
    """
    kinds = frame.schema
    own = {field: tuple(column for column in field.columns if column in kinds) for field in fields}
    also = {field: tuple(column for column in field.also if column in kinds) for field in fields}
    asked = [(field, column) for field in fields for column in own[field]]
    more = [_further(kinds[column], column, field).alias(f"{field.name}\1{column}") for field in fields for column in also[field]]
    if len(frame) < FEW:
        written = _together(frame, asked, more)
    else:
        each = [_distinctly(_text(frame, column), field, column).alias(f"{field.name}\0{column}") for field, column in asked]
        written = pl.DataFrame([*each, *frame.select_seq(more).get_columns()])
    if not written.width:
        return pl.DataFrame({field.name: pl.Series([None] * len(frame), dtype=pl.String) for field in fields})
    return written.select_seq([_joined(field, own[field], also[field]) for field in fields])


@lru_cache(maxsize=CACHED)
def _joined(field: Field, own: tuple[str, ...], also: tuple[str, ...]) -> pl.Expr:
    """The value of a field: the first that its columns have, then the further ones, but for what stands for nothing."""
    known = pl.coalesce(f"{field.name}\0{column}" for column in own) if own else pl.lit(None, pl.String)
    if also:
        more = [pl.col(f"{field.name}\1{column}") for column in also]
        joined = pl.concat_str(pl.coalesce(known, pl.lit("")), *more, separator="|", ignore_nulls=True)
        known = blank(joined.str.replace_all(r"\|{2,}", "|").str.strip_chars_end("|"))
    for value in field.nothing:
        is_nothing = known.str.ends_with(value[1:]) if value.startswith("*") else known == value
        known = pl.when(~is_nothing).then(known)
    return known.alias(field.name)


def _together(frame: pl.DataFrame, asked: Sequence[tuple[Field, str]], more: Sequence[pl.Expr]) -> pl.DataFrame:
    """As `_distinctly`, of all columns at once: to begin with each costs more than to write few values."""
    if not asked:
        return frame.select_seq(more)
    names = sorted({column for _, column in asked})
    is_text = all(frame.schema[column] == pl.String for column in names)
    texts = frame if is_text else frame.select_seq(text_of(frame, column).alias(column) for column in names)
    shapes = [shape for field, column in asked for shape in _shapes_of(field, column)]
    found = texts.select_seq(there.alias(str(place)) for place, there in enumerate(shapes))
    flags = iter(found.row(0))
    ways = [_way(field, column, next(flags), next(flags), next(flags)) for field, column in asked]
    return pl.DataFrame([*texts.select_seq(ways).get_columns(), *frame.select_seq(more).get_columns()])


@lru_cache(maxsize=CACHED)
def _shapes_of(field: Field, column: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Whether there is any cell of several values, any of the shape that most have, any of another."""
    value, (shape, _) = pl.col(column), SHAPES.get(field.kind, (None, None))
    usual = value.str.contains(shape) if shape else pl.lit(value=False)
    return value.str.contains(_PARTS).any(), usual.any(), (~usual).any()


@lru_cache(maxsize=CACHED)
def _way(field: Field, column: str, several: bool, usual: bool, other: bool) -> pl.Expr:  # noqa: FBT001 - what was found
    """How a column is written that has such values."""
    value, write = pl.col(column), way_of(field, column)
    if field.part:
        found = write(_whole(value, field))
    elif several:
        found = _some(value, field, write)
    elif usual:
        shape, short = SHAPES[field.kind]
        whether = pl.when(value.str.contains(shape)).then(short(value))
        found = whether.otherwise(write(value)) if other else whether
    else:
        found = write(value)
    return found.alias(f"{field.name}\0{column}")


def _whole(value: pl.Expr, field: Field) -> pl.Expr:
    """The part of whole names that is meant."""
    return part_of(words(value.str.replace(_PARTS + ".*$", "")), value, field.part)


def _some(value: pl.Expr, field: Field, write: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Values of which some are several in one cell."""
    parts = value.str.split_exact("|", 0).struct.field("field_0") if field.kind in {"text", "address"} else value
    return pl.when(value.str.contains(_PARTS)).then(_each(parts, write)).otherwise(write(value))


def _text(frame: pl.DataFrame, column: str) -> pl.Series:
    text = frame[column]
    return text if text.dtype == pl.String else frame.select_seq(text_of(frame, column)).to_series()


def _distinctly(text: pl.Series, field: Field, column: str) -> pl.Series:
    """The values of a column written, each distinct one once."""
    coded = text.to_arrow().cast("large_string").dictionary_encode()
    distinct = pl.Series("v", coded.dictionary, dtype=pl.String)
    return _written(distinct, field, column).gather(pl.Series(coded.indices))


def _written(text: pl.Series, field: Field, column: str) -> pl.Series:
    """Values written, by a short way where they have the shape that most have."""
    frame, value, write = text.to_frame(), pl.col("v"), way_of(field, column)
    if field.part:
        return frame.select_seq(write(_whole(value, field))).to_series()
    if text.str.contains(_PARTS).any():
        return frame.select_seq(_some(value, field, write)).to_series()
    shape, short = SHAPES.get(field.kind, (None, None))
    usual = text.str.contains(shape) if shape else None
    if usual is None or short is None or not usual.any():
        return frame.select_seq(write(value)).to_series()
    written = frame.select_seq(pl.when(usual).then(short(value))).to_series()
    others = frame.with_row_index("row").filter(~usual)
    long = others.select_seq("row", write(value).alias("v"))
    return written.scatter(long["row"], long["v"]) if len(others) else written


def text_of(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A column of any type as text; lists are joined by `|`, whole floats lose their `.0`."""
    return _as_text(frame.schema[column], column)


@lru_cache(maxsize=CACHED)
def _as_text(kind: pl.DataType, column: str) -> pl.Expr:
    value = pl.col(column)
    if isinstance(kind, pl.List):
        return value.list.eval(pl.element().cast(pl.String)).list.join("|", ignore_nulls=True)
    if isinstance(kind, pl.Date | pl.Datetime):
        return value.dt.strftime("%Y-%m-%d")
    if kind.is_float():
        return value.cast(pl.String).str.replace(r"\.0$", "")
    return value.cast(pl.String)


def _each(text: pl.Expr, write: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Several values in one cell: each in its one way of writing, sorted, since their order says nothing."""
    parts = text.str.replace_all(";", "|").str.split("|")
    return parts.list.eval(write(pl.element())).list.drop_nulls().list.unique().list.sort().list.join("|").replace("", None)


@lru_cache(maxsize=CACHED)
def _further(kind: pl.DataType, column: str, field: Field) -> pl.Expr:
    """Aliases: of a whole name the last word goes to the surname, the rest to the forename."""
    text = _as_text(kind, column)
    if field.kind in {"forename", "surname"} and "surname" not in column.lower() and "last" not in column.lower():
        part = "first" if field.kind == "forename" else "other"
        parts = text.str.replace_all(";", "|").str.split("|")
        return parts.list.eval(part_of(words(pl.element()), pl.element(), part)).list.drop_nulls().list.sort().list.join("|")
    return _each(text, way_of(field, column))
