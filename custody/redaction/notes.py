"""Notes as they are given to the command: plain text, or JSON lines `{"id", "text", "row"}`."""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from rules.redact import ROW, Redacted
from schemas.errors import Refused

_SURROGATES = re.compile("[\ud800-\udfff]")
_PERSON = tuple(name for name in ROW.names() if name not in {"aliases", "linked_people"})


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    id: Any = None
    row: dict[str, Any] = field(default_factory=dict)
    gold: list[dict[str, Any]] = field(default_factory=list)
    """What should be found: `start`, `end`, `label`, and perhaps `known`."""
    about: dict[str, Any] = field(default_factory=dict)
    """Whatever else a corpus says of a note: `register`, `split`."""


def read_text(file: str) -> str:
    """The file's text, or that of the standard input; bytes that are no UTF-8 become U+FFFD.

    Raises:
        Refused: there is no such file.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        raise Refused("The notes can't be read", file=file, remedy="name a file, or - for the standard input") from problem
    return raw.decode("utf-8", errors="replace").removeprefix("\ufeff")


def parse_notes(text: str, file: str) -> list[Note] | None:
    """The notes of JSON lines; None where it is plain text: where some line is no JSON object with `text`."""
    lines = [line for line in re.split(r"\r?\n", text) if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{"):
        return None
    objects = [_object(line) for line in lines]
    if not all(one is not None and "text" in one for one in objects):
        return None
    return [_note(one, place, file) for place, one in enumerate(objects, 1) if one is not None]


def parse_row(said: str) -> dict[str, Any]:
    """What `--row` says.

    Raises:
        Refused: it is no JSON object.
    """
    row = _object(said)
    if row is None:
        raise Refused("--row is not one JSON object", remedy='write --row \'{"forename": "…", "surname": "…"}\'')
    return row


def rows_frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Rows in the shape that redaction takes; what it does not know is left out."""
    return pl.DataFrame([_person(row) | {"linked_people": _linked(row)} for row in rows], schema=ROW)


def spans_of(redacted: Redacted, count: int) -> list[list[dict[str, Any]]]:
    """The spans of each note, as they are printed."""
    by_note: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for span in redacted.spans.iter_rows(named=True):
        by_note[span.pop("note")].append(span)
    return by_note


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _note(one: dict[str, Any], place: int, file: str) -> Note:
    text, row, gold = one.get("text"), one.get("row") or {}, one.get("spans") or []
    if not isinstance(text, str | None) or not isinstance(row, dict) or not isinstance(gold, list):
        raise Refused("A note needs `text` as text, `row` as an object and `spans` as a list", file=file, line=place)
    about = {name: value for name, value in one.items() if name not in {"id", "text", "row", "spans"}}
    return Note(_SURROGATES.sub("\ufffd", text or ""), one.get("id"), row, gold, about)


def _person(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of one person; a single alias may stand without a list."""
    said = {name: _word(row.get(name)) for name in _PERSON}
    aliases = row.get("aliases") or []
    aliases = aliases if isinstance(aliases, list) else [aliases]
    return said | {"aliases": [_alias(one) for one in aliases]}


def _alias(one: object) -> str | None:
    """A name as one text, also where it is an object with `forename` and `surname`."""
    return " ".join(str(part) for part in one.values()) if isinstance(one, dict) else _word(one)


def _word(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) else _SURROGATES.sub("\ufffd", str(value))


def _linked(row: dict[str, Any]) -> list[dict[str, Any]]:
    linked = row.get("linked_people") or []
    return (
        [_person(one) | {"relation": _word(one.get("relation"))} for one in linked if isinstance(one, dict)]
        if isinstance(linked, list)
        else []
    )
