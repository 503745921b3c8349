"""The store: its bucket, and files in it. The only place that knows boto3."""

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Unavailable


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
    except (BotoCoreError, ClientError) as problem:
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
    except (BotoCoreError, ClientError) as problem:
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
    except (BotoCoreError, ClientError) as problem:
        raise Unavailable(f"a file can't be written: {type(problem).__name__}", bucket=bucket) from problem


@lru_cache(maxsize=4)
def _client(options: tuple[tuple[str, str], ...]) -> Any:
    known = dict(options)
    return boto3.session.Session().client(
        "s3",
        endpoint_url=known.get("aws_endpoint_url"),
        aws_access_key_id=known.get("aws_access_key_id"),
        aws_secret_access_key=known.get("aws_secret_access_key"),
        region_name=known.get("aws_region"),
        config=Config(retries={"max_attempts": 5, "mode": "standard"}),
    )
