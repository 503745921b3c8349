"""The connector's configuration, derived from the datasets and the settings, never kept by hand."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from connectors.decode import EPOCH_HEADER, PLACEHOLDER_HEADER
from schemas.batch import MAX_RECORD_BYTES, MAX_VALUE_BYTES
from schemas.dataset import Dataset
from schemas.errors import Refused

HEARTBEAT = "custody.heartbeat"
"""The table whose rows say that time has passed; published, and never a topic."""
HEARTBEAT_SECONDS = 1.0
SIGNAL = "custody.signal"
"""The table whose rows ask the connector for something; published, and never a topic. What was asked stays in it."""
CUT_BYTES = MAX_VALUE_BYTES + (1 << 20)
"""From this size on the connector cuts values of more than `MAX_VALUE_BYTES`: what is left can travel, and is refused."""


@dataclass(frozen=True, slots=True)
class Source:
    """The database that is captured."""

    host: str
    port: int
    user: str
    password: str
    database: str

    @classmethod
    def of(cls, address: str) -> "Source":
        """From `postgresql://user:password@host:port/database`.

        Raises:
            Refused: another form; the message does not show the address, which may hold a password.
        """
        parts = urlsplit(address)
        database = parts.path.strip("/")
        if parts.scheme not in {"postgresql", "postgres"} or not (parts.hostname and parts.username and database):
            raise Refused(
                "the address of the source is not postgresql://user:password@host:port/database", remedy="set CUSTODY_POSTGRES"
            )
        password = unquote(parts.password or "")
        return cls(parts.hostname, parts.port or 5432, unquote(parts.username), password, unquote(database))

    def __repr__(self) -> str:
        return f"Source({self.host}:{self.port}/{self.database})"


def connector_name(database: str) -> str:
    """Also the name of its slot and of its publication."""
    return "custody_" + re.sub(r"[^a-z0-9_]", "_", database.lower())


def transaction_topic(database: str) -> str:
    return f"{database}.transaction"


def notification_topic(database: str) -> str:
    """Where the connector says how its snapshots go."""
    return f"{database}.notification"


def message_topic(database: str) -> str:
    """Where what applications write into the log beside any table comes (`pg_logical_emit_message`)."""
    return f"{database}.message"


def own_topics(database: str) -> tuple[str, ...]:
    """The topics of a source that belong to no table, and are kept in raw/; one partition each."""
    return transaction_topic(database), notification_topic(database), message_topic(database)


def heartbeat_topic(database: str) -> str:
    return f"__debezium-heartbeat.{database}"


def configuration(
    source: Source, datasets: Iterable[Dataset], *, epoch: int, placeholder: str, left_out: Iterable[str] = ()
) -> dict[str, str]:
    """What Kafka Connect is told for one source database (Debezium PostgreSQL connector 3.7, "Connector properties").

    Args:
        left_out: columns that are not captured, `schema.table.column`.
    """
    excluded = ",".join(re.escape(column) for column in sorted(left_out))
    tables = sorted(dataset.source.split(".", 1)[1] for dataset in datasets)
    name = connector_name(source.database)
    return {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        **_connection(source, name),
        "table.include.list": ",".join(re.escape(table) for table in tables),
        **({"column.exclude.list": excluded} if excluded else {}),
        **_faithful(placeholder),
        "heartbeat.interval.ms": str(int(HEARTBEAT_SECONDS * 1000)),
        "heartbeat.action.query": (
            f"INSERT INTO {HEARTBEAT} (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at"  # noqa: S608 - a constant
        ),
        "signal.enabled.channels": "source",
        "signal.data.collection": SIGNAL,
        "incremental.snapshot.watermarking.strategy": "INSERT_DELETE",
        "incremental.snapshot.chunk.size": "4096",
        "notification.enabled.channels": "sink",
        "notification.sink.topic.name": notification_topic(source.database),
        "exactly.once.support": "required",
        "transaction.boundary": "interval",
        "transaction.boundary.interval.ms": "400",
        "poll.interval.ms": "50",
        "max.batch.size": "4096",
        "max.queue.size": "16384",
        "max.queue.size.in.bytes": str(64 << 20),
        **_producer(),
        **_transforms(source.database, epoch, placeholder),
    }


def epoch_in(configuration: Mapping[str, str] | None) -> int | None:
    """The epoch that a registered connector writes; None where there is no connector."""
    return None if configuration is None else int(configuration.get("transforms.epoch.value.literal", 0))


def placeholder_in(configuration: Mapping[str, str] | None) -> str:
    """What a registered connector writes for a value it does not know; empty where there is no connector."""
    return (configuration or {}).get("unavailable.value.placeholder", "")


def _connection(source: Source, name: str) -> dict[str, str]:
    return {
        "database.hostname": source.host,
        "database.port": str(source.port),
        "database.user": source.user,
        "database.password": source.password,
        "database.dbname": source.database,
        "topic.prefix": source.database,
        "plugin.name": "pgoutput",
        "slot.name": name,
        "publication.name": name,
        "publication.autocreate.mode": "disabled",
        "snapshot.mode": "initial",
        "offset.mismatch.strategy": "trust_offset",
    }


def _faithful(placeholder: str) -> dict[str, str]:
    """What keeps every value as the database has it, and every event."""
    return {
        "provide.transaction.metadata": "true",
        "tombstones.on.delete": "true",
        "skipped.operations": "none",
        "decimal.handling.mode": "string",
        "time.precision.mode": "microseconds",
        "interval.handling.mode": "string",
        "binary.handling.mode": "bytes",
        "hstore.handling.mode": "json",
        "include.unknown.datatypes": "true",
        "unavailable.value.placeholder": placeholder,
        "schema.name.adjustment.mode": "none",
        "field.name.adjustment.mode": "none",
        "extended.headers.enabled": "false",
        "errors.log.include.messages": "false",
        **_converter("key"),
        **_converter("value"),
    }


def _converter(side: str) -> dict[str, str]:
    return {
        f"{side}.converter": "org.apache.kafka.connect.json.JsonConverter",
        f"{side}.converter.schemas.enable": "false",
        f"{side}.converter.replace.null.with.default": "false",
    }


def _producer() -> dict[str, str]:
    return {
        "producer.override.compression.type": "lz4",
        "producer.override.linger.ms": "5",
        "producer.override.batch.size": str(256 << 10),
        "producer.override.max.request.size": str(MAX_RECORD_BYTES),
        "producer.override.buffer.memory": str(MAX_RECORD_BYTES + (32 << 20)),
    }


def _transforms(database: str, epoch: int, placeholder: str) -> dict[str, str]:
    """Signals end here, once they are heard: Debezium captures their table whatever the list of tables says.

    A record that the producer would not take fails the connector for good; so a value that is too large is cut. No cut one
    is taken in: each is longer than what is. Each record says its epoch, and what stands in it for a value that was not sent.
    """
    insert = "org.apache.kafka.connect.transforms.InsertHeader"
    return {
        "transforms": "signals,size,epoch,unavailable",
        "transforms.size.type": "io.debezium.transforms.EnforceRecordSize",
        "transforms.size.max.bytes": str(CUT_BYTES),
        "transforms.size.min.field.size": str(MAX_VALUE_BYTES),
        "transforms.signals.type": "org.apache.kafka.connect.transforms.Filter",
        "transforms.signals.predicate": "signal",
        "predicates": "signal",
        "predicates.signal.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.signal.pattern": re.escape(f"{database}.{SIGNAL}"),
        "transforms.epoch.type": insert,
        "transforms.epoch.header": EPOCH_HEADER,
        "transforms.epoch.value.literal": str(epoch),
        "transforms.unavailable.type": insert,
        "transforms.unavailable.header": PLACEHOLDER_HEADER,
        "transforms.unavailable.value.literal": placeholder,
    }
