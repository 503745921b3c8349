"""What must stand before anything flows: the source is fit, topics are there, the connector runs, schemas are registered."""

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from connectors import connect
from connectors.connect import register
from connectors.debezium import (
    Source,
    configuration,
    connector_name,
    epoch_in,
    heartbeat_topic,
    own_topics,
    placeholder_in,
    transaction_topic,
)
from connectors.placeholder import DEFAULT
from connectors.registry import Registry
from connectors.source import drop_slot, left_out
from connectors.source import prepare as prepare_source
from connectors.topics import ensure_topics, grow
from custody.gaps import NEVER, refuse_gap, streamed_epoch
from custody.lifting import lift_tables
from custody.places import identities_lake, main_lake
from custody.recovery import beginnings, send_worker_back, send_worker_back_for
from custody.settings import Settings
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable
from schemas.identity import identities_of, with_identities
from schemas.links import PEOPLE_TOPIC
from sink.recovered import give_up
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
    """The first half: source, topics and schemas, and tables under the newest key; worker and sink may then start."""
    keys = settings.keys(dict(datasets))
    for name in ("kafka", "connect", "registry"):
        if not getattr(settings, name):
            raise Refused(f"setting {name} is missing", remedy=f"set CUSTODY_{name.upper()}")

    def prepare_one(database: str, mine: Mapping[str, Dataset]) -> None:
        on_progress(f"checking the source {database}, making its topics")
        _patience()(prepare_source, source_of(settings, database), mine)
        _patience()(make_topics, settings, database, mine)
        send_worker_back_for(settings, identities_of(mine))

    _side_by_side(prepare_one, datasets)
    on_progress("registering schemas")
    _patience()(_register_schemas, settings, datasets)
    _patience()(lift_tables, settings, datasets, keys, on_progress)


def start_capture(settings: Settings, datasets: Mapping[str, Dataset], on_progress: Callable[[str], None]) -> None:
    """The second half: the connectors."""

    def start_one(database: str, mine: Mapping[str, Dataset]) -> None:
        on_progress(f"registering the connector of {database}")
        source = _as_connect_sees(source_of(settings, database), settings)
        known = _patience()(connect.configuration_of, settings.connect, connector_name(database))
        refuse_gap(settings, source_of(settings, database), mine, epoch_in(known))
        epoch = max(settings.epoch, epoch_in(known) or 0)
        wanted = _configuration(settings, source, mine, epoch, known)
        _patience()(register, settings.connect, connector_name(database), wanted)

    _side_by_side(start_one, datasets)


def _side_by_side(work: Callable[[str, Mapping[str, Dataset]], None], datasets: Mapping[str, Dataset]) -> None:
    """Do the work for each source database; the first one that fails is raised when all have ended."""
    sources = _by_database(datasets)
    with ThreadPoolExecutor(max(1, len(sources))) as pool:
        list(pool.map(work, sources.keys(), sources.values()))


def _configuration(
    settings: Settings, source: Source, datasets: Mapping[str, Dataset], epoch: int, known: Mapping[str, str] | None
) -> dict[str, str]:
    columns = left_out(source_of(settings, source.database), datasets)
    placeholder = _placeholder(settings, known)
    return configuration(source, datasets.values(), epoch=epoch, placeholder=placeholder, left_out=columns)


def recover(settings: Settings, datasets: Mapping[str, Dataset], database: str, on_progress: Callable[[str], None]) -> int:
    """Begin a new epoch: a new slot, and a new snapshot that also tells what has vanished; the epoch.

    What is gone from topics that were made again or cut short is given up, on record: the snapshot replaces it.

    Raises:
        Refused: no dataset is of this database, nothing was ever captured of it, or the worker must go back to where a topic
            begins now, and still works.
    """
    mine, name = _by_database(datasets).get(database, {}), connector_name(database)
    known, streamed = connect.configuration_of(settings.connect, name), streamed_epoch(settings, mine)
    if not mine or (known is None and streamed == NEVER):
        raise Refused("nothing captures this database", database=database, remedy="custody run registers a connector")
    epoch = max(settings.epoch, epoch_in(known) or 0, streamed) + 1
    on_progress("looking at the topics")
    _patience()(make_topics, settings, database, mine)
    began = beginnings(settings, with_identities(mine), database)
    send_worker_back(settings, with_identities(mine), began)
    source = _as_connect_sees(source_of(settings, database), settings)
    wanted = _configuration(settings, source, mine, epoch, known)
    on_progress("stopping the connector")
    if known is None:
        connect.create_stopped(settings.connect, name, wanted)
    connect.forget_position(settings.connect, name)
    on_progress("dropping the slot")
    drop_slot(source_of(settings, database))
    on_progress(f"beginning epoch {epoch} with a new snapshot")
    for lake in (main_lake(settings), *([identities_lake(settings)] if identities_of(mine) else [])):
        give_up(lake, database, epoch, datetime.now(UTC), began)
    prepare_source(source_of(settings, database), mine)
    connect.configure(settings.connect, name, wanted)
    connect.resume(settings.connect, name)
    _patience()(register, settings.connect, name, wanted)
    return epoch


def _placeholder(settings: Settings, known: Mapping[str, str] | None) -> str:
    """The one that is set, or that the connector has; else one that nobody can guess, so that no text is mistaken for it."""
    if settings.placeholder != DEFAULT:
        return settings.placeholder
    return placeholder_in(known) or f"unavailable-{secrets.token_hex(8)}"


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


def make_topics(settings: Settings, database: str, datasets: Mapping[str, Dataset]) -> None:
    """All topics of these datasets and of their source database; a cleaned topic has the partitions of its raw topic.

    Raises:
        Refused: a topic that is there is compacted, or has another number of partitions.
        Unavailable: the broker does not answer.
    """
    datasets = with_identities(datasets)
    raw = ensure_topics(settings.kafka, dict.fromkeys((d.raw_topic for d in datasets.values()), settings.partitions))
    cleaned = {dataset.cleaned_topic: raw[dataset.raw_topic] for dataset in datasets.values()}
    released = [dataset.released_topic for dataset in datasets.values()]
    single = dict.fromkeys([*released, *own_topics(database), heartbeat_topic(database)], 1)
    if identities_of(datasets):
        single[PEOPLE_TOPIC] = 1
    made = ensure_topics(settings.kafka, {**cleaned, **single})
    for topic, count in cleaned.items():
        if made[topic] < count:
            grow(settings.kafka, topic, count)
            made[topic] = count
    for topic, count in {**cleaned, transaction_topic(database): 1}.items():
        if made[topic] != count:
            raise Refused(f"the topic has {made[topic]} partitions, and needs {count}", topic=topic, remedy="make it anew")


def _as_connect_sees(source: Source, settings: Settings) -> Source:
    host, _, port = settings.connect_postgres.partition(":")
    return replace(source, host=host, port=int(port or source.port)) if host else source


def _register_schemas(settings: Settings, datasets: Mapping[str, Dataset]) -> None:
    registry = Registry(settings.registry)
    for dataset in with_identities(datasets).values():
        for subject in Encoder.subjects(dataset):
            registry.register(subject.name, subject.text)
