"""What the road costs: a generated raw topic becomes raw/, a cleaned topic, history/ and current/, final fold included.

`python -m bench.quick [--changes N] [--keys N] [--json]`. CPU-seconds per million changes, by process, start-up apart.
"""

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from bench.generate import Plan
from connectors.debezium import transaction_topic
from connectors.registry import Registry
from connectors.stack import Stack, remove
from custody.child import STATUS, read_json
from custody.demo.meter import cpu_seconds, memory_mb
from custody.prepare import make_topics
from custody.settings import Settings
from custody.stack import with_endpoints
from custody.supervise import Supervisor
from schemas.notation import load_datasets
from sink.lake import Lake
from sink.read import Reader
from streams.stage import Encoder

DATASETS = Path(__file__).with_name("datasets")
LONGEST_SECONDS = 600


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--changes", type=int, default=300_000)
    asked.add_argument("--keys", type=int, default=100_000)
    asked.add_argument("--json", action="store_true", help="print one JSON object")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="custody-bench-") as folder:
        Path(folder).chmod(0o755)
        said = measure(Path(folder), Plan(given.changes, given.keys))
        remove(Path(folder))
    if given.json:
        print(json.dumps(said))
    else:
        for name, value in said.items():
            print(f"{name:28} {value}")


def measure(folder: Path, plan: Plan) -> dict[str, Any]:
    """What the road costs on a stack of its own."""
    settings = Settings(data=folder, datasets=DATASETS, token_secret=secrets.token_hex(32))
    with Stack(folder, settings.cache.expanduser()) as stack:
        return measure_on(with_endpoints(settings, stack.start()), stack.pids(), plan)


def measure_on(settings: Settings, services: Mapping[str, int], plan: Plan) -> dict[str, Any]:
    """What the road costs on a stack that runs; the tables are checked before anything is said.

    Args:
        services: process of each service, whose cost is told, too.
    """
    dataset = load_datasets(DATASETS)["people"]
    make_topics(settings, dataset.database, {"people": dataset})
    registry = Registry(settings.registry)
    for subject in Encoder.subjects(dataset):
        registry.register(subject.name, subject.text)
    supervisor = Supervisor(settings)
    supervisor.start()
    try:
        await_status(settings, supervisor, lambda worker, sink: worker.get("is_ready") and "people" in sink.get("datasets", {}))
        pids = {**services, **supervisor.pids()}
        before, began = cpu_seconds(pids), time.monotonic()
        produce(settings, dataset.raw_topic, transaction_topic(dataset.database), plan)
        until = (plan.ended_at - timedelta(seconds=1)).isoformat()
        await_status(settings, supervisor, lambda _, sink: is_through(sink, dataset.database, until))
        seconds, after = time.monotonic() - began, cpu_seconds(pids)
        memory = memory_mb(pids)
    finally:
        supervisor.stop()
    peer = peer_seconds(settings, dataset.raw_topic, plan)
    reader = Reader(Lake(settings.lake, settings.store), "people")
    assert len(reader.now()) == plan.living, "current/ holds just the living rows"
    assert len(reader.history()) == plan.changes, "history/ holds each change once"
    road = sum(after[kind] - before[kind] for kind in ("worker", "sink"))
    costs = {kind: round((after[kind] - before[kind]) / plan.changes * 1e6, 1) for kind in after}
    return {
        "changes": plan.changes, "records": plan.records, "seconds": round(seconds, 1),
        "changes_per_second": round(plan.changes / seconds), "cpu_seconds_per_million": costs,
        "road_cpu_seconds_per_million": round(road / plan.changes * 1e6, 1), "memory_mb": memory,
        "peer_cpu_seconds_per_million": round(peer / plan.changes * 1e6, 1), "ratio_to_peer": round(road / peer, 2),
    }  # fmt: skip


def peer_seconds(settings: Settings, topic: str, plan: Plan) -> float:
    """CPU seconds of a careful script on the same topic: it merges and keeps history, and does nothing else of the road."""
    folder = settings.data / "peer"
    folder.mkdir()
    argv = [sys.executable, "-m", "bench.peer", settings.kafka, topic, str(plan.records), str(folder)]
    return float(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


def is_through(sink: dict[str, Any], database: str, until: str) -> bool:
    """Whether all is in the tables, and folded."""
    return sink.get("complete_until", {}).get(database, "") >= until and not sink["datasets"]["people"]["tail"]


def await_status(settings: Settings, supervisor: Supervisor, is_reached: Any) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while not is_reached(*(read_json(settings.data / STATUS / f"{kind}.json") for kind in ("worker", "sink"))):
        supervisor.watch()
        assert time.monotonic() < end, "the pipeline goes no further"
        time.sleep(0.1)


def produce(settings: Settings, raw: str, transactions: str, plan: Plan) -> None:
    """Send the plan's records, and the end of its last transaction."""
    fast = {"linger.ms": 20, "compression.type": "lz4", "queue.buffering.max.messages": 2_000_000}
    producer = Producer({**fast, "bootstrap.servers": settings.kafka})
    headers = [("custody.epoch", b"1")]
    for change in plan.records_of():
        producer.produce(raw, change.value, change.key, change.partition, headers=headers)
    producer.flush()
    end = {"status": "END", "id": "1:1", "event_count": plan.changes, "ts_ms": int(plan.ended_at.timestamp() * 1000)}
    producer.produce(transactions, json.dumps(end), b"{}", 0)
    producer.flush()


if __name__ == "__main__":
    main()
