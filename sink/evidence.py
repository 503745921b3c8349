"""The loop that lays raw topics down in raw/, and tells from transaction ends how far the tables are complete."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import structlog

from schemas.batch import Headers
from schemas.change import RAW
from schemas.errors import Stopped
from schemas.notice import Notice, Notices
from sink.complete import Completeness, End, Place
from sink.consume import Feed, Gathering, Position, Records
from sink.lake import Lake
from sink.manifest import Manifest
from sink.progress import Progress
from sink.raw import Raw, headers_column
from sink.recovered import Topic, given_up
from sink.stream import POLL_SECONDS, Limits

log = structlog.get_logger()

MAX_DIGITS = 19
"""A transaction's number has fewer: it is kept in 64 bits."""


class _End(msgspec.Struct):
    status: str
    ts_ms: int
    id: str = ""
    """Transaction and a position, of which only the first part is the same in its beginning and its end."""


ReadNotices = Callable[[Sequence[bytes | None], Sequence[Headers]], Iterable[Notice]]
"""The notices in records of the notification topic: values and headers."""


def read_end(value: bytes) -> End | None:
    """The end of a transaction; None where the record is another one.

    Raises:
        ValueError: the record is none of the transaction topic; the message holds nothing of it.
    """
    try:
        end = msgspec.json.decode(value, type=_End)
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=end.ts_ms)
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError) as problem:
        raise ValueError("not a record of the transaction topic") from problem
    transaction = end.id.partition(":")[0]
    is_number = transaction.isascii() and transaction.isdigit() and len(transaction) < MAX_DIGITS
    return End(at, int(transaction) if is_number else None) if end.status == "END" else None


