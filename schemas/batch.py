"""The Kafka records of one partition as columns: what the transport hands to a stage, and what a stage gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

Headers = tuple[tuple[str, bytes | None], ...]

MAX_VALUE_BYTES = 20 << 20
"""The largest raw value that is taken in; a larger one is refused as oversize (docs/decisions/0005)."""
MAX_RECORD_BYTES = 128 << 20
"""The largest record that topics, producers and consumers carry: what is to be refused must have arrived."""
GATHERED_BYTES = 64 << 20
"""So much of a topic is worked on at once, however few records it is: large ones do not pile up."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition of one topic, in offset order; offsets may have gaps."""

    topic: str
    partition: int
    after: int
    """The offset up to which everything was accounted for before this batch; -1 at the beginning."""
    offsets: pa.Int64Array
    received_at: pa.TimestampArray
    """Broker timestamps, milliseconds, UTC."""
    keys: pa.BinaryArray
    values: pa.LargeBinaryArray
    headers: Sequence[Headers]
    """One tuple a record; records without headers have the empty tuple."""

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def upto(self) -> int:
        """The last offset of the batch."""
        last: int = self.offsets[-1].as_py()
        return last


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Records for one partition of one cleaned topic, in order."""

    topic: str
    partition: int
    keys: Sequence[bytes | None]
    values: Sequence[bytes]
    headers: Headers = ()
    """Of each of the records."""
