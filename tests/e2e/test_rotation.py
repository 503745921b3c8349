"""Keys are rotated in mid-stream: rows named by tokens stay one row, and people who they were, whatever key wrote them."""

import asyncio
import json
import os
import signal

import polars as pl
import pytest

from connectors.reading import read_source
from custody.compare import expected_rows
from custody.prepare import prepare
from custody.supervise import KINDS
from rules.match.prepared import prepare as prepared
from rules.match.stream import Linker
from rules.tokens import lift
from schemas.identity import models_of
from sink.persons import with_persons
from sink.read import Reader
from streams.link import records_of
from tests.e2e.test_hazards import command
from tests.e2e.test_link import FILE, READS, Linked, frame_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


class Named(Linked):
    """Two services whose rows, and the people in them, are named by tokens."""

    def declare(self, folder) -> None:
        text = FILE.format(database=self.database, reads=READS)
        text = text.replace('"id", INT32, protect=protect.keep', '"id", INT32, protect=protect.token("person")')
        for register, own in (("prison", "north"), ("court", "south")):  # the topic of people is everybody's
            text = text.replace(f'register="{register}"', f'register="{own}"')
        (folder / "people.py").write_text(text, encoding="utf-8")

    def expected(self):
        identities, keys = models_of(self.datasets)["person"], self.settings.keys(self.datasets)
        _, tables = asyncio.run(read_source(self.source, identities))
        known = records_of({name: expected_rows(table, identities[name], keys) for name, table in tables.items()}, identities)
        linker = Linker(self.model)
        linker.apply(prepared(known, self.model, "id"))
        return sorted(linker.clusters().clusters)

    def persons(self) -> dict[str, str]:
        return dict(self.people().select("record", "person").iter_rows())


def test_keys_are_rotated_while_changes_arrive(open_road):
    with open_road(kind=Named) as road:
        road.learn()
        road.settings = road.settings.but(keyring=road.settings.data / "custody.keys")
        rows = frame_of(40, seed=9)
        rotated = road.settings
        road.settings = rotated.but(key=1)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.insert("prisoners", rows.filter(pl.col("id") % 2 == 0))
            road.insert("defendants", rows.filter(pl.col("id") % 2 == 1))
            road.link(supervisor)
            before = road.persons()
            assert json.loads(command(road, "keys", "rotate", "--json"))["version"] == 2
            for kind in KINDS:
                os.kill(supervisor.pids()[kind], signal.SIGKILL)
            road.execute("UPDATE prisoners SET sex = NULL WHERE id = 2")
            road.assert_true(supervisor)
            road.execute("UPDATE prisoners SET postcode = 'M1 1AA' WHERE id = 8", "UPDATE defendants SET id = 101 WHERE id = 1")
        finally:
            supervisor.stop()
        road.settings = rotated
        prepare(road.settings, road.datasets)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("DELETE FROM prisoners WHERE id = 6", "UPDATE defendants SET sex = NULL WHERE id = 3")
            road.assert_true(supervisor)
            road.link(supervisor)
        finally:
            supervisor.stop()
        _people_are_who_they_were(road, before)
        tables = json.loads(command(road, "keys", "list", "--json"))["tables"]
        assert {"history/prisoners", "history/identities_defendants", "links/person", "people/person"} <= tables.keys()
        assert all(set(tokens) == {"2"} for tokens in tables.values()), tables
        assert json.loads(command(road, "keys", "retire", "--json")) == {"version": 2, "retired": 1}


def _people_are_who_they_were(road: Named, before: dict[str, str]) -> None:
    records = lift(pl.Series(list(before)), road.settings.keys(road.datasets)).to_list()
    had, now = _clusters(dict(zip(records, before.values(), strict=True))), _clusters(road.persons())
    same = had.keys() & now.keys()
    assert len(same) > 20
    assert {cluster: had[cluster] for cluster in same} == {cluster: now[cluster] for cluster in same}
    assert not set(records) & set(before)
    reader = Reader(road.lake, "prisoners")
    assert with_persons(reader.now(), reader, "person", None)["person_id"].null_count() == 0


def _clusters(persons: dict[str, str]) -> dict[frozenset[str], str]:
    """Whose records are these: person by records."""
    members: dict[str, set[str]] = {}
    for record, person in persons.items():
        members.setdefault(person, set()).add(record)
    return {frozenset(records): person for person, records in members.items()}
