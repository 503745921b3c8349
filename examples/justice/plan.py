"""A seeded plan of changes to the source tables: what staff do in a day, with the dirt that real systems hold.

The same seed gives the same statements. Writers work on rows of their own, so that they may run at the same time and the
number of row changes is still exact.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from examples.justice.names import FORENAMES, POSTCODES, PRISONS, SURNAMES
from examples.justice.statements import Statement, Transaction, delete, insert, update

CORRECTED_ID = 1
"""The person whose record is wrong at first, and put right near the end."""
REFUSED_CODE = "not a code"
REFUSED_EVERY = 2_000
BEGAN = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
IDS_A_WRITER = 10_000_000


def plan(seed: int, changes: int, *, writer: int = 0, writers: int = 1) -> Iterator[Transaction]:
    """The transactions of one writer; over all writers they commit exactly `changes` row changes."""
    share = changes // writers + (writer < changes % writers)
    yield from _Writer(Random(f"{seed}/{writer}/{writers}"), writer, changes).transactions(share)


def is_refused(dataset: str, row: Mapping[str, object]) -> bool:
    """Whether this source row breaks a check, so that it is in quarantine and in no table."""
    return dataset == "alerts" and row["alert_code"] == REFUSED_CODE


@dataclass(slots=True)
class _Writer:
    """What one writer knows of its own rows."""

    random: Random
    number: int
    total: int
    offenders: list[int] = field(default_factory=list)
    bookings: dict[int, int] = field(default_factory=dict)
    alerts: list[tuple[int, int]] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    incidents: list[int] = field(default_factory=list)
    last_id: int = 100
    done: int = 0

    def transactions(self, share: int) -> Iterator[Transaction]:
        corrects = self.number == 0 and share > 1
        if corrects:
            yield self._counted(self._wrong_record())
        end = share - corrects
        while self.done < end:
            yield from self._next(end - self.done)
        if corrects:
            yield self._counted(self._correction())

    def _counted(self, *statements: Statement) -> Transaction:
        self.done += len(statements)
        return Transaction(statements)

    def _next(self, room: int) -> Iterator[Transaction]:
        if self.random.random() < 0.01 and self.offenders:
            yield Transaction((self._touch(), self._note(self.random.choice(self.offenders))), is_rolled_back=True)
            self.notes.pop()
        if self.total >= REFUSED_EVERY // 2 and self.random.random() < 2.5 / REFUSED_EVERY:
            yield self._counted(insert("alerts", alert_id=self._new_id(), offender_id=CORRECTED_ID, alert_code=REFUSED_CODE))
        elif room < 6 or not self.offenders:
            yield self._counted(self._offender(self._new_id()) if not self.offenders else self._touch())
        else:
            acts = (
                self._admit,
                self._update_person,
                self._transfer,
                self._report,
                self._alert,
                self._write,
                self._read,
                self._again,
            )
            [act] = self.random.choices(acts, (10, 30, 12, 6, 14, 12, 12, 4))
            if statements := act():
                yield self._counted(*statements)

    def _new_id(self) -> int:
        self.last_id += 1
        return self.number * IDS_A_WRITER + self.last_id

    def _moment(self) -> datetime:
        return BEGAN + timedelta(microseconds=self.random.randrange(180 * 86_400 * 1_000_000))

    def _maybe(self, value: Any, share: float = 0.1) -> Any:
        """The value, or nothing: fields are left empty."""
        return None if self.random.random() < share else value

    def _dirty(self, name: str) -> str:
        how = self.random.random()
        if how < 0.02:
            return "NOT ENTERED"
        return f" {name.lower()} " if how < 0.1 else name.upper() if how < 0.6 else name

    def _offender(self, offender_id: int, root: int | None = None) -> Statement:
        surname, forename = self.random.choice(SURNAMES), self.random.choice(FORENAMES)
        if self.random.random() < 0.02:
            surname, forename = forename, surname
        born = date(1950, 1, 1) + timedelta(days=self.random.randrange(20_000))
        number = root or offender_id
        letters = "ACDEFGHJKL"
        noms = f"{letters[number % 10]}{number % 10_000:04d}{letters[number // 10 % 10]}{letters[number // 100 % 10]}"
        self.offenders.append(offender_id)
        return insert(
            "offenders",
            offender_id=offender_id,
            root_offender_id=number,
            noms_number=self._maybe(noms if self.random.random() < 0.9 else f" {noms.lower()}"),
            surname=self._dirty(surname),
            forename=self._dirty(forename),
            middle_names=self._maybe([self.random.choice(FORENAMES) for _ in range(self.random.randrange(3))], 0.3),
            date_of_birth=self._maybe(born if self.random.random() < 0.95 else date(1900, 1, 1), 0.02),
            sex=self.random.choice(("M", "F", " m", "NS")),
            ethnicity=self._maybe(self.random.choice(("W1", "A1", "B2", "NOT ENTERED"))),
            postcode=self._maybe(self.random.choice(POSTCODES)),
            email=self._maybe(f"Person.{offender_id}@example.org ", 0.5),
            is_alias=root is not None,
            status="ACTIVE",
            risk_score=self._maybe(Decimal(self.random.randrange(10_000)) / 100),
            created_at=self._moment().replace(tzinfo=None),
            modified_at=self._moment(),
        )

    def _wrong_record(self) -> Statement:
        return insert(
            "offenders",
            offender_id=CORRECTED_ID,
            root_offender_id=CORRECTED_ID,
            noms_number="A0001AA",
            surname="SAMPLE",
            forename="SAM",
            date_of_birth=date(1958, 3, 14),
            sex="M",
            postcode="LS2 9JT",
            status="RELEASED",
            risk_score=Decimal("12.50"),
        )

    def _correction(self) -> Statement:
        key = {"offender_id": CORRECTED_ID}
        return update("offenders", key, date_of_birth=date(1985, 3, 14), status="HELD", risk_score=Decimal("62.50"))

    def _touch(self) -> Statement:
        key = {"offender_id": self.random.choice(self.offenders)}
        return update("offenders", key, modified_at=self._moment())

    def _identifier(self, offender_id: int, kind: str) -> Statement:
        number, year = self.random.randrange(1_000_000), self.random.randrange(70, 100)
        letter = self.random.choice("ZABCDEFGHJKLMNPQRTUVWXY")
        written = {
            "PNC": f"19{year}/{number:07d}{letter}", "CRO": f"{number:06d}/{year}{letter}", "NINO": f"QQ{number:06d}C",
            "NHS": f"999{number:07d}", "CRO ": "000000/00Z",
        }  # fmt: skip
        key = uuid.UUID(int=self.random.getrandbits(128), version=4)
        return insert(
            "identifiers", identifier_id=key, offender_id=offender_id, kind=kind, value=self._maybe(written[kind]),
            issued_on=self._maybe(date(1990, 1, 1) + timedelta(days=self.random.randrange(12_000))),
        )  # fmt: skip

    def _admit(self) -> list[Statement]:
        """A person comes: the record, a booking, numbers, sometimes an alias."""
        offender_id = self._new_id()
        self.bookings[offender_id] = 1
        kinds = self.random.sample(("PNC", "CRO", "NINO", "NHS", "CRO "), self.random.randrange(4))
        booking = insert(
            "bookings",
            offender_id=offender_id,
            booking_seq=1,
            booking_no=f"{offender_id:05d}A",
            prison=self.random.choice(PRISONS),
            cell=f"{self.random.choice('ABC')}-{self.random.randrange(1, 60)}",
            began_on=self._moment().date(),
            cash_balance=Decimal(self.random.randrange(100_000)) / 100,
        )
        alias = [self._offender(self._new_id(), offender_id)] if self.random.random() < 0.1 else []
        return [self._offender(offender_id), booking, *(self._identifier(offender_id, kind) for kind in kinds), *alias]

    def _update_person(self) -> list[Statement]:
        key = {"offender_id": self.random.choice(self.offenders)}
        values = self.random.choice(
            (
                {"postcode": self._maybe(self.random.choice(POSTCODES))},
                {"email": None},
                {"status": self.random.choice(("HELD", "RELEASED"))},
                {"risk_score": self._maybe(Decimal(self.random.randrange(10_000)) / 100)},
                {"surname": self._dirty(self.random.choice(SURNAMES))},
            )
        )
        return [update("offenders", key, **values, modified_at=self._moment())]

    def _transfer(self) -> list[Statement]:
        """A person goes to another prison, with a note, in one transaction."""
        if not self.bookings:
            return []
        offender_id, seq = self.random.choice(list(self.bookings.items()))
        key = {"offender_id": offender_id, "booking_seq": seq}
        moved = update("bookings", key, prison=self.random.choice(PRISONS), cell=None, modified_at=self._moment())
        return [moved, self._note(offender_id)]

    def _report(self) -> list[Statement]:
        """An incident and its parties."""
        incident_id = self._new_id()
        self.incidents.append(incident_id)
        at = self._moment()
        report = insert(
            "incidents",
            incident_id=incident_id,
            prison=self.random.choice(PRISONS),
            kind=self.random.choice(("ASSAULT", "FIND", "FIRE")),
            happened_on=at.date(),
            happened_at=self._maybe(time(at.hour, at.minute, at.second, self.random.choice((0, at.microsecond)))),
            severity=self._maybe(self.random.random() * 10),
            reported_at=at,
            description="Staff attended.",
        )
        parties = [
            insert(
                "incident_parties",
                incident_id=incident_id,
                party_seq=seq,
                offender_id=self.random.choice(self.offenders),
                role=role,
            )
            for seq, role in enumerate(self.random.sample(("VICT", "ASSIAL", "FIGHT", "AI"), self.random.randrange(1, 5)), 1)
        ]
        return [report, *parties]

    def _alert(self) -> list[Statement]:
        """An alert is raised, changed or removed."""
        if self.alerts and self.random.random() < 0.3:
            alert_id, _ = self.alerts.pop(self.random.randrange(len(self.alerts)))
            return [delete("alerts", {"alert_id": alert_id})]
        if self.alerts and self.random.random() < 0.5:
            alert_id, _ = self.random.choice(self.alerts)
            return [update("alerts", {"alert_id": alert_id}, is_active=False, expires_on=self._moment().date())]
        return [self._new_alert(self._new_id(), self.random.choice(self.offenders))]

    def _new_alert(self, alert_id: int, offender_id: int) -> Statement:
        self.alerts.append((alert_id, offender_id))
        code = self.random.choice(("XA", "HA", "XEL", " PEEP"))
        detail = self._maybe(f'{{"level": {self.random.randrange(5)}, "by": "staff"}}')
        return insert("alerts", alert_id=alert_id, offender_id=offender_id, alert_code=code, comment="See file.", detail=detail)

    def _again(self) -> list[Statement]:
        """An alert is removed and raised again under the same number, in one transaction."""
        if not self.alerts:
            return []
        alert_id, offender_id = self.alerts.pop(self.random.randrange(len(self.alerts)))
        return [delete("alerts", {"alert_id": alert_id}), self._new_alert(alert_id, offender_id)]

    def _note(self, offender_id: int) -> Statement:
        note_id = self._new_id()
        self.notes.append(note_id)
        text = f"Spoke to {self.random.choice(FORENAMES)} {self.random.choice(SURNAMES)} about visits."
        attachment = self.random.randbytes(9_000) if self.random.random() < 0.05 else self._maybe(self.random.randbytes(12), 0.8)
        return insert(
            "case_notes", note_id=note_id, offender_id=offender_id, kind=self.random.choice(("GEN", "obs ", "KA")),
            note=text * self.random.choice((1, 1, 1, 20)), attachment=attachment, written_at=self._moment(),
        )  # fmt: skip

    def _write(self) -> list[Statement]:
        return [self._note(self.random.choice(self.offenders))]

    def _read(self) -> list[Statement]:
        """A note is marked as read: its text and its attachment stay, and are not sent again."""
        return [update("case_notes", {"note_id": self.random.choice(self.notes)}, is_read=True)] if self.notes else []
