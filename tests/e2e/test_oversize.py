"""Large rows pass up to the limit, all along the road; above it they wait, and the connector goes on."""

import json

import pytest

from connectors import connect
from connectors.debezium import connector_name
from tests.e2e.hazards import Hazards
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(300)]
MB = 1_000_000


def test_large_rows_pass_and_too_large_ones_wait_without_stopping_anything(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute(
                "INSERT INTO people VALUES (1, 'small', 'n'), (2, 'small', 'n')",
                f"UPDATE people SET note = repeat('0123456789', {15 * MB // 10}) WHERE id = 1",
                f"UPDATE people SET note = repeat('0123456789', {30 * MB // 10}) WHERE id = 2",
                "UPDATE people SET name = 'behind' WHERE id = 2",
                f"INSERT INTO people VALUES (3, 'wide', repeat(chr(26085), {10 * MB}))",
                "INSERT INTO people VALUES (4, 'after', 'n')",
            )
            road.settle(supervisor)
            rows = {row["id"]: row for row in road.rows().to_dicts()}
            assert {n: row["name"] for n, row in rows.items()} == {1: "small", 2: "small", 4: "after"}
            assert rows[1]["note"] == "0123456789" * (15 * MB // 10)
            assert road.differences() == []
            assert connect.status(road.settings.connect, connector_name(road.database)).state == "RUNNING"
            groups = json.loads(command(road, "quarantine", "--json"))["groups"]
            assert sorted(group["reason"].split(":")[0] for group in groups) == [
                "oversize",
                "oversize",
                "waits behind a refusal of its key",
            ]
            road.execute("UPDATE people SET note = 'short' WHERE id > 1")
            road.settle(supervisor)
            command(road, "discard", "--reason", "oversize", "--why", "made smaller at the source")
            command(road, "release")
            command(road, "snapshot", "people", "--where", "id > 1")
            road.settle(supervisor)
            assert command(road, "quarantine") == "nothing waits\n"
            assert sorted(road.rows()["note"].to_list(), key=len)[:3] == ["short"] * 3
        finally:
            supervisor.stop()
        assert road.differences() == []
