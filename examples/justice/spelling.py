"""How a service writes somebody down: the truth, or what became of it at the desk."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from string import ascii_lowercase
from typing import Any

from examples.justice.desk import Desk
from examples.justice.names import NO_NAMES, PET_FORMS, typed
from examples.justice.society import Person

OFTEN = 0.5
"""So often a woe of a person shows in a record."""
SLIP = 0.06
"""So often a letter of a name is wrong besides."""
DEFAULT_DAYS = (date(1970, 1, 1), date(1900, 1, 1))
"""What forms hold where nobody gave a day of birth."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Name and day of birth of somebody, as one record has them."""

    forename: str
    middle: tuple[str, ...]
    surname: str
    birthday: date
    earlier_surname: str | None = None


def spelled(desk: Desk, person: Person) -> Spelling:
    """A record's spelling, its letters as they are typed."""
    plain = _plain(desk, person)
    middle = plain.middle if desk.chance(0.6) else tuple(name[0] for name in plain.middle) if desk.chance(0.4) else ()
    return Spelling(
        _name(desk, plain.forename), middle, _name(desk, plain.surname), plain.birthday, plain.earlier_surname,
    )  # fmt: skip


def _name(desk: Desk, name: str) -> str:
    return name if name in NO_NAMES else typed(desk.random, name)


def _plain(desk: Desk, person: Person) -> Spelling:
    told = Spelling(person.forename, person.middle, person.surname, person.birthday)
    if desk.chance(0.7):
        told = replace(told, earlier_surname=person.earlier_surname)
    for woe in person.woes:
        if desk.chance(OFTEN):
            told = replace(told, **_WRONG[woe](desk.random, person))
    slips = told.surname not in NO_NAMES and desk.chance(SLIP)
    return replace(told, surname=mistyped(desk.random, told.surname)) if slips else told


def _a_name(random: Random) -> str:
    return random.choice(("forename", "surname"))


def _mistyped(random: Random, person: Person) -> dict[str, Any]:
    part = _a_name(random)
    return {part: mistyped(random, getattr(person, part))}


def _false(_: Random, person: Person) -> dict[str, Any]:
    assert person.false_name is not None
    return dict(zip(("forename", "surname"), person.false_name, strict=True))


_WRONG: dict[str, Callable[[Random, Person], dict[str, Any]]] = {
    "pet form": lambda _, person: {"forename": PET_FORMS[person.forename]},
    "typo": _mistyped,
    "swapped": lambda _, person: {"forename": person.surname, "surname": person.forename},
    "married": lambda _, person: {"surname": person.earlier_surname, "earlier_surname": None},
    "default day": lambda random, _: {"birthday": random.choice(DEFAULT_DAYS)},
    "turned day": lambda _, person: {"birthday": turned(person.birthday)},
    "wrong day": lambda _, person: {"birthday": one_day_wrong(person.birthday)},
    "alias": _false,
    "no name": lambda random, _: {_a_name(random): random.choice(NO_NAMES)},
}
"""What each woe puts in the place of what is right."""


def mistyped(random: Random, name: str) -> str:
    """One letter another, lost, doubled, or two of them turned."""
    place = random.randrange(1, max(2, len(name) - 1))
    how, letter = random.randrange(4), name[place : place + 1]
    if how == 0:
        return name[:place] + random.choice(ascii_lowercase) + name[place + 1 :]
    if how == 1 and len(name) > 3:
        return name[:place] + name[place + 1 :]
    if how == 2:
        return name[:place] + letter + name[place:]
    return name[:place] + name[place + 1 : place + 2] + letter + name[place + 2 :]


def turned(day: date) -> date:
    """Day and month in each other's place, where the calendar has such a day."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day


def one_day_wrong(day: date) -> date:
    """Another last digit of the day."""
    tens = 0 if day.day < 10 else 10
    return day.replace(day=tens + day.day % 9 + (not tens))


def lenient(random: Random, day: date) -> str:
    """A day as a court writes it."""
    forms = ("%d/%m/%Y", "%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%Y-%m-%d", "%d/%m/%y")
    if day.year <= 1940:
        forms = forms[:-1]
    text = day.strftime(random.choice(forms))
    return text.upper() if random.random() < 0.1 else text
