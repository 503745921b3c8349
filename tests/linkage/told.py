"""A course of decisions and their log, to be tested."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl

from rules.match import assign
from rules.match.assign import LOG, People

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def past(people, log):
    """All that is known of everybody whom a log names."""
    return people.past(pl.concat([log["record"], log["former"].drop_nulls()]) if "former" in log.columns else log["record"])


def everybody(log):
    """All that a log says."""
    return past(People.of_log(log), log)


class Told:
    """A course of decisions, a day each, and their log."""

    def __init__(self):
        self.people, self.log, self.events, self.now = People(), pl.DataFrame(schema=LOG), [], set()

    def decide(self, *clusters, at=None, rekeyed=None):
        """The clusters that there are, as words whose letters are records, and of what changed its key the new and the old."""
        new = {tuple(sorted(one)) for one in clusters}
        gone = {record for one in self.now for record in one} - {record for one in new for record in one}
        decision = assign.assign(self.people, new - self.now, gone, at or START + len(self.events) * DAY, rekeyed=rekeyed)
        self.check(decision)
        self.people.take(decision.log)
        self.log = pl.concat([self.log, decision.log])
        self.events.append([(event.kind, event.person, event.other, "".join(event.records)) for event in decision.events])
        self.now = new
        return [self.past.person[one[0]] for one in clusters]

    @property
    def past(self):
        return past(self.people, self.log)

    def check(self, decision):
        """The events, folded, tell who everyone is after a decision."""
        keys = {event.records[0]: event.records[1] for event in decision.events if event.kind == "rekeyed"}
        held = Counter((keys.get(record, record), person) for record, person in self.past.person.items())
        moves = set()
        for event in decision.events:
            goes = event.kind in {"merged", "moved", "left", "ended"}
            ways = (event.person, event.other) if goes else (event.other, event.person)
            moves |= {(record, *ways) for record in event.records if event.kind != "rekeyed"}
        held -= Counter((record, source) for record, source, _ in moves)
        held += Counter((record, target) for record, _, target in moves if target)
        assert held == Counter(everybody(pl.concat([self.log, decision.log])).person.items())

    @property
    def kinds(self):
        return [kind for kind, *_ in self.events[-1]]
