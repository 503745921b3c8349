"""Marked values: put wherever a person's data may stand, and looked for in every byte that the pipeline leaves behind."""

import os
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import boto3
import pyarrow.parquet as pq
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.e2e.hazards import Hazards

MARK = "zqx"
_MARKED = re.compile(rb"(?i)zqx[a-z]{5}")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
STORES = {"kafka", "postgres", "s3", "registry"}
"""Folders of the services that hold the source and the raw evidence; what is in their logs and topics is looked at."""


class Canaries:
    """Values that nobody has: each is told once, and known by its place."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def new(self, place: str) -> str:
        """A marked word of letters alone, for a place such as `offenders.surname`."""
        number, letters = len(self.places), ""
        for _ in range(5):
            number, digit = divmod(number, 26)
            letters += LETTERS[digit]
        word = f"{MARK}{letters}"
        self.places[word] = place
        return word

    def found(self, where: str, data: bytes) -> Iterator[tuple[str, str]]:
        """Place of origin and where it was found, of each marked value in these bytes."""
        for word in set(_MARKED.findall(data)):
            known = self.places.get(word.decode().lower())
            if known is not None:
                yield known, where


def topics(bootstrap: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Every key, value and header of these topics."""
    metadata = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2}).list_topics(timeout=10)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "canaries", "enable.auto.commit": False, "log_level": 2})
    consumer.assign([TopicPartition(name, p, 0) for name in names for p in metadata.topics[name].partitions])
    while messages := consumer.consume(10_000, 3.0):
        for message in messages:
            headers = b"".join(name.encode() + (text or b"") for name, text in message.headers() or ())
            yield f"topic {message.topic()}", (message.key() or b"") + b"\0" + (message.value() or b"") + b"\0" + headers
    consumer.close()


def objects(bucket: str, store: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Every object of a bucket, Parquet decompressed, but for the evidence in raw/."""
    client = boto3.client(
        "s3", endpoint_url=store["aws_endpoint_url"], aws_access_key_id=store["aws_access_key_id"],
        aws_secret_access_key=store["aws_secret_access_key"], region_name=store["aws_region"],
    )  # fmt: skip
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", ()):
            if not one["Key"].startswith("raw/"):
                body = client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                yield f"object {one['Key'].split('/')[0]}/{one['Key'].split('/')[1]}", body
                if one["Key"].endswith(".parquet"):
                    yield f"object {one['Key']}", _opened(body)


def _opened(body: bytes) -> bytes:
    """The values of a Parquet file, as text."""
    table = pq.read_table(BytesIO(body))
    return "\0".join(str(value) for column in table.columns for value in column.to_pylist()).encode()


def files(road: Hazards) -> Iterator[tuple[str, bytes]]:
    """Every file that our processes have left, and the logs of all."""
    roots = [path for path in road.settings.data.iterdir() if path.name not in STORES]
    for root in roots:
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file():
                yield f"file {path.relative_to(road.settings.data)}", path.read_bytes()
    for path in Path("/tmp").glob("custody*"):  # noqa: S108 - what may have been left there is looked at
        if path.is_file() and os.access(path, os.R_OK):
            yield f"file {path.name}", path.read_bytes()
