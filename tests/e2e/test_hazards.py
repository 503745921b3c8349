"""The hazards of a row's life, made in a real PostgreSQL, and what the tables then are."""

import json
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest

from connectors import connect
from connectors.debezium import connector_name
from connectors.source import drop_slot
from connectors.topics import grow
from custody import INT32, Column, protect
from custody.planning import plan
from custody.prepare import prepare
from schemas.errors import Refused
from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.hazards import LONG, Hazards

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def running(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            yield road, supervisor
        finally:
            supervisor.stop()


def command(road, *args):
    argv = [sys.executable, "-m", "custody", *args]
    done = subprocess.run(argv, env={"PATH": "", **road.settings.environment()}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_keys_change_values_out_of_line_stay_and_truncates_wait_for_a_person(running):
    road, supervisor = running
    road.execute(
        f"INSERT INTO people SELECT n, 'n' || n, repeat('{LONG[:9]}', 1000) || n, 'a', n FROM generate_series(1, 20) n",
        "UPDATE people SET name = 'changed' WHERE id <= 10",
        "UPDATE people SET id = id + 100 WHERE id <= 5",
        "UPDATE people SET id = id + 100, name = 'twice' WHERE id BETWEEN 101 AND 103",
        "DELETE FROM people WHERE id = 20; INSERT INTO people VALUES (20, 'anew', NULL, NULL, NULL)",
        "BEGIN; SAVEPOINT s; INSERT INTO people VALUES (99, 'never'); ROLLBACK TO s; INSERT INTO people VALUES (98, ''); COMMIT",
    )
    road.settle(supervisor)
    assert road.differences() == []
    rows = road.rows()
    assert rows["_unknown"].list.len().sum() == 0
    assert rows.filter(pl.col("id") == 201)["note"][0].endswith("x1")
    moved = [row for row in road.history(columns=("_op", "id", "_previous_key", "_reason")) if row[2] or row[3] == "key changed"]
    assert len(moved) == 16
    assert ("c", 101, '{"id":1}', None) in moved
    _truncate_waits(road, supervisor)


def _truncate_waits(road, supervisor) -> None:
    before = len(road.rows())
    road.execute("TRUNCATE people, accounts", "INSERT INTO people VALUES (1, 'after', 'n')")
    road.settle(supervisor)
    assert len(road.rows()) == before + 1
    assert "a truncate waits" in command(road, "quarantine")
    assert "1 wait: a truncate waits for a person" in command(road, "status")
    assert "people: 1 released, 0 wait" in command(road, "release", "--dataset", "people", "--why", "the owner says so")
    road.settle(supervisor)
    assert road.rows()["id"].to_list() == [1]
    command(road, "discard", "--dataset", "accounts", "--why", "a mistake")
    assert command(road, "quarantine") == "nothing waits\n"


def test_what_waits_is_released_in_order_while_changes_go_on(running):
    road, supervisor = running
    road.execute(
        "INSERT INTO people VALUES (1, 'a', NULL, 'a'), (2, 'b', NULL, 'a')",
        "UPDATE people SET kind = '?' WHERE id = 1",
        "UPDATE people SET name = 'c', kind = 'b' WHERE id = 1",
        "UPDATE people SET name = 'd' WHERE id = 2",
    )
    road.settle(supervisor)
    assert road.rows().select("id", "name", "kind").rows() == [(1, "a", "a"), (2, "d", "a")]
    assert "1 discarded, 1 wait" in command(road, "discard", "--reason", "one_of", "--why", "no such kind")
    road.execute("UPDATE people SET name = 'e' WHERE id = 1")
    road.settle(supervisor)
    assert "2 released, 0 wait" in command(road, "release")
    road.execute("UPDATE people SET name = 'f' WHERE id = 1")
    road.settle(supervisor)
    assert road.rows().select("id", "name", "kind").rows() == [(1, "f", "b"), (2, "d", "a")]
    assert [row[0] for row in road.history(columns=("name", "id")) if row[1] == 1] == ["a", "c", "e", "f"]


def test_a_plan_says_what_would_change_and_what_cannot(open_road):
    with open_road(kind=Hazards) as road:
        assert {step.kind for step in plan(road.settings, road.datasets)} == {"table"}
        columns = road.datasets["people"].columns
        other = replace(columns[2], type=INT32)
        more = Column("more", INT32, protect=protect.keep)
        changed = replace(road.datasets["people"], columns=(*columns[:2], other, *columns[3:], more))
        refused = [step for step in plan(road.settings, {"people": changed}) if step.refused]
        assert [(step.kind, "renamed_from" in step.refused) for step in refused] == [
            ("column", False),
            ("subject", True),
        ]


def test_a_transfer_is_never_seen_half_done(running):
    road, supervisor = running
    road.execute("INSERT INTO accounts VALUES (1, 50), (2, 50)")
    transfers = [
        f"BEGIN; UPDATE accounts SET balance = balance - {n} WHERE id = 1; INSERT INTO people VALUES ({n}, 'transfer');"
        f" UPDATE accounts SET balance = balance + {n} WHERE id = 2; COMMIT"
        for n in range(1, 9)
    ]
    road.execute(*transfers)
    road.settle(supervisor)
    times = Reader(road.lake, "accounts").history().filter(pl.col("_op") != "r")["_source_at"].unique().sort()
    for moment in times:
        balances = Reader(road.lake, "accounts").at(moment)
        done = Reader(road.lake, "people").at(moment) if moment > times[0] else pl.DataFrame({"id": []})
        assert balances["balance"].sum() == 100
        assert balances.filter(pl.col("id") == 2)["balance"][0] == 50 + sum(done["id"])


def test_a_lost_slot_is_refused_and_recovered_with_what_vanished_found(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute(
                "INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 50) n", "DELETE FROM people WHERE id = 50"
            )
            road.settle(supervisor)
            _lose_the_slot(road)
            with pytest.raises(Refused, match="slot is gone"):
                prepare(road.settings, road.datasets)
            assert json.loads(command(road, "recover", road.database, "--json"))["epoch"] == 2
            road.until(lambda: _shown(road) == 2, 60, supervisor.watch)
            road.execute("INSERT INTO people VALUES (77, 'after')")
            road.settle(supervisor)
        finally:
            supervisor.stop()
        assert road.differences() == []
        absent = [row[1] for row in road.history(columns=("_reason", "id")) if row[0] == "found by absence"]
        assert sorted(absent) == [3, 4]


def _lose_the_slot(road) -> None:
    """Somebody stops the connector and drops its slot; rows go and come meanwhile."""
    connect.stop(road.settings.connect, connector_name(road.database))
    drop_slot(road.source)
    road.execute(
        "DELETE FROM people WHERE id IN (3, 4)",
        "UPDATE people SET name = 'meanwhile' WHERE id = 5",
        "INSERT INTO people VALUES (60, 'new')",
    )


def _shown(road) -> int | None:
    return Snapshot.load(road.lake.history(road.datasets["people"])).epoch


def test_a_snapshot_on_request_repairs_and_leaves_what_is_newer(running):
    road, supervisor = running
    road.execute("INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 9000) n")
    road.settle(supervisor)
    said = json.loads(command(road, "snapshot", "people", "--where", "id <= 5000", "--json"))
    road.execute("UPDATE people SET name = 'newer' WHERE id = 1", "DELETE FROM people WHERE id = 2")
    road.settle(supervisor)
    assert said["rows"] == 5000
    assert road.differences() == []
    assert sum(row[0] == "r" for row in road.history()) == 5000
    raw = Snapshot.load(road.lake.raw(road.database)).scan().select("_topic").unique().collect()["_topic"].to_list()
    assert not any("signal" in topic or "heartbeat" in topic for topic in raw)
    assert f"{road.database}.notification" in raw


def test_a_topic_that_is_given_more_partitions_loses_and_revives_nothing(open_road):
    with open_road(kind=Hazards) as road:
        road.execute("INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 200) n")
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("DELETE FROM people WHERE id % 3 = 0")
            road.settle(supervisor)
        finally:
            supervisor.stop()
        name = connector_name(road.database)
        connect.stop(road.settings.connect, name)
        grow(road.settings.kafka, road.datasets["people"].raw_topic, 7)
        connect.resume(road.settings.connect, name)
        prepare(road.settings, road.datasets)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.until(lambda: bool(road.status_of("worker").get("is_ready")), 60, supervisor.watch)
            road.execute("UPDATE people SET name = 'x' WHERE id % 2 = 0")
            road.execute("INSERT INTO people SELECT n, 'back' FROM generate_series(3, 9, 3) n")
            road.settle(supervisor)
        finally:
            supervisor.stop()
        assert road.differences() == []
        assert Reader(road.lake, "people").history()["_partition"].max() > 3
