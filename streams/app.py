"""The Faust app: an agent for each raw topic hands batches on, their step is run, the output is flushed; then they are finished.

What is done with a batch has a price of its own, whatever its size. So a topic's batches are gathered: the first one goes
at once, and what comes while it is in hand, or soon after, goes together with the others of its topic.
"""

import asyncio
import gc
import logging
import signal
import time
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog

from schemas.batch import GATHERED_BYTES, Batch, Outgoing
from schemas.errors import CustodyError, Stopped
from streams.produce import Publisher
from streams.transport import SCHEME, BatchSchema, Fetched, install

log = structlog.get_logger()

Step = Callable[[Sequence[Batch]], Sequence[Outgoing]]
"""What is done with batches of one topic; pure, and run beside the event loop."""
OnFailure = Callable[[str, int, int, BaseException], None]
OnBatches = Callable[[Sequence[Batch], float], None]

THREADS = 2
MAX_RECORDS = 20_000
PARTITION_BYTES = 8 << 20
GATHER_SECONDS = 0.8
"""A topic's batches are begun this far apart, unless there are many records."""
STOP_SECONDS = 4.0
GARBAGE_THRESHOLDS = (200_000, 20, 50)
"""Fetched records come and go by the ten thousand and hold no cycles; looking through them costs a third of the processor."""


@dataclass(slots=True)
class _Run:
    """One run of the worker: what it does with batches, and how it ends."""

    steps: Mapping[str, Step]
    publisher: Publisher
    on_failure: OnFailure
    on_batches: OnBatches
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = 0
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "step"))

    async def process(self, fetched: Sequence[Fetched]) -> None:
        """Process batches together; where that fails, one by one, so that only the one at fault is left."""
        try:
            await self._finish(fetched)
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001 - native code panics with one; its message may hold values, so it is only told
            if len(fetched) > 1:
                for one in fetched:
                    await self.process([one])
            elif not self.code:
                batch = fetched[0].batch
                try:
                    self.on_failure(batch.topic, batch.partition, batch.after + 1, problem)
                finally:
                    self.fail()

    async def _finish(self, fetched: Sequence[Fetched]) -> None:
        if self.code:
            return
        for one in fetched:
            one.ticket.is_in_hand = True
        try:
            await asyncio.get_running_loop().run_in_executor(self.pool, self._work, [one.batch for one in fetched])
            for one in fetched:
                one.ticket.is_done = True
        finally:
            for one in fetched:
                one.ticket.is_in_hand = False

    def _work(self, batches: Sequence[Batch]) -> None:
        began = time.perf_counter()
        self.publisher.publish(self.steps[batches[0].topic](batches))
        self.on_batches(batches, time.perf_counter() - began)

    def crash(self, problem: BaseException | None) -> None:
        """Something else than a step failed; of what is not our own only the kind is told."""
        if not self.ended.is_set():
            log.error("worker_crashed", kind=str(problem) if isinstance(problem, CustodyError) else type(problem).__name__)
            if isinstance(problem, Stopped):
                where = problem.where
                self.on_failure(str(where["topic"]), int(str(where["partition"])), int(str(where["offset"])), problem)
            self.fail()

    def fail(self) -> None:
        self.code = 1
        self.ended.set()


@dataclass(slots=True)
class _Gatherer:
    """The batches of one topic that wait, and the task that takes them."""

    run: _Run
    waiting: list[Fetched] = field(default_factory=list)
    is_busy: bool = False
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _has_room: asyncio.Event = field(default_factory=asyncio.Event)

    async def offer(self, fetched: Fetched) -> None:
        """Leave a batch here; waits while too many records do."""
        self.waiting.append(fetched)
        self._arrived.set()
        if self._is_full():
            self._has_room.clear()
            await self._has_room.wait()

    def _is_full(self) -> bool:
        batches = [one.batch for one in self.waiting]
        return sum(map(len, batches)) >= MAX_RECORDS or sum(batch.values.nbytes for batch in batches) >= GATHERED_BYTES

    async def work(self) -> None:
        """Take what waits, again and again, until the worker ends."""
        clock = asyncio.get_running_loop().time
        while not self.run.ended.is_set():
            await self._arrived.wait()
            began = clock()
            self.is_busy = True
            taken, self.waiting = self.waiting, []
            self._arrived.clear()
            self._has_room.set()
            try:
                await self.run.process(taken)
            finally:
                self.is_busy = False
            while clock() - began < GATHER_SECONDS and not (self._is_full() or self.run.ended.is_set()):  # noqa: ASYNC110 - a pause
                await asyncio.sleep(0.01)


