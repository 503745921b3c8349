"""The report of a run: cluster sizes, the band for review, quality with intervals, and quality by subgroup; JSON and HTML."""

import html
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from custody.linking import metrics
from custody.linking.evaluate import quality_of, summary_of
from custody.linking.labels import Entities, Labels
from custody.linking.linking import Linked
from rules.match import canonical, writing
from schemas.errors import Refused

MOST_GROUPS = 12
AGES = (18, 25, 35, 50, 65)


def report_of(linked: Linked, truth: Labels | None, by: tuple[str, ...], year: int | None = None) -> dict[str, Any]:
    """Everything that is reported of a run. No value of a record is in it but the names of the subgroups asked for.

    Args:
        by: columns whose values are subgroups, such as sex or ethnicity; a birth date is taken in bands of age.
        year: in which the ages are counted; the latest birth year plus 18 where none is given.
    """
    summary = summary_of(linked)
    summary["band"] = _band(linked)
    if truth is not None:
        summary["quality"] = quality_of(linked, truth)
        groups: dict[str, pl.Series | None] = {column: group(linked, column, year) for column in by}
        if isinstance(truth, Entities):
            groups["aliases"] = _aliases(linked)
            summary["subgroups"] = {
                name: _by_group(linked, truth, values) for name, values in groups.items() if values is not None
            }
    return summary


def _band(linked: Linked) -> list[dict[str, float | int]]:
    """How many pairs weigh how much around the threshold, a bit each."""
    edges = np.arange(np.floor(linked.model.review), linked.join + 8)
    counts = np.histogram(linked.weights, edges)[0]
    return [{"from": float(low), "pairs": int(count)} for low, count in zip(edges, counts, strict=False)]


def group(linked: Linked, column: str, year: int | None) -> pl.Series:
    """Of each record its subgroup, null where it is not known.

    Raises:
        Refused: the records have no such column.
    """
    frames = linked.records.frames
    if not all(column in frame.columns for frame in frames):
        raise Refused(f"no column {column!r} to report by")
    kind = next((field.kind for field in linked.model.fields if column in field.columns), "category")
    write = writing.date if kind == "birth_date" else writing.words
    values = pl.concat([frame.select(write(canonical.text_of(frame, column)).alias("g")) for frame in frames]).to_series()
    if kind == "birth_date":
        return _age_bands(values, year)
    common = values.drop_nulls().value_counts().sort(["count", "g"], descending=[True, False]).head(MOST_GROUPS)["g"]
    return values.to_frame().select(pl.when(pl.col("g").is_in(common.to_list())).then("g").otherwise(
        pl.when(pl.col("g").is_not_null()).then(pl.lit("other")))).to_series()  # fmt: skip


def _age_bands(dates: pl.Series, year: int | None) -> pl.Series:
    born = dates.str.slice(0, 4).cast(pl.Int32, strict=False)
    now = year if year is not None else int(born.sort(nulls_last=False).to_list()[-1] or 0) + AGES[0]
    bands = [
        f"under {AGES[0]}",
        *(f"{low} to {high - 1}" for low, high in pairwise(AGES)),
        f"{AGES[-1]} and over",
    ]
    place = np.digitize((now - born).fill_null(-1).to_numpy(), AGES)
    return pl.Series([bands[at] if known else None for at, known in zip(place, born.is_not_null(), strict=True)], dtype=pl.String)


def _aliases(linked: Linked) -> pl.Series | None:
    """Whether a record gives further names."""
    columns = {column for field in linked.model.fields for column in field.also}
    if not columns:
        return None
    parts = []
    for frame in linked.records.frames:
        known = [canonical.text_of(frame, column).is_not_null() for column in sorted(columns & set(frame.columns))]
        has = pl.any_horizontal(known) if known else pl.lit(value=False)
        parts.append(frame.select(pl.when(has).then(pl.lit("with aliases")).otherwise(pl.lit("without")).alias("g")))
    return pl.concat(parts).to_series()


def _by_group(linked: Linked, truth: Entities, values: pl.Series) -> list[dict[str, object]]:
    """Quality of the pairs in which a record of the subgroup stands."""
    found = []
    for name in sorted(values.drop_nulls().unique().to_list()):
        member = (values == name).fill_null(value=False).to_numpy()
        found.append({"group": name, "records": int(member.sum()), **_touching(linked, truth, member).told()})
    return found


def _touching(linked: Linked, truth: Entities, member: NDArray[np.bool_]) -> metrics.Quality:
    whole = metrics.of_clusters(linked.clusters, truth, linked.split)
    rest = metrics.of_clusters(linked.clusters, Entities(np.where(member, -1, truth.codes)), linked.split)
    return metrics.Quality(whole.right - rest.right, whole.wrong - rest.wrong, whole.missed - rest.missed)


def as_html(report: Mapping[str, Any]) -> str:
    """The report as one page, with nothing to load."""
    body = "".join(_section(name, value) for name, value in report.items())
    style = (
        "body{font:14px sans-serif;margin:2em;max-width:70em} table{border-collapse:collapse} "
        "td,th{padding:3px 9px;text-align:left;border-bottom:1px solid #ddd}"
    )
    head = f"<meta charset=utf-8><title>Link report</title><style>{style}</style>"
    return f"<!doctype html><html lang=en>{head}<h1>Link report</h1>{body}</html>"


def _section(name: str, value: object) -> str:
    return f"<h2>{html.escape(name.replace('_', ' '))}</h2>{_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        rows = "".join(f"<tr><th>{html.escape(str(key))}</th><td>{_shown(part)}</td></tr>" for key, part in value.items())
        return f"<table>{rows}</table>"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        heads = "".join(f"<th>{html.escape(str(key))}</th>" for key in value[0])
        rows = "".join("<tr>" + "".join(f"<td>{_shown(part)}</td>" for part in row.values()) + "</tr>" for row in value)
        return f"<table><tr>{heads}</tr>{rows}</table>"
    if isinstance(value, list | tuple):
        return html.escape(", ".join(map(str, value)))
    return html.escape(str(value))
