"""What must stand before anything flows: the source is fit, topics are there, the connector runs, schemas are registered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from connectors.connect import register
from connectors.debezium import Source, configuration, connector_name, heartbeat_topic, transaction_topic
from connectors.registry import Registry
from connectors.source import prepare as prepare_source
from connectors.topics import ensure_topics
from custody.settings import Settings
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable
from streams.stage import Encoder

PATIENCE_SECONDS = 120


def prepare(settings: Settings, datasets: Mapping[str, Dataset], on_progress: Callable[[str], None] = lambda _: None) -> None:
    """Make ready everything that capture needs; what is ready already is left as it is.

    Raises:
        Refused: a setting is missing, or the source, a topic, a schema or the connector's configuration is not fit.
        Unavailable: a service has not answered for two minutes.
    """
    settings.keys(dict(datasets))
    for name in ("kafka", "connect", "registry"):
        if not getattr(settings, name):
            raise Refused(f"setting {name} is missing", remedy=f"set CUSTODY_{name.upper()}")
    patience = Retrying(
        retry=retry_if_exception_type(Unavailable), wait=wait_exponential_jitter(multiplier=0.2, max=5),
        stop=stop_after_delay(PATIENCE_SECONDS), reraise=True,
    )  # fmt: skip
    for database in sorted({dataset.database for dataset in datasets.values()}):
        mine = {name: dataset for name, dataset in datasets.items() if dataset.database == database}
        patience(_prepare_database, settings, database, mine, on_progress)
    on_progress("registering schemas")
    patience(_register_schemas, settings, datasets)


def source_of(settings: Settings, database: str) -> Source:
    """The address of a source database: the one that is set, on the same server."""
    parts = urlsplit(settings.postgres.get_secret_value())
    return Source.of(urlunsplit(parts._replace(path=f"/{database}")))


def _prepare_database(
    settings: Settings, database: str, datasets: Mapping[str, Dataset], on_progress: Callable[[str], None]
) -> None:
    source = source_of(settings, database)
    on_progress(f"checking the source {database}")
    prepare_source(source, datasets)
    on_progress("making topics")
    raw = ensure_topics(settings.kafka, dict.fromkeys((d.raw_topic for d in datasets.values()), settings.partitions))
    cleaned = {dataset.cleaned_topic: raw[dataset.raw_topic] for dataset in datasets.values()}
    made = ensure_topics(settings.kafka, {**cleaned, transaction_topic(database): 1, heartbeat_topic(database): 1})
    for topic, count in {**cleaned, transaction_topic(database): 1}.items():
        if made[topic] != count:
            raise Refused(f"the topic has {made[topic]} partitions, and needs {count}", topic=topic, remedy="make it anew")
    on_progress(f"registering the connector of {database}")
    wanted = configuration(
        _as_connect_sees(source, settings), datasets.values(), epoch=settings.epoch, placeholder=settings.placeholder
    )
    register(settings.connect, connector_name(database), wanted)


def _as_connect_sees(source: Source, settings: Settings) -> Source:
    host, _, port = settings.connect_postgres.partition(":")
    return replace(source, host=host, port=int(port or source.port)) if host else source


def _register_schemas(settings: Settings, datasets: Mapping[str, Dataset]) -> None:
    registry = Registry(settings.registry)
    for dataset in datasets.values():
        for subject in Encoder.subjects(dataset):
            registry.register(subject.name, subject.text)
