"""Topics that somebody deletes, makes again or cuts short: detected, stopped with a remedy, and recovered from."""

import json
import time

import polars as pl
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from connectors.topics import ends, partitions
from custody.failures import Failures
from custody.prepare import prepare
from schemas.errors import Refused
from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.hazards import Hazards
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def make_again(road: Hazards, topic: str) -> None:
    """Delete a topic, and make it again with as many partitions."""
    admin = AdminClient({"bootstrap.servers": road.settings.kafka})
    count = partitions(road.settings.kafka, [topic])[topic]
    admin.delete_topics([topic])[topic].result(20)
    road.until(lambda: not partitions(road.settings.kafka, [topic]), 20)
    time.sleep(0.2)
    admin.create_topics([NewTopic(topic, count, 1)])[topic].result(20)
    road.until(lambda: bool(partitions(road.settings.kafka, [topic])), 20)


def cut_short(road: Hazards, topic: str) -> None:
    """All that a topic holds is deleted, as by a short retention."""
    places = ends(road.settings.kafka, partitions(road.settings.kafka, [topic]))
    admin = AdminClient({"bootstrap.servers": road.settings.kafka})
    for future in admin.delete_records([TopicPartition(t, p, offset) for (t, p), offset in places.items()]).values():
        future.result(20)


def run_until_stopped(road: Hazards, **expected: str) -> None:
    """The pipeline runs until each of these has stopped, for a reason that is told, and with the remedy."""

    def stopped() -> dict[str, str]:
        return {**road.status_of().get("stopped", {}), **Failures.of(road.settings.data).stopped()}

    supervisor = road.supervisor()
    supervisor.start()
    try:
        road.until(lambda: all(said in stopped().get(name, "") for name, said in expected.items()), 60, supervisor.watch)
        assert all("custody recover" in stopped()[name] for name in expected)
    finally:
        supervisor.stop()
        Failures.of(road.settings.data).forget()
        (road.settings.data / "status" / "sink.json").unlink()


def recover_and_compare(road: Hazards, epoch: int) -> None:
    """What the remedy says, and then the tables are as the source is."""
    assert json.loads(command(road, "recover", road.database, "--json"))["epoch"] == epoch
    prepare(road.settings, road.datasets)
    supervisor = road.supervisor()
    supervisor.start()
    try:
        history = road.lake.history(road.datasets["people"])
        road.until(lambda: Snapshot.load(history).epoch == epoch, 60, supervisor.watch)
        road.execute(f"INSERT INTO people VALUES ({epoch}000, 'after')", f"INSERT INTO accounts VALUES ({epoch}000, {epoch})")
        road.settle(supervisor)
    finally:
        supervisor.stop()
    assert road.differences() == []


def test_topics_that_are_made_again_or_cut_short_stop_their_dataset_and_are_recovered_from(open_road):
    with open_road(kind=Hazards) as road:
        people, accounts = road.datasets["people"], road.datasets["accounts"]
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("INSERT INTO people SELECT n, 'n' || n, NULL, CASE n WHEN 7 THEN '?' END FROM generate_series(1, 50) n")
            road.execute("INSERT INTO accounts VALUES (1, 1), (2, 2)")
            road.settle(supervisor)
            make_again(road, people.raw_topic)
            road.execute("UPDATE people SET name = 'x' WHERE id <= 10", "DELETE FROM people WHERE id = 20")

            def stopped() -> str:
                return road.status_of().get("stopped", {}).get("people", "")

            road.until(lambda: "made again" in stopped() and "custody recover" in stopped(), 30, supervisor.watch)
            assert "made again" in json.loads(_status(road))["stopped"]["people"]
        finally:
            supervisor.stop()
        Failures.of(road.settings.data).forget()
        recover_and_compare(road, 2)
        assert [row[0] for row in road.history(columns=("_reason", "id")) if row[1] == 20][-1] is not None

        make_again(road, people.raw_topic)
        make_again(road, accounts.cleaned_topic)
        road.execute("UPDATE people SET name = 'y' WHERE id <= 20", "UPDATE accounts SET balance = 7")
        run_until_stopped(road, people="made again", accounts="made again")
        recover_and_compare(road, 3)

        road.execute("UPDATE people SET name = 'never read' WHERE id = 1", "UPDATE people SET name = 'z' WHERE id < 5")
        road.until(lambda: _all_have_come(road, people.raw_topic), 20)
        cut_short(road, people.raw_topic)
        run_until_stopped(road, people="deleted before they were read", **{f"evidence of {road.database}": "a gap"})
        recover_and_compare(road, 4)
        waits = json.loads(command(road, "quarantine", "--json"))["groups"]
        assert {group["dataset"] for group in waits} == {"people"}


def _status(road: Hazards) -> str:
    import subprocess
    import sys

    argv = [sys.executable, "-m", "custody", "status", "--json"]
    done = subprocess.run(argv, env={"PATH": "", **road.settings.environment()}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stdout


def _all_have_come(road: Hazards, topic: str) -> bool:
    """Whether the topic has stopped growing."""
    places = partitions(road.settings.kafka, [topic])
    before = ends(road.settings.kafka, places)
    time.sleep(1.0)
    return ends(road.settings.kafka, places) == before


def test_cleaned_records_that_are_deleted_unread_are_sent_again(open_road):
    with open_road(kind=Hazards) as road:
        accounts = road.datasets["accounts"]
        road.execute("INSERT INTO accounts SELECT n, n FROM generate_series(1, 20) n")
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.settle(supervisor)
        finally:
            supervisor.stop()
        (road.settings.data / "status" / "worker.json").unlink()
        worker = road.spawn("worker")
        road.execute("UPDATE accounts SET balance = balance + 100 WHERE id % 2 = 0", "DELETE FROM accounts WHERE id = 3")
        road.until(lambda: road.status_of("worker").get("datasets", {}).get("accounts", {}).get("records", 0) >= 11, 60)
        worker.terminate()
        assert worker.wait(20) == 0
        cut_short(road, accounts.cleaned_topic)
        run_until_stopped(road, accounts="a gap")
        recover_and_compare(road, 2)
        history = Reader(road.lake, "accounts").history()
        assert len(history.filter((pl.col("_op") == "u") & (pl.col("_epoch") == 1))) == 10


def test_a_topic_that_somebody_compacts_is_refused(open_road):
    with open_road(kind=Hazards) as road:
        entry = ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, road.datasets["people"].raw_topic, incremental_configs=[entry])
        admin = AdminClient({"bootstrap.servers": road.settings.kafka})
        for future in admin.incremental_alter_configs([resource]).values():
            future.result(20)
        with pytest.raises(Refused, match="compacted"):
            prepare(road.settings, road.datasets)
