"""Deciding: what the log says is who is who, wherever it is stopped and begun again, and whatever the batches are."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import polars as pl
import pytest

from rules.match.people import intervals
from schemas.frames import empty
from schemas.links import LINKS
from sink.links import Log
from streams import deciding
from streams.deciding import Decided, Decider
from tests.linkage.test_stream import batch, model, people
from tests.linkage.told import everybody, past

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = frozenset()


class Course:
    """A decider that is stopped now and then, and its log."""

    def __init__(self):
        self.rows = empty({name: LINKS.field(name).type for name in LINKS.names})
        self.now, self.decided = BEGAN, Decided(NOBODY, NOBODY)
        self.frame = people(0).head(0)
        self.start()

    def start(self, most=None, rekeyed=None):
        """Begin, or only the first decisions of it."""
        log = Log(self.rows)
        self.decider = Decider(model(), "m", b"secret")
        at = self.tick()
        pieces = (self.frame[low : low + 30] for low in range(0, len(self.frame), 30))
        made = self.decider.begin(pieces, self.decided, log, at, rekeyed)
        return [self.keep(rows) for rows in islice(made, most)]

    def tick(self):
        self.now += timedelta(seconds=1)
        return self.now

    def keep(self, rows):
        last = -1 if not len(self.rows) else self.rows["decision"].max()
        numbered = rows.with_columns(decision=pl.lit(last + 1, pl.Int64), place=pl.int_range(pl.len(), dtype=pl.Int32))
        self.rows = pl.concat([self.rows, numbered.select(self.rows.columns)])
        return rows

    def change(self, upserts, gone, rekeyed=None):
        ids = [*upserts["id"], *gone]
        self.frame = pl.concat([self.frame.filter(~pl.col("id").is_in(ids)), upserts])
        return self.keep(self.decider.step(upserts, gone, rekeyed or {}, None, self.tick()))

    def decide(self, together, apart):
        self.decided = Decided(frozenset(together), frozenset(apart))
        return self.keep(self.decider.step(self.frame.head(0), [], {}, self.decided, self.tick()))

    @property
    def person(self):
        return past(self.decider.people, Log(self.rows).assigned).person

    def is_true(self):
        """The log, read by itself, says what a batch over the records there are says."""
        pairs, clusters, _ = batch(self.frame, self.decided.together, self.decided.apart)
        log = Log(self.rows)
        assert log.edges.select("one", "two", "weight", "rules").rows() == pairs
        people_now = everybody(log.assigned)
        assert sorted(tuple(sorted(one)) for one in people_now.records.values()) == clusters
        assert people_now == past(self.decider.people, log.assigned)
        now = intervals(log.assigned).filter(pl.col("to").is_null())
        assert dict(now.select("record", "person").iter_rows()) == people_now.person


@pytest.mark.parametrize("seed", range(3))
def test_stopped_anywhere_it_goes_on_as_if_it_had_not_been(seed):
    chance, frame, course = random.Random(seed), people(seed), Course()
    todo = list(range(len(frame)))
    chance.shuffle(todo)
    while todo:
        size = chance.randint(1, 9)
        taken, todo = todo[:size], todo[size:]
        gone = [key for key in course.frame["id"] if chance.random() < 0.1 and key not in frame[taken]["id"].to_list()]
        course.change(frame[taken], gone)
        if chance.random() < 0.3:
            known = course.frame["id"].to_list()
            course.decide([tuple(sorted(chance.sample(known, 2)))], [tuple(sorted(chance.sample(known, 2)))])
        if chance.random() < 0.5:
            again = course.start()
            assert not len(again), "nothing is decided twice"
        course.is_true()


def test_what_changed_while_it_was_stopped_is_decided_when_it_begins():
    frame, course = people(1), Course()
    course.change(frame.head(40), [])
    course.frame = pl.concat([frame.slice(10, 60)])
    course.start()
    course.is_true()


def test_what_is_stopped_while_it_begins_decides_the_rest(monkeypatch):
    monkeypatch.setattr(deciding, "PIECE", 20)
    frame, course = people(1), Course()
    course.frame = frame.head(60)
    course.start()
    course.frame = frame.slice(5)
    decisions = 0
    while course.start(most=1):
        decisions += 1
    assert decisions > 3, "withdrawn pairs, new ones, who was known, who is new"
    course.is_true()


def test_reasons_tell_levels_and_bits_and_no_value():
    frame, course = people(2), Course()
    course.change(frame, [])
    edges = Log(course.rows).edges
    assert len(edges) > 10
    values = {value for name in ("forename", "surname") for value in frame[name].drop_nulls()}
    for text, weight in edges.select("reasons", "weight").iter_rows():
        assert not any(value in text for value in values)
        bits = sum(float(part.rsplit(" ", 1)[1]) for part in text.split("; "))
        assert bits == pytest.approx(weight, abs=0.05 * text.count(";") + 0.06)


def test_a_record_under_a_new_key_keeps_its_person():
    frame, course = people(3).head(1), Course()
    course.change(frame, [])
    [person] = set(course.person.values())
    moved = frame.with_columns(id=pl.lit("nomis/new"))
    told = course.change(moved, frame["id"].to_list(), {"nomis/new": frame["id"][0]})
    assert course.person == {"nomis/new": person}
    assert told.filter(pl.col("kind") == "event")["reasons"].to_list() == ["rekeyed"]
    course.is_true()
