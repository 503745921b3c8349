"""Spans: which of those that overlap counts, what is written in their place, and the text that is left."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from rules.redact.fold import Folded

SCHEMA = {
    "note": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "label": pl.String, "layer": pl.UInt8, "rule": pl.String, "person": pl.Int64,
}  # fmt: skip
"""`note`: its row; `start`, `end`: characters of the note; `person`: below 0 the row's own people, above an unknown one, 0 none."""
SUBJECT = -1
_RANKS = (
    "EMAIL", "URL_HANDLE", "ADDRESS", "BANK_ACCOUNT", "PAYMENT_CARD", "DRIVING_LICENCE", "NINO", "NOMS_NUMBER", "PNC", "CRO", "CRN",
    "PASSPORT", "UTR", "PHONE", "NHS_NUMBER", "VEHICLE_REG", "DATE_OF_BIRTH", "IP_ADDRESS", "POSTCODE", "CASE_REFERENCE", "PERSON",
)  # fmt: skip
RANK = {label: place for place, label in enumerate(_RANKS)}
"""Of spans that overlap, the first kind counts; of one kind, the longest."""


def settled(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans without those that overlap a better one, in order."""
    ranked = spans.with_columns(rank=pl.col("label").replace_strict(RANK, return_dtype=pl.Int64)).sort("start", "end")
    start, end = ranked["start"].to_numpy(), ranked["end"].to_numpy()
    reach = np.maximum.accumulate(end) if len(end) else end
    opens = np.ones(len(start), np.bool_)
    opens[1:] = start[1:] >= reach[:-1]
    if opens.all():
        return ranked.drop("rank")
    rank, kept = ranked["rank"].to_numpy(), np.ones(len(start), np.bool_)
    edges = np.append(np.flatnonzero(opens), len(start))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if last - first > 1:
            _choose(first, start[first:last].tolist(), end[first:last].tolist(), rank[first:last].tolist(), kept)
    return ranked.filter(pl.Series(kept)).drop("rank")


def _choose(first: int, start: list[int], end: list[int], rank: list[int], kept: np.ndarray) -> None:
    taken: list[tuple[int, int]] = []
    for one in sorted(range(len(start)), key=lambda i: (rank[i], start[i] - end[i], start[i])):
        kept[first + one] = all(end[one] <= a or b <= start[one] for a, b in taken)
        if kept[first + one]:
            taken.append((start[one], end[one]))


def marked(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans with `mark`, what is written in their place: people numbered as they come, each one the same throughout a note."""
    label, person, note = spans["label"].to_list(), spans["person"].to_list(), spans["note"].to_list()
    marks = [f"[{one}]" for one in label]
    seen: dict[int, int] = {}
    now = -1
    for place in (spans["label"] == "PERSON").arg_true().to_list():
        if note[place] != now:
            seen, now = {}, note[place]
        who = person[place]
        marks[place] = "[PERSON: subject]" if who == SUBJECT else f"[PERSON {seen.setdefault(who, len(seen) + 1)}]"
    return spans.with_columns(mark=pl.Series(marks, dtype=pl.String))


def spliced(folded: Folded, spans: pl.DataFrame) -> list[str]:
    """The notes of a chunk with marks in place of the spans (`start` and `end` in `joined`, in order, apart)."""
    if not len(spans):
        return folded.joined.split(folded.separator) if len(folded.first) else []
    return "".join(_pieces(folded.joined, spans)).split(folded.separator)


def _pieces(joined: str, spans: pl.DataFrame) -> Iterator[str]:
    at = 0
    for start, end, mark in zip(spans["start"].to_list(), spans["end"].to_list(), spans["mark"].to_list(), strict=True):
        yield joined[at:start]
        yield mark
        at = end
    yield joined[at:]
