"""Kafka as the sink reads it: from the table's own marks, never from a group's committed offsets."""

from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs hide what it documents

from schemas.batch import GATHERED_BYTES, MAX_RECORD_BYTES, Headers
from schemas.errors import RECOVER, Stopped, Unavailable

MAX_MESSAGES = 20_000
ASK_TIMEOUT_SECONDS = 30
_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_SETTINGS = {
    "group.id": "custody-sink",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "fetch.wait.max.ms": 400,
    "fetch.min.bytes": 64 << 10,
    "fetch.max.bytes": 32 << 20,
    "max.partition.fetch.bytes": 8 << 20,
    "receive.message.max.bytes": MAX_RECORD_BYTES + (64 << 20),
    "queued.max.messages.kbytes": 64 << 10,
    "log_level": 2,
}


@dataclass(frozen=True, slots=True)
class Position:
    """A partition of a topic, and the offset it has been read to; -1 where nothing was."""

    topic: str
    partition: int
    read_to: int


@dataclass(frozen=True, slots=True)
class Records:
    """Kafka records as columns, in the order they came: by partition in offset order."""

    topics: list[str]
    partitions: list[int]
    offsets: list[int]
    received_ms: list[int]
    """Broker timestamps, milliseconds since 1970."""
    keys: list[bytes | None]
    values: list[bytes | None]
    headers: list[Headers]

    @classmethod
    def of(cls, messages: list[Message]) -> "Records":
        """The one place where bytes are taken out of Kafka's messages."""
        taken = [(m.topic(), m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value(), m.headers()) for m in messages]
        topics, partitions, offsets, times, keys, values, headers = (
            map(list, zip(*taken, strict=True)) if taken else ([] for _ in range(7))
        )
        return cls(topics, partitions, offsets, times, keys, values, [tuple(h or ()) for h in headers])

    def highest(self) -> dict[tuple[str, int], int]:
        """The last offset of each topic and partition."""
        return {
            (topic, partition): offset
            for topic, partition, offset in zip(self.topics, self.partitions, self.offsets, strict=True)
        }


class Gathering:
    """Messages that wait to be committed together."""

    def __init__(self, rows: int, seconds: float) -> None:
        """Args:
        rows: so many are enough; or so many bytes, `GATHERED_BYTES`.
        seconds: the first of them waits no longer.
        """
        self._rows, self._seconds = rows, seconds
        self._messages: list[Message] = []
        self._since = 0.0
        self._bytes = 0

    def add(self, messages: list[Message], now: float) -> None:
        if messages and not self._messages:
            self._since = now
        self._messages += messages
        self._bytes += sum(map(len, messages))

    def is_due(self, now: float) -> bool:
        is_full = len(self._messages) >= self._rows or self._bytes >= GATHERED_BYTES
        return bool(self._messages) and (is_full or now - self._since >= self._seconds)

    def __len__(self) -> int:
        return len(self._messages)

    def take(self) -> Records:
        """Everything that waited."""
        records, self._messages, self._bytes = Records.of(self._messages), [], 0
        return records


class Feed:
    """Messages of some partitions, from where the tables say."""

    def __init__(self, bootstrap: str, positions: list[Position]) -> None:
        """Read on behind these positions."""
        self._consumer = Consumer({**_SETTINGS, "bootstrap.servers": bootstrap})
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
        self._next = {(p.topic, p.partition): p.read_to + 1 for p in positions}
        self._consumer.assign(
            [TopicPartition(p.topic, p.partition, p.read_to + 1 if p.read_to >= 0 else OFFSET_BEGINNING) for p in positions]
        )

    def poll(self, wait_seconds: float) -> list[Message]:
        """What has come, perhaps nothing.

        Raises:
            Stopped: the topic no longer holds what must be read next.
            Unavailable: the broker answers with an error that does not pass by itself.
        """
        messages = []
        for message in self._consumer.consume(MAX_MESSAGES, wait_seconds):
            error = message.error()
            if error is None:
                messages.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's public code
                self._next[str(message.topic()), int(message.partition() or 0)] = int(message.offset() or 0)
            else:
                _judge(message, error)
        return messages

    def has_read(self, ends: Mapping[tuple[str, int], int], reached: Mapping[tuple[str, int], int]) -> bool:
        """Whether everything before these ends was given out: the broker's own records are never given out, but counted.

        Args:
            reached: the last offset given out, by topic and partition.
        """
        return all(max(reached.get(place, -1) + 1, self._next.get(place, 0)) >= end for place, end in ends.items())

    def ends(self, topics: Mapping[str, int]) -> dict[tuple[str, int], int]:
        """The end of each partition (the offset of its next record), by topic and partition; of what is not committed, too.

        A transaction is committed partition by partition: who has read one of its records can't ask yet for the end of what
        is committed elsewhere. All its records are written by then.

        Asked on a connection of its own: behind a fetch that waits, each question would wait, too.

        Args:
            topics: number of partitions of each topic.
        """
        asked = {TopicPartition(t, p): _LATEST for t, count in topics.items() for p in range(count)}
        futures = self._admin.list_offsets(
            asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=ASK_TIMEOUT_SECONDS
        )
        try:
            found = {place: future.result(ASK_TIMEOUT_SECONDS).offset for place, future in futures.items()}
        except KafkaException as problem:
            raise Unavailable("the broker does not say how far its partitions go") from problem
        return {(str(place.topic), int(place.partition)): int(end) for place, end in found.items()}

    def close(self) -> None:
        self._consumer.close()


def partitions_of(bootstrap: str, topics: list[str]) -> dict[str, int]:
    """How many partitions each topic has.

    Raises:
        Stopped: there is no such topic.
        Unavailable: the broker does not answer.
    """
    consumer = Consumer({**_SETTINGS, "bootstrap.servers": bootstrap})
    try:
        known = consumer.list_topics(timeout=30).topics
    except KafkaException as problem:
        raise Unavailable("the broker does not answer") from problem
    finally:
        consumer.close()
    for topic in topics:
        if topic not in known:
            raise Stopped("there is no such topic", topic=topic, remedy="register the connector first: custody run does it")
    return {topic: len(known[topic].partitions) for topic in topics}


def _judge(message: Message, error: KafkaError) -> None:
    """Errors that pass by themselves pass; a gap stops."""
    place = f"{message.topic()}[{message.partition()}]"
    if error.code() in {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}:  # noqa: SLF001 - librdkafka's public code
        raise Stopped(
            "the topic no longer holds what must be read next: a gap",
            remedy=RECOVER,
            partition=place,
            offset=message.offset(),
        )
    if error.fatal():
        raise Unavailable(f"the broker refused: {error.name()}", partition=place)
