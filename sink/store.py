"""The bucket. The only place that knows boto3."""

from collections.abc import Mapping

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
    client = boto3.client(
        "s3",
        endpoint_url=options.get("aws_endpoint_url"),
        aws_access_key_id=options.get("aws_access_key_id"),
        aws_secret_access_key=options.get("aws_secret_access_key"),
        region_name=options.get("aws_region"),
        config=Config(retries={"max_attempts": 5, "mode": "standard"}),
    )
    try:
        if bucket not in {found["Name"] for found in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError) as problem:
        raise Unavailable(f"the bucket can't be made: {type(problem).__name__}", bucket=bucket) from problem
