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
"""Each stands for about 13 marked values; the long campaign has 800."""


@dataclass
class Marked(Hazards):
    """The example's prisons, full of marked values."""

    canaries: Canaries = field(default_factory=Canaries)

    def declare(self, folder) -> None:
        Road.declare(self, folder)

    def create_tables(self) -> None:
        self.execute(DDL["nomis"].read_text(encoding="utf-8"))

    def supervisor(self) -> Supervisor:
        return Supervisor(self.settings, kinds_for(self.datasets))

    def new(self, place: str) -> str:
        return self.canaries.new(place)

    def person(self, number: int) -> list[str]:
        """Statements about one person: what is hidden is marked, in columns and in text."""
        new, born = self.new, date(1950 + number % 50, 1 + number % 12, 1 + number % 28)
        surname, forename, alias, middle = (new(f"offenders.{n}") for n in ("surname", "forename", "alias", "middle_names"))
        email, phone = f"{new('offenders.email')}@{new('offenders.email')}.example", f"07700 9{number % 100_000:05}"
        text = f"Spoke to {forename.title()} {surname.title()}, also {alias.title()}, {new('text.email')}@example.org, {phone}."
        who = {"root_offender_id": number, "forename": forename, "date_of_birth": born, "sex": "M"}
        return [
            insert("offenders", offender_id=number, surname=surname, middle_names=f"{{{middle}}}", email=email, **who),
            insert("offenders", offender_id=number + 100_000, surname=alias, is_alias=True, **who),
            insert("identifiers", identifier_id=UUID(int=number), offender_id=number, kind="PNC",
                   pnc=new("identifiers.pnc"), nino=new("identifiers.nino")),
            insert("bookings", offender_id=number, booking_seq=1, booking_no=new("bookings.booking_no"), prison="LEI",
                   cell=new("bookings.cell"), began_on=born),
            insert("case_notes", note_id=number, offender_id=number, kind="GEN", note=text),
            insert("alerts", alert_id=number, offender_id=number, alert_code="VI", comment=text),
            insert("incidents", incident_id=number, lead_offender_id=number, prison="LEI", kind="FIGHT", happened_on=born,
                   description=text),
            f"UPDATE case_notes SET note = 'Seen {forename.title()} {surname.upper()} again' WHERE note_id = {number}",
        ]  # fmt: skip

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
        ]  # fmt: skip


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
