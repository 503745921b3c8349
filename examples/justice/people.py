"""What an office does with people: their records, aliases, numbers and stays in prison."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from examples.justice.desk import BEGAN, Desk, Rows
from examples.justice.names import NO_POSTCODES, PRISONS, dirty, forename, surname, typed_postcode
from examples.justice.numbers import COLUMN, KINDS, WRONG, noms_number, written
from examples.justice.society import Person, Society
from examples.justice.spelling import spelled
from examples.justice.statements import Statement, delete, insert, update

CORRECTED_ID = 1
"""The person whose record is wrong at first, and put right near the end."""
HERE = "nomis"
KNOWN = 0.4
"""The share of newcomers whom probation or a court knows already."""


def wrong_record() -> Statement:
    """The record of the corrected person: a wrong year of birth, and released though the sentence is not over."""
    return insert(
        "offenders", offender_id=CORRECTED_ID, root_offender_id=CORRECTED_ID, noms_number=noms_number(CORRECTED_ID),
        surname="SAMPLE", forename="SAM", date_of_birth=date(1958, 3, 14), sex="M", postcode="LS2 9JT", status="RELEASED",
        risk_score=Decimal("12.50"), created_at=BEGAN.replace(tzinfo=None), modified_at=BEGAN,
    )  # fmt: skip


def correction() -> Statement:
    key = {"offender_id": CORRECTED_ID}
    return update(
        "offenders", key, date_of_birth=date(1985, 3, 14), status="HELD", risk_score=Decimal("62.50"),
        modified_at=BEGAN + timedelta(days=60),
    )  # fmt: skip


class People:
    """The people that one writer looks after. Each act gives its statements; none where there is nothing to act on."""

    def __init__(self, desk: Desk, society: Society) -> None:
        self._desk, self._random, self._society = desk, desk.random, society
        self.known: Rows[int] = Rows(desk.random)
        self.who: dict[int, Person] = {}
        """Of each root the person."""
        self._aliases: Rows[tuple[int, int]] = Rows(desk.random)
        self._held: Rows[int] = Rows(desk.random)
        self._free: Rows[int] = Rows(desk.random)
        self._voided: Rows[int] = Rows(desk.random)
        self._identifiers: Rows[tuple[uuid.UUID, int, str]] = Rows(desk.random)
        self._stays: dict[int, int] = {}

    def enrol(self) -> list[Statement]:
        """A record of somebody who has not been in prison yet."""
        root, person = self._newcomer()
        self._free.add(root)
        self._stays[root] = 0
        return [self.record(root, root, "ACTIVE"), *self._numbers(root, person, 0)]

    def admit(self) -> list[Statement]:
        """Somebody comes: the record, a stay, numbers, sometimes another name."""
        root, person = self._newcomer()
        numbers = self._numbers(root, person, 3)
        alias = self._alias(self._desk.new_id(), root) if self._desk.chance(0.15) else []
        return [self.record(root, root, "HELD"), self._stay(root, 1), *numbers, *alias]

    def amend(self) -> list[Statement]:
        """A record is keyed in anew in part, or emptied in part."""
        random, maybe, root = self._random, self._desk.maybe, self.known.any()
        person, change = self.who[root], random.randrange(8)
        values: dict[str, Any]
        match change:
            case 0:
                values = {"postcode": maybe(typed_postcode(random, self._society.move(person)))}
            case 1:
                values = {"email": None}
            case 2:
                values = {"middle_names": None}
            case 3:
                values = {"status": random.choice(("HELD", "RELEASED", "ON LICENCE"))}
            case 4:
                values = {"risk_score": maybe(Decimal(random.randrange(10_000)) / 100)}
            case 5:
                anew = spelled(self._desk, person)
                values = {"surname": anew.surname, "forename": anew.forename, "date_of_birth": anew.birthday}
            case _:
                values = {"ethnicity": maybe(random.choice(("W1", "A1", "B2")))}
        return [update("offenders", {"offender_id": root}, **values, modified_at=self._desk.moment())]

    def alias(self) -> list[Statement]:
        """Another name is recorded, or taken back, or recorded once more under the number it had."""
        if len(self._aliases) and self._desk.chance(0.4):
            offender_id, root = self._aliases.take()
            key = {"offender_id": offender_id}
            if self._desk.chance(0.5):
                return [delete("offenders", key)]
            return [delete("offenders", key), *self._alias(offender_id, root)]
        return self._alias(self._desk.new_id(), self.known.any())

    def identify(self) -> list[Statement]:
        """A number is recorded, written anew, emptied or removed."""
        how = self._random.random()
        if how < 0.5 or not len(self._identifiers):
            root = self.known.any()
            return [self._identifier(self.new_uuid(), root, self._random.choice(KINDS))]
        if how < 0.65:
            identifier_id, *_ = self._identifiers.take()
            return [delete("identifiers", {"identifier_id": identifier_id})]
        identifier_id, root, kind = self._identifiers.any()
        number = self._desk.maybe(self._number(root, kind), 0.2)
        change = {COLUMN[kind]: number, "is_verified": None if number is None else True}
        return [update("identifiers", {"identifier_id": identifier_id}, **change, modified_at=self._desk.moment())]

    def move(self) -> tuple[int, list[Statement]]:
        """Somebody goes to another prison; who, and the change of the stay."""
        root = self._held.any()
        prison = self._random.choice(PRISONS)
        return root, [update("bookings", self._key(root), prison=prison, cell=None, modified_at=self._desk.moment())]

    def release(self) -> list[Statement]:
        """A stay ends."""
        if not len(self._held):
            return []
        root, now = self._held.take(), self._desk.moment()
        self._free.add(root)
        ended = update("bookings", self._key(root), in_out="OUT", cell=None, ended_on=now.date(), modified_at=now)
        return [ended, update("offenders", {"offender_id": root}, status="RELEASED", modified_at=now)]

    def recall(self) -> list[Statement]:
        """Somebody who went comes back: another stay."""
        if not len(self._free):
            return []
        root = self._free.take()
        held = update("offenders", {"offender_id": root}, status="HELD", modified_at=self._desk.moment())
        return [self._stay(root, self._stays[root] + 1), held]

    def void(self) -> list[Statement]:
        """A stay was entered in error, and is removed; or it was right, and is entered again under the same key."""
        if len(self._voided) and self._desk.chance(0.6):
            root = self._voided.take()
            return [self._stay(root, self._stays[root])]
        if not len(self._held):
            return []
        root = self._held.take()
        self._voided.add(root)
        return [delete("bookings", self._key(root))]

    def pay(self) -> list[Statement]:
        """Wages, to some of those who are held."""
        amount = Decimal(self._random.randrange(-500, 2_000)) / 100
        now = self._desk.moment()
        return [update("bookings", self._key(root), cash_balance=amount, modified_at=now) for root in self._held.some(20)]

    def has_held(self) -> bool:
        return len(self._held) > 0

    def _key(self, root: int) -> dict[str, int]:
        return {"offender_id": root, "booking_seq": self._stays[root]}

    def new_uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self._random.getrandbits(128), version=4)

    def know(self, root: int, person: Person) -> None:
        """A root that will have a record."""
        self.who[root] = person
        person.in_database(HERE).append(root)

    def record(self, offender_id: int, root: int, status: str) -> Statement:
        desk, random, person = self._desk, self._random, self.who[root]
        is_alias = offender_id != root
        told = spelled(desk, person)
        last, first = told.surname, told.forename
        if is_alias:
            false = person.false_name if desk.chance(0.7) else (forename(random, person.sex), surname(random))
            first, last = (dirty(random, name) for name in false) if false else (dirty(random, first), dirty(random, last))
        noms = noms_number(root)
        sex = (person.sex, person.sex, person.sex, f" {person.sex.lower()}", "NS")
        return insert("offenders", **desk.born(
            offender_id=offender_id, root_offender_id=root, surname=last, forename=first,
            noms_number=desk.maybe(noms if desk.chance(0.9) else f" {noms.lower()}"),
            middle_names=desk.maybe(list(told.middle)), date_of_birth=told.birthday,
            sex=random.choice(sex), postcode=desk.maybe(self._postcode(person)),
            ethnicity=desk.maybe(random.choice(("W1", "A1", "B2 ", "NOT ENTERED"))),
            email=desk.maybe(f"Person.{offender_id}@example.org ", 0.5),
            is_alias=is_alias, status=status, risk_score=desk.maybe(Decimal(random.randrange(10_000)) / 100),
        ))  # fmt: skip

    def _newcomer(self) -> tuple[int, Person]:
        root, person = self._desk.new_id(), self._society.someone(HERE, KNOWN)
        self.know(root, person)
        self.known.add(root)
        if len(person.in_database(HERE)) == 1 and self._desk.chance(0.15):
            self._society.move(person)
        return root, person

    def _postcode(self, person: Person) -> str:
        if self._desk.chance(0.06):
            return self._random.choice(NO_POSTCODES)
        return typed_postcode(self._random, person.postcodes[-1])

    def _alias(self, offender_id: int, root: int) -> list[Statement]:
        self._aliases.add((offender_id, root))
        return [self.record(offender_id, root, "ACTIVE")]

    def _stay(self, root: int, seq: int) -> Statement:
        self._stays[root] = seq
        self._held.add(root)
        desk, random = self._desk, self._random
        return insert("bookings", **desk.born(
            offender_id=root, booking_seq=seq, booking_no=f"{root:05d}{'ABCDEFGH'[seq % 8]}", prison=random.choice(PRISONS),
            cell=desk.maybe(f"{random.choice('ABC')}-{random.randrange(1, 60)}"), in_out="IN", began_on=desk.now.date(),
            cash_balance=Decimal(random.randrange(100_000)) / 100,
        ))  # fmt: skip

    def _numbers(self, root: int, person: Person, most: int) -> list[Statement]:
        """Some of the numbers a person has; the police number of one who can't be told without it always."""
        kinds = [kind for kind, given in person.numbers.items() if given and not (kind == "PNC" and person.is_numbered)]
        chosen = self._random.sample(kinds, min(len(kinds), self._random.randrange(most + 1)))
        kept = [self._identifier(self.new_uuid(), root, "PNC", is_kept=True)] if person.is_numbered else []
        return [*kept, *(self._identifier(self.new_uuid(), root, kind) for kind in chosen)]

    def _number(self, root: int, kind: str, wrong: float = WRONG) -> str | None:
        given = self.who[root].numbers[kind]
        return written(self._random, kind, self._random.choice(given), wrong=wrong) if given else None

    def _identifier(self, identifier_id: uuid.UUID, root: int, kind: str, *, is_kept: bool = False) -> Statement:
        """A number of a kind; one that is kept is right, and stays as it is."""
        if not is_kept:
            self._identifiers.add((identifier_id, root, kind))
        number = self._number(root, kind, 0) if is_kept else self._desk.maybe(self._number(root, kind), 0.05)
        return insert("identifiers", **self._desk.born(
            identifier_id=identifier_id, offender_id=root, kind=kind if self._desk.chance(0.95) else f"{kind.lower()} ",
            **(dict.fromkeys(COLUMN.values()) | {COLUMN[kind]: number}), merged_offender_id=None,
            is_verified=self._desk.maybe(value=False, missing=0.5),
            issued_on=self._desk.maybe(self._desk.day(date(1990, 1, 1), 12_000)),
        ))  # fmt: skip
