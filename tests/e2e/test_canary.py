"""Marked values go in everywhere; of those that must be hidden none is in any byte of what comes out."""

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest

from custody import metrics
from custody.status import processes
from custody.supervise import Supervisor, kinds_for
from examples.justice.workload import DDL
from sink.read import Reader
from tests.e2e.canaries import Canaries, files, objects, topics
from tests.e2e.hazards import Hazards
from tests.e2e.road import Road
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PEOPLE = int(os.environ.get("CUSTODY_CANARY_PEOPLE", "20"))
"""Each stands for about 37 marked values; the long campaign has 400."""
SYSTEMS = ("nomis", "delius", "libra")


@dataclass
class Marked(Hazards):
    """The example's prisons, probation and courts in one database, full of marked values."""

    canaries: Canaries = field(default_factory=Canaries)
    people: dict[int, list[str]] = field(default_factory=dict)

    def declare(self, folder) -> None:
        for system in SYSTEMS:
            Road.declare(self, folder, system)

    def create_tables(self) -> None:
        self.execute(*(DDL[system].read_text(encoding="utf-8") for system in SYSTEMS))

    def supervisor(self) -> Supervisor:
        return Supervisor(self.settings, kinds_for(self.datasets))

    def new(self, place: str) -> str:
        return self.canaries.new(place)

    def person(self, number: int) -> list[str]:
        """Statements about one person: what is hidden is marked, in columns and in text."""
        return [*self._held(number), *self._noted(number), *self._on_probation(number), *self._in_court(number)]

    def _held(self, number: int) -> list[str]:
        new, born = self.new, _born(number)
        who = {"root_offender_id": number, "forename": self.names(number)[0], "date_of_birth": born, "sex": "M"}
        email = f"{new('offenders.email')}@{new('offenders.email')}.example"
        return [
            insert("offenders", offender_id=number, surname=self.names(number)[1], email=email,
                   middle_names=f"{{{new('offenders.middle_names')}}}", postcode=new("offenders.postcode"), **who),
            insert("offenders", offender_id=number + 100_000, surname=self.names(number)[2], is_alias=True, **who),
            insert("identifiers", identifier_id=UUID(int=number), offender_id=number, kind="PNC", pnc=new("identifiers.pnc"),
                   cro=new("identifiers.cro"), nino=new("identifiers.nino"), nhs_number=new("identifiers.nhs_number")),
            insert("bookings", offender_id=number, booking_seq=1, booking_no=new("bookings.booking_no"), prison="LEI",
                   cell=new("bookings.cell"), began_on=born),
        ]  # fmt: skip

    def _noted(self, number: int) -> list[str]:
        forename, surname, alias = (name.title() for name in self.names(number))
        email, phone = f"{self.new('text.email')}@example.org", f"07700 9{number % 100_000:05}"
        text = f"Spoke to {forename} {surname}, also {alias}, {email}, {phone}."
        return [
            insert("case_notes", note_id=number, offender_id=number, kind="GEN", note=text),
            insert("alerts", alert_id=number, offender_id=number, alert_code="VI", comment=text),
            insert("incidents", incident_id=number, lead_offender_id=number, prison="LEI", kind="FIGHT",
                   happened_on=_born(number), description=text),
            f"UPDATE case_notes SET note = 'Seen {forename} {surname.upper()} again' WHERE note_id = {number}",
        ]  # fmt: skip

    def _on_probation(self, number: int) -> list[str]:
        born = {"date_of_birth": _born(number)}
        names = self.marked("offender", "first_name", "second_name", "surname", "previous_surname")
        numbers = self.marked("offender", "pnc_number", "cro_number", "ni_number")
        return [
            insert("offender", offender_id=number, crn=f"X{number:06}", gender="M", **names, **numbers, **born),
            insert("alias", alias_id=number, offender_id=number, **self.marked("alias", "first_name", "surname"), **born),
            insert("offender_address", address_id=number, offender_id=number, **self.marked("offender_address", "postcode")),
            f"UPDATE offender SET surname = '{self.new('offender.later')}' WHERE offender_id = {number}",
        ]

    def _in_court(self, number: int) -> list[str]:
        columns = ("case_no", "name", "title", "forename1", "forename2", "surname", "date_of_birth", "postcode", "pnc", "cro")
        return [insert("defendants", defendant_id=number, court="B01AB", sex="M", **self.marked("defendants", *columns))]

    def names(self, number: int) -> list[str]:
        """Forename, surname and other surname by which a person's notes call them."""
        if number not in self.people:
            self.people[number] = [self.new(f"offenders.{name}") for name in ("forename", "surname", "alias")]
        return self.people[number]

    def marked(self, table: str, *columns: str) -> dict[str, str]:
        return {column: self.new(f"{table}.{column}") for column in columns}

    def refused(self, number: int) -> list[str]:
        """Statements that give what breaks a check, or that nobody declared: it is nowhere but in the evidence."""
        new = self.new
        return [
            insert("offenders", offender_id=number, root_offender_id=number, noms_number=new("refused.noms"),
                   surname=new("refused.surname")),
            insert("alerts", alert_id=number, offender_id=number, alert_code=new("refused.code"), comment=new("refused.comment")),
            f"UPDATE offenders SET surname = '{new('refused.later')}' WHERE offender_id = {number}",
            insert("bookings", offender_id=number, booking_seq=1, booking_no=new("refused.booking"), prison="LEI",
                   began_on=date(2020, 1, 1), undeclared=new("undeclared")),
            insert("offender", offender_id=number, crn="none", surname=new("refused.probation")),
            insert("defendants", defendant_id=number, case_no=new("refused.case"), court="B01AB", sex="X",
                   surname=new("refused.defendant")),
        ]  # fmt: skip


