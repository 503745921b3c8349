"""Topics: made with the settings that evidence needs, and looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs hide what it documents
    AdminClient,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from tenacity import RetryError, Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from schemas.batch import MAX_RECORD_BYTES
from schemas.errors import Refused, Unavailable

WAIT_SECONDS = 30
GROUP_SECONDS = 15
"""How long a worker that has ended may still be taken for a member of its group."""
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


def ids_now(bootstrap: str, names: Iterable[str]) -> Callable[[], dict[str, str]]:
    """What asks for the ids of topics, again and again; one that is not there is left out.

    Raises:
        Unavailable: (when asked) the broker does not answer.
    """
    admin, asked = _admin(bootstrap), list(names)

    def ask() -> dict[str, str]:
        found = {}
        for name, future in admin.describe_topics(TopicCollection(asked), request_timeout=WAIT_SECONDS).items():
            try:
                found[name] = str(future.result(WAIT_SECONDS).topic_id)
            except KafkaException as problem:
                if problem.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise Unavailable(f"a topic can't be looked at: {problem.args[0].name()}") from problem
        return found

    return ask


def ends(bootstrap: str, topics: Mapping[str, int], *, earliest: bool = False) -> dict[tuple[str, int], int]:
    """Where each partition of some topics ends, or begins: the offset of its next record, or of its first.

    Raises:
        Unavailable: the broker does not answer.
    """
    admin = _admin(bootstrap)  # kept: what it was asked for would end with it
    which = OffsetSpec.earliest() if earliest else OffsetSpec.latest()  # type: ignore[no-untyped-call]
    asked = {TopicPartition(name, p): which for name, count in topics.items() for p in range(count)}
    try:
        found = {place: future.result(WAIT_SECONDS) for place, future in admin.list_offsets(asked).items()}
    except KafkaException as problem:
        raise Unavailable(f"a topic can't be looked at: {problem.args[0].name()}") from problem
    return {(str(place.topic), int(place.partition)): int(one.offset) for place, one in found.items()}


def committed(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """The offset that a group of consumers reads next, by topic and partition; where it has committed one.

    Raises:
        Unavailable: the broker does not answer.
    """
    admin = _admin(bootstrap)
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=WAIT_SECONDS)
    try:
        places = asked[group].result(WAIT_SECONDS).topic_partitions or []
    except KafkaException as problem:
        raise Unavailable(f"a group can't be looked at: {problem.args[0].name()}", group=group) from problem
    return {(str(p.topic), int(p.partition)): int(p.offset) for p in places if p.offset >= 0}


def send_back(bootstrap: str, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
    """Let a group of consumers read on from other offsets; nobody may be in it.

    Raises:
        Refused: somebody still is.
        Unavailable: the broker does not answer.
    """
    places = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
    waiting = Retrying(
        retry=retry_if_exception_type(Refused), wait=wait_fixed(0.5), stop=stop_after_delay(GROUP_SECONDS), reraise=True
    )
    admin = _admin(bootstrap)
    for attempt in waiting:
        with attempt:
            try:
                asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])
                failed = [p for p in asked[group].result(WAIT_SECONDS).topic_partitions if p.error is not None]
            except KafkaException as problem:
                raise Refused("a worker still reads these topics", group=group, remedy="end the pipeline first") from problem
            if failed:
                raise Refused("a worker still reads these topics", group=group, remedy="end the pipeline first")


def topic_ids(bootstrap: str, names: Iterable[str]) -> dict[str, str]:
    """The id that the broker gave each topic: a topic made again has another.

    Raises:
        Unavailable: the broker does not answer, or does not know one of them.
    """
    admin = _admin(bootstrap)
    asked = admin.describe_topics(TopicCollection(list(dict.fromkeys(names))), request_timeout=WAIT_SECONDS)
    try:
        return {name: str(future.result(WAIT_SECONDS).topic_id) for name, future in asked.items()}
    except KafkaException as problem:
        raise Unavailable(f"a topic can't be looked at: {problem.args[0].name()}") from problem
