"""Topics: made with the settings that evidence needs, and looked at."""

from collections.abc import Iterable, Mapping, Sequence

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs hide what it documents
    AdminClient,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from connectors.debezium import MAX_RECORD_BYTES
from schemas.errors import Refused, Unavailable

WAIT_SECONDS = 30
_KEPT = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": str(MAX_RECORD_BYTES)}
"""Nothing is compacted, and nothing ends by age or size."""


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})


def ensure_topics(bootstrap: str, topics: Mapping[str, int]) -> dict[str, int]:
    """Make the topics there are not; the number of partitions that each has.

    Args:
        topics: number of partitions of each topic, if it is made.

    Raises:
        Refused: a topic is compacted, which would lose evidence.
        Unavailable: the broker does not answer.
    """
    admin = _admin(bootstrap)
    there = partitions(bootstrap, topics)
    lacking = [NewTopic(name, count, 1, config=dict(_KEPT)) for name, count in topics.items() if name not in there]
    for name, future in admin.create_topics(lacking, request_timeout=WAIT_SECONDS).items() if lacking else ():
        try:
            future.result(WAIT_SECONDS)
        except KafkaException as problem:
            if problem.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise Unavailable(f"a topic can't be made: {problem.args[0].name()}", topic=name) from problem
    _refuse_compacted(admin, there)
    return {**there, **_await_topics(bootstrap, [topic.topic for topic in lacking])}


def grow(bootstrap: str, topic: str, count: int) -> None:
    """Give a topic more partitions.

    Raises:
        Unavailable: the broker does not answer, or refuses.
    """
    admin = _admin(bootstrap)
    try:
        admin.create_partitions([NewPartitions(topic, count)], request_timeout=WAIT_SECONDS)[topic].result(WAIT_SECONDS)
    except KafkaException as problem:
        raise Unavailable(f"a topic can't be given more partitions: {problem.args[0].name()}", topic=topic) from problem


def _await_topics(bootstrap: str, names: Sequence[str]) -> dict[str, int]:
    """The partitions of topics just made: the broker shows them a little later."""
    waiting = Retrying(
        retry=retry_if_result(lambda seen: len(seen) < len(names)), wait=wait_fixed(0.05), stop=stop_after_delay(WAIT_SECONDS)
    )
    try:
        return waiting(partitions, bootstrap, names)
    except RetryError as problem:
        raise Unavailable("topics that were made do not show", topics=list(names)) from problem


def _refuse_compacted(admin: AdminClient, names: Iterable[str]) -> None:
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    for resource, future in admin.describe_configs(asked, request_timeout=WAIT_SECONDS).items() if asked else ():
        if "compact" in future.result(WAIT_SECONDS)["cleanup.policy"].value:
            raise Refused(
                "the topic is compacted: evidence would be lost", topic=resource.name, remedy="set cleanup.policy=delete"
            )


def partitions(bootstrap: str, names: Iterable[str]) -> dict[str, int]:
    """The number of partitions of each of these topics that is there.

    Raises:
        Unavailable: the broker does not answer.
    """
    try:
        known = _admin(bootstrap).list_topics(timeout=WAIT_SECONDS).topics
    except KafkaException as problem:
        raise Unavailable("the broker does not answer") from problem
    return {name: len(known[name].partitions) for name in names if name in known}


def topic_ids(bootstrap: str, names: Iterable[str]) -> dict[str, str]:
    """The id that the broker gave each topic: a topic made again has another.

    Raises:
        Unavailable: the broker does not answer, or does not know one of them.
    """
    admin = _admin(bootstrap)
    asked = admin.describe_topics(TopicCollection(list(names)), request_timeout=WAIT_SECONDS)
    try:
        return {name: str(future.result(WAIT_SECONDS).topic_id) for name, future in asked.items()}
    except KafkaException as problem:
        raise Unavailable(f"a topic can't be looked at: {problem.args[0].name()}") from problem
