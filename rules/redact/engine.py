"""Redaction of a batch: texts, what each row knows, and the people we know in; spans and redacted texts out. Pure, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from rules.redact.births import beside
from rules.redact.fold import Folded, fold
from rules.redact.model import Recogniser, with_model
from rules.redact.patterns import KINDS
from rules.redact.people import FOREIGN, NOBODY, People, Words
from rules.redact.persons import persons
from rules.redact.rows import NOTHING, Known, known, number_key
from rules.redact.scan import candidates
from rules.redact.spans import SCHEMA, marked, settled, spliced
from rules.redact.stable import tokens
from rules.redact.verify import verified

CHUNK_CHARACTERS = 1 << 22
"""How much is looked at together; a longer note is a chunk of its own."""
IDENTIFIERS, KNOWN_PEOPLE, UNKNOWN_PEOPLE = 1, 2, 3
"""The layers. Each includes those before it."""
_REFERENCE = "CASE_REFERENCE"


@dataclass(frozen=True, slots=True)
class Redacted:
    texts: pl.Series
    """As many as there were, null where there was none."""
    spans: pl.DataFrame
    """A row a decision: `note` (row), `start`, `end` (characters of the note as it was), `label`, `mark`, `layer`, `rule`."""
    dictionary: str
    """The version of the people that were known."""


def _chunks(texts: pl.Series) -> Iterator[tuple[int, int]]:
    sizes = np.cumsum(texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64) + 1)
    first = 0
    while first < len(texts):
        done = int(sizes[first - 1]) if first else 0
        last = max(int(np.searchsorted(sizes, done + CHUNK_CHARACTERS, side="right")), first + 1)
        yield first, last
        first = last


def redact(
    texts: pl.Series,
    rows: pl.DataFrame | None = None,
    people: People = NOBODY,
    layers: int = UNKNOWN_PEOPLE,
    stable_by: str | None = None,
    model: Recogniser | None = None,
) -> Redacted:
    """Hide what tells who somebody is.

    Args:
        texts: n notes.
        rows: n rows of the shape `rows.ROW`, what is known of each note's subject and of the people linked to them.
        people: everyone else who is known.
        layers: how far to go; see above.
        stable_by: the key (hex, of a scope) by which a person whose `person_id` is known has the same mark in all notes,
            `[PERSON <token>]`; without it people are numbered note by note.
        model: asked for more spans, where the rules found nothing.

    A note's outcome depends on it, on its row, on the people and on the layers, and not on the notes beside it.
    """
    known_here, notes = known(rows), texts.fill_null("")
    names = Words.of(known_here if layers >= KNOWN_PEOPLE else NOTHING)
    done = [pl.Series(dtype=pl.String)]
    spans = [pl.DataFrame(schema=SCHEMA).with_columns(mark=pl.lit(""))]
    for first, last in _chunks(texts):
        folded = fold(notes.slice(first, last - first))
        found = settled(_found(folded, known_here.of(first, last), names.of_notes(first, last), people, layers))
        found = linked(found, known_here.of(first, last))
        found = found if model is None else with_model(folded, notes.slice(first, last - first), found, model)
        mine = rows if rows is None else rows.slice(first, last - first)
        found = marked(found, None if stable_by is None else tokens(found, mine, people, stable_by))
        done.append(spliced(folded, found))
        note, start, end = (found[name].to_numpy() for name in ("note", "start", "end"))
        begin = folded.first[note]
        spans.append(found.with_columns(pl.Series("note", note + np.uint32(first)), start=start - begin, end=end - begin))
    redacted = pl.concat(done).alias(texts.name)
    redacted = redacted.set(texts.is_null(), None) if texts.null_count() else redacted
    order = ["note", "start", "end", "label", "mark", "layer", "rule"]
    return Redacted(redacted, pl.concat(spans).select(order).cast({"start": pl.UInt32, "end": pl.UInt32}), people.version)


def _found(folded: Folded, known_here: Known, names: Words, people: People, layers: int) -> pl.DataFrame:
    """Everything that some layer hides, overlapping; `start` and `end` in `joined`."""
    mine = known_here if layers >= KNOWN_PEOPLE else NOTHING
    dated = np.union1d(mine.births["note"].to_numpy(), mine.numbers["note"].to_numpy())
    found = candidates(folded, dated)
    numbers = identified(found, mine)
    spans = numbers.select(SCHEMA.keys()).cast(SCHEMA)
    if layers >= KNOWN_PEOPLE:
        spans = settled(spans)
        readable = folded.masked(spans["start"].to_numpy(), spans["end"].to_numpy())
        named = persons(readable, names, people, unknown=layers >= UNKNOWN_PEOPLE)
        spans = pl.concat([spans, named, beside(found, spans, named)])
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    placed = spans.with_columns(start=folded.in_joined(start), end=folded.in_joined(end))
    return pl.concat([placed, _foreign(folded, known_here)]) if layers >= KNOWN_PEOPLE else placed


def linked(found: pl.DataFrame, known_here: Known) -> pl.DataFrame:
    """What was found, but for references of cases in notes that tell of nobody: whose row knows nobody, and that name nobody."""
    referred = found["label"] == _REFERENCE
    if not referred.any():
        return found
    told = pl.concat([found.filter(~referred)["note"], known_here.names["note"].cast(pl.UInt32)])
    return found.filter(~referred | found["note"].is_in(told.unique().implode()))


def _foreign(folded: Folded, known_here: Known) -> pl.DataFrame:
    """Names of the rows in another script than Latin, wherever they stand in their notes as they are written."""
    wide = known_here.names.filter(pl.col("text").str.len_bytes() > pl.col("text").str.len_chars())
    if not len(wide):
        return pl.DataFrame(schema=SCHEMA)
    names = wide.filter(pl.col("text").str.contains(FOREIGN))
    ends = [*(folded.first[1:] - 1).tolist(), len(folded.joined)]
    found = [
        (note, at.start(), at.end(), "PERSON", KNOWN_PEOPLE, "known_name", person, 0)
        for note, person, text in names.select("note", "person", "text").unique().iter_rows()
        for at in re.compile(re.escape(text.strip())).finditer(folded.joined, int(folded.first[note]), ends[note])
    ]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")


def identified(found: pl.DataFrame, known_here: Known) -> pl.DataFrame:
    """The candidates that are numbers of somebody: by their check or context, or because the row knows them."""
    decided = {"person": pl.lit(0, pl.Int64), "listed": pl.lit(0, pl.UInt32)}
    kept = verified(_with_years(found, known_here.births)).with_columns(layer=pl.lit(IDENTIFIERS, pl.UInt8), **decided)
    if "day" in kept.columns:
        kept = _born(kept, known_here.births)
    if not len(known_here.numbers):
        return kept
    mine = found.join(known_here.numbers.select("note").unique(), on="note", how="semi")
    if not len(mine):
        return kept
    same = [
        rows.with_columns(key=number_key(KINDS[int(kind)], pl.col("text")), rule=pl.lit("known_" + KINDS[int(kind)]))
        for (kind,), rows in mine.partition_by("kind", as_dict=True).items()
    ]
    matched = pl.concat(same).join(known_here.numbers, on=["note", "key"], how="inner")
    return pl.concat([kept, matched.with_columns(layer=pl.lit(KNOWN_PEOPLE, pl.UInt8), **decided)], how="diagonal")


def _with_years(found: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """The candidates with `years`, those of the births that their row knows, of two digits, as a pattern."""
    if not len(births):
        return found.with_columns(years=pl.lit(None, pl.String))
    years = births.group_by("note").agg(years=pl.col("born").dt.strftime("%y").unique().str.join("|"))
    return found.join(years, on="note", how="left", maintain_order="left")


def _born(kept: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """Of dates those only that are told as a birth, or are one that the row knows."""
    is_other = (pl.col("rule") != "date") | pl.col("is_birth")
    if not len(births):
        return kept.filter(is_other)
    kept = kept.join(births, left_on=["note", "day"], right_on=["note", "born"], how="left", coalesce=False)
    return kept.filter(is_other | pl.col("born").is_not_null())