def run_worker(
    *, bootstrap: str, group: str, steps: Mapping[str, Step], data: Path, on_failure: OnFailure,
    on_ready: Callable[[], None] = lambda: None, on_batches: OnBatches = lambda *_: None, commit_interval_seconds: float = 1.0,
    session_timeout_seconds: float = 10.0, instance: str = "",
) -> int:  # fmt: skip
    """Work on topics until told to end (SIGTERM, SIGINT); the exit code: 0, or 1 after a failure.

    Args:
        steps: what is done with the batches of each topic.
        data: a folder for Faust's own files.
        on_failure: told topic, partition, first offset and error of a batch that failed, before the worker ends.
        on_ready: told each time that partitions were given to this worker.
        on_batches: told of finished batches and the seconds they took; called from another thread.
        instance: a name that no other member of the group has: a worker that starts again under it goes on at once.
    """
    logging.getLogger("faust").setLevel(logging.ERROR)
    logging.getLogger("mode").setLevel(logging.ERROR)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)

    async def main() -> int:
        run = _Run(steps, Publisher(bootstrap), on_failure, on_batches)
        app = _app(bootstrap, group, data, commit_interval_seconds, session_timeout_seconds, instance)
        gatherers = [_add_agent(app, topic, run) for topic in steps]

        async def ready(*_: Any, **__: Any) -> None:
            on_ready()

        app.on_partitions_assigned.connect(ready, weak=False)
        return await _work(app, run, gatherers)

    return asyncio.run(main())


def _app(bootstrap: str, group: str, data: Path, commit_seconds: float, session_seconds: float, instance: str) -> faust.App:
    install()
    return faust.App(
        group, broker=f"{SCHEME}://{bootstrap}", datadir=str(data), store="memory://", autodiscover=False,
        web_enabled=False, topic_disable_leader=True, topic_allow_declare=False, stream_wait_empty=False, stream_buffer_maxsize=2,
        broker_commit_interval=commit_seconds, broker_session_timeout=session_seconds,
        broker_heartbeat_interval=session_seconds / 4,
        broker_max_poll_records=MAX_RECORDS, broker_max_poll_interval=600.0, consumer_max_fetch_size=PARTITION_BYTES,
        consumer_group_instance_id=instance, worker_redirect_stdouts=False,
    )  # fmt: skip


def _add_agent(app: faust.App, topic: str, run: _Run) -> _Gatherer:
    gatherer = _Gatherer(run)

    async def agent(stream: AsyncIterable[Fetched]) -> None:
        async for fetched in stream:
            await gatherer.offer(fetched)

    app.agent(app.topic(topic, schema=BatchSchema()), name=f"custody {topic}", concurrency=1)(agent)
    return gatherer


async def _work(app: faust.App, run: _Run, gatherers: Sequence[_Gatherer]) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, run.ended.set)
    loop.set_exception_handler(partial(_on_loose_end, run))
    tasks = [loop.create_task(_watch(app, run)), *(loop.create_task(gatherer.work()) for gatherer in gatherers)]
    try:
        await app.start()
    except Exception as problem:  # noqa: BLE001 - the broker is away, or whatever else: whoever runs the worker starts it again
        run.crash(problem)
    await run.ended.wait()
    await asyncio.wait({loop.create_task(_stop(app, run, gatherers))}, timeout=STOP_SECONDS)
    for task in tasks:
        task.cancel()
    return run.code


async def _stop(app: faust.App, run: _Run, gatherers: Sequence[_Gatherer]) -> None:
    """Finish what is in hand, commit it, leave the group."""
    while any(gatherer.is_busy for gatherer in gatherers):  # noqa: ASYNC110 - threads change it, no coroutine does
        await asyncio.sleep(0.005)
    await app.stop()
    run.pool.shutdown(wait=False)


async def _watch(app: faust.App, run: _Run) -> None:
    """A Faust service that crashed ends the worker: it would go on silently."""
    while not app.crashed:  # noqa: ASYNC110 - Faust sets a flag
        await asyncio.sleep(0.2)
    run.crash(app.crash_reason)


def _on_loose_end(run: _Run, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error that nobody waited for: while ending it is expected; else it ends the worker. Its text may hold values."""
    run.crash(context.get("exception"))
