"""`python -m tests.redaction.corpus.generate FOLDER`: writes `tune.jsonl` and `test.jsonl`, the same each time.

Slots: `k…` the row's subject (`k` full, `kf` forename, `ks` surname, `ki` initial and surname, `k_rev` turned, `ka` alias, `kt` misspelt),
`l…` somebody linked to it, `p…` a stranger (within a note, each slot another one); the rest are numbers and dates by their name.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.redaction.corpus import families_test, families_tune, families_tune_more, numbers
from tests.redaction.corpus.people import Person, misspelt, stranger, subject

TIMES = {"tune": 18, "test": 18}
"""How many notes each template gives."""
RELATIONS = ("mother", "sister", "brother", "partner", "aunt", "cousin")
LABELS = {
    "phone": "PHONE", "postcode": "POSTCODE", "address": "ADDRESS", "birth": "DATE_OF_BIRTH", "vehicle": "VEHICLE_REG", "licence": "DRIVING_LICENCE",
    "passport": "PASSPORT", "card": "PAYMENT_CARD", "iban": "BANK_ACCOUNT", "sort_code": "BANK_ACCOUNT", "account": "BANK_ACCOUNT", "ip": "IP_ADDRESS",
    "email": "EMAIL", "handle": "URL_HANDLE", "nhs": "NHS_NUMBER", "noms": "NOMS_NUMBER", "pnc": "PNC", "cro": "CRO", "nino": "NINO",
}  # fmt: skip
_FILLERS = (
    "", "", "", " No further action.", " To be reviewed next week.", " Copied to file.", " Staff to remain vigilant.", " Nothing else to report.",
    " Case discussed in supervision.", " \U0001f642", " Updated on NOMIS.",
)  # fmt: skip


def notes(split: str, seed: int = 7) -> Iterator[dict[str, Any]]:
    """The notes of one half: `id`, `text`, `row`, `spans` (`start`, `end`, `label`, `known`), `register`, `family`."""
    families = {"tune": families_tune.FAMILIES | families_tune_more.FAMILIES, "test": families_test.FAMILIES}[split]
    for family, templates in families.items():
        for place, template in enumerate(templates):
            for turn in range(TIMES[split]):
                r = Random(f"{seed} {family} {place} {turn}")
                yield {
                    "id": f"{family}/{place}/{turn}",
                    **_note(r, template, family),
                    "register": family.split("/")[0],
                    "family": family,
                }


def _note(r: Random, template: str, family: str) -> dict[str, Any]:
    who, other, relation = subject(r), stranger(r), r.choice(RELATIONS)
    text, spans = "", []
    for part in re.split(r"(\{\w+\})", template + ("" if "\n" in template else r.choice(_FILLERS))):
        if not part.startswith("{"):
            text += part
            continue
        slot = part[1:-1]
        value, label, known = _value(r, slot, who, other, relation)
        if label:
            spans.append({"start": len(text), "end": len(text) + len(value), "label": label, "known": known})
        text += value
    row = _row(r, who, other, relation)
    return {"text": _styled(r, text, family), "row": row, "spans": spans}


def _value(r: Random, slot: str, who: Person, other: Person, relation: str) -> tuple[str, str, bool]:
    if slot in _NAMES:
        return _NAMES[slot](r, who), "PERSON", True
    if slot == "lrel":
        return relation, "", False
    if slot in {"l", "lf"}:
        return (other.forename if slot == "lf" else f"{other.forename} {other.surname}"), "PERSON", True
    if slot in {"p", "pf", "ps"}:
        one = stranger(r)
        return {"p": f"{one.forename} {one.surname}", "pf": one.forename, "ps": one.surname}[slot], "PERSON", False
    if slot == "date":
        return numbers.date(r), "", False
    if slot in {"email", "handle"}:
        one = stranger(r)
        return (
            (numbers.email(r, one.forename, one.surname) if slot == "email" else numbers.handle(r, one.forename)),
            LABELS[slot],
            False,
        )
    made: Callable[[Random], str] = numbers.written_nhs if slot == "nhs" else getattr(numbers, slot)
    return made(r), LABELS[slot], False


_NAMES: dict[str, Callable[[Random, Person], str]] = {
    "k": lambda _, p: f"{p.forename} {p.surname}",
    "kf": lambda _, p: p.forename,
    "ks": lambda _, p: p.surname,
    "ki": lambda r, p: r.choice((f"{p.forename[0]} {p.surname}", f"{p.forename[0]}. {p.surname}")),
    "k_rev": lambda r, p: r.choice((f"{p.surname.upper()}, {p.forename}", f"{p.surname.upper()} {p.forename}")),
    "ka": lambda _, p: p.alias,
    "kt": lambda r, p: f"{p.forename} {misspelt(r, p.surname)}",
}


def _row(r: Random, who: Person, other: Person, relation: str) -> dict[str, Any]:
    linked = {**other.row(), "relation": relation}
    return {
        **who.row(),
        "aliases": [who.alias],
        "date_of_birth": who.born,
        **who.values,
        "linked_people": [linked, {**stranger(r).row(), "relation": "friend"}],
    }


def _styled(r: Random, text: str, family: str) -> str:
    """The same text in the case that its register is written in; as long as before."""
    kind = family.split("/")
    if "shouted" in kind:
        return _same_length(text, str.upper)
    if "dictated" in kind or "lower" in kind or ("sms" in kind and r.random() < 0.7):
        return _same_length(text, str.lower)
    return text


def _same_length(text: str, change: Callable[[str], str]) -> str:
    return "".join(change(char) if len(change(char)) == 1 else char for char in text)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for split in TIMES:
        lines = [json.dumps(note, ensure_ascii=False) for note in notes(split)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
