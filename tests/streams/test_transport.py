"""What the worker promises of Kafka's records: in order, each accounted for, nothing lost whatever ends it."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.ledger import Ledger
from tests.streams.road import SECRET, Road, first_seen, is_contiguous, until


@pytest.fixture
def road(kafka: str, tmp_path: Path) -> Iterator[Callable[[int], Road]]:
    roads: list[Road] = []

    def build(partitions: int = 2) -> Road:
        road = Road(kafka, tmp_path, partitions)
        road.make()
        roads.append(road)
        return road

    yield build
    for worker in [worker for road in roads for worker in road.workers]:
        worker.kill()
        worker.wait()


def test_a_ledger_gives_what_follows_and_commits_only_what_is_finished_from_the_head() -> None:
    ledger = Ledger(after=9)
    (after, first), (then, second), (_, third) = ledger.fetch(19), ledger.fetch(24), ledger.fetch(30)
    assert (after, then) == (9, 19)
    assert ledger.committable() is None
    second.is_done = True
    assert ledger.committable() is None
    first.is_done = True
    assert ledger.committable() == 25
    assert ledger.committable() is None
    third.is_in_hand = True
    assert ledger.is_busy
    third.is_done, third.is_in_hand = True, False
    assert (ledger.committable(), ledger.is_busy) == (31, False)


def test_a_ledger_reads_forwards_only() -> None:
    ledger = Ledger(after=9)
    with pytest.raises(AssertionError):
        ledger.fetch(9)


@pytest.mark.stack
def test_records_come_out_in_order_and_a_stopped_worker_has_committed_what_it_did(road: Callable[[int], Road]) -> None:
    way = road(2)
    way.send(range(30_000))
    worker = way.start()
    until(lambda: way.done() >= 60_000)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert way.out() == {0: list(range(30_000)), 1: list(range(30_000))}
    assert is_contiguous(way.said())
    assert way.committed() == {0: 30_000, 1: 30_000}

    way.send(range(30_000, 30_010))
    way.start()
    until(lambda: way.done(worker=1) >= 20)
    assert {said["after"] for said in way.said(worker=1) if said["first"] == 30_000} == {29_999}


@pytest.mark.stack
@pytest.mark.parametrize("fail", ["error", "panic", "tell"])
def test_a_step_that_fails_ends_the_worker_and_is_done_again(road: Callable[[int], Road], fail: str) -> None:
    way = road(1)
    way.send(range(100))
    worker = way.start(fail=fail)
    until(lambda: way.done() >= 100)
    way.send(range(100, 200), poison=True)
    assert worker.wait(30) == 1
    assert [said["failed"] for said in way.said("failed")] == [[way.topic, 0]]
    assert way.said("failed")[0]["offset"] == way.committed()[0] >= 100
    assert SECRET not in way.logs()
    if fail != "error":
        return
    way.start()
    until(lambda: way.done(worker=1) >= 201 - way.committed()[0] or -1 in way.out()[0])
    assert first_seen(way.out()[0]) == list(range(200))


@pytest.mark.stack
def test_a_killed_worker_loses_nothing(road: Callable[[int], Road]) -> None:
    way = road(2)
    way.send(range(40_000))
    worker = way.start(seconds=0.05)
    until(lambda: 0 < way.done() < 80_000)
    worker.kill()
    worker.wait()
    way.start()
    until(lambda: all(offset == 40_000 for offset in way.committed().values()) and len(way.committed()) == 2)
    assert all(first_seen(numbers) == list(range(40_000)) for numbers in way.out().values())


@pytest.mark.stack
def test_partitions_move_under_load_and_the_survivor_takes_over(road: Callable[[int], Road]) -> None:
    way = road(4)
    way.start(seconds=0.5)
    with ThreadPoolExecutor() as pool:
        load = pool.submit(way.send, range(2_500), pause=0.004)
        until(lambda: way.done() > 0)
        second = way.start(seconds=0.5)
        until(lambda: way.done(worker=1) > 0, 40)
        second.kill()
        second.wait()
        load.result()
    until(lambda: list(way.committed().values()) == [2_500] * 4)
    assert all(first_seen(numbers) == list(range(2_500)) for numbers in way.out().values())


@pytest.mark.stack
def test_a_worker_at_rest_is_quick(road: Callable[[int], Road]) -> None:
    way = road(1)
    began = time.time()
    way.send(range(1))
    way.start()
    until(lambda: way.done() >= 1)
    assert float(str(way.said()[0]["at"])) - began < 20
    took = []
    for number in range(1, 6):
        time.sleep(0.5)
        sent = time.time()
        way.send(range(number, number + 1))
        until(lambda number=number: way.done() > number)  # type: ignore[misc]
        took.append(float(str(way.said()[-1]["at"])) - sent)
    assert sorted(took)[2] < 1.0


@pytest.mark.stack
def test_what_was_deleted_unread_is_not_accounted_for(road: Callable[[int], Road]) -> None:
    way = road(1)
    way.send(range(100))
    worker = way.start()
    until(lambda: way.done() >= 100)
    worker.send_signal(signal.SIGSTOP)
    way.send(range(100, 200))  # answers the fetch that waits at the broker
    time.sleep(0.5)
    way.send(range(200, 300))
    admin = AdminClient({"bootstrap.servers": way.bootstrap})
    admin.delete_records([TopicPartition(way.topic, 0, 250)])[TopicPartition(way.topic, 0)].result(10)
    worker.send_signal(signal.SIGCONT)
    until(lambda: way.said()[-1]["upto"] == 299)
    assert (way.said()[-1]["after"], way.said()[-1]["first"]) == (249, 250)


@pytest.mark.stack
def test_a_topic_that_is_made_anew_ends_the_worker(road: Callable[[int], Road]) -> None:
    way = road(1)
    way.send(range(100))
    worker = way.start()
    until(lambda: way.committed().get(0) == 100)
    worker.send_signal(signal.SIGSTOP)
    admin = AdminClient({"bootstrap.servers": way.bootstrap})
    admin.delete_topics([way.topic])[way.topic].result(10)
    until(lambda: way.topic not in admin.list_topics().topics)
    admin.create_topics([NewTopic(way.topic, 1, 1)])[way.topic].result(10)
    del way.producer
    until(lambda: way.topic in admin.list_topics().topics)
    way.send(range(60))
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(30) == 1
    assert "made anew" in way.logs()


@pytest.mark.stack
def test_no_broker_ends_the_worker(tmp_path: Path) -> None:
    way = Road("127.0.0.1:9", tmp_path, 1)
    worker = way.start()
    try:
        assert worker.wait(30) == 1
    finally:
        worker.kill()
    assert "worker_crashed" in way.logs()
