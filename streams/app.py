"""The Faust app: an agent for each raw topic takes batches, runs their step, publishes, and only then calls them finished."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import faust

from schemas.batch import Batch, Outgoing
from streams.produce import Publisher
from streams.transport import SCHEME, BatchSchema, Fetched, install

Step = Callable[[Batch], Outgoing]
"""What is done with a batch; pure, and run beside the event loop."""
OnFailure = Callable[[str, int, int, BaseException], None]
OnBatch = Callable[[Batch, Outgoing, float], None]

THREADS = 2
MAX_RECORDS = 20_000
PARTITION_BYTES = 8 << 20
STOP_SECONDS = 4.0


@dataclass(slots=True)
class _Run:
    """One run of the worker: what it does with a batch, and how it ends."""

    steps: Mapping[str, Step]
    publisher: Publisher
    on_failure: OnFailure
    on_batch: OnBatch
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = 0
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "step"))

    in_hand: int = 0
    """Batches that agents are working on."""

    async def take(self, fetched: Fetched) -> None:
        """Process a batch; what fails ends the worker, and is neither finished nor followed by anything."""
        if self.code or self.ended.is_set():
            return
        self.in_hand += 1
        fetched.ticket.is_in_hand = True
        try:
            await asyncio.get_running_loop().run_in_executor(self.pool, self._process, fetched.batch)
            fetched.ticket.is_done = True
        except Exception as problem:  # noqa: BLE001 - told to whoever runs the worker; its message may hold values
            batch = fetched.batch
            self.on_failure(batch.topic, batch.partition, batch.after + 1, problem)
            self.code = 1
            self.ended.set()
        finally:
            self.in_hand -= 1
            fetched.ticket.is_in_hand = False

    def _process(self, batch: Batch) -> None:
        began = time.perf_counter()
        outgoing = self.steps[batch.topic](batch)
        self.publisher.publish(outgoing)
        self.on_batch(batch, outgoing, time.perf_counter() - began)


def run_worker(
    *, bootstrap: str, group: str, steps: Mapping[str, Step], data: Path, on_failure: OnFailure,
    on_batch: OnBatch = lambda *_: None, commit_interval_seconds: float = 1.0, session_timeout_seconds: float = 10.0,
    instance: str = "",
) -> int:  # fmt: skip
    """Work on topics until told to end (SIGTERM, SIGINT); the exit code: 0, or 1 after a failure.

    Args:
        steps: what is done with the batches of each topic.
        data: a folder for Faust's own files.
        on_failure: told topic, partition, first offset and error of a batch that failed, before the worker ends.
        on_batch: told of each finished batch and the seconds it took; called from another thread.
        instance: a name that no other member of the group has: a worker that starts again under it goes on at once.
    """
    logging.getLogger("faust").setLevel(logging.ERROR)
    logging.getLogger("mode").setLevel(logging.ERROR)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    async def main() -> int:
        run = _Run(steps, Publisher(bootstrap), on_failure, on_batch)
        app = _app(bootstrap, group, data, commit_interval_seconds, session_timeout_seconds, instance)
        for topic in steps:
            _add_agent(app, topic, run)
        return await _work(app, run)

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


def _add_agent(app: faust.App, topic: str, run: _Run) -> None:
    async def agent(stream: AsyncIterable[Fetched]) -> None:
        async for fetched in stream:
            await run.take(fetched)

    app.agent(app.topic(topic, schema=BatchSchema()), name=f"custody {topic}", concurrency=1)(agent)


async def _work(app: faust.App, run: _Run) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, run.ended.set)
    loop.set_exception_handler(partial(_on_loose_end, run))
    watch = loop.create_task(_watch(app, run))
    await app.start()
    await run.ended.wait()
    watch.cancel()
    await asyncio.wait({loop.create_task(_stop(app, run))}, timeout=STOP_SECONDS)
    return run.code


async def _stop(app: faust.App, run: _Run) -> None:
    """Finish what is in hand, commit it, leave the group."""
    while run.in_hand:  # noqa: ASYNC110 - threads change it, no coroutine does
        await asyncio.sleep(0.005)
    await app.stop()
    run.pool.shutdown(wait=False)


async def _watch(app: faust.App, run: _Run) -> None:
    """A Faust service that crashed ends the worker: it would go on silently."""
    while not app.crashed:  # noqa: ASYNC110 - threads change it, no coroutine does
        await asyncio.sleep(0.2)
    run.code = 1
    run.ended.set()


def _on_loose_end(run: _Run, _loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """An error that nobody waited for: while ending it is expected; else it ends the worker. Its text may hold values."""
    if not run.ended.is_set():
        run.code = 1
        run.ended.set()
