"""Commit order on the real parts, over several partitions: races in which the log's order is another, restarts of every kind."""

import asyncio
import json
import os
import signal

import polars as pl
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from deltalake import DeltaTable

from connectors import connect
from connectors.debezium import connector_name
from connectors.reading import connect as connect_source
from sink.read import Reader
from tests.e2e.hazards import Hazards
from tests.e2e.writers import Writers

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

ROUNDS = int(os.environ.get("CUSTODY_ORDER_ROUNDS", "1"))
RACES = 24
"""At a time: each needs two connections."""


async def race(source, keys, number) -> None:
    """Of each key, an insert is logged, waits for another transaction, which deletes the key's row and commits first."""

    async def one(key: int) -> None:
        first, second = await connect_source(source), await connect_source(source)
        try:
            async with first.transaction():
                await first.execute("UPDATE people SET name = 'doomed' WHERE id = $1", key)
                inserting = asyncio.create_task(second.execute("INSERT INTO people VALUES ($1, 'anew ' || $2)", key, str(number)))
                while not await first.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", second.get_server_pid()):  # noqa: ASYNC110 - the database is asked
                    await asyncio.sleep(0.01)
                await first.execute("DELETE FROM people WHERE id = $1", key)
            await inserting
        finally:
            await first.close()
            await second.close()

    await asyncio.gather(*(one(key) for key in keys))


def test_races_that_the_log_tells_in_another_order(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 72) n")
            with Writers(road.source, seed=5):
                for number in range(3 * ROUNDS):
                    asyncio.run(race(road.source, [1 + key * 3 + number % 3 for key in range(RACES)], number))
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        history = Reader(road.lake, "people").history().filter(pl.col("id") <= 72)
        assert history["_partition"].n_unique() > 1
        by_commit = history.group_by("id", maintain_order=True).agg("_lsn")
        assert len(by_commit.filter(pl.col("_lsn") != pl.col("_lsn").list.sort())) == 72, "the log's order is another"
        by_position = history.sort("_lsn").unique("id", keep="last")
        assert len(by_position.filter(pl.col("_op") == "d")) == 72, "by the position alone every row would be gone"
        assert len(road.rows().filter(pl.col("id") <= 72)) == 72


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_restarts_of_every_kind_under_writers(open_road, stack, round_):
    with open_road(str(round_), kind=Hazards) as road:
        supervisor, name = road.supervisor(), connector_name(road.database)
        supervisor.start()
        try:
            with Writers(road.source, seed=round_) as writers:
                road.wait_until_running(supervisor)
                connect.stop(road.settings.connect, name)
                _more(road, writers)
                connect.resume(road.settings.connect, name)
                road.await_streaming()
                _more(road, writers)
                os.kill(stack.pids()["connect"], signal.SIGKILL)
                _more(road, writers)
                road.until(lambda: stack.mend() == ["connect"], 60)
                road.await_streaming()
                _more(road, writers)
                os.kill(stack.pids()["postgres"], signal.SIGQUIT)
                road.until(lambda: stack.mend() == ["postgres"], 90)
                _more(road, writers)
                road.until(lambda: _is_running_again(road, name), 90)
            road.assert_true(supervisor)
        finally:
            supervisor.stop()
        assert road.history(columns=("_op",)).count(("d",)) > 0


def _more(road, writers) -> None:
    """Until some more transactions are committed."""
    reached = writers.transactions + 15
    road.until(lambda: writers.transactions >= reached, 90)


def _is_running_again(road, name) -> bool:
    """A task that lost its database ends, and is started again by a person, or by whoever runs the pipeline."""
    state = connect.status(road.settings.connect, name).state
    if state == "FAILED":
        connect.restart(road.settings.connect, name)
    return state == "RUNNING"


def test_redelivered_changes_change_nothing_and_are_counted(open_road):
    """As a connector without exactly-once delivers them: the same records again, at new offsets, among newer ones."""
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute(
                "INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 40) n",
                "UPDATE people SET name = 'newer' WHERE id <= 20",
                "DELETE FROM people WHERE id <= 10",
            )
            road.settle(supervisor)
            before = road.history()
            again = _deliver_again(road)
            road.execute("INSERT INTO people VALUES (1, 'back')")
            road.assert_true(supervisor)
            assert len(road.history()) == len(before) + 1
            assert road.status_of()["datasets"]["people"]["suppressed"] == again == 70
        finally:
            supervisor.stop()
        place = road.lake.history(road.datasets["people"])
        commits = DeltaTable(place.address, storage_options=dict(place.options)).history()
        counted = [json.loads(commit["custody.counts"]) for commit in commits if "custody.counts" in commit]
        assert sum(one["suppressed"] for one in counted) == again
        assert sum(one["written"] for one in counted) == len(before) + 1


def _deliver_again(road) -> int:
    """Every record of the topic once more, each on its partition; the number of changes among them."""
    topic, bootstrap = road.datasets["people"].raw_topic, road.settings.kafka
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "again", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(road.settings.partitions)])
    messages, ended = [], 0
    while ended < road.settings.partitions:
        for message in consumer.consume(10_000, 5):
            ended += message.error() is not None
            messages += [message] if message.error() is None else []
    consumer.close()
    producer = Producer({"bootstrap.servers": bootstrap})
    for one in messages:
        producer.produce(topic, one.value(), one.key(), one.partition(), headers=one.headers())
    producer.flush(30)
    return sum(one.value() is not None for one in messages)
