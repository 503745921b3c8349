"""What `custody redact` does with a file: notes in, lines out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from custody.redaction.notes import Note, parse_notes, parse_row, read_text, rows_frame, spans_of
from rules.redact import NOBODY, People, Redacted, redact


def redact_notes(file: str, row: str | None, people: Path | None, layers: int, *, as_json: bool) -> Iterator[str]:
    """The lines to print: the redacted text, or JSON.

    Raises:
        Refused: the file, `row` or `people` is not sound.
    """
    text = read_text(file)
    given = parse_row(row) if row else {}
    notes = parse_notes(text, file)
    everyone = known_people(people)
    if notes is not None:
        yield from _json_lines([Note(n.text, n.id, given | n.row) for n in notes], everyone, layers)
        return
    [(spans, redacted)] = run([Note(text.removesuffix("\n"), row=given)], everyone, layers)
    yield json.dumps({"text": redacted, "spans": spans}) if as_json else redacted


def run(notes: list[Note], people: People, layers: int) -> list[tuple[list[dict[str, Any]], str]]:
    """Spans and redacted text of each note."""
    texts = pl.Series("text", [note.text for note in notes], pl.String)
    found: Redacted = redact(texts, rows_frame(note.row for note in notes), people, layers)
    return list(zip(spans_of(found, len(notes)), found.texts.to_list(), strict=True))


def known_people(path: Path | None) -> People:
    """The dictionary of a file of JSON lines.

    Raises:
        Refused: there is no such file, or a line of it is no JSON object.
    """
    if path is None:
        return NOBODY
    rows = [parse_row(line) for line in read_text(str(path)).splitlines() if line.strip()]
    return People.of(rows_frame(rows), version=path.name)


def _json_lines(notes: list[Note], people: People, layers: int) -> Iterator[str]:
    for note, (spans, text) in zip(notes, run(notes, people, layers), strict=True):
        yield json.dumps({"id": note.id, "text": text, "spans": spans}, ensure_ascii=False)
