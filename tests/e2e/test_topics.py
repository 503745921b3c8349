"""Topics that somebody deletes, makes again or cuts short: detected, stopped with a remedy, and recovered from."""

import json
import subprocess
import sys
import time

import polars as pl
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from connectors.topics import ends, ensure_topics, partitions
from custody.failures import Failures
from custody.prepare import prepare
from schemas.errors import Refused
from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.hazards import Hazards
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(300)]


def make_again(road: Hazards, topic: str) -> None:
    """Delete a topic, and make it again with as many partitions."""
    admin = AdminClient({"bootstrap.servers": road.settings.kafka})
    count = partitions(road.settings.kafka, [topic])[topic]
    admin.delete_topics([topic])[topic].result(20)
    road.until(lambda: not partitions(road.settings.kafka, [topic]), 90)
    time.sleep(0.2)
    admin.create_topics([NewTopic(topic, count, 1)])[topic].result(20)
    road.until(lambda: bool(partitions(road.settings.kafka, [topic])), 90)


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
        _made_again_while_it_is_read(road)
        recover_and_compare(road, 2)
        assert [row[0] for row in road.history(columns=("_reason", "id")) if row[1] == 20][-1] is not None

        make_again(road, people.raw_topic)
        make_again(road, accounts.cleaned_topic)
        road.execute("UPDATE people SET name = 'y' WHERE id <= 20", "UPDATE accounts SET balance = 7")
        run_until_stopped(road, people="made again", accounts="made again")
        recover_and_compare(road, 3)

        _cleaned_and_not_taken(road)
        road.execute("UPDATE people SET name = 'never read' WHERE id = 1", "UPDATE people SET name = 'z' WHERE id < 5")
        road.until(lambda: _all_have_come(road, people.raw_topic), 90)
        cut_short(road, people.raw_topic)
        cut_short(road, accounts.cleaned_topic)
        evidence = f"evidence of {road.database}"
        run_until_stopped(road, people="deleted before they were read", accounts="a gap", **{evidence: "a gap"})
        recover_and_compare(road, 4)
        history = Reader(road.lake, "accounts").history()
        assert len(history.filter((pl.col("_op") == "u") & (pl.col("balance") == 8))) == 2
        waits = json.loads(command(road, "quarantine", "--json"))["groups"]
        assert {group["dataset"] for group in waits} == {"people"}


def _made_again_while_it_is_read(road: Hazards) -> None:
    """One row waits in quarantine, so that the offsets it is known by come again."""
    supervisor = road.supervisor()
    supervisor.start()

    def stopped() -> str:
        return road.status_of().get("stopped", {}).get("people", "")

    try:
        road.execute("INSERT INTO people SELECT n, 'n' || n, NULL, CASE n WHEN 7 THEN '?' END FROM generate_series(1, 50) n")
        road.execute("INSERT INTO accounts VALUES (1, 1), (2, 2)")
        road.settle(supervisor)
        make_again(road, road.datasets["people"].raw_topic)
        road.execute("UPDATE people SET name = 'x' WHERE id <= 10", "DELETE FROM people WHERE id = 20")
        road.until(lambda: "made again" in stopped() and "custody recover" in stopped(), 30, supervisor.watch)
        assert "made again" in json.loads(_status(road))["stopped"]["people"]
    finally:
        supervisor.stop()
        Failures.of(road.settings.data).forget()


def _cleaned_and_not_taken(road: Hazards) -> None:
    """A worker alone: what it publishes waits on the cleaned topic."""
    (road.settings.data / "status" / "worker.json").unlink()
    worker = road.spawn("worker")
    road.execute("UPDATE accounts SET balance = 8 WHERE id < 3")
    road.until(lambda: road.status_of("worker").get("datasets", {}).get("accounts", {}).get("records", 0) >= 2, 60)
    worker.terminate()
    assert worker.wait(20) == 0


def _status(road: Hazards) -> str:
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


def test_a_topic_that_somebody_compacted_is_refused(kafka):
    entry = ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET)
    assert ensure_topics(kafka, {"compacted": 1}) == {"compacted": 1}
    admin = AdminClient({"bootstrap.servers": kafka})
    resource = ConfigResource(ResourceType.TOPIC, "compacted", incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(20)
    with pytest.raises(Refused, match="compacted"):
        ensure_topics(kafka, {"compacted": 1})