class EvidenceStream:
    """All raw topics of one source database, its transaction topic among them."""

    def __init__(
        self, lake: Lake, database: str, bootstrap: str, partitions: Mapping[str, int], datasets: Mapping[str, str],
        progress: Progress, limits: Limits, about: Mapping[str, str], ids: Mapping[str, str], read_notices: ReadNotices,
        elsewhere: Mapping[str, Lake],
    ) -> None:  # fmt: skip
        """Args:
        partitions: number of partitions of each raw topic, those of transactions and notifications included.
        datasets: raw topic of each dataset.
        ids: the id that the broker gives each topic now; looked at again and again.
        elsewhere: the lake of each dataset that is not in this one: its cuts go to the manifest there.

        Raises:
            Stopped: a topic was made again since raw/ was last written to.
        """
        self._datasets, self._database, self._read_notices = datasets, database, read_notices
        self._notifications = f"{database}.notification"
        self._notices = Notices()
        self._raw = Raw(lake, database, about)
        self._transactions, self._messages = f"{database}.transaction", f"{database}.message"
        self._progress, self._limits = progress, limits
        agreed = given_up(lake, database)
        self._topics = {topic: Topic(self._raw.table, topic, f"raw/{topic}", agreed) for topic in partitions}
        self._ids = ids
        self._began_with = self._accepted()
        begins: dict[Place, int] = {}
        for topic, count in partitions.items():
            known, topic_id = self._topics[topic], self._began_with[topic]
            floor = known.floor(topic_id)
            reached = known.reached(topic_id, range(count))
            begins |= {(topic, p): max(offset, floor.get(p, -1)) for p, offset in reached.items()}
        self._reached = {place: offset for place, offset in begins.items() if offset >= 0}
        self._feed = Feed(bootstrap, [Position(*place, offset) for place, offset in begins.items()])
        with progress.lock:
            progress.raw |= self._reached
        self._note_notices(*notifications(self._raw.table.scan(), self._notifications))
        counts = {topic: partitions[topic] for topic in (*datasets.values(), self._notifications)}
        manifests = {one.address: Manifest(one, database) for one in (lake, *elsewhere.values())}
        mine = {name: manifests[elsewhere.get(name, lake).address] for name in datasets}
        self._complete = Completeness(mine, self._feed, datasets, counts, progress)

    def run(self, stop: Event) -> None:
        """Until told to stop; what was read and not committed is read again next time."""
        pending = Gathering(self._limits.rows, self._limits.seconds)
        try:
            while not stop.is_set():
                messages, now = self._feed.poll(POLL_SECONDS), time.monotonic()
                pending.add(messages, now)
                if pending.is_due(now):
                    self._commit(pending.take())
                self._complete.publish(self._reached, now)
                if self._accepted() != self._began_with:
                    raise Stopped("a topic was made again while it was read", remedy="start the pipeline again")
            if len(pending):
                self._commit(pending.take())
        finally:
            self._feed.close()

    def _commit(self, records: Records) -> None:
        reached = records.highest()
        self._raw.append(_rows(records), self._marks(reached))
        self._reached |= reached
        with self._progress.lock:
            self._progress.raw |= reached
            self._progress.raw_records += sum(topic in self._datasets.values() for topic in records.topics)
            self._progress.messages += records.topics.count(self._messages)
        said = [index for index, topic in enumerate(records.topics) if topic == self._notifications]
        self._note_notices([records.values[index] for index in said], [records.headers[index] for index in said])
        self._note_end(records)

    def _marks(self, reached: Mapping[Place, int]) -> dict[str, int]:
        marks: dict[str, int] = {}
        for name, topic in self._topics.items():
            upto = {partition: offset for (topic_name, partition), offset in reached.items() if topic_name == name}
            marks |= topic.marks({self._began_with[name]: upto})
        return marks

    def _accepted(self) -> dict[str, str]:
        """The id of each topic as it is now."""
        return {name: topic.accept(self._ids.get(name)) for name, topic in self._topics.items()}

    def _note_notices(self, values: Sequence[bytes | None], headers: Sequence[Headers]) -> None:
        """Tell the datasets what the connector says of its snapshots; until they have looked, no cut is published."""
        if not self._notices.take(self._read_notices(values, headers)):
            return
        with self._progress.lock:
            self._progress.lost[self._database] = self._notices.lost
            for name, topic in self._datasets.items():
                self._progress.scans[name] = self._notices.scans(topic.partition(".")[2])
                self._progress.pending.add(name)

    def _note_end(self, records: Records) -> None:
        """Tell the time of the newest transaction that has ended."""
        for index in range(len(records.topics) - 1, -1, -1):
            value = records.values[index]
            if records.topics[index] == self._transactions and value is not None:
                try:
                    end = read_end(value)
                except ValueError:  # it is in raw/ as it came; the next transaction's end tells more than this one's
                    log.warning(
                        "transaction_record_unreadable", partition=records.partitions[index], offset=records.offsets[index]
                    )
                    continue
                if end is not None:
                    self._complete.note_end(end)
                    return


def notifications(raw: pl.LazyFrame, topic: str) -> tuple[list[bytes | None], list[Headers]]:
    """What raw/ holds of a notification topic: values and headers, in order."""
    rows = raw.filter(pl.col("_topic") == topic).sort("_offset").select("value", "headers").collect()
    headers = [tuple((one["name"], one["value"]) for one in record or ()) for record in rows["headers"].to_list()]
    return rows["value"].to_list(), headers


def _rows(records: Records) -> pa.Table:
    """The records as rows of raw/."""
    received = pa.array(np.array(records.received_ms, np.int64) * 1000)
    return pa.table(
        {
            "_topic": pa.array(records.topics, pa.string()),
            "_partition": pa.array(records.partitions, pa.int32()),
            "_offset": pa.array(records.offsets, pa.int64()),
            "_received_at": received.cast(pa.timestamp("us", "UTC")),
            "key": pa.array(records.keys, pa.binary()),
            "value": pa.array(records.values, pa.binary()),
            "headers": headers_column(records.headers),
        },
        schema=RAW,
    )
