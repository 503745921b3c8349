"""Snapshots of every kind beside writers, interrupted, begun anew, and after a loss."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from connectors import connect
from connectors.debezium import SIGNAL, connector_name
from connectors.reading import connect as connect_source
from connectors.source import drop_slot
from custody.failures import Failures
from custody.prepare import prepare
from schemas.errors import Refused
from sink.snapshot import Snapshot
from tests.e2e.hazards import Hazards
from tests.e2e.writers import Writers

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

ROWS = int(os.environ.get("CUSTODY_SNAPSHOT_ROWS", "20000"))
"""So many that a kill finds a snapshot in its middle."""


@dataclass
class Laid(Hazards):
    """A road whose connector is registered by the test, in the middle of something."""

    def open(self) -> "Laid":
        self.lay()
        return self


def fill(road) -> None:
    road.execute(
        f"INSERT INTO people SELECT n, 'n' || n, repeat('y', 200) FROM generate_series(1, {ROWS}) n",
        "INSERT INTO accounts SELECT n, n FROM generate_series(100, 110) n",
    )


def command(road, *args, check=True):
    argv = [sys.executable, "-m", "custody", *args]
    done = subprocess.run(argv, env={"PATH": "", **road.settings.environment()}, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


def kill_connect_in_the_middle(road, stack, start: int) -> None:
    """Once a part of the rows has come since there were `start` records."""
    road.until(lambda: road.count_raw() >= start + ROWS // 20, 60)
    os.kill(stack.pids()["connect"], signal.SIGKILL)


def test_transactions_that_straddle_the_consistent_point(open_road):
    """Some are open before the slot is made, some begin while it is made, and all commit after."""
    with open_road(kind=Laid) as road:
        road.execute("INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 2000) n")
        supervisor = road.supervisor()

        async def straddle() -> None:
            connection = await connect_source(road.source)
            async with connection.transaction():
                await connection.execute("UPDATE people SET name = 'straddles' WHERE id <= 200")
                await connection.execute("DELETE FROM people WHERE id BETWEEN 201 AND 300")
                await connection.execute("INSERT INTO people SELECT n, 'new' FROM generate_series(3001, 3100) n")
                await asyncio.sleep(3)
            await connection.close()

        async def both() -> None:
            await asyncio.gather(straddle(), asyncio.to_thread(road.capture))

        with Writers(road.source, count=8, hold_seconds=1.0):
            asyncio.run(both())
            supervisor.start()
            time.sleep(2)
        try:
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        assert any(op == "r" for op, _ in road.history())


@pytest.mark.long
def test_an_initial_snapshot_that_is_interrupted_is_begun_anew_and_leaves_no_ghosts(open_road, stack):
    with open_road(kind=Laid) as road:
        fill(road)
        prepare(road.settings, road.datasets)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            with Writers(road.source, seed=3):
                kill_connect_in_the_middle(road, stack, 0)
                road.execute("DELETE FROM people WHERE id % 7 = 0", "DELETE FROM accounts WHERE id >= 100")
                road.until(lambda: stack.mend() == ["connect"], 60)
                road.await_streaming()
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        gone = road.absent()
        assert gone, "rows that only the first attempt read"
        assert all(key % 7 == 0 for key in gone if key <= ROWS)
        assert road.absent("accounts") == list(range(100, 111))
        assert Snapshot.load(road.lake.history(road.datasets["people"])).epoch == 1


@pytest.mark.long
def test_snapshots_on_request_beside_writers_and_interrupted(open_road, stack):
    with open_road(kind=Hazards) as road:
        fill(road)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.settle(supervisor)
            with Writers(road.source, seed=4, hold_seconds=1.0):
                start, asking = road.count_raw(), _asking(road)
                kill_connect_in_the_middle(road, stack, start)
                road.until(lambda: stack.mend() == ["connect"], 60)
                told, progress = asking.communicate(timeout=180)
                assert asking.returncode == 0, progress
                road.execute("UPDATE people SET name = 'newer' WHERE id <= 10")
                blocking = command(road, "snapshot", "accounts", "--blocking")
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        said = json.loads(told)
        assert 0 < said["rows"] < ROWS + 1700
        assert said["counted_all"] is False
        assert "the connector was restarted" in progress
        assert " of about " in progress
        assert "accounts: " in blocking.stdout
        assert "rows were read again" in blocking.stdout
        assert len([op for op, _ in road.history() if op == "r"]) >= ROWS
        assert len([op for op, _ in road.history("accounts") if op == "r"]) > 10
        _signals_are_audited(road)


def _asking(road) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "custody", "snapshot", "people", "--json"]
    environment = {"PATH": "", **road.settings.environment()}
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _signals_are_audited(road) -> None:
    """What was asked stays in the source, how it went in raw/; neither is a row of anything."""

    async def asked() -> list[str]:
        connection = await connect_source(road.source)
        rows = await connection.fetch(f"SELECT data FROM {SIGNAL} WHERE type = 'execute-snapshot'")
        await connection.close()
        return sorted(json.loads(row[0])["type"] for row in rows)

    assert asyncio.run(asked()) == ["blocking", "incremental"]
    raw = Snapshot.load(road.lake.raw(road.database)).scan().select("_topic", "value").collect()
    assert not raw["_topic"].str.contains("signal|heartbeat").any()
    notified = [json.loads(value)["type"] for value in raw.filter(raw["_topic"].str.ends_with(".notification"))["value"]]
    assert notified.count("COMPLETED") >= 3


@pytest.mark.long
def test_a_database_restored_to_an_earlier_state_is_captured_anew(open_road, stack):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            fill(road)
            road.settle(supervisor)
            _restore(road)
            with pytest.raises(Refused, match="slot is gone"):
                prepare(road.settings, road.datasets)
            recovering = subprocess.Popen(
                [sys.executable, "-m", "custody", "recover", road.database, "--json"],
                env={"PATH": "", **road.settings.environment()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            before = len(road.rows())
            kill_connect_in_the_middle(road, stack, road.count_raw())
            assert len(road.rows()) == before, "an interrupted snapshot shows nothing, and removes nothing"
            road.until(lambda: stack.mend() == ["connect"], 60)
            told, problem = recovering.communicate(timeout=120)
            assert recovering.returncode == 0, problem
            assert json.loads(told)["epoch"] == 2
            road.await_streaming()
            road.until(lambda: all(_shown(road, name) == 2 for name in road.datasets), 90, supervisor.watch)
            road.assert_true(supervisor)
            assert "11 rows deleted, found by absence" in command(road, "status", check=False).stdout
        finally:
            supervisor.stop()
        assert road.absent("accounts") == list(range(100, 111))
        assert set(road.absent()) >= set(range(ROWS - 99, ROWS + 1))


def _restore(road) -> None:
    """As of before some changes: other rows at other places of the log, and a table that was empty then."""
    connect.stop(road.settings.connect, connector_name(road.database))
    drop_slot(road.source)
    earlier = f"{road.database}_earlier"
    road.execute_beside(
        f'ALTER DATABASE "{road.database}" RENAME TO "{earlier}"',
        f'CREATE DATABASE "{road.database}" TEMPLATE "{earlier}"',
        f'DROP DATABASE "{earlier}"',
    )
    road.execute(
        f"DELETE FROM people WHERE id > {ROWS - 100}", "UPDATE people SET name = 'as it was' WHERE id <= 50",
        "DELETE FROM accounts",
    )  # fmt: skip


def _shown(road, name) -> int | None:
    return Snapshot.load(road.lake.history(road.datasets[name])).epoch


@pytest.mark.long
def test_offsets_that_are_lost_are_refused_and_recovered(open_road):
    """The slot is kept: the connector would read everything again under the same epoch, and never say what it missed."""
    with open_road(kind=Hazards) as road:
        name, supervisor = connector_name(road.database), road.supervisor()
        supervisor.start()
        try:
            road.execute(
                "INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 200) n", "INSERT INTO accounts VALUES (1, 1)"
            )
            road.settle(supervisor)
            connect.forget_position(road.settings.connect, name)
            road.execute("DELETE FROM people WHERE id <= 20", "UPDATE people SET name = 'meanwhile' WHERE id = 21")
            with pytest.raises(Refused, match="offsets are gone"):
                prepare(road.settings, road.datasets)
            connect.resume(road.settings.connect, name)
            road.until(lambda: set(road.status_of()["stopped"]) == {"people", "accounts"}, 60, supervisor.watch)
            assert f"custody recover {road.database}" in command(road, "status", check=False).stdout
        finally:
            supervisor.stop()
        assert json.loads(command(road, "recover", road.database, "--json").stdout)["epoch"] == 2
        Failures.of(road.settings.data).forget()
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.until(lambda: _shown(road, "people") == 2, 60, supervisor.watch)
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        assert road.absent() == list(range(1, 21))
