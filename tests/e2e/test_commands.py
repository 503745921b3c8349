"""The README's commands as a person runs them: each in a process of its own, on a stack of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.stack import remove
from examples.justice.truth import truth
from tests.conftest import SECRET

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
KEYS = {
    "changes", "rows", "equal", "differences", "quarantined", "seconds", "changes_per_second", "cpu_seconds_per_million",
    "latency_seconds", "versions", "people", "texts",
}  # fmt: skip


@pytest.fixture
def place(tmp_path, cache):
    data = tmp_path / "data"
    yield {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CUSTODY_DATA": str(data),
        "CUSTODY_CACHE": str(cache),
        "CUSTODY_TOKEN_SECRET": SECRET,
    }
    remove(data / "demo")
    remove(data)


def command(place, *args, check=True):
    return subprocess.run(
        [sys.executable, "-m", "custody", *args], cwd=ROOT, env=place, capture_output=True, text=True, check=check
    )


def test_the_demonstration_proves_itself(place):
    said = json.loads(command(place, "demo", "--changes", "600", "--seed", "7", "--json").stdout)
    assert set(said) >= KEYS
    assert (said["changes"], said["equal"], said["differences"]) == (600, True, 0)
    assert len(said["rows"]) == 11
    assert said["latency_seconds"]["p50"] <= said["latency_seconds"]["p99"]
    people = said["people"]
    assert people["records"] == len(truth(7, 600))
    assert 0 < people["people"] < people["records"]
    assert min(people["precision"], people["recall"]) > 0.9
    assert said["texts"]["revisions"] > said["texts"]["withheld"]


def test_a_stack_is_brought_up_run_on_and_taken_down(place):
    address = json.loads(command(place, "up", "--json").stdout)["postgres"]
    code = f"import asyncio; from examples.justice.workload import create_databases; asyncio.run(create_databases({address!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    pipeline = subprocess.Popen([sys.executable, "-m", "custody", "run"], cwd=ROOT, env=place, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 90
    said: dict = {}
    while not (said.get("sink", {}).get("complete_until") and said["worker"].get("is_ready")):
        assert time.monotonic() < end
        time.sleep(0.5)
        said = json.loads(command(place, "status", "--json", check=False).stdout)
    assert said["connectors"] == dict.fromkeys(("custody_delius", "custody_libra", "custody_nomis"), "RUNNING")
    assert command(place, "read", "offenders", "--format", "jsonl").stdout == ""
    pipeline.terminate()
    assert pipeline.wait(30) == 0
    assert command(place, "down").stdout == "stopped\n"
    assert command(place, "down").stdout == "nothing was running\n"
