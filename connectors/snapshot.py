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


def take_snapshot(
    source: Source, bootstrap: str, dataset: Dataset, where: str, on_progress: Callable[[str], None]
) -> Snapshotted:
    """Ask for an incremental snapshot of a table beside the stream, and wait for its end.

    Args:
        where: a condition in the source's SQL; empty: all rows.

    Raises:
        Refused: the connector did not take the condition, or the table is unknown to it, or holds what a snapshot misreads.
        Unavailable: nothing is heard of it.
    """
    refuse_early_dates(source, {dataset.name: dataset})
    topic = notification_topic(source.database)
    end = _end(bootstrap, topic)
    name = dataset.source.split(".", 1)[1]
    asked = uuid4().hex
    data: dict[str, Any] = {"data-collections": [name.replace(".", "\\.")], "type": "incremental"}
    if where:
        data["additional-conditions"] = [{"data-collection": name, "filter": where}]
    asyncio.run(_signal(source, asked, json.dumps(data)))
    rows = 0
    for said in _heard(bootstrap, topic, end, asked):
        about = said.get("additional_data") or {}
        rows = int(about.get("total_rows_scanned") or rows)
        on_progress(f"{said['type'].lower().replace('_', ' ')}{f': {rows} rows' if rows else ''}")
        if said["type"] == "TABLE_SCAN_COMPLETED" and about.get("status") not in {"SUCCEEDED", "EMPTY"}:
            raise Refused(f"the snapshot ended with {about.get('status')}", dataset=dataset.name)
        if said["type"] in {"COMPLETED", "ABORTED"}:
            break
    return Snapshotted(asked, rows)


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


def _heard(bootstrap: str, topic: str, start: int, asked: str) -> Iterator[dict[str, Any]]:
    """The notifications of one snapshot, as they come."""
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
            said = json.loads(value) if value else {}
            if said.get("id") == asked:
                yield said
    finally:
        consumer.close()
