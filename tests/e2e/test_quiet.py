"""A source in which nothing happens is known to be so; one that is not seen is not."""

import json
import time
from datetime import datetime

import pytest

import custody
from connectors import connect
from connectors.debezium import connector_name
from custody import status as looking
from sink.manifest import read_manifest
from sink.snapshot import Snapshot
from tests.e2e.hazards import Hazards
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def complete_until(road: Hazards) -> datetime:
    until = custody.open(road.settings.lake, **road.settings.store).complete_until("people")
    assert until is not None
    return until


def test_nothing_changed_and_not_seen_yet_differ(open_road, monkeypatch):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("INSERT INTO people VALUES (1, 'a')", "SELECT pg_logical_emit_message(true, 'app', 'about no row')")
            road.settle(supervisor)
            before, version = complete_until(road), Snapshot.load(road.lake.history(road.datasets["people"])).version
            road.until(lambda: (complete_until(road) - before).total_seconds() > 5, 30, supervisor.watch)
            assert Snapshot.load(road.lake.history(road.datasets["people"])).version == version
            cut = read_manifest(road.lake, road.database).filter(dataset="people").row(0, named=True)
            assert (cut["version"], cut["complete_until"]) == (version, complete_until(road))
            assert json.loads(command(road, "status", "--json"))["sink"]["messages"] == 1
            assert "not seen yet" not in command(road, "status")
            topics = Snapshot.load(road.lake.raw(road.database)).scan().collect()["_topic"].to_list()
            assert topics.count(f"{road.database}.message") == 1
            assert len(road.history()) == 1

            connect.stop(road.settings.connect, connector_name(road.database))
            time.sleep(4)
            stands = complete_until(road)
            road.execute("INSERT INTO people VALUES (2, 'not seen')")
            time.sleep(6)
            assert complete_until(road) == stands
            assert road.rows()["id"].to_list() == [1]
            monkeypatch.setattr(looking, "UNSEEN_SECONDS", 5.0)
            said = looking.status(road.settings)
            assert said["connectors"][connector_name(road.database)] == "STOPPED"
            assert said["sink"]["datasets"]["people"]["is_seen"] is False
            connect.resume(road.settings.connect, connector_name(road.database))
            road.settle(supervisor)
            assert complete_until(road) > stands
            assert road.rows()["id"].to_list() == [1, 2]
        finally:
            supervisor.stop()
