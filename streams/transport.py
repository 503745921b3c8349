"""Faust's Kafka driver with one message for each fetch of a partition: `broker="batch://host:port"`.

Faust spends most of its time on a message as such, not on what is in it; here a message is a whole batch. What Faust
keeps doing: groups, rebalancing, back-pressure, committing. What it may not decide is when a batch is finished: it
acknowledges in `finally`, also what failed, so offsets are committed by the tickets of `streams.ledger` alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiokafka
import faust
import numpy as np
import pyarrow as pa
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport import drivers
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from schemas.batch import Batch
from schemas.errors import RECOVER, Stopped
from streams.ledger import Ledger, Ticket

SCHEME = "batch"
FETCH_WAIT_MS = 200
FETCH_MIN_BYTES = 64 << 10
"""So much is worth a batch of its own; less waits a little for company."""
FETCH_BYTES = 32 << 20
PAUSE_SECONDS = 0.02
"""How long a fetch may wait while a partition that was full can become free: it would be left out until then."""
REVOKE_SECONDS = 20.0
"""How long a rebalance waits for what is being processed."""


@dataclass(frozen=True, slots=True, eq=False)
class Fetched:
    """What an agent gets: a batch, and the ticket it marks when the batch is finished."""

    batch: Batch
    ticket: Ticket


class BatchSchema(faust.Schema[None, Fetched]):
    """Hands the batch to the agent as it is."""

    def loads_key(self, *_: Any, **__: Any) -> None:
        return None

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002 - as Faust calls it
        return message.value


class _Thread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """A consumer that sees only what was committed, and does not wait long for little."""
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id or None,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            fetch_min_bytes=FETCH_MIN_BYTES,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
        )

    async def begin(self) -> dict[TP, int]:
        """Go to where each partition's work begins: what is committed, or the earliest that there is."""
        starts: dict[TP, int] = await self.call_thread(self._begin)
        return starts

    async def _begin(self) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        places = consumer.assignment()
        earliest = await consumer.beginning_offsets(places) if places else {}
        committed = {place: await consumer.committed(place) for place in places}
        kept = places & consumer.assignment()
        for place in kept:
            if committed[place] is not None and committed[place] < earliest[place]:
                raise Stopped(
                    "records were deleted before they were read", topic=place.topic, partition=place.partition,
                    offset=committed[place], earliest=earliest[place], remedy=RECOVER,
                )  # fmt: skip
        starts = {place: max(committed[place] or 0, earliest[place]) for place in kept}
        for place, start in starts.items():
            consumer.seek(place, start)
        return {TP(*place): start for place, start in starts.items()}


class _Consumer(driver.Consumer):
    """Yields batches, and commits what is finished."""

    _thread: _Thread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ledgers: dict[TP, Ledger] = {}
        self._beginning = asyncio.Lock()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - as Faust calls it
        """One message a partition, holding everything that was fetched of it."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        ledgers = self._ledgers
        records = await self._fetch(timeout)
        if self._ledgers is not ledgers or not records.keys() <= ledgers.keys():
            # A rebalance went by while this fetch waited; it may have moved the position after work began anew.
            await self.perform_seek()
            return
        generation = self.app.consumer_generation_id
        for place, fetched in records.items():
            tp = TP(*place)
            hole = await self._hole(tp, fetched[0].offset)
            if self.should_stop or not self.flow_active or self._ledgers is not ledgers:
                return
            ledgers[tp].after += hole
            yield tp, self._message(tp, fetched, generation)

    async def _fetch(self, timeout: float) -> Any:  # noqa: ASYNC109 - as Faust calls it
        wanted = self._get_active_partitions()
        if not wanted:
            await self.sleep(PAUSE_SECONDS)
            return {}
        return await self._getmany(wanted, PAUSE_SECONDS if self._buffered_partitions else timeout)

    async def _hole(self, tp: TP, first: int) -> int:
        """How many offsets were deleted before they were read: they are not accounted for.

        Raises:
            Stopped: the topic begins anew below what was read.
        """
        after = self._ledgers[tp].after
        if first <= after:
            raise Stopped(
                "the topic was cut short or made anew: offsets that were read come again", topic=tp.topic, partition=tp.partition,
                offset=first, after=after, remedy=RECOVER,
            )  # fmt: skip
        if first == after + 1:
            return 0
        earliest: int = (await self.earliest_offsets(tp))[tp]
        return max(0, min(earliest, first) - 1 - after)

    def _message(self, tp: TP, records: list[Any], generation: int) -> ConsumerMessage:
        last = records[-1]
        after, ticket = self._ledgers[tp].fetch(last.offset)
        fetched: Any = Fetched(_batch(tp, records, after), ticket)
        seconds = last.timestamp / 1000
        return ConsumerMessage(
            tp.topic, tp.partition, last.offset, seconds, last.timestamp_type, [], None, fetched, None, 0, 0, tp,
            generation_id=generation,
        )  # fmt: skip

    async def perform_seek(self) -> None:
        """Begin anew at the committed offsets: what was fetched and not committed is fetched again."""
        async with self._beginning:
            starts = await self._thread.begin()
            self._ledgers = {tp: Ledger(start - 1) for tp, start in starts.items()}
            self._read_offset.update({tp: start or None for tp, start in starts.items()})
            self._committed_offset.update(starts)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the agents finish what they have in hand, commit it, and forget the rest."""
        if self._ledgers:
            # Before the wait, not after it: agents that go on getting batches are never without one.
            self.stop_flow()
            self.app.flow_control.suspend()
        end = self.loop.time() + REVOKE_SECONDS
        while any(ledger.is_busy for ledger in self._ledgers.values()) and self.loop.time() < end:  # noqa: ASYNC110 - threads change it, no coroutine does
            await asyncio.sleep(0.005)
        await self.commit()
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._ledgers.pop(tp, None)

    def ack(self, message: Any) -> bool:
        """Faust is through with the message, whatever came of it; only its ticket tells whether it is finished."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter([tp for tp in self._ledgers if topics is None or tp in topics or tp.topic in topics])

    def _new_offset(self, tp: TP) -> int | None:
        ledger = self._ledgers.get(tp)
        return ledger.committable() if ledger else None

    async def _add_gap(self, *_: Any) -> None:
        """Offsets between batches are no gap: a batch covers a range."""

    def verify_event_path(self, *_: Any) -> None:
        """Faust's watch over single messages does not fit batches; lag is watched from outside."""


def _batch(tp: TP, records: list[Any], after: int) -> Batch:
    """The one place where bytes are taken out of Kafka's records."""
    taken = [(r.offset, r.timestamp, r.key, r.value, r.headers) for r in records]
    offsets, times, keys, values, headers = zip(*taken, strict=True)
    return Batch(
        topic=tp.topic, partition=tp.partition, after=after,
        offsets=pa.array(np.array(offsets, np.int64)),
        received_at=pa.array(np.array(times, np.int64)).cast(pa.timestamp("ms", "UTC")),
        keys=pa.array(keys, pa.binary()), values=pa.array(values, pa.large_binary()), headers=headers,
    )  # fmt: skip


class Transport(driver.Transport):
    Consumer = _Consumer


def install() -> None:
    """Make `batch://` known to Faust."""
    drivers.TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"
