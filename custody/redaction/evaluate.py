"""How good redaction is on a corpus: by span, per label, kind and register; what was missed, what was hidden for nothing.

A marked span counts as found if what was found covers nearly all of it and one of the spans there has its label. A span found is
right if it touches a marked one of its label; one of a label that the corpus does not use (CRN, UTR) is not counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from custody.redaction.notes import Note, parse_notes, read_text
from custody.redaction.run import known_people, run
from schemas.errors import Refused

NEARLY_ALL = 0.8
_AROUND = 40
Span = dict[str, Any]
Tally = Counter[str]


def evaluate(corpus: Path, people: Path | None, layers: int) -> dict[str, Any]:
    """The report, as it is printed with `--json`.

    Raises:
        Refused: the corpus is no JSON lines.
    """
    notes = parse_notes(read_text(str(corpus)), str(corpus))
    if notes is None:
        raise Refused(
            "The corpus is not JSON lines with `text`", file=str(corpus), remedy='write {"id", "text", "row", "spans"} a line'
        )
    found = [spans for spans, _ in run(notes, known_people(people), layers)]
    return report(notes, found)


def report(notes: list[Note], found: list[list[Span]]) -> dict[str, Any]:
    """What was found against what was marked."""
    used = {span["label"] for note in notes for span in note.gold}
    tallies: dict[str, dict[str, Tally]] = {by: defaultdict(Counter) for by in ("label", "kind", "register")}
    misses, alarms = [], []
    clean = Counter[str]()
    for note, spans in zip(notes, found, strict=True):
        counted = [span for span in spans if span["label"] in used or not used]
        register = str(note.about.get("register", "all"))
        for span in note.gold:
            hit = _is_found(span, spans)
            _count(tallies, span, register, "found" if hit else "missed")
            if not hit:
                misses.append(_shown(note, span))
        for span in counted:
            right = any(span["label"] == gold["label"] and _overlap(span, gold) for gold in note.gold)
            _count(tallies, span, register, "right" if right else "wrong")
            if not right:
                alarms.append(_shown(note, span))
        if not note.gold:
            clean["untouched" if not counted else "touched"] += 1
    rates = {by: {name: _rates(tally) for name, tally in sorted(of.items())} for by, of in tallies.items()}
    total = sum((tally for tally in tallies["label"].values()), Counter())
    return {
        "notes": len(notes), "all": _rates(total), **{f"by_{by}": rate for by, rate in rates.items()},
        "without_personal_data": {**clean, "rate": _ratio(clean["untouched"], sum(clean.values()))},
        "missed": misses, "wrong": alarms,
    }  # fmt: skip


def kind_of(span: Span) -> str:
    """Which target a span belongs to: of a marked one by whether it is known, of a found one by its layer."""
    if span["label"] != "PERSON":
        return "identifiers"
    is_known = span["known"] if "known" in span else span.get("layer") == 2  # noqa: PLR2004
    return "known people" if is_known else "unknown people"


def _count(tallies: dict[str, dict[str, Tally]], span: Span, register: str, what: str) -> None:
    for by, name in (("label", span["label"]), ("kind", kind_of(span)), ("register", register)):
        tallies[by][name][what] += 1


def _is_found(gold: Span, spans: Iterable[Span]) -> bool:
    touching = [span for span in spans if _overlap(span, gold)]
    covered = sum(_overlap(span, gold) for span in touching)
    return covered >= NEARLY_ALL * (gold["end"] - gold["start"]) and any(span["label"] == gold["label"] for span in touching)


def _overlap(a: Span, b: Span) -> int:
    return int(max(min(a["end"], b["end"]) - max(a["start"], b["start"]), 0))


def _rates(tally: Tally) -> dict[str, Any]:
    marked, hidden = tally["found"] + tally["missed"], tally["right"] + tally["wrong"]
    return {
        "marked": marked,
        "recall": _ratio(tally["found"], marked),
        "hidden": hidden,
        "precision": _ratio(tally["right"], hidden),
    }


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _shown(note: Note, span: Span) -> dict[str, Any]:
    start, end = span["start"], span["end"]
    return {
        "id": note.id, "label": span["label"], "kind": kind_of(span), "rule": span.get("rule"), "text": note.text[start:end],
        "around": f"{note.text[max(start - _AROUND, 0) : start]}⟦{note.text[start:end]}⟧{note.text[end : end + _AROUND]}",
    }  # fmt: skip
