"""Snapshots on request: a signal row asks the connector for one, its notifications say how it goes.

Source: Debezium 3.7, "Signalling" (source channel, `execute-snapshot`) and "Notifications" (sink channel).
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs hide what it documents

from connectors.debezium import SIGNAL, Source, notification_topic
from connectors.notices import INITIAL
from connectors.reading import connect
from connectors.source import refuse_early_dates
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable

ASK_SECONDS = 30
QUIET_SECONDS = 120.0
"""A snapshot of which nothing is heard for so long is given up waiting for; it goes on."""


@dataclass(frozen=True, slots=True)
class Snapshotted:
    """What came of a snapshot that was asked for."""

    id: str
    rows: int
    is_whole: bool
    """Whether `rows` counts all: a connector that is restarted goes on with the snapshot, and counts from there."""


def take_snapshot(
    source: Source, bootstrap: str, dataset: Dataset, where: str, on_progress: Callable[[str], None], *, blocking: bool = False
) -> Snapshotted:
    """Ask for a snapshot of a table, and wait for its end.

    Args:
        where: a condition in the source's SQL; empty: all rows.
        blocking: in one go, while the stream waits; else in pieces beside the stream.

    Raises:
        Refused: the connector did not take the condition, or the table is unknown to it, or holds what a snapshot misreads.
        Unavailable: nothing is heard of it, or a blocking one was interrupted.
    """
    assert not (where and blocking), "a blocking snapshot is of all rows"
    refuse_early_dates(source, {dataset.name: dataset})
    topic = notification_topic(source.database)
    end = _end(bootstrap, topic)
    name = dataset.source.split(".", 1)[1]
    asked = uuid4().hex
    asyncio.run(_signal(source, asked, _request(name, where, blocking=blocking)))
    rows, is_whole = 0, True
    for said in _heard(bootstrap, topic, end):
        about = said.get("additional_data") or {}
        if said.get("type") == "SKIPPED":
            is_whole = False
            on_progress("the connector was restarted")
            if blocking:
                raise Unavailable("the snapshot was interrupted", dataset=dataset.name, remedy="ask for it again")
        if not _is_of(said, asked, name, blocking=blocking):
            continue
        rows = int(about.get("total_rows_scanned") or rows)
        on_progress(_told(said["type"], about, rows))
        if said["type"] == "TABLE_SCAN_COMPLETED" and about.get("status") not in {"SUCCEEDED", "EMPTY"}:
            raise Refused(f"the snapshot ended with {about.get('status')}", dataset=dataset.name)
        if said["type"] in {"COMPLETED", "ABORTED"}:
            break
    return Snapshotted(asked, rows, is_whole)


def _request(table: str, where: str, *, blocking: bool) -> str:
    """The data of an `execute-snapshot` signal."""
    kind = "blocking" if blocking else "incremental"
    data: dict[str, Any] = {"data-collections": [table.replace(".", "\\.")], "type": kind}
    if where:
        data["additional-conditions"] = [{"data-collection": table, "filter": where}]
    return json.dumps(data)


def _is_of(said: dict[str, Any], asked: str, table: str, *, blocking: bool) -> bool:
    """Whether a notification is of our snapshot; a blocking one has an id of its own, and is known by its table."""
    if not blocking:
        return said.get("id") == asked
    tables = (said.get("additional_data") or {}).get("data_collections", table)
    return said.get("aggregate_type") == INITIAL and tables == table


def _told(kind: str, about: dict[str, Any], rows: int) -> str:
    """A notification in words: how many pieces of how many, or how many rows."""
    chunk = f" {about['chunk_index']} of about {about.get('total_chunks', '?')}" if about.get("chunk_index") else ""
    return f"{kind.lower().replace('_', ' ')}{chunk}{f': {rows:,} rows' if rows else ''}"


async def _signal(source: Source, asked: str, data: str) -> None:
    connection = await connect(source)
    try:
        insert = f"INSERT INTO {SIGNAL} (id, type, data) VALUES ($1, 'execute-snapshot', $2)"  # noqa: S608 - a constant
        await connection.execute(insert, asked, data)
    finally:
        await connection.close()


def _end(bootstrap: str, topic: str) -> int:
    place, admin = TopicPartition(topic, 0), AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
    asked = admin.list_offsets({place: OffsetSpec.latest()}, request_timeout=ASK_SECONDS)  # type: ignore[no-untyped-call]
    try:
        return int(asked[place].result(ASK_SECONDS).offset)
    except KafkaException as problem:
        raise Unavailable("the broker does not say how far the topic goes", topic=topic) from problem


def _heard(bootstrap: str, topic: str, start: int) -> Iterator[dict[str, Any]]:
    """The notifications from an offset on, as they come."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "custody-snapshot", "enable.auto.commit": False, "log_level": 2}
    )
    consumer.assign([TopicPartition(topic, 0, start)])
    try:
        while True:
            message = consumer.poll(QUIET_SECONDS)
            if message is None:
                raise Unavailable("nothing is heard of the snapshot", topic=topic, remedy="see custody status: does it run?")
            value = None if message.error() else message.value()
            if value:
                yield json.loads(value)
    finally:
        consumer.close()
