"""What the linker takes in of identities and overrides as they are folded and decided, and what it need not read."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import polars as pl
import pytest

from custody import INT64, TEXT, Column, Dataset, Link, protect
from custody.linking import stream
from custody.linking.stream import LinkStream
from rules.match import learn
from rules.match.prepared import prepare_fields
from schemas.change import REFUSAL, history_schema
from schemas.frames import empty
from schemas.identity import models_of
from sink import snapshot
from sink.current import Current
from sink.history import History
from sink.lake import Lake
from sink.links import Overrides, read_people
from sink.table import Place
from streams.link import reading_of, records_of
from tests.linkage.people import records

NAMES = ("forename", "surname", "postcode")
PEOPLE = Dataset(
    source="prison.public.people", owner="tests", key=("id",), subject="id", name="people",
    columns=(Column("id", INT64, protect=protect.keep), *(Column(name, TEXT, protect=protect.withhold) for name in NAMES)),
    link=Link(model="person", reads={name: name for name in NAMES}),
)  # fmt: skip
LINKED = models_of({"people": PEOPLE})["person"]
IDENTITIES = LINKED["identities_people"]


@pytest.fixture(scope="module")
def model():
    made, _ = records(150, seed=5, noise=0.5)
    known = records_of({"identities_people": made.select(pl.int_range(pl.len()).alias("id"), *NAMES)}, LINKED)
    return learn.learn(prepare_fields(known, reading_of(known, LINKED).fields, "id"), None, reading_of(known, LINKED).fields)


class Source:
    """Identities in a folder, as a sink lays them down, and the linker over them."""

    def __init__(self, folder, model):
        self.lake, self.model, self.offset = Lake(str(folder)), model, 0
        self.history = History(self.lake, IDENTITIES, {}, in_order=False)
        self.current = Current(self.lake, IDENTITIES, self.history.table, {})

    def fold(self, *changes):
        """Changes such as `("c", 1, "ADA")`, with the former key as the last where it changed, all in one fold."""
        kinds = empty({field.name: field.type for field in history_schema(IDENTITIES)}).schema
        rows = []
        for op, key, surname, *former in changes:
            self.offset += 1
            previous = json.dumps({"id": former[0]}) if former else None
            rows.append(
                {"id": key, "surname": surname, "forename": surname, "_op": op, "_epoch": 0, "_commit": self.offset,
                 "_lsn": self.offset, "_tx": self.offset, "_partition": 0, "_offset": self.offset, "_unknown": [], "_revision": 0,
                 "_reason": "key changed" if op == "d" and surname is None else None, "_previous_key": previous,
                 "_received_at": datetime.now(UTC), "_source_at": datetime.now(UTC)}
            )  # fmt: skip
        frame = pl.DataFrame([{**dict.fromkeys(kinds), **row} for row in rows], schema=kinds)
        new, _ = self.history.append(frame, empty(REFUSAL), {})
        self.current.add(new)
        self.current.fold()

    @contextmanager
    def linker(self):
        stop = threading.Event()
        linker = LinkStream("person", self.model, "m", LINKED, lake=self.lake, identities=self.lake, secret=b"secret",
                            publish=lambda _: None, about={})  # fmt: skip
        thread = threading.Thread(target=linker.run, args=(stop,))
        thread.start()
        try:
            self.until(lambda: linker.linked.said()["is_ready"])
            yield linker
        finally:
            stop.set()
            thread.join()

    def until(self, is_so):
        deadline = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def persons(self):
        rows = read_people(self.lake, "person").filter(pl.col("to").is_null())
        return dict(rows.select("record", "person").iter_rows())


@pytest.fixture
def source(tmp_path, model, monkeypatch):
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.05)
    return Source(tmp_path, model)


MOVED = {
    "changed once more": [("d", 1, None), ("c", 2, "ADA", 1), ("u", 2, "ADAMS")],
    "twice": [("d", 1, None), ("c", 5, "ADA", 1), ("d", 5, None), ("c", 2, "ADA", 5), ("u", 2, "ADAMS")],
    "with another in its place": [("d", 1, None), ("c", 2, "ADA", 1), ("u", 2, "ADAMS"), ("c", 1, "OTHER")],
}


@pytest.mark.parametrize("changes", MOVED.values(), ids=list(MOVED))
def test_a_record_keeps_its_person_under_another_key_whatever_else_the_fold_changed(source, changes):
    source.fold(("c", 1, "ADA"), ("c", 3, "BRONTE"))
    with source.linker():
        before = source.persons()
        source.fold(*changes)
        source.until(lambda: "prison/2" in source.persons())
        after = source.persons()
    assert after["prison/2"] == before["prison/1"]
    assert after.get("prison/1") != before["prison/1"]
    assert after["prison/3"] == before["prison/3"]


def test_a_key_that_changed_while_nobody_followed_is_a_record_under_another_key(source):
    source.fold(("c", 1, "ADA"), ("c", 3, "BRONTE"))
    with source.linker():
        source.fold(("c", 4, "CURIE"))
        source.until(lambda: "prison/4" in source.persons())
        before = source.persons()
    source.fold(*MOVED["changed once more"])
    with source.linker():
        after = source.persons()
    assert after == {**{key: person for key, person in before.items() if key != "prison/1"}, "prison/2": before["prison/1"]}


def test_rows_that_swap_their_keys_swap_their_persons(source):
    source.fold(("c", 1, "ADA"), ("c", 3, "BRONTE"))
    with source.linker():
        before = source.persons()
        source.fold(
            ("d", 1, None), ("c", 9, "ADA", 1), ("d", 3, None), ("c", 1, "BRONTE", 3), ("d", 9, None), ("c", 3, "ADA", 9),
            ("u", 3, "ADAMS"), ("u", 1, "BRONTES"),
        )  # fmt: skip
        source.until(lambda: source.persons()["prison/1"] != before["prison/1"])
        after = source.persons()
    assert (after["prison/1"], after["prison/3"]) == (before["prison/3"], before["prison/1"])


def test_what_stands_still_is_not_read_and_what_is_decided_later_is_taken(source, monkeypatch):
    source.fold(("c", 1, "ADA"), ("c", 3, "BRONTE"))
    loads, reads = [], []
    load, scan = Place.load, snapshot.Snapshot.scan
    monkeypatch.setattr(Place, "load", lambda *args: (loads.append(args), load(*args))[1])
    monkeypatch.setattr(snapshot.Snapshot, "scan", lambda *args: (reads.append(args), scan(*args))[1])
    overrides = Overrides(source.lake, "person")
    with source.linker() as linker:
        source.until(lambda: linker.linked.said()["records"] == 2)
        time.sleep(0.3)
        loads.clear(), reads.clear()
        time.sleep(0.5)
        assert not loads
        assert not reads
        overrides.add("prison/1", "prison/3", "together", datetime.now(UTC), "tests", "seen together")
        source.until(lambda: len(set(source.persons().values())) == 1)
        overrides.add("prison/1", "prison/3", "undone", datetime.now(UTC), "tests", "a mistake")
        source.until(lambda: len(set(source.persons().values())) == 2)
