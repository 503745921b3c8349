"""The embedded stack: all of it answers, none of it is left behind, what it kept is there again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from connectors import http
from connectors.registry import Registry
from connectors.stack import Stack, pids, remove, running, start_detached, stop
from connectors.topics import ensure_topics, topic_ids
from schemas.errors import CustodyError, Refused
from sink.store import ensure_bucket

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]
SERVICES = {"postgres", "kafka", "connect", "registry", "s3"}
SCHEMA = '{"type": "record", "name": "r", "fields": []}'
OWNER = """
import sys, time
from pathlib import Path
from connectors.stack import Stack
Stack(Path(sys.argv[1]), Path(sys.argv[2])).start()
print("up", flush=True)
time.sleep(600)
"""


def await_end(numbers, seconds=20.0):
    end = time.monotonic() + seconds
    while alive(numbers) and time.monotonic() < end:
        time.sleep(0.05)
    return alive(numbers)


def alive(numbers):
    return [n for n in numbers if psutil.pid_exists(n) and psutil.Process(n).status() != psutil.STATUS_ZOMBIE]


def test_what_was_kept_is_there_again_and_nothing_is_left_behind(tmp_path, cache):
    data = tmp_path / "stack"
    with Stack(data, cache) as stack:
        first = stack.start()
        assert set(stack.pids()) == SERVICES == set(stack.seconds_to_ready)
        assert running(data) == first
        assert http.get(f"{first.connect}/connector-plugins").body[0]["class"]
        with pytest.raises(Refused):
            Stack(data, cache).start()
        identity, ids = Registry(first.registry).register("kept", SCHEMA), None
        ensure_topics(first.kafka, {"kept": 2})
        ids = topic_ids(first.kafka, ["kept"])
        store = {
            "aws_endpoint_url": first.s3,
            "aws_access_key_id": first.s3_access_key,
            "aws_secret_access_key": first.s3_secret_key,
        }
        ensure_bucket("s3://kept", {**store, "aws_region": "us-east-1"})
        numbers = list(stack.pids().values())
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert await_end(numbers) == []
    assert running(data) is None
    second = start_detached(data, cache)
    try:
        assert Registry(second.registry).register("kept", SCHEMA) == identity
        assert topic_ids(second.kafka, ["kept"]) == ids
        _starts_again(data, "postgres", signal.SIGQUIT)
        numbers = list(pids(data).values())
        began = time.monotonic()
        assert stop(data)
        assert time.monotonic() - began < 5
        assert await_end(numbers) == []
    finally:
        remove(data)


def _starts_again(data, name, number):
    """A service that ends by itself is started again, on the same ports."""
    before, killed = running(data), pids(data)[name]
    os.kill(killed, number)
    end = time.monotonic() + 30
    while pids(data).get(name) in {None, killed} or running(data) is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert running(data) == before


def test_nothing_survives_an_owner_that_is_killed(tmp_path, cache):
    data = tmp_path / "stack"
    root = Path(__file__).parents[2]
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(data), str(cache)], stdout=subprocess.PIPE, cwd=root)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    numbers = list(pids(data).values())
    assert len(numbers) == len(SERVICES)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert await_end(numbers) == []
    remove(data)


def test_a_failed_start_leaves_nothing_and_names_the_log(tmp_path, cache, monkeypatch):
    data = tmp_path / "stack"
    data.mkdir()
    (data / "kafka").mkdir()
    (data / "kafka" / "meta.properties").write_text("version=1\ncluster.id=another\nnode.id=7\n", encoding="utf-8")
    started: list[int] = []
    original = Stack.stop
    monkeypatch.setattr(Stack, "stop", lambda self: (started.extend(self.pids().values()), original(self))[1])
    with pytest.raises(CustodyError) as problem:
        Stack(data, cache).start()
    assert "kafka" in str(problem.value)
    assert Path(str(problem.value.where["log"])).exists()
    assert started
    assert await_end(started) == []
    remove(data)
