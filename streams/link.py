"""What the rows of several tables tell of one subject, as one record to be linked. Pure."""

import json
from collections.abc import Iterable, Mapping

import polars as pl

from rules.match.guess import Reading, defaults
from rules.match.kinds import KINDS
from rules.match.model import Field
from schemas.change import KEY_CHANGED
from schemas.dataset import Dataset
from schemas.links import record_key, record_of

MERGED, ORGANISATION = "merged", "organisation"
WHOLE = ("alias", "previous_surname")
"""Kinds that are further names whatever row tells them."""
_FURTHER = "further_"
_ALSO = {"forename": ("alias",), "surname": ("previous_surname", "alias")}
_LONG = {"id": pl.String, "kind": pl.String, "is_own": pl.Boolean, "value": pl.String}

Rows = Mapping[str, pl.DataFrame]
"""By dataset the living rows of its identities."""


def told(rows: pl.DataFrame, dataset: Dataset, reads: Mapping[str, str] | None = None) -> pl.DataFrame:
    """What each row tells, a line a value: `id` of the record, `kind`, whether the row is the subject's own, `value`.

    Args:
        reads: columns and what they are called; those of the link where none are given.
    """
    link, subject = dataset.link, dataset.subject
    assert link is not None, "only linked datasets tell"
    assert subject is not None, "a linked dataset has a subject"
    own = ~pl.col(link.further).fill_null(value=False) if link.further else pl.lit(value=dataset.key == (subject,))
    parts = [
        rows.lazy().select(record_key(dataset).alias("id"), pl.lit(kind).alias("kind"),
                           own.alias("is_own"), _text(rows, name).alias("value"))
        for name, kind in (link.reads if reads is None else reads).items()
    ]  # fmt: skip
    return pl.concat(parts).filter(pl.col("id").is_not_null()).collect() if parts else pl.DataFrame(schema=_LONG)


def _text(rows: pl.DataFrame, name: str) -> pl.Expr:
    if isinstance(rows.schema[name], pl.List):
        return pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(" ", ignore_nulls=True)
    return pl.col(name).cast(pl.String)


def records_of(rows: Rows, datasets: Mapping[str, Dataset]) -> pl.DataFrame:
    """One row a subject: `id`, a column a kind with the subject's own value, and `further_…` with the others, parted by bars.

    Where no row is the subject's own, the first value in text order stands for it: which row came first says nothing.
    """
    lines = pl.concat([pl.DataFrame(schema=_LONG), *(told(rows[name], datasets[name]) for name in sorted(rows))])
    lines = lines.filter(~pl.col("id").is_in(_gone(rows, datasets).implode()))
    known = lines.filter((pl.col("kind") != MERGED) & pl.col("value").is_not_null() & (pl.col("value") != ""))
    by = ["id", "kind"]
    mains = known.group_by(by).agg(main=pl.coalesce(pl.col("value").filter("is_own").min(), pl.col("value").min()))
    others = known.join(mains, on=by).filter(pl.col("value") != pl.col("main")).group_by(by)
    grouped = mains.join(others.agg(further=pl.col("value").unique().sort().str.join("|")), on=by, how="left")
    wide = lines.select("id").unique().sort("id")
    for kind in kinds_of(datasets.values()):
        mine = grouped.filter(pl.col("kind") == kind)
        if kind in WHOLE:
            columns = mine.select("id", pl.concat_str("main", "further", separator="|", ignore_nulls=True).alias(kind))
        else:
            columns = mine.select("id", pl.col("main").alias(kind), pl.col("further").alias(_FURTHER + kind))
        wide = wide.join(columns, on="id", how="left", maintain_order="left")
    return wide


def _gone(rows: Rows, datasets: Mapping[str, Dataset]) -> pl.Series:
    """The records that a source keeps as if they were deleted."""
    found = [pl.Series([], dtype=pl.String)]
    for name, frame in rows.items():
        link = datasets[name].link
        if link is not None and link.gone:
            gone = frame.filter(pl.col(link.gone).fill_null(value=False))
            found.append(gone.select(record_key(datasets[name])).to_series())
    return pl.concat(found).drop_nulls()


def kinds_of(datasets: Iterable[Dataset]) -> list[str]:
    """The kinds that these datasets tell, but for merges, in one order."""
    return sorted({kind for one in datasets if one.link is not None for kind in one.link.reads.values()} - {MERGED})


def reading_of(records: pl.DataFrame, datasets: Mapping[str, Dataset]) -> Reading:
    """How records are read by a model that is learnt from them: a field a kind, with what stands for no value in these."""
    fields = []
    for kind in kinds_of(datasets.values()):
        if kind in KINDS:
            also = () if kind in {"sex", "birth_date"} else (_FURTHER + kind, *_ALSO.get(kind, ()))
            fields.append(Field(kind, kind, (kind,), tuple(name for name in also if name in records.columns)))
    return Reading("id", defaults([records], tuple(fields)), ORGANISATION if ORGANISATION in records.columns else None)


def merged_of(rows: Rows, datasets: Mapping[str, Dataset]) -> frozenset[tuple[str, str]]:
    """The pairs of records that a source says it has merged, each the lower key first."""
    pairs = set()
    for name, frame in rows.items():
        lines = told(frame, datasets[name]).filter((pl.col("kind") == MERGED) & pl.col("value").is_not_null())
        others = lines.select("id", record_of(datasets[name].register, pl.col("value")).alias("other"))
        pairs |= {(min(pair), max(pair)) for pair in others.iter_rows() if pair[0] != pair[1]}
    return frozenset(pairs)


def rekeyed_of(changes: pl.DataFrame, dataset: Dataset) -> dict[str, str]:
    """The records whose subject's own row came under another key: the key it has after these changes, and that before them.

    Args:
        changes: in commit order: the key, `_op`, `_reason` and `_previous_key`. What came to a key after a row had left it,
            or was deleted, is another record.
    """
    if dataset.key != (dataset.subject,):
        return {}
    [name] = dataset.key
    before: dict[str, str | None] = {}
    told = changes.filter(pl.col("_previous_key").is_not_null() | (pl.col("_op") == "d"))
    for key, op, reason, previous in told.select(pl.col(name).cast(pl.String), "_op", "_reason", "_previous_key").iter_rows():
        if previous is not None:
            left = str(json.loads(previous)[name])
            before[key] = before.get(left, left)
            before[left] = None
        elif op == "d" and reason != KEY_CHANGED:
            before[key] = None
    own = f"{dataset.register}/"
    return {own + key: own + former for key, former in before.items() if former is not None and former != key}