def _born(number: int) -> date:
    return date(1950 + number % 50, 1 + number % 12, 1 + number % 28)


def insert(table: str, **values: object) -> str:
    """An insert as text."""
    return (
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(f'{chr(39)}{one}{chr(39)}' for one in values.values())})"
    )


def test_no_marked_value_is_in_what_comes_out(open_road):
    with open_road(kind=Marked) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            for number in range(1, PEOPLE + 1):
                road.execute("; ".join(road.person(number)))
            road.execute(f"ALTER TABLE bookings ADD COLUMN undeclared text DEFAULT '{road.new('schema')}'")
            road.execute(*(";".join(road.refused(number)) for number in range(200_000, 200_000 + PEOPLE // 4)))
            road.execute("ALTER TABLE case_notes RENAME COLUMN seal TO seal_as_it_was")
            road.settle(supervisor)
            road.until(lambda: _is_redacted(road), 120, supervisor.watch)
            said = (
                metrics.text(lambda: processes(road.settings)) + command(road, "quarantine", "--json") + command(road, "status")
            )
        finally:
            supervisor.stop()
        out = [*topics(road.settings.kafka, _published(road)), *objects(_bucket(road), road.settings.store), *files(road)]
        found = Counter(hit for where, data in [*out, ("said", said.encode())] for hit in road.canaries.found(where, data))
        assert not found, f"{sum(found.values())} of {len(road.canaries.places)}: {found.most_common(20)}"
        clear = [hit for where, data in topics(road.settings.kafka, _raw(road)) for hit in road.canaries.found(where, data)]
        assert {place for place, _ in clear} == set(road.canaries.places.values()) - {"schema"}, "all of them went in"


def _is_redacted(road: Marked) -> bool:
    rows = Reader(road.lake, "case_notes").now()
    return len(rows) == PEOPLE and rows["note"].null_count() == 0


def _bucket(road: Marked) -> str:
    return road.settings.lake.removeprefix("s3://").split("/")[0]


def _published(road: Marked) -> list[str]:
    return [*(topic for one in road.datasets.values() for topic in (one.cleaned_topic, one.released_topic)), "people"]


def _raw(road: Marked) -> list[str]:
    return [one.raw_topic for one in road.datasets.values()]
