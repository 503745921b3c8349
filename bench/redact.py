"""What redaction costs: notes of about 100 characters, half of them with personal data, against a dictionary of known names.

`python -m bench.redact [--notes N] [--people N] [--json]`. CPU-seconds per million notes, one thread,
dictionary and start-up apart.
"""

import argparse
import json
import os
import time
from random import Random

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl

from rules.redact import IDENTIFIERS, KNOWN_PEOPLE, ROW, UNKNOWN_PEOPLE, People, redact

_PARTS = (
    "an",
    "be",
    "cor",
    "da",
    "el",
    "fri",
    "go",
    "ha",
    "is",
    "jo",
    "ka",
    "li",
    "mo",
    "na",
    "or",
    "pe",
    "qui",
    "ro",
    "sa",
    "ta",
    "ul",
    "vi",
    "wa",
)
_NOTES = (
    "Spoke to {f} {s} about visits on the wing. Nothing to report, he says he is well and working hard.",
    "No concerns raised by staff this morning. Attended education and gym, returned to cell B2-014 at 11:30.",
    "{s} rang 07700 900{n} to ask for a move nearer to his mother, who lives in Leeds. Will ask {t} on Monday.",
    "Hearing at Leeds Crown Court on 12 March 2024, sentenced to 24 months. Appeal lodged, ref 1234567 was",
    "Collected medication, no issues. Asked about his canteen sheet and the date of his next review. Polite.",
    "DOB 12/03/1985, lives at 14 Acacia Avenue, Leeds LS2 9JT with his mother {g} and works as a roofer now",
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--notes", type=int, default=200_000)
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--json", action="store_true", help="print one JSON object")
    given = asked.parse_args()
    said = measure(given.notes, given.people)
    if given.json:
        print(json.dumps(said))
    else:
        for name, value in said.items():
            print(f"{name:44} {value}")


def measure(count: int, people: int) -> dict[str, float]:
    r = Random(3)
    rows = [_row(r) for _ in range(people)]
    known = pl.DataFrame(rows, schema=ROW)
    begun = time.process_time()
    everyone = People.of(known, "bench")
    built = time.process_time() - begun
    subjects = [rows[r.randrange(people)] for _ in range(count)]
    texts = pl.Series("text", [_note(r, place, subject) for place, subject in enumerate(subjects)])
    mine = pl.DataFrame(subjects, schema=ROW)
    redact(texts.head(1000), mine.head(1000), everyone)
    said = {
        "notes": count,
        "characters a note": round(texts.str.len_chars().mean() or 0, 1),
        "dictionary: CPU seconds to build": round(built, 2),
    }
    ways = (
        ("layer 1", IDENTIFIERS, None), ("layers 1 and 2", KNOWN_PEOPLE, None), ("layers 1 to 3", UNKNOWN_PEOPLE, None),
        ("layers 1 and 2, with rows", KNOWN_PEOPLE, mine), ("layers 1 to 3, with rows", UNKNOWN_PEOPLE, mine),
    )  # fmt: skip
    for name, layers, given in ways:
        best = min(_cost(texts, given, everyone, layers) for _ in range(3))
        said[f"{name}: CPU-s per million notes"] = round(best / count * 1e6, 2)
        said[f"{name}: notes a second and core"] = round(count / best)
    return said


def _cost(texts: pl.Series, rows: pl.DataFrame | None, people: People, layers: int) -> float:
    begun = time.process_time()
    redact(texts, rows, people, layers)
    return time.process_time() - begun


def _name(r: Random, parts: int) -> str:
    return "".join(r.choice(_PARTS) for _ in range(parts)).title()


def _row(r: Random) -> dict[str, object]:
    linked = [{"forename": _name(r, 2), "surname": _name(r, 3), "relation": "mother"}]
    return {"forename": _name(r, 2), "surname": _name(r, 3), "date_of_birth": "1985-03-12", "linked_people": linked}


def _note(r: Random, place: int, row: dict[str, object]) -> str:
    linked = row["linked_people"]
    assert isinstance(linked, list)
    words = {"f": row["forename"], "s": row["surname"], "g": linked[0]["forename"], "t": _name(r, 2), "n": r.randint(100, 999)}
    return _NOTES[place % len(_NOTES)].format(**words)


if __name__ == "__main__":
    main()
