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
    prepare_ground(settings, datasets, on_progress)
    start_capture(settings, datasets, on_progress)


def prepare_ground(settings: Settings, datasets: Mapping[str, Dataset], on_progress: Callable[[str], None]) -> None:
    """The first half: source, topics and schemas; worker and sink may then start."""
    settings.keys(dict(datasets))
    for name in ("kafka", "connect", "registry"):
        if not getattr(settings, name):
            raise Refused(f"setting {name} is missing", remedy=f"set CUSTODY_{name.upper()}")
    for database, mine in _by_database(datasets).items():
        on_progress(f"checking the source {database}")
        _patience()(prepare_source, source_of(settings, database), mine)
        on_progress("making topics")
        _patience()(_make_topics, settings, database, mine)
    on_progress("registering schemas")
    _patience()(_register_schemas, settings, datasets)


def start_capture(settings: Settings, datasets: Mapping[str, Dataset], on_progress: Callable[[str], None]) -> None:
    """The second half: the connectors."""
    for database, mine in _by_database(datasets).items():
        on_progress(f"registering the connector of {database}")
        source = _as_connect_sees(source_of(settings, database), settings)
        wanted = configuration(source, mine.values(), epoch=settings.epoch, placeholder=settings.placeholder)
        _patience()(register, settings.connect, connector_name(database), wanted)


def _by_database(datasets: Mapping[str, Dataset]) -> dict[str, dict[str, Dataset]]:
    names = sorted({dataset.database for dataset in datasets.values()})
    return {database: {name: d for name, d in datasets.items() if d.database == database} for database in names}


def _patience() -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(Unavailable), wait=wait_exponential_jitter(multiplier=0.2, max=5),
        stop=stop_after_delay(PATIENCE_SECONDS), reraise=True,
    )  # fmt: skip


def source_of(settings: Settings, database: str) -> Source:
    """The address of a source database: the one that is set, on the same server."""
    parts = urlsplit(settings.postgres.get_secret_value())
    return Source.of(urlunsplit(parts._replace(path=f"/{database}")))


def _make_topics(settings: Settings, database: str, datasets: Mapping[str, Dataset]) -> None:
    raw = ensure_topics(settings.kafka, dict.fromkeys((d.raw_topic for d in datasets.values()), settings.partitions))
    cleaned = {dataset.cleaned_topic: raw[dataset.raw_topic] for dataset in datasets.values()}
    made = ensure_topics(settings.kafka, {**cleaned, transaction_topic(database): 1, heartbeat_topic(database): 1})
    for topic, count in {**cleaned, transaction_topic(database): 1}.items():
        if made[topic] != count:
            raise Refused(f"the topic has {made[topic]} partitions, and needs {count}", topic=topic, remedy="make it anew")


def _as_connect_sees(source: Source, settings: Settings) -> Source:
    host, _, port = settings.connect_postgres.partition(":")
    return replace(source, host=host, port=int(port or source.port)) if host else source


def _register_schemas(settings: Settings, datasets: Mapping[str, Dataset]) -> None:
    registry = Registry(settings.registry)
    for dataset in datasets.values():
        for subject in Encoder.subjects(dataset):
            registry.register(subject.name, subject.text)
