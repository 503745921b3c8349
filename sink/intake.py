"""Cleaned records become rows again: Avro in, columns out, and which of them apply. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
import pyarrow as pa
import pyruhvro

from schemas.avro import COVERAGE, HEADER_BYTES, MAGIC, avro_name, change_subject, from_avro, plain
from schemas.change import INTERNAL, LIVE_OPS, REFUSAL, SENT, history_schema
from schemas.dataset import Dataset
from schemas.errors import Refused, Stopped
from schemas.frames import empty, polars_type
from schemas.order import TIMES, cover
from schemas.types import Type

SchemaOf = Callable[[int], str]
_KINDS = {**INTERNAL, **REFUSAL}
MICROS_A_DAY = 86_400_000_000
_CAME_LATER = {"_redactions": pl.lit(None, pl.String).alias("_redactions")}
"""Internal columns that records on a topic may lack: what stands for them."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What some cleaned records of one dataset give."""

    changes: pl.DataFrame
    refusals: pl.DataFrame
    covered: dict[str, dict[int, int]]
    """Raw offset accounted for after these records, by id of the raw topic and partition."""
    repeated: int
    beyond: dict[int, int]
    """By partition, how many records stand behind a hole and were left out."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What is accounted for of a raw topic with one id, by partition."""

    upto: Mapping[int, int]
    floor: Mapping[int, int]
    """Up to here a hole has been agreed to: what was in it is given up."""


def take_in(
    values: Sequence[bytes | None],
    partitions: Sequence[int],
    offsets: Sequence[int],
    covered_of: Callable[[str], Covered],
    dataset: Dataset,
    schema_of: SchemaOf,
) -> Intake:
    """Read cleaned records in the order they came, and judge each by the raw offsets it covers.

    Args:
        covered_of: what was accounted for before, by id of the raw topic.

    Raises:
        Stopped: a record can't be what a worker wrote: the error names its place.
    """
    read = _read(values, partitions, offsets, dataset, schema_of)
    spans = _spans(read, dataset)
    before = {topic_id: covered_of(topic_id) for topic_id in spans["_topic_id"].unique(maintain_order=True)}
    reached = {topic_id: dict(known.upto) for topic_id, known in before.items()}
    applied, repeated, beyond = [], 0, {}
    for (partition, topic_id), part in spans.sort("_o").group_by("_p", "_topic_id", maintain_order=True):
        assert isinstance(partition, int)
        assert isinstance(topic_id, str)
        floor = before[topic_id].floor.get(partition, -1)
        judged = cover(part["_after"].to_numpy(), part["_offset"].to_numpy(), reached[topic_id].get(partition, -1), floor)
        applied.append(part.filter(pl.Series(judged.applies)).select("_p", "_o"))
        reached[topic_id][partition], repeated = judged.covered, repeated + judged.repeated
        if judged.beyond:
            beyond[partition] = judged.beyond
    chosen = pl.concat(applied)
    names = history_schema(dataset).names
    return Intake(
        changes=_chosen(read["changes"], chosen, names, {f.name: f.type for f in history_schema(dataset)}),
        refusals=_chosen(read["refusals"], chosen, list(REFUSAL), REFUSAL),
        covered=reached, repeated=repeated, beyond=beyond,
    )  # fmt: skip


def _spans(read: Mapping[str, list[pl.DataFrame]], dataset: Dataset) -> pl.DataFrame:
    """What each record covers, in the partition it was read from."""
    columns = ["_p", "_o", "_partition", "_after", "_offset", "_topic_id"]
    spans = pl.concat([frame.select(columns) for frames in read.values() for frame in frames])
    strays = spans.filter(pl.col("_p") != pl.col("_partition"))
    if len(strays):
        raise _corrupt("belongs to another partition", dataset, strays.select("_p", "_o"))
    return spans


