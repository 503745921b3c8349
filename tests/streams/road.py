"""A topic of its own with workers on it, each a process; run as a script, this file is such a worker."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from schemas.batch import Batch, Outgoing
from streams.app import run_worker

ROOT = Path(__file__).parents[2]
SECRET = "Ermintrude"
SESSION_SECONDS = 6.0


class Panic(BaseException):
    """As a native library panics: not an `Exception`."""


@dataclass(frozen=True)
class Work:
    """What a worker of these tests is told to do; travels as JSON."""

    bootstrap: str
    group: str
    topics: Sequence[str]
    said: str
    fail: str = ""
    """How the step fails once it meets the record `poison`: error, panic; or tell: the telling of it fails, too."""
    seconds: float = 0.0
    """How long a step takes."""


def work(told: Work) -> int:
    """Run a worker that copies each topic to its `-out`, and notes what it does, a JSON line each."""
    with Path(told.said).open("a", encoding="utf-8", buffering=1) as file:

        def note(**what: object) -> None:
            file.write(json.dumps({**what, "at": time.time()}) + "\n")

        def step(batches: Sequence[Batch]) -> Sequence[Outgoing]:
            time.sleep(told.seconds)
            copies = [Outgoing(f"{b.topic}-out", b.partition, b.keys.to_pylist(), b.values.to_pylist()) for b in batches]
            if told.fail and any(b"poison" in value for copy in copies for value in copy.values):
                raise Panic(SECRET) if told.fail == "panic" else ValueError(SECRET)
            return copies

        def on_batches(batches: Sequence[Batch], _: float) -> None:
            for b in batches:
                note(done=[b.topic, b.partition], after=b.after, first=b.offsets[0].as_py(), upto=b.upto, count=len(b))

        def on_failure(topic: str, partition: int, offset: int, problem: BaseException) -> None:
            note(failed=[topic, partition], offset=offset, kind=type(problem).__name__)
            if told.fail == "tell":
                raise OSError(SECRET)

        return run_worker(
            bootstrap=told.bootstrap, group=told.group, steps=dict.fromkeys(told.topics, step), data=Path(told.said).parent,
            on_failure=on_failure, on_batches=on_batches, commit_interval_seconds=0.2, session_timeout_seconds=SESSION_SECONDS,
        )  # fmt: skip


@dataclass
class Road:
    """A topic of its own, what goes in and comes out, and the workers on it."""

    bootstrap: str
    data: Path
    partitions: int
    topic: str = field(default_factory=lambda: f"raw-{uuid.uuid4().hex[:8]}")
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @cached_property
    def producer(self) -> Producer:
        much = {"queue.buffering.max.messages": 500_000}
        return Producer({"bootstrap.servers": self.bootstrap, "enable.idempotence": True, "linger.ms": 1, **much})

    def make(self) -> None:
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        names = (self.topic, f"{self.topic}-out")
        for made in admin.create_topics([NewTopic(name, self.partitions, 1) for name in names]).values():
            made.result(20)

    def send(self, numbers: range, *, poison: bool = False, pause: float = 0.0) -> None:
        """A record for each number in each partition: key and value tell partition and number."""
        producer = self.producer
        for number in numbers:
            for partition in range(self.partitions):
                producer.produce(self.topic, b"%d" % number, b"%d" % number, partition)
            if pause:
                producer.poll(0)
                time.sleep(pause)
        if poison:
            producer.produce(self.topic, f"{SECRET} poison".encode(), b"key", 0)
        assert producer.flush(30) == 0

    def start(self, **how: object) -> subprocess.Popen[bytes]:
        name = f"w{len(self.workers)}"
        told = Work(self.bootstrap, self.topic, [self.topic], str(self.data / f"{name}.said"), **how)  # type: ignore[arg-type]
        with (self.data / f"{name}.err").open("wb") as err:
            worker = subprocess.Popen(
                [sys.executable, __file__, json.dumps(told.__dict__)], stdout=err, stderr=err,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def said(self, kind: str = "done", worker: int | None = None) -> list[dict[str, object]]:
        paths = sorted(self.data.glob("*.said")) if worker is None else [self.data / f"w{worker}.said"]
        lines = [line for path in paths if path.exists() for line in path.read_text().splitlines()]
        return [said for said in map(json.loads, lines) if kind in said]

    def done(self, worker: int | None = None) -> int:
        return sum(int(str(said["count"])) for said in self.said(worker=worker))

    def logs(self) -> str:
        return "".join(path.read_text() for path in self.data.glob("*.err"))

    def out(self) -> dict[int, list[int]]:
        """The numbers that came out, by partition, in the order they are there."""
        topic = f"{self.topic}-out"
        reader = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "reader", "isolation.level": "read_committed"})
        places = [TopicPartition(topic, partition, 0) for partition in range(self.partitions)]
        left = {p.partition: reader.get_watermark_offsets(p, timeout=10)[1] for p in places}
        reader.assign(places)
        found: dict[int, list[int]] = {partition: [] for partition in left}
        while any(len(found[partition]) < left[partition] for partition in left):
            for message in reader.consume(10_000, 0.2):
                assert message.error() is None
                value = message.value()
                found[message.partition()].append(-1 if b"poison" in value else int(value))
        reader.close()
        return found

    def committed(self) -> dict[int, int]:
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(self.topic)])
        places = asked[self.topic].result(10).topic_partitions
        return {p.partition: p.offset for p in places if p.topic == self.topic}


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it has not come so far"
        time.sleep(0.02)
    return time.monotonic() - began


def is_contiguous(said: list[dict[str, object]]) -> bool:
    """Whether each batch begins where the one before it in its partition ended, from the beginning."""
    reached: dict[object, object] = {}
    for batch in said:
        place = str(batch["done"])
        if batch["after"] != reached.get(place, -1):
            return False
        reached[place] = batch["upto"]
    return True


def first_seen(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(number for number in numbers if number >= 0))


if __name__ == "__main__":
    sys.exit(work(Work(**json.loads(sys.argv[1]))))
