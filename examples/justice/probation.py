"""What a probation office does with people: records, aliases, addresses; a record that goes is mostly only marked as gone."""

from datetime import date
from typing import Any

from examples.justice.desk import Desk, Rows
from examples.justice.names import NO_POSTCODES, dirty, forename, surname, typed_postcode
from examples.justice.numbers import noms_number, written
from examples.justice.society import Person, Society
from examples.justice.spelling import spelled
from examples.justice.statements import Statement, delete, insert, update

HERE = "delius"
KNOWN = 0.65
"""The share of newcomers whom a prison or a court knows already."""
GENDERS = {"M": ("M", "M", "Male"), "F": ("F", "F", "Female")}
MOST_ROWS = 8
"""What one act removes, at most."""


class Probation:
    """The records that one writer looks after. Each act gives its statements; none where there is nothing to act on."""

    def __init__(self, desk: Desk, society: Society) -> None:
        self._desk, self._random, self._society = desk, desk.random, society
        self._known: Rows[int] = Rows(desk.random)
        self._gone: Rows[int] = Rows(desk.random)
        self.who: dict[int, Person] = {}
        """Of each record that is there, and not marked as gone, the person."""
        self._marked: dict[int, Person] = {}
        self._aliases: dict[int, list[int]] = {}
        self._addresses: dict[int, list[int]] = {}

    def open(self) -> list[Statement]:
        """Somebody comes, and only the record is made."""
        offender_id, person = self._desk.new_id(HERE), self._society.someone(HERE, KNOWN)
        person.in_database(HERE).append(offender_id)
        self._known.add(offender_id)
        self.who[offender_id] = person
        self._aliases[offender_id], self._addresses[offender_id] = [], []
        if self._desk.chance(0.2):
            self._society.move(person)
        return [self._record(offender_id, person)]

    def register(self) -> list[Statement]:
        """Somebody comes: the record, the address, sometimes another name."""
        made = self.open()
        offender_id = self._known.last()
        address = [self._address(offender_id)] if self._desk.chance(0.9) else []
        alias = [self._alias(offender_id)] if self.who[offender_id].false_name or self._desk.chance(0.15) else []
        return [*made, *address, *alias]

    def amend(self) -> list[Statement]:
        """A record is keyed in anew in part, or a number is added."""
        if not len(self._known):
            return []
        offender_id = self._known.any()
        person, told = self.who[offender_id], spelled(self._desk, self.who[offender_id])
        values: dict[str, Any] = self._random.choice((
            {"first_name": told.forename, "surname": told.surname, "previous_surname": told.earlier_surname,
             "date_of_birth": told.birthday},
            {"second_name": " ".join(told.middle) or None}, {"noms_number": self._noms(person)},
            {"ni_number": self._number(person, "NINO")},
        ))  # fmt: skip
        return [update("offender", {"offender_id": offender_id}, **values, modified_at=self._desk.moment())]

    def move(self) -> list[Statement]:
        """Somebody moves: the address before ends, another begins."""
        if not len(self._known):
            return []
        offender_id = self._known.any()
        self._society.move(self.who[offender_id])
        before = self._addresses[offender_id][-1:]
        today = self._desk.moment().date()
        ended = [update("offender_address", {"address_id": old}, status="P", ended_on=today) for old in before]
        return [*ended, self._address(offender_id)]

    def alias(self) -> list[Statement]:
        """Another name is recorded, or the last one is taken back or put right."""
        if not len(self._known):
            return []
        offender_id, how = self._known.any(), self._random.random()
        if not self._aliases[offender_id] or how < 0.4:
            return [self._alias(offender_id)]
        key = {"alias_id": self._aliases[offender_id][-1]}
        if how < 0.7:
            return [update("alias", key, date_of_birth=self.who[offender_id].birthday, modified_at=self._desk.moment())]
        self._aliases[offender_id].pop()
        return [delete("alias", key)]

    def mark(self) -> list[Statement]:
        """A record is marked as gone, or is there again; its rows stay."""
        if len(self._gone) and self._desk.chance(0.4):
            offender_id = self._gone.take()
            self._known.add(offender_id)
            self.who[offender_id] = self._marked.pop(offender_id)
            return [self._set_gone(offender_id, is_gone=False)]
        if not len(self._known):
            return []
        offender_id = self._known.take()
        self._gone.add(offender_id)
        self._marked[offender_id] = self.who.pop(offender_id)
        return [self._set_gone(offender_id, is_gone=True)]

    def remove(self) -> list[Statement]:
        """A record that was marked as gone goes, with all its rows."""
        if not len(self._gone):
            return []
        offender_id = self._gone.any()
        rows = [("alias", "alias_id", key) for key in self._aliases[offender_id]]
        rows += [("offender_address", "address_id", key) for key in self._addresses[offender_id]]
        if len(rows) >= MOST_ROWS:
            return []
        self._gone.discard(offender_id)
        del self._marked[offender_id]
        return [*(delete(table, {name: key}) for table, name, key in rows), delete("offender", {"offender_id": offender_id})]

    def _set_gone(self, offender_id: int, *, is_gone: bool) -> Statement:
        return update("offender", {"offender_id": offender_id}, soft_deleted=is_gone, modified_at=self._desk.moment())

    def _record(self, offender_id: int, person: Person) -> Statement:
        desk, told = self._desk, spelled(self._desk, person)
        pnc = self._number(person, "PNC") if desk.chance(0.6) else None
        if person.is_numbered:
            pnc = written(self._random, "PNC", person.numbers["PNC"][0], wrong=0)
        return insert("offender", **desk.born(
            offender_id=offender_id, crn=f"X{offender_id % 1_000_000:06d}", first_name=told.forename,
            second_name=" ".join(told.middle) or None, surname=told.surname, previous_surname=told.earlier_surname,
            date_of_birth=told.birthday, gender=self._random.choice(GENDERS[person.sex]),
            pnc_number=pnc, cro_number=desk.maybe(self._number(person, "CRO"), 0.4),
            ni_number=desk.maybe(self._number(person, "NINO"), 0.5), noms_number=self._noms(person), soft_deleted=False,
        ))  # fmt: skip

    def _noms(self, person: Person) -> str | None:
        """The prison number, where there is one and somebody asked for it."""
        roots = person.in_database("nomis")
        return noms_number(roots[0]) if roots and self._desk.chance(0.3) else None

    def _number(self, person: Person, kind: str) -> str | None:
        number = person.number(kind)
        return written(self._random, kind, number) if number else None

    def _alias(self, offender_id: int) -> Statement:
        desk, random, person = self._desk, self._random, self.who[offender_id]
        alias_id = desk.new_id(HERE)
        self._aliases[offender_id].append(alias_id)
        first, last = person.false_name or (forename(random, person.sex), surname(random))
        return insert("alias", **desk.born(
            alias_id=alias_id, offender_id=offender_id, first_name=dirty(random, first), surname=dirty(random, last),
            date_of_birth=desk.maybe(person.birthday, 0.3), is_alias=True,
        ))  # fmt: skip

    def _address(self, offender_id: int) -> Statement:
        desk, random = self._desk, self._random
        address_id, code = desk.new_id(HERE), self.who[offender_id].postcodes[-1]
        self._addresses[offender_id].append(address_id)
        return insert("offender_address", **desk.born(
            address_id=address_id, offender_id=offender_id, status="M",
            postcode=random.choice(NO_POSTCODES) if desk.chance(0.05) else typed_postcode(random, code),
            began_on=desk.day(date(2015, 1, 1), 4_000), ended_on=None,
        ))  # fmt: skip
