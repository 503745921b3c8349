"""Spans: which of those that overlap counts, what is written in their place, and the text that is left."""

import numpy as np
import polars as pl

from rules.redact.cut import apart
from rules.redact.fold import Folded

SCHEMA = pl.Schema({
    "note": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "label": pl.String, "layer": pl.UInt8, "rule": pl.String, "person": pl.Int64, "listed": pl.UInt32,
})  # fmt: skip
"""`note`: its row; `start`, `end`: characters of the note; `person`: below 0 the row's own people, above an unknown one, 0 none;
`listed`: whom of the dictionary the name means, counted from 1, 0 none or not sure.
"""
SUBJECT = -1
_RANKS = (
    "EMAIL", "URL_HANDLE", "ADDRESS", "BANK_ACCOUNT", "PAYMENT_CARD", "DRIVING_LICENCE", "NINO", "NOMS_NUMBER", "PNC", "CRO", "CRN",
    "PASSPORT", "UTR", "PHONE", "NHS_NUMBER", "VEHICLE_REG", "DATE_OF_BIRTH", "IP_ADDRESS", "POSTCODE", "CASE_REFERENCE", "PERSON",
)  # fmt: skip
RANK = {label: place for place, label in enumerate(_RANKS)}
"""Of spans that overlap, the first kind counts; of one kind, the longest."""


def settled(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans without those that overlap a better one, in order. Of equal ones the layer before counts."""
    spans = _ordered(spans)
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    reach = np.maximum.accumulate(end) if len(end) else end
    opens = np.ones(len(start), np.bool_)
    opens[1:] = start[1:] >= reach[:-1]
    if opens.all():
        return spans
    kept, edges = np.ones(len(start), np.bool_), np.append(np.flatnonzero(opens), len(start))
    several = np.flatnonzero(np.diff(edges) > 1)
    for first, last in zip(edges[several].tolist(), edges[several + 1].tolist(), strict=True):
        rank = [RANK[label] for label in spans["label"].slice(first, last - first).to_list()]
        _choose(first, start[first:last].tolist(), end[first:last].tolist(), rank, kept)
    return spans.filter(pl.Series(kept))


def _ordered(spans: pl.DataFrame) -> pl.DataFrame:
    """By place; of equal places by layer, rule and person."""
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    order = np.lexsort((end, start))
    start, end = start[order], end[order]
    if ((start[1:] == start[:-1]) & (end[1:] == end[:-1])).any():
        return spans.sort("start", "end", "layer", "rule", pl.col("person").abs())
    return spans[order]


def _choose(first: int, start: list[int], end: list[int], rank: list[int], kept: np.ndarray) -> None:
    taken: list[tuple[int, int]] = []
    for one in sorted(range(len(start)), key=lambda i: (rank[i], start[i] - end[i], start[i])):
        kept[first + one] = all(end[one] <= a or b <= start[one] for a, b in taken)
        if kept[first + one]:
            taken.append((start[one], end[one]))


def marked(spans: pl.DataFrame, tokens: pl.DataFrame | None = None) -> pl.DataFrame:
    """The spans with `mark`, what is written in their place.

    People have the `token` that stands for their `note` and `person` in `tokens`; others are numbered as they come, each one the
    same throughout a note.
    """
    names = spans.columns
    if tokens is None:
        spans = spans.with_columns(token=pl.lit(None, pl.String))
    else:
        spans = spans.join(tokens, on=["note", "person"], how="left", maintain_order="left")
    is_person, is_subject = pl.col("label") == "PERSON", pl.col("person") == SUBJECT
    numbers = np.zeros(len(spans), np.int64)
    others = np.flatnonzero(spans.select(is_person & ~is_subject & pl.col("token").is_null()).to_series().to_numpy())
    numbers[others] = _numbered(spans["note"].to_numpy()[others], spans["person"].to_numpy()[others])
    number = pl.coalesce("token", pl.lit(pl.Series(numbers)).cast(pl.String))
    mark = pl.when(~is_person).then("[" + pl.col("label") + "]").when(is_subject).then(pl.lit("[PERSON: subject]"))
    return spans.select(*names, mark=mark.otherwise("[PERSON " + number + "]"))


def _numbered(note: np.ndarray, person: np.ndarray) -> np.ndarray:
    """The number of each person in their note, in the order in which they are first named; notes are in order."""
    if not len(note):
        return np.zeros(0, np.int64)
    order = np.lexsort((person, note))
    opens = np.append(True, (note[order][1:] != note[order][:-1]) | (person[order][1:] != person[order][:-1]))
    is_first = np.zeros(len(note), np.int64)
    is_first[order[opens]] = 1
    count = np.cumsum(is_first)
    within = count - (count - is_first)[np.searchsorted(note, note)]
    numbers = np.zeros(len(note), np.int64)
    numbers[order] = within[order[opens]][np.cumsum(opens) - 1]
    return numbers


def spliced(folded: Folded, spans: pl.DataFrame) -> pl.Series:
    """The notes of a chunk with marks in place of the spans (`start` and `end` in `joined`, in order, apart)."""
    if not len(folded.first):
        return pl.Series(dtype=pl.String)
    start, end = spans["start"].to_list(), spans["end"].to_list()
    joined, pieces = folded.joined, [""] * (2 * len(start) + 1)
    pieces[0::2] = [joined[a:b] for a, b in zip([0, *end], [*start, len(joined)], strict=True)]
    pieces[1::2] = spans["mark"].to_list()
    return apart("".join(pieces), folded.separator)