def read_released(values: Sequence[bytes | None], dataset: Dataset, schema_of: SchemaOf) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Changes that pass now, and refusals that were discarded, of records of a released topic: positions are their own."""
    places = range(len(values))
    read = _read(values, [0] * len(values), places, dataset, schema_of)
    every = pl.DataFrame({"_p": [0] * len(values), "_o": places}, schema={"_p": pl.Int32, "_o": pl.Int64})
    kinds = {f.name: f.type for f in history_schema(dataset)}
    changes = _chosen(read["changes"], every, list(kinds), kinds)
    return changes, _chosen(read["refusals"], every, list(REFUSAL), REFUSAL)


def _chosen(frames: list[pl.DataFrame], chosen: pl.DataFrame, names: list[str], kinds: Mapping[str, pa.DataType]) -> pl.DataFrame:
    parts = [frame.join(chosen, on=["_p", "_o"], how="semi", maintain_order="left").select([*names, "_o"]) for frame in frames]
    return pl.concat(parts).sort("_o").select(names) if parts else empty(kinds)


def _read(
    values: Sequence[bytes | None], partitions: Sequence[int], offsets: Sequence[int], dataset: Dataset, schema_of: SchemaOf
) -> dict[str, list[pl.DataFrame]]:
    whole = pl.Series(values, dtype=pl.Binary)
    places = pl.DataFrame({"_p": partitions, "_o": offsets}, schema={"_p": pl.Int32, "_o": pl.Int64})
    heads = whole.bin.head(HEADER_BYTES)
    read: dict[str, list[pl.DataFrame]] = {"changes": [], "refusals": [], "markers": []}
    for head in heads.unique().to_list():
        mine = heads.eq_missing(pl.Series([head], dtype=pl.Binary))
        here = places.filter(mine)
        schema = _written_with(head, schema_of, dataset, here)
        bodies = whole.filter(mine).bin.slice(HEADER_BYTES).to_list()
        try:
            typed = _typed(bodies, schema, dataset)
        except Unreadable as problem:
            raise _corrupt("is not what its schema says", dataset, here[_first_bad(bodies, schema, dataset)]) from problem
        read[schema.kind].append(pl.concat([typed, here], how="horizontal"))
    return read


def _written_with(head: bytes | None, schema_of: SchemaOf, dataset: Dataset, places: pl.DataFrame) -> "_Schema":
    """The schema that some records were written with, by their first bytes."""
    if head is None or len(head) != HEADER_BYTES or not head.startswith(MAGIC):
        raise _corrupt("is not in the registry's wire format", dataset, places)
    try:
        schema = _schema(schema_of(int.from_bytes(head[1:], "big")))
    except Refused as problem:
        raise _corrupt("has a schema that the registry does not know", dataset, places) from problem
    ours = change_subject(dataset).schema
    if schema.kind == "changes" and schema.name != f"{ours['namespace']}.{ours['name']}":
        raise _corrupt("has the schema of something else", dataset, places)
    return schema


def _corrupt(what: str, dataset: Dataset, places: pl.DataFrame) -> Stopped:
    partition, offset = places.row(0)
    return Stopped(
        f"a record of the cleaned topic {what}", topic=dataset.cleaned_topic, partition=partition, offset=offset,
        remedy="only workers write to this topic: see what else did, and write it anew from the raw topic",
    )  # fmt: skip


class Unreadable(Exception):
    """Some records are not what a worker writes under their schema."""


def _typed(bodies: Sequence[bytes], schema: "_Schema", dataset: Dataset) -> pl.DataFrame:
    """Records of one schema as columns; what native code makes of bytes that are none of it, is one error."""
    try:
        table = pa.table(pyruhvro.deserialize_array(bodies, schema.plain))
        table.validate(full=True)  # the codec does not look whether text is UTF-8
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        typed = _changes(frame, dataset, schema.types) if schema.kind == "changes" else frame.select(_internal(frame.columns))
    except (ValueError, TypeError, pa.ArrowException, pl.exceptions.PolarsError) as problem:
        raise Unreadable from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise Unreadable from problem
    if not typed.select(_is_sound(typed.schema)).to_series().all():
        raise Unreadable
    return typed


def _is_sound(schema: pl.Schema) -> pl.Expr:
    """Whether a record covers something, and its times and dates are in the years 1 to 9999, as a worker's are."""
    micros = [pl.col(name).cast(pl.Int64).is_between(*TIMES) for name, kind in schema.items() if isinstance(kind, pl.Datetime)]
    span = (TIMES[0] // MICROS_A_DAY, TIMES[1] // MICROS_A_DAY)
    days = [pl.col(name).cast(pl.Int32).is_between(*span) for name, kind in schema.items() if kind == pl.Date]
    return pl.all_horizontal(pl.col("_after") < pl.col("_offset"), *(is_in.fill_null(value=True) for is_in in (*micros, *days)))


def _first_bad(bodies: Sequence[bytes], schema: "_Schema", dataset: Dataset) -> int:
    """The first record that can't be read alone; 0 where each of them can."""
    for index, body in enumerate(bodies):
        try:
            _typed([body], schema, dataset)
        except Unreadable:
            return index
    return 0


@dataclass(frozen=True, slots=True)
class _Schema:
    name: str
    kind: str
    """`changes`, `refusals` or `markers`."""
    plain: str
    types: dict[str, str]
    """Declared type of each field, by its Avro name; empty for an internal one."""


@lru_cache(maxsize=256)
def _schema(text: str) -> _Schema:
    schema = json.loads(text)
    name = f"{schema.get('namespace')}.{schema.get('name')}" if isinstance(schema, dict) else ""
    kind = {"custody.Refusal": "refusals", "custody.Marker": "markers"}.get(name, "changes")
    types = {field["name"]: field.get("doc", "") for field in schema.get("fields", ())} if name else {}
    return _Schema(name, kind, plain(schema), types)


def _changes(frame: pl.DataFrame, dataset: Dataset, written: Mapping[str, str]) -> pl.DataFrame:
    """Columns as declared today; one that the writer did not have yet is unknown.

    Args:
        written: name and declared type of each field of the writer's schema.
    """
    sent = {name: _sent_as(name, type_, dataset, written) for name, type_ in dataset.published.items()}
    columns = [_column(name, type_, sent[name]) for name, type_ in dataset.published.items()]
    lacking_internal = [stands for name, stands in _CAME_LATER.items() if name not in written]
    internal = _internal([name for name in (*SENT, *COVERAGE) if name in written or name not in _CAME_LATER])
    typed = frame.select(*columns, *internal, *lacking_internal, pl.lit(None, pl.Int32).alias("_schema"))
    renamed = {before: name for name, before in sent.items() if before not in {None, name}}
    if renamed:
        typed = typed.with_columns(pl.col("_unknown").list.eval(pl.element().replace(renamed)))
    lacking = [name for name, before in sent.items() if before is None]
    if not lacking:
        return typed
    is_live = pl.col("_op").is_in(LIVE_OPS)
    more = pl.concat_list("_unknown", pl.lit(lacking))
    return typed.with_columns(_unknown=pl.when(is_live).then(more).otherwise("_unknown"))


def _sent_as(name: str, type_: Type, dataset: Dataset, written: Mapping[str, str]) -> str | None:
    """The name a column has in the writer's schema; None where it had none, or one that meant another type."""
    if avro_name(name) in written:
        return name
    before = dataset.renamed.get(name)
    return before if before is not None and written.get(avro_name(before)) == str(type_) else None


def _column(name: str, type_: Type, sent_as: str | None) -> pl.Expr:
    if sent_as is None:
        return pl.lit(None, polars_type(type_.arrow)).alias(name)
    return from_avro(type_, pl.col(avro_name(sent_as))).alias(name)


def _internal(names: Sequence[str]) -> list[pl.Expr]:
    at = pl.Datetime("us", "UTC")
    times = {name for name in names if pa.types.is_timestamp(_KINDS.get(name, pa.null()))}
    return [
        pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").cast(at) if name in times else pl.col(name)
        for name in names
    ]
