"""recovered/: what a person has given up, topic by topic, by beginning a new epoch. Written by `custody recover` alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow as pa

from schemas.errors import RECOVER, Stopped
from schemas.frames import empty
from sink.lake import Lake
from sink.snapshot import Snapshot
from sink.table import Table

RECOVERED = pa.schema(
    [
        pa.field("epoch", pa.int32()),
        pa.field("at", pa.timestamp("us", "UTC")),
        pa.field("topic", pa.string()),
        pa.field("topic_id", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("offset", pa.int64()),
    ]
)
"""From `offset` on the topic with this id is read; what was before it and had not been read is given up."""


MADE_AGAIN = "the topic was deleted or made again: its offsets begin anew"


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a topic with an id begins, by partition."""

    topic: str
    topic_id: str
    offsets: Mapping[int, int]


def give_up(lake: Lake, database: str, epoch: int, at: datetime, beginnings: Sequence[Beginning]) -> None:
    """Record that a new epoch replaces what lies before these beginnings and was not read."""
    rows = [(epoch, at, one.topic, one.topic_id, p, offset) for one in beginnings for p, offset in one.offsets.items()]
    schema = empty({field.name: field.type for field in RECOVERED}).schema
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    table = Table(lake.recovered(database), RECOVERED, stats=("epoch",))
    table.append(frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(RECOVERED), {}, {"custody.epoch": str(epoch)})


def given_up(lake: Lake, database: str) -> dict[tuple[str, str], dict[int, int]]:
    """The newest beginning of each topic and id that a person has agreed to, by partition."""
    place = lake.recovered(database)
    if not place.exists():
        return {}
    found: dict[tuple[str, str], dict[int, int]] = {}
    rows = Snapshot.load(place).scan().sort("offset").select("topic", "topic_id", "partition", "offset").collect()
    for topic, topic_id, partition, offset in rows.iter_rows():
        found.setdefault((topic, topic_id), {})[partition] = offset
    return found


class Topic:
    """What a table knows of a topic whose records it takes: its ids, and how far it is with each.

    A topic that was deleted and made again has another id, and counts its offsets from 0. Marks are kept for each id.
    """

    def __init__(self, table: Table, name: str, kind: str, agreed: Mapping[tuple[str, str], Mapping[int, int]]) -> None:
        """Args:
        kind: what its marks are called.
        agreed: what a person has given up, see `given_up`.
        """
        self.name = name
        self._table, self._kind, self._agreed = table, kind, agreed
        self._count = table.mark(f"topics/{kind}") or 0
        self._accepted: set[str] = set()
        self._new: set[str] = set()

    def accept(self, topic_id: str | None) -> str:
        """Take records of the topic with this id from now on; the id.

        Args:
            topic_id: None where there is no such topic.

        Raises:
            Stopped: it was deleted or made again, and nobody has recovered from that.
        """
        if topic_id is None:
            raise Stopped(MADE_AGAIN, topic=self.name, remedy=RECOVER)
        if topic_id in self._accepted:
            return topic_id
        if self._table.mark(f"topic/{topic_id}") is None:
            if (self._count or self._new) and (self.name, topic_id) not in self._agreed:
                raise Stopped(MADE_AGAIN, topic=self.name, remedy=RECOVER)
            self._new.add(topic_id)
        self._accepted.add(topic_id)
        return topic_id

    def reached(self, topic_id: str, partitions: Sequence[int]) -> dict[int, int]:
        """The offset that the table has come to, by partition; -1 where it has none."""
        return self._table.marks(f"{self._kind}/{topic_id}", partitions)

    def floor(self, topic_id: str) -> dict[int, int]:
        """The offset up to which a gap has been agreed to, by partition."""
        return {p: offset - 1 for p, offset in self._agreed.get((self.name, topic_id), {}).items()}

    def marks(self, reached: Mapping[str, Mapping[int, int]]) -> dict[str, int]:
        """What a commit keeps: offsets reached, by id and partition, and the ids that are new."""
        marks = {f"{self._kind}/{i}/{p}": offset for i, upto in reached.items() for p, offset in upto.items() if offset >= 0}
        if self._new:
            marks |= {f"topic/{topic_id}": 1 for topic_id in self._new} | {f"topics/{self._kind}": self._count + len(self._new)}
            self._count, self._new = self._count + len(self._new), set()
        return marks
