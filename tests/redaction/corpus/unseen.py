"""Notes of other registers, each written by itself, in two halves: one to improve the rules by, one to measure only.

In `unseen`, `unseen_second` and `unseen_plain` notes take turns; the halves of `unseen_third` are files of their own, in other registers
and another style each. `unseen_fourth` is written by others than the rules, as JSON lines with their numbers, in two halves of files of
their own: the latter was measured some fifteen times while the rules were made, by its totals, and its notes were not read.
`python -m tests.redaction.corpus.unseen FOLDER` writes `<set>_seen.jsonl` (the former half) and `<set>_held.jsonl` (the latter).
"""

import json
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from tests.redaction.corpus import numbers
from tests.redaction.corpus.generate import LABELS

_SLOT = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_LABELS = LABELS | {"crn": "CRN", "address_welsh": "ADDRESS"}
_PERSONS = {"k": True, "p": False}
SETS = ("unseen", "unseen_second", "unseen_third", "unseen_fourth", "unseen_plain")
HALVES = ("seen", "held")


def notes(half: str, seed: int = 11, of: str = "unseen") -> Iterator[dict[str, Any]]:
    """The notes of a half, `seen` or `held`, of a set, in the shape of `generate.notes`."""
    path = Path(__file__).with_name(f"{of}_{half}.jsonl")
    if path.exists():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return
    for place, line in _lines(of, half):
        register, row, text = (part.strip() for part in line.split(" | ", 2))
        yield {"id": f"{register}/{place}", "register": register, "row": _row(row), **_note(Random(f"{seed} {place}"), text)}


def _lines(of: str, half: str) -> list[tuple[int, str]]:
    """The numbered lines of a half: of a file of its own, or every other one of the set's."""
    folder, apart = Path(__file__).parent, f"{of}_{half}.txt"
    path = folder / apart if (folder / apart).exists() else folder / f"{of}.txt"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    numbered = list(enumerate(lines))
    return numbered if path.name == apart else numbered[HALVES.index(half) :: 2]


def _row(said: str) -> dict[str, Any]:
    """`Forename Surname; aka Alias; link Forename Surname`; `-`: nothing is known."""
    if said == "-":
        return {}
    name, *more = said.split("; ")
    aliases = [one.removeprefix("aka ") for one in more if one.startswith("aka ")]
    linked = [_name(one.removeprefix("link ")) for one in more if one.startswith("link ")]
    return {**_name(name), "aliases": aliases, "linked_people": linked}


def _name(said: str) -> dict[str, str]:
    forename, _, surname = said.partition(" ")
    return {"forename": forename, "surname": surname}


def _note(r: Random, said: str) -> dict[str, Any]:
    text, spans, at = "", [], 0
    said = said.replace("\\n", "\n")
    for slot in _SLOT.finditer(said):
        text += said[at : slot.start()]
        kind, value = slot.group(1), slot.group(2) or _made(r, slot.group(1))
        label = "PERSON" if kind in _PERSONS else _LABELS.get(kind)
        if label:
            spans.append({"start": len(text), "end": len(text) + len(value), "label": label, "known": _PERSONS.get(kind, False)})
        text, at = text + value, slot.end()
    return {"text": text + said[at:], "spans": spans}


def _made(r: Random, kind: str) -> str:
    if kind == "email":
        return numbers.email(r, "Robin", "Fletcher")
    if kind == "handle":
        return numbers.handle(r, "Robin")
    if kind == "crn":
        return f"X{r.randint(100_000, 999_999)}"
    return str(numbers.written_nhs(r) if kind == "nhs" else getattr(numbers, kind)(r))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for of, half in product(SETS, HALVES):
        lines = [json.dumps(note, ensure_ascii=False) for note in notes(half, of=of)]
        (folder / f"{of}_{half}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
