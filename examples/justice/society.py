"""Invented people as they truly are: what every service writes down of them, each in its own way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from examples.justice import names
from examples.justice.desk import Desk, Rows
from examples.justice.numbers import new_number

WOES = {
    "": 34, "pet form": 10, "typo": 13, "swapped": 4, "married": 8, "default day": 8, "turned day": 6, "wrong day": 5, "alias": 8,
    "no name": 4,
}  # fmt: skip
"""What goes wrong where somebody is written down, and how often it is so.

One thing, and at most a slight one besides: two records that differ in all that they say nobody could tell to be of one person.
"""
SLIGHT = {"": 70, "typo": 12, "turned day": 8, "wrong day": 10}
NUMBERED = ("married", "default day", "alias", "no name", "swapped")
"""Who has such a woe has a police number, and every record tells it."""
GENERATION = timedelta(days=24 * 365)


@dataclass(slots=True, eq=False)
class Person:
    """Somebody. Services know him under numbers of theirs."""

    entity: str
    sex: str
    forename: str
    middle: tuple[str, ...]
    surname: str
    birthday: date
    postcodes: list[str]
    """From the first to the one of now."""
    numbers: dict[str, list[str]]
    """Of each kind the numbers given; several only of the CRO."""
    woes: tuple[str, ...] = ()
    earlier_surname: str | None = None
    false_name: tuple[str, str] | None = None
    """Forename and surname of somebody he claims to be."""
    records: dict[str, list[int]] = field(default_factory=dict)
    """In each database the subjects that are he."""

    @property
    def is_numbered(self) -> bool:
        return any(woe in NUMBERED for woe in self.woes)

    def in_database(self, database: str) -> list[int]:
        return self.records.setdefault(database, [])

    def number(self, kind: str) -> str | None:
        """The first number of a kind."""
        return next(iter(self.numbers.get(kind, ())), None)


class Society:
    """The people one writer has to do with; some are kin, some live together, some only have one name."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._random = desk, desk.random
        self._kin: list[Person] = []
        self._people: Rows[Person] = Rows(desk.random)
        self._born = 0

    def someone(self, database: str, known: float, *, again: bool = False) -> Person:
        """Somebody who comes to a service: in a share of cases one whom another service knows already.

        Args:
            known: that share.
            again: whether one whom the service itself knows may come again.
        """
        for _ in range(3 if len(self._people) and self._desk.chance(known) else 0):
            person = self._people.any()
            if again or not person.in_database(database):
                return person
        person = self._kin.pop() if self._kin and self._desk.chance(0.5) else self._new()
        self._people.add(person)
        return person

    def move(self, person: Person) -> str:
        """Another address; the new postcode."""
        person.postcodes.append(names.postcode(self._random))
        return person.postcodes[-1]

    def _new(self) -> Person:
        """Somebody new, now and then with kin who will come later."""
        how = self._random.random()
        families: tuple[tuple[float, Callable[[], Person]], ...] = (
            (0.012, self._twins), (0.024, self._father_and_son), (0.07, self._household), (0.08, self._namesakes),
        )  # fmt: skip
        return next((make for share, make in families if how < share), self._single)()

    def _single(self) -> Person:
        [woe] = self._random.choices(list(WOES), list(WOES.values()))
        [slight] = self._random.choices(list(SLIGHT), list(SLIGHT.values()))
        person = self._person(woe=woe)
        person.woes = tuple(sorted({woe, slight} - {""}))
        return person

    def _twins(self) -> Person:
        """One day of birth, surname and address; forenames that nobody takes for each other."""
        first = self._person()
        second = self._person(surname=first.surname, birthday=first.birthday, postcode=first.postcodes[0])
        while second.forename[:2] == first.forename[:2]:
            second.forename = names.forename(self._random, second.sex)
        self._kin.append(second)
        return first

    def _father_and_son(self) -> Person:
        """One name and one address, a generation apart."""
        son = self._person(sex="M")
        birthday = son.birthday - GENERATION - timedelta(days=self._random.randrange(3_000))
        father = self._person(sex="M", surname=son.surname, birthday=birthday, postcode=son.postcodes[0])
        father.forename = son.forename
        self._kin.append(father)
        return son

    def _household(self) -> Person:
        """One surname and one address, and nothing else."""
        first = self._person()
        for _ in range(self._random.randrange(1, 4)):
            other = self._person(surname=first.surname, postcode=first.postcodes[0])
            while other.forename == first.forename:
                other.forename = names.forename(self._random, other.sex)
            self._kin.append(other)
        return first

    def _namesakes(self) -> Person:
        """Strangers of one name; each is known by a day of birth of his own."""
        sex = "F" if self._desk.chance(0.25) else "M"
        forename = self._random.choice(names.FORENAMES[sex][: names.COMMON])
        surname = self._random.choice(names.SURNAMES[: names.COMMON])
        first, *others = [self._person(sex=sex, surname=surname) for _ in range(self._random.randrange(2, 5))]
        for person in (first, *others):
            person.forename = forename
        self._kin += others
        return first

    def _person(
        self, *, sex: str = "", surname: str = "", birthday: date | None = None, postcode: str = "", woe: str = ""
    ) -> Person:
        desk, random = self._desk, self._random
        self._born += 1
        sex = sex or ("F" if desk.chance(0.25) else "M")
        if woe == "married":
            sex = "F"
        person = Person(
            entity=f"{desk.writer}-{self._born}", sex=sex, forename=names.forename(random, sex),
            middle=tuple(names.forename(random, sex) for _ in range(random.choice((0, 0, 1, 1, 1, 2)))),
            surname=surname or names.surname(random), birthday=birthday or desk.day(date(1952, 1, 2), 19_000),
            postcodes=[postcode or names.postcode(random)], numbers=self._numbers(),
        )  # fmt: skip
        if woe == "married":
            person.earlier_surname = names.surname(random)
        if woe == "alias":
            person.false_name = names.forename(random, sex), names.surname(random)
        if woe == "pet form" and person.forename not in names.PET_FORMS:
            person.forename = random.choice([name for name in names.FORENAMES[sex] if name in names.PET_FORMS])
        return person if woe not in NUMBERED or person.numbers["PNC"] else self._with_number(person)

    def _with_number(self, person: Person) -> Person:
        person.numbers["PNC"] = [new_number(self._random, "PNC")]
        return person

    def _numbers(self) -> dict[str, list[str]]:
        """What police, tax and health gave: not everybody has everything."""
        given = {"PNC": (0.65, 1), "CRO": (0.45, 1 + self._desk.chance(0.15)), "NINO": (0.6, 1), "NHS": (0.5, 1)}
        return {
            kind: [new_number(self._random, kind) for _ in range(count)] if self._desk.chance(share) else []
            for kind, (share, count) in given.items()
        }
