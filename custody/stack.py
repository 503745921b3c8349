"""Settings resolved against the embedded stack: what is not set is found in the stack that runs on the data directory."""

from typing import TYPE_CHECKING

from custody.settings import Settings
from schemas.errors import Refused

if TYPE_CHECKING:
    from connectors.stack import Endpoints

BUCKET = "s3://custody"
"""Where the tables are if the embedded stack's store is used and no lake is set."""
FOLDER = "lake"


def resolved(settings: Settings) -> Settings:
    """Settings with which the pipeline can run.

    Raises:
        Refused: Kafka is not set, and no embedded stack runs.
    """
    if settings.kafka:
        return settings.but(lake=settings.lake or FOLDER)
    found = _running(settings)
    if found is None:
        raise Refused(
            "no Kafka is set, and no embedded stack runs here",
            data=str(settings.data),
            remedy="run `custody up`, or set CUSTODY_KAFKA",
        )
    return with_endpoints(settings, found)


def for_reading(settings: Settings) -> Settings:
    """Settings with which tables can be read: the lake that is set, else that of a running stack, else the local folder."""
    is_local = settings.lake and not settings.lake.startswith("s3://")
    if is_local or settings.s3_endpoint or settings.kafka:
        return settings.but(lake=settings.lake or FOLDER)
    found = _running(settings)
    return with_endpoints(settings, found) if found is not None else settings.but(lake=settings.lake or FOLDER)


def with_endpoints(settings: Settings, found: "Endpoints") -> Settings:
    """The settings, pointed at an embedded stack."""
    return settings.but(
        kafka=found.kafka, connect=found.connect, registry=found.registry, lake=settings.lake or BUCKET, s3_endpoint=found.s3,
        s3_access_key=found.s3_access_key, s3_secret_key=found.s3_secret_key,
        identities_access_key=found.identities_access_key, identities_secret_key=found.identities_secret_key,
        identities_closed_to=found.store_user,
        postgres=f"postgresql://{found.user}:{found.password}@{found.postgres_host}:{found.postgres_port}/{found.database}",
    )  # fmt: skip


def _running(settings: Settings) -> "Endpoints | None":
    if not (settings.data / "stack.json").exists():
        return None
    from connectors.stack import running  # noqa: PLC0415 - only where there may be one: reading a folder needs no stack

    return running(settings.data)
