"""Whatever is killed, wherever: the tables equal the source, and hold each change once."""

import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from custody.child import FENCED
from tests.e2e.faulty import DEAD
from tests.e2e.road import Road

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

FAULTY = str(Path(__file__).with_name("faulty.py"))
ROUNDS = int(os.environ.get("CUSTODY_CHAOS_ROUNDS", "1"))
CHANGES = 3_000
FAULTS = (
    ("half_a_produce", "commit_sent_but_unanswered", True),
    ("half_a_produce", "between_history_and_current", True),
    ("flushed_and_not_committed", "between_quarantine_and_history", False),
)
"""Of the worker, of the sink, and whether the sink's is sure to find its occasion: while most is still to come, it is."""


def test_the_worst_places_one_after_the_other(open_road):
    """Each process dies once at each bad place while writers go on; its successor puts everything right."""
    with open_road() as road:
        workload = road.workload(CHANGES, seed=21)
        workload.start()
        for worker_fault, sink_fault, is_certain in FAULTS:
            worker, sink = road.spawn(FAULTY, "worker", worker_fault), road.spawn(FAULTY, "sink", sink_fault)
            _await_death(worker)
            _await_death(sink, is_certain=is_certain)
        _finish(road, workload)


def _await_death(process, *, is_certain: bool = True) -> None:
    """It dies by its fault; one that found no occasion is ended from outside."""
    end = time.monotonic() + (60 if is_certain else 10)
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert process.poll() == DEAD or not is_certain
    process.kill()
    process.wait()


def _finish(road: Road, workload) -> None:
    supervisor = road.supervisor()
    supervisor.start()
    try:
        road.until(lambda: workload.is_over, 120, supervisor.watch)
        road.drain(supervisor, workload.moments[-1].at)
    finally:
        supervisor.stop()
    road.assert_equal(workload)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_kills_at_random_and_a_sink_that_sleeps_past_its_takeover(open_road, round_):
    random = Random(round_)
    with open_road(str(round_)) as road:
        workload = road.workload(CHANGES, seed=31 + round_)
        first = road.spawn("sink")
        worker = road.spawn("worker")
        workload.start()
        time.sleep(6 + random.random() * 2)
        os.kill(first.pid, signal.SIGSTOP)
        worker.kill()
        second, worker = road.spawn("sink"), road.spawn("worker")
        time.sleep(5 + random.random() * 2)
        os.kill(first.pid, signal.SIGCONT)
        road.until(lambda: first.poll() is not None, 90)
        assert first.returncode == FENCED
        second.kill()
        worker.kill()
        _finish(road, workload)
