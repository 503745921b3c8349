"""The store: its bucket, and files in it. The only place that knows boto3."""

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from schemas.errors import Unavailable

MOST_REMOVED = 1000
"""So many files S3 removes at a time."""


def ensure_bucket(address: str, options: Mapping[str, str]) -> None:
    """Make the bucket of an `s3://` address where there is none.

    Raises:
        Unavailable: the store does not answer, or refuses.
    """
    bucket = address.removeprefix("s3://").split("/", 1)[0]
    client = _client(tuple(options.items()))
    try:
        if bucket not in {found["Name"] for found in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
    except _failures() as problem:
        raise Unavailable(f"the bucket can't be made: {type(problem).__name__}", bucket=bucket) from problem


def close_bucket(address: str, options: Mapping[str, str], user: str) -> None:
    """Let a user (an ARN) do nothing in the bucket of an `s3://` address, whatever else allows it.

    Raises:
        Unavailable: the store does not answer, or refuses.
    """
    bucket = address.removeprefix("s3://").split("/", 1)[0]
    places = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    denied = {"Effect": "Deny", "Principal": {"AWS": [user]}, "Action": "s3:*", "Resource": places}
    try:
        _client(tuple(options.items())).put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        )
    except _failures() as problem:
        raise Unavailable(f"the bucket can't be closed: {type(problem).__name__}", bucket=bucket) from problem


def put(address: str, options: Mapping[str, str], data: bytes | memoryview) -> None:
    """Write a file that is not there yet: a path, or an address `s3://bucket/key`.

    Raises:
        Unavailable: the store does not answer, or refuses.
    """
    if not address.startswith("s3://"):
        with Path(address).open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return
    bucket, key = address.removeprefix("s3://").split("/", 1)
    try:
        _client(tuple(options.items())).put_object(Bucket=bucket, Key=key, Body=bytes(data))
    except _failures() as problem:
        raise Unavailable(f"a file can't be written: {type(problem).__name__}", bucket=bucket) from problem


def listed(address: str, options: Mapping[str, str]) -> list[str]:
    """The names of the files right in a folder: a path, or an address `s3://bucket/prefix`.

    Raises:
        Unavailable: the store does not answer, or refuses.
    """
    if not address.startswith("s3://"):
        return [path.name for path in Path(address).iterdir() if path.is_file()]
    bucket, prefix = f"{address.removeprefix('s3://')}/".split("/", 1)
    try:
        pages = _client(tuple(options.items())).get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, Delimiter="/"
        )  # fmt: skip
        return [one["Key"].removeprefix(prefix) for page in pages for one in page.get("Contents", ())]
    except _failures() as problem:
        raise Unavailable(f"a folder can't be listed: {type(problem).__name__}", bucket=bucket) from problem


def remove(address: str, options: Mapping[str, str], names: Sequence[str]) -> None:
    """Remove files of a folder; one that is gone already is no fault.

    Raises:
        Unavailable: the store does not answer, or refuses.
    """
    if not address.startswith("s3://"):
        for name in names:
            (Path(address) / name).unlink(missing_ok=True)
        return
    bucket, prefix = f"{address.removeprefix('s3://')}/".split("/", 1)
    try:
        for first in range(0, len(names), MOST_REMOVED):
            some = names[first : first + MOST_REMOVED]
            meant = {"Objects": [{"Key": prefix + name} for name in some], "Quiet": True}
            failed = _client(tuple(options.items())).delete_objects(Bucket=bucket, Delete=meant).get("Errors")
            if failed:
                raise Unavailable(f"{len(failed)} files can't be removed: {failed[0].get('Code')}", bucket=bucket)
    except _failures() as problem:
        raise Unavailable(f"files can't be removed: {type(problem).__name__}", bucket=bucket) from problem


@lru_cache(maxsize=4)
def _client(options: tuple[tuple[str, str], ...]) -> Any:
    known = dict(options)
    import boto3  # noqa: PLC0415 - eight megabytes that who writes no file of its own never needs
    from botocore.config import Config  # noqa: PLC0415

    return boto3.session.Session().client(
        "s3",
        endpoint_url=known.get("aws_endpoint_url"),
        aws_access_key_id=known.get("aws_access_key_id"),
        aws_secret_access_key=known.get("aws_secret_access_key"),
        region_name=known.get("aws_region"),
        config=Config(retries={"max_attempts": 5, "mode": "standard"}),
    )


def _failures() -> tuple[type[Exception], ...]:
    """What tells that the store does not answer, or refuses."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    return BotoCoreError, ClientError
