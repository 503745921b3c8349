"""What an office does for safety: alerts, incidents with those who took part, and the log of each prison."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import time

from examples.justice.desk import Desk, Rows
from examples.justice.names import PRISONS
from examples.justice.people import CORRECTED_ID, People
from examples.justice.statements import Statement, delete, insert, put, update

CODE = re.compile("[A-Z]{2,4}")
"""The shape of an alert's code, as the dataset checks it."""
CODES = ("XA", "HA", "XEL", " PEEP", "RTP ")
REFUSED_CODES = ("not a code", "X9", "n/a")
ROLES = ("VICT", "ASSIAL", "FIGHT", "AI")


def is_refused(dataset: str, row: Mapping[str, object]) -> bool:
    """Whether this source row breaks a check, so that it is in quarantine and in no table."""
    return dataset == "alerts" and CODE.fullmatch(str(row["alert_code"]).strip()) is None


class Safety:
    """The alerts and incidents that one writer looks after. Each act gives its statements; none where there is no occasion."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk, self._random, self._people = desk, desk.random, people
        self._alerts: Rows[tuple[int, int]] = Rows(desk.random)
        self._removed: Rows[tuple[int, int]] = Rows(desk.random)
        self._incidents: Rows[tuple[int, int]] = Rows(desk.random)
        self._withdrawn: Rows[int] = Rows(desk.random)

    def warn(self) -> list[Statement]:
        """An alert is raised."""
        return [self._alert(self._desk.new_id(), self._people.known.any())]

    def review(self) -> list[Statement]:
        """Some alerts are looked at together: they end, or go on without an end."""
        ends = self._desk.chance(0.5)
        until = self._desk.moment().date() if ends else None
        return [
            update("alerts", {"alert_id": alert_id}, is_active=not ends, expires_on=until)
            for alert_id, _ in self._alerts.some(self._random.randrange(1, 13))
        ]

    def lift(self) -> list[Statement]:
        """An alert is removed."""
        if not len(self._alerts):
            return []
        self._removed.add(alert := self._alerts.take())
        return [delete("alerts", {"alert_id": alert[0]})]

    def restore(self) -> list[Statement]:
        """An alert that was removed earlier is raised again under the same number."""
        return [self._alert(*self._removed.take())] if len(self._removed) else []

    def replace(self) -> list[Statement]:
        """An alert is removed and raised again under the same number, at once."""
        if not len(self._alerts):
            return []
        alert_id, offender_id = self._alerts.take()
        return [delete("alerts", {"alert_id": alert_id}), self._alert(alert_id, offender_id)]

    def refused(self) -> Statement:
        """An alert whose code breaks the check; nothing happens to it any more."""
        offender_id = self._people.known.any() if len(self._people.known) else CORRECTED_ID
        code = self._random.choice(REFUSED_CODES)
        return insert("alerts", alert_id=self._desk.new_id(), offender_id=offender_id, alert_code=code)

    def report(self) -> list[Statement]:
        """An incident, and those who took part."""
        number = self._withdrawn.take() if len(self._withdrawn) and self._desk.chance(0.5) else self._desk.new_id()
        roles = self._random.sample(ROLES, self._random.randrange(1, 5))
        who = [self._people.known.any() for _ in roles]
        self._incidents.add((number, len(roles)))
        parties = [
            insert("incident_parties", **self._desk.born(
                incident_id=number, party_seq=seq, offender_id=offender_id, role=role, outcome=None,
            ))
            for seq, (offender_id, role) in enumerate(zip(who, roles, strict=True), 1)
        ]  # fmt: skip
        return [self._incident(number, who), *parties]

    def conclude(self) -> list[Statement]:
        """An incident is looked into: how it ended for each."""
        if not len(self._incidents):
            return []
        number, parties = self._incidents.any()
        now, severity = self._desk.moment(), self._desk.maybe(self._random.random() * 10, 0.2)
        outcome = self._desk.maybe(self._random.choice(("WARNED", "POLICE", "No further action")))
        changed = update("incidents", {"incident_id": number}, severity=severity, modified_at=now)
        keys = [{"incident_id": number, "party_seq": seq} for seq in range(1, parties + 1)]
        return [changed, *(update("incident_parties", key, outcome=outcome, modified_at=now) for key in keys)]

    def withdraw(self) -> list[Statement]:
        """An incident did not happen: it goes, and its parties first."""
        if not len(self._incidents):
            return []
        number, parties = self._incidents.take()
        self._withdrawn.add(number)
        gone = [delete("incident_parties", {"incident_id": number, "party_seq": seq}) for seq in range(1, parties + 1)]
        return [*gone, delete("incidents", {"incident_id": number})]

    def log(self) -> Statement:
        """The log of a prison is brought up to date. All writers share these rows."""
        place, now = self._random.randrange(len(PRISONS)), self._desk.moment()
        return put(
            "incidents", "incident_id", incident_id=place + 1, prison=PRISONS[place], kind="LOG", happened_on=now.date(),
            severity=self._random.random(), description=self._desk.maybe("Unlock was on time."), reported_at=now, modified_at=now,
        )  # fmt: skip

    def _alert(self, alert_id: int, offender_id: int) -> Statement:
        self._alerts.add((alert_id, offender_id))
        detail = {"level": self._random.randrange(5), "by": "staff", "wings": ["A", None], "wörk": self._random.random() < 0.5}
        return insert(
            "alerts", alert_id=alert_id, offender_id=offender_id, alert_code=self._random.choice(CODES),
            comment=self._desk.maybe("Ask his brother, see file."), detail=self._desk.maybe(json.dumps(detail)),
        )  # fmt: skip

    def _incident(self, number: int, who: Sequence[int]) -> Statement:
        desk, at = self._desk, self._desk.moment()
        names = " and ".join(self._people.who[root].surname for root in dict.fromkeys(who))
        return insert("incidents", **desk.born(
            incident_id=number, lead_offender_id=who[0], prison=self._random.choice(PRISONS),
            kind=self._random.choice(("ASSAULT", "FIND", "FIRE")), happened_on=at.date(),
            happened_at=desk.maybe(time(at.hour, at.minute, at.second, self._random.choice((0, at.microsecond)))),
            places=desk.maybe(self._random.choice((["YARD"], ["WING A", "STAIRS"], [])), 0.2),
            severity=desk.maybe(self._random.random() * 10), description=f"{names} argued. Staff attended.",
            reported_at=at,
        ))  # fmt: skip
