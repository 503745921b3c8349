"""What a court writes down: whoever stands before it, once for each case; people and organisations, in haste."""

from datetime import date
from typing import Any

from examples.justice import names
from examples.justice.desk import Desk, Rows
from examples.justice.names import COURTS, NO_POSTCODES, typed_postcode
from examples.justice.numbers import LETTERS, written
from examples.justice.society import Person, Society
from examples.justice.spelling import DEFAULT_DAYS, lenient, spelled
from examples.justice.statements import Statement, delete, insert, update

HERE = "libra"
KNOWN = 0.7
"""The share of defendants who stood before a court already, or whom another service knows."""
BUSINESSES = ("Scaffolding Ltd", "Haulage Limited", "Takeaway Ltd", "Skip Hire LLP", "Holdings PLC", "Borough Council")
NO_DAYS = ("", "not known", "01/01/1900")


class Courts:
    """The defendants that one writer looks after. Each act gives its statements; none where there is nothing to act on."""

    def __init__(self, desk: Desk, society: Society) -> None:
        self._desk, self._random, self._society = desk, desk.random, society
        self._known: Rows[int] = Rows(desk.random)
        self.who: dict[int, Person] = {}
        """Of each defendant who is a person, who he is."""

    def summon(self) -> list[Statement]:
        """A case comes, and its defendant is written down."""
        return [self._defendant()]

    def amend(self) -> list[Statement]:
        """Name and day of birth are keyed in anew, or the address, or the day of the hearing."""
        if not len(self._known):
            return []
        defendant_id, how = self._known.any(), self._random.randrange(3)
        values: dict[str, Any] = {"hearing_on": self._desk.day(date(2026, 1, 5), 200)}
        person = self.who.get(defendant_id)
        if person and how == 0:
            values = self._named(person)
        elif person and how == 1:
            values = {"postcode": self._postcode(person.postcodes[-1])}
        return [update("defendants", {"defendant_id": defendant_id}, **values, modified_at=self._desk.moment())]

    def adjourn(self) -> list[Statement]:
        """The hearings of a morning are put off."""
        day = self._desk.day(date(2026, 1, 5), 200)
        return [
            update("defendants", {"defendant_id": key}, hearing_on=day, modified_at=self._desk.moment())
            for key in self._known.some(self._random.randrange(1, 7))
        ]

    def withdraw(self) -> list[Statement]:
        """A case is not brought: its defendant goes."""
        if not len(self._known):
            return []
        defendant_id = self._known.take()
        self.who.pop(defendant_id, None)
        return [delete("defendants", {"defendant_id": defendant_id})]

    def _defendant(self) -> Statement:
        desk, random = self._desk, self._random
        defendant_id = desk.new_id(HERE)
        self._known.add(defendant_id)
        case_no = (
            f"{random.randrange(10, 27)}/{random.randrange(10_000):04d}/{random.randrange(1_000_000):06d}{random.choice(LETTERS)}"
        )
        common = {"defendant_id": defendant_id, "case_no": case_no, "court": random.choice(COURTS)}
        hearing = desk.day(date(2026, 1, 5), 200)
        if desk.chance(0.04):
            return insert("defendants", **desk.born(**common, hearing_on=hearing, **self._business()))
        person = self._society.someone(HERE, KNOWN, again=True)
        person.in_database(HERE).append(defendant_id)
        self.who[defendant_id] = person
        if desk.chance(0.1):
            self._society.move(person)
        return insert("defendants", **desk.born(**common, hearing_on=hearing, **self._person(person)))

    def _person(self, person: Person) -> dict[str, Any]:
        desk, pnc = self._desk, person.number("PNC")
        cro = person.number("CRO")
        is_told = bool(pnc) and (person.is_numbered or desk.chance(0.5))
        return {
            "defendant_type": "P", "title": desk.maybe("Mr" if person.sex == "M" else "Ms", 0.3), **self._named(person),
            "sex": desk.maybe(person.sex), "postcode": self._postcode(person.postcodes[-1]),
            "pnc": written(self._random, "PNC", pnc, wrong=0 if person.is_numbered else 0.02) if pnc and is_told else None,
            "cro": written(self._random, "CRO", cro) if cro and desk.chance(0.3) else None,
        }  # fmt: skip

    def _named(self, person: Person) -> dict[str, Any]:
        """Name and day of birth, the day as it is written; where only a default is known, mostly none."""
        told = spelled(self._desk, person)
        is_default = told.birthday in DEFAULT_DAYS
        day = self._random.choice(NO_DAYS) if is_default else lenient(self._random, told.birthday)
        return {
            "forename1": told.forename, "forename2": " ".join(told.middle) or None, "surname": told.surname,
            "name": f"{told.surname.strip().upper()}, {told.forename.strip()}", "date_of_birth": day,
        }  # fmt: skip

    def _postcode(self, code: str) -> str | None:
        random = self._random
        if self._desk.chance(0.08):
            return random.choice(NO_POSTCODES)
        return self._desk.maybe(typed_postcode(random, code))

    def _business(self) -> dict[str, Any]:
        random = self._random
        return {
            "defendant_type": "O", "title": None, "forename1": None, "forename2": None, "surname": None,
            "name": f"{names.surname(random)} {random.choice(BUSINESSES)}", "date_of_birth": None, "sex": None,
            "postcode": self._postcode(names.postcode(random)), "pnc": None, "cro": None,
        }  # fmt: skip
