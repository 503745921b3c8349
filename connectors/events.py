"""Event files: one JSON object a line, a Kafka record as somebody recorded it."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from schemas.batch import Batch, Headers
from schemas.errors import Refused

CHUNK_LINES = 50_000
CHUNK_BYTES = 64 << 20
_NULL = b"null"


class Event(msgspec.Struct, frozen=True):
    """One line; `key` and `value` keep the bytes they were written with."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Broker time, milliseconds since 1970."""
    value: msgspec.Raw
    key: msgspec.Raw = msgspec.Raw(_NULL)
    headers: dict[str, msgspec.Raw] | None = None

    def __post_init__(self) -> None:
        if (
            not self.topic
            or not 0 <= self.partition < 1 << 31
            or not 0 <= self.offset < 1 << 62
            or abs(self.timestamp) >= 1 << 47
        ):
            raise ValueError("topic, partition, offset or timestamp is out of range")


_LINE = msgspec.json.Decoder(Event)
_TEXT = msgspec.json.Decoder(str)


def count_events(path: Path) -> int:
    """The number of events in a file, every line of which is sound.

    Raises:
        Refused: the file can't be read, or a line is torn or lacks something; nothing has been done by then.
    """
    return sum(1 for _ in _events(path))


def read_events(path: Path) -> Iterator[list[Batch]]:
    """The file in chunks of bounded size, each as one batch a partition, in offset order, each position once."""
    chunk: dict[tuple[str, int], dict[int, Event]] = {}
    lines = size = 0
    for event, length in _events(path):
        chunk.setdefault((event.topic, event.partition), {}).setdefault(event.offset, event)
        lines, size = lines + 1, size + length
        if lines >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield _batches(chunk)
            chunk, lines, size = {}, 0, 0
    if chunk:
        yield _batches(chunk)


def _events(path: Path) -> Iterator[tuple[Event, int]]:
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                line = text.removeprefix(BOM_UTF8) if number == 1 else text
                if line.strip():
                    yield _event(line, path, number), len(line)
    except OSError as problem:
        raise Refused(f"the event file can't be read: {problem.strerror}", file=str(path)) from problem


def _event(line: bytes, path: Path, number: int) -> Event:
    try:
        line.decode()
        event = _LINE.decode(line)
        _headers(event.headers)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        what = "is not an event" if isinstance(problem, msgspec.ValidationError) else "is torn or not JSON"
        raise Refused(
            f"a line of the event file {what}", file=str(path), line=number,
            remedy='each line is one JSON object with "topic", "partition", "offset", "timestamp", "headers", "key", "value"',
        ) from problem  # fmt: skip
    return event


def _batches(chunk: dict[tuple[str, int], dict[int, Event]]) -> list[Batch]:
    return [_batch(topic, partition, [events[o] for o in sorted(events)]) for (topic, partition), events in chunk.items()]


def _batch(topic: str, partition: int, events: list[Event]) -> Batch:
    return Batch(
        topic=topic,
        partition=partition,
        after=events[0].offset - 1,
        offsets=pa.array([event.offset for event in events], pa.int64()),
        received_at=pa.array([event.timestamp for event in events], pa.int64()).cast(pa.timestamp("ms", "UTC")),
        keys=pa.array([_bytes(event.key) for event in events], pa.binary()),
        values=pa.array([_bytes(event.value) for event in events], pa.large_binary()),
        headers=[_headers(event.headers) for event in events],
    )


def _bytes(raw: msgspec.Raw) -> bytes | None:
    text = bytes(raw)
    return None if text == _NULL else text


def _headers(headers: dict[str, msgspec.Raw] | None) -> Headers:
    """Text is taken as it reads, anything else as the JSON it is."""
    return tuple(
        (name, _TEXT.decode(raw).encode() if bytes(raw).startswith(b'"') else _bytes(raw))
        for name, raw in (headers or {}).items()
    )
