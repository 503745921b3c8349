"""People who don't exist, as several services would have written them down: families, twins, aliases, slips, defaults.

Names are drawn from short lists with frequencies as skewed as real ones. Each person stands in one to four records, each
with its own errors. The same seed gives the same people.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from rules.identifiers.police import LETTERS

_LISTS = (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").splitlines()
MEN, WOMEN, STEMS, ENDS, STREETS, WAYS, TOWNS = (line.split() for line in _LISTS)
NICKNAMES = {"JOHN": "JACK", "DAVID": "DAVE", "MICHAEL": "MIKE", "ROBERT": "BOB", "WILLIAM": "BILL", "STEPHEN": "STEVE",
             "CHRISTOPHER": "CHRIS", "RICHARD": "DICK", "ELIZABETH": "LIZ", "CATHERINE": "KATE", "MARGARET": "PEGGY",
             "ANTHONY": "TONY", "JAMES": "JIM", "SUSAN": "SUE", "EDWARD": "TED", "PATRICIA": "PAT"}  # fmt: skip


@dataclass
class Person:
    """What is true of one person."""

    entity: int
    forename: str
    middle: str
    surname: str
    born: date
    sex: str
    pnc: str
    noms: str
    address: tuple[str, str, str]
    moved: list[tuple[str, str, str]] = field(default_factory=list)


def people(count: int, seed: int = 7, *, families: float = 0.25, twins: float = 0.02) -> list[Person]:
    """At least `count` people; a share of them in families that live together, some of these with twins or a father's name."""
    random_ = random.Random(seed)
    found: list[Person] = []
    while len(found) < count:
        home, surname = _address(random_), _surname(random_)
        first = _person(random_, len(found), surname, home)
        found.append(first)
        chance = random_.random()
        if chance < twins:
            second = _person(random_, len(found), surname, home)
            second.born = first.born
            while second.forename == first.forename:
                second.forename = _forename(random_, second.sex)
            found.append(second)
        elif chance < twins + families:
            for _ in range(random_.randint(1, 3)):
                other = _person(random_, len(found), surname, home)
                if other.sex == first.sex == "M" and random_.random() < 0.2:
                    other.forename = first.forename
                    other.born = first.born + timedelta(days=random_.randint(19 * 365, 36 * 365))
                found.append(other)
    return found


def _person(random_: random.Random, entity: int, surname: str, home: tuple[str, str, str]) -> Person:
    sex = "M" if random_.random() < 0.75 else "F"
    born = date(1945, 1, 1) + timedelta(days=random_.randrange(60 * 365))
    serial, year = random_.randrange(1, 9_999_999), born.year + 18
    letter = LETTERS[int(f"{year % 100:02}{serial:07}") % 23]
    noms = f"A{random_.randrange(10000):04}{random_.choice('ACDEFGH')}{random_.choice('JKLMNPQRT')}"
    return Person(entity, _forename(random_, sex), _forename(random_, sex) if random_.random() < 0.5 else "", surname, born, sex,
                  f"{year}/{serial:07}{letter}", noms, home)  # fmt: skip


def _forename(random_: random.Random, sex: str) -> str:
    names = MEN if sex == "M" else WOMEN
    return names[min(int(random_.expovariate(1 / 14)), len(names) - 1)]


def _surname(random_: random.Random) -> str:
    place = int(random_.paretovariate(0.6)) * 31 + random_.randrange(40)
    name = STEMS[place % len(STEMS)] + ENDS[place // 7 % len(ENDS)]
    return name + (ENDS[place // 211 % len(ENDS)] if place > 700 else "")


def _address(random_: random.Random) -> tuple[str, str, str]:
    street = f"{random_.randrange(1, 180)} {random_.choice(STREETS)} {random_.choice(WAYS)}"
    town = random_.choice(TOWNS)
    incode = f"{random_.randrange(10)}{random_.choice('ABDEFGHJLN')}{random_.choice('PQRSTUWXYZ')}"
    code = f"{town[:2]}{random_.randrange(1, 30)} {incode}"
    return street, town, code


def slip(random_: random.Random, text: str) -> str:
    """One slip of the pen."""
    if len(text) < 3:
        return text
    place = random_.randrange(len(text) - 1)
    kind = random_.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    letter = random_.choice("ABCDEFGHIJKLMNOPRSTUVWY" if text[place].isalpha() else "0123456789")
    return text[:place] + letter + text[place + (kind == 2) :]


def record(random_: random.Random, person: Person, noise: float = 1.0) -> dict[str, str | None]:
    """One service's record of a person; `noise` 1 is about one error a record."""

    def happens(chance: float) -> bool:
        return random_.random() < chance * noise

    forename, surname, born = person.forename, person.surname, person.born
    street, town, code = person.address if not happens(0.15) else _address(random_)
    if happens(0.06):
        forename = NICKNAMES.get(forename, forename)
    if happens(0.08):
        forename = slip(random_, forename)
    if happens(0.08):
        surname = slip(random_, surname)
    if person.sex == "F" and happens(0.06):
        surname = _surname(random_)
    if happens(0.03):
        forename, surname = surname, forename
    written = born.strftime("%Y-%m-%d")
    if happens(0.03) and born.day <= 12:
        written = f"{born.year}-{born.day:02}-{born.month:02}"
    elif happens(0.03):
        written = slip(random_, written)
    elif happens(0.04):
        written = random_.choice(["1900-01-01", "1970-01-01", f"{born.year}-01-01"])
    return {
        "forename": forename, "middle_name": None if happens(0.3) else person.middle or None, "surname": surname,
        "date_of_birth": None if happens(0.04) else written, "sex": None if happens(0.05) else person.sex,
        "pnc_number": None if happens(0.5) else slip(random_, person.pnc) if happens(0.02) else person.pnc,
        "prison_number": None if happens(0.6) else person.noms,
        "address": None if happens(0.15) else slip(random_, street) if happens(0.15) else street,
        "town": None if happens(0.15) else town,
        "postcode": None if happens(0.12) else slip(random_, code) if happens(0.05) else code,
    }  # fmt: skip


def records(count: int, seed: int = 7, noise: float = 1.0, **kinds: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records of about `count` people, and the labels `id, entity`, both in an order that says nothing."""
    random_ = random.Random(seed + 1)
    rows = []
    for person in people(count, seed, **kinds):
        rows += [{**record(random_, person, noise), "entity": person.entity} for _ in range(random_.choice([1, 1, 2, 2, 3, 4]))]
    random_.shuffle(rows)
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(id=pl.format("R{}", pl.int_range(pl.len())))
    return frame.drop("entity").select("id", pl.all().exclude("id")), frame.select("id", "entity")
