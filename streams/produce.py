"""Publishing: records of a batch go out together, and are known to be there before the batch is finished."""

from collections.abc import Sequence
from threading import Lock

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.batch import MAX_RECORD_BYTES, Outgoing
from schemas.errors import Unavailable

FLUSH_SECONDS = 120.0
_SETTINGS = {
    "enable.idempotence": True,
    "acks": "all",
    "compression.type": "lz4",
    "linger.ms": 5,
    "batch.size": 1 << 20,
    "queue.buffering.max.messages": 500_000,
    "queue.buffering.max.kbytes": 256 << 10,
    "message.max.bytes": MAX_RECORD_BYTES,
    "delivery.report.only.error": True,
    "log_level": 2,
}


class Publisher:
    """An idempotent producer; may be used by several threads."""

    def __init__(self, bootstrap: str) -> None:
        self._failed: list[str] = []
        self._lock = Lock()
        self._producer = Producer({**_SETTINGS, "bootstrap.servers": bootstrap})

    def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Send records to their partitions, in order, and wait until the broker has them all.

        Raises:
            Unavailable: the broker did not take a record; what it took may be there, and comes again.
        """
        for part in outgoing:
            self._send(part)
        left = self._producer.flush(FLUSH_SECONDS)
        with self._lock:
            if left or self._failed:
                raise Unavailable(f"the broker did not take all records: {', '.join(set(self._failed)) or 'no answer'}")

    def _send(self, outgoing: Outgoing) -> None:
        headers: list[tuple[str, str | bytes | None]] = list(outgoing.headers)
        produce, topic, partition = self._producer.produce, outgoing.topic, outgoing.partition
        for key, value in zip(outgoing.keys, outgoing.values, strict=True):
            while True:
                try:
                    produce(topic, value, key, partition, on_delivery=self._on_delivery, headers=headers)
                    break
                except BufferError:
                    self._producer.poll(0.1)
                except KafkaException as problem:
                    raise Unavailable(f"a record can't be sent: {problem.args[0].name()}", topic=topic) from problem

    def _on_delivery(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            with self._lock:
                self._failed.append(error.name())
