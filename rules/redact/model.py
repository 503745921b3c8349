"""A model beside the rules: whatever finds spans in texts can be asked, too. None is needed, and none is asked unless given.

What the rules have decided stays; a model adds what does not touch it.
"""

from typing import Protocol

import numpy as np
import polars as pl

from rules.redact.fold import Folded
from rules.redact.spans import RANK, SCHEMA, settled

MODEL = 4
"""The layer of what a model found."""
FOUND = pl.Schema({"note": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "label": pl.String})
_BEYOND = 1 << 40


class Recogniser(Protocol):
    """A model: spaCy, GLiNER, Presidio."""

    name: str
    """Name and version: the rule on record."""

    def __call__(self, texts: pl.Series) -> pl.DataFrame:
        """Spans of the shape `FOUND`: `note` counts the texts, `start` and `end` characters of each; a text alone gives the same."""


def with_model(folded: Folded, texts: pl.Series, spans: pl.DataFrame, ask: Recogniser) -> pl.DataFrame:
    """The spans (in `joined`, settled) and those of a model that touch none of them; labels that are not ours are left out."""
    found = ask(texts).cast(FOUND).filter(pl.col("label").is_in(list(RANK)) & (pl.col("start") < pl.col("end")))
    ends = np.append(folded.first[1:] - 1, len(folded.joined))
    note = found["note"].to_numpy()
    placed = found.with_columns(
        start=pl.col("start") + pl.Series(folded.first[note]),
        end=pl.min_horizontal(pl.col("end") + pl.Series(folded.first[note]), pl.Series(ends[note])),
        layer=pl.lit(MODEL, pl.UInt8),
        rule=pl.lit(ask.name),
        person=_BEYOND + pl.int_range(pl.len(), dtype=pl.Int64),
        listed=pl.lit(0, pl.UInt32),
    )
    more = settled(placed.filter(pl.col("start") < pl.col("end")).select(SCHEMA.names()).cast(SCHEMA))
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    apart = np.searchsorted(end, more["start"].to_numpy(), side="right") == np.searchsorted(start, more["end"].to_numpy())
    return pl.concat([spans, more.filter(pl.Series(apart))]).sort("start")
