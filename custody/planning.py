"""What `custody run` would change: topics, subjects, connectors, tables. Looks, and changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors import connect
from connectors.debezium import configuration, connector_name, own_topics
from connectors.registry import Registry
from connectors.source import misfits
from connectors.topics import partitions
from custody.places import lake_of
from custody.prepare import source_of
from custody.settings import Settings
from schemas.change import history_schema
from schemas.dataset import Dataset
from schemas.evolution import differences
from schemas.identity import with_identities
from sink.snapshot import Snapshot
from sink.table import TableNotFoundError
from streams.stage import Encoder

WAY_OUT = "give the column a new name, with renamed_from the old one: both are kept, and subscribers choose when to change"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that would be done, or that can't be."""

    kind: str
    """column, topic, subject, connector or table."""
    name: str
    act: str
    refused: str = ""
    """Why it can't be done, and the way out."""


def plan(settings: Settings, datasets: Mapping[str, Dataset]) -> list[Step]:
    """The steps, in the order in which they would be taken; none where nothing would change.

    Raises:
        Unavailable: a service does not answer.
    """
    return [
        *_columns(settings, datasets),
        *_topics(settings, datasets),
        *_subjects(settings, datasets),
        *_tables(settings, datasets),
        *_connectors(settings, datasets),
    ]


def _columns(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Step]:
    for database in sorted({dataset.database for dataset in datasets.values()}):
        mine = {name: dataset for name, dataset in datasets.items() if dataset.database == database}
        for dataset, found in misfits(source_of(settings, database), mine):
            yield Step("column", f"{dataset.name}.{found.column}", "read", f"{found.reason}: {found.remedy}")


def _topics(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Step]:
    databases = sorted({dataset.database for dataset in datasets.values()})
    own = [topic for database in databases for topic in own_topics(database)]
    of_each = [topic for d in datasets.values() for topic in (d.raw_topic, d.cleaned_topic, d.released_topic)]
    there = partitions(settings.kafka, [*of_each, *own])
    for topic in (*of_each, *own):
        if topic not in there:
            yield Step("topic", topic, "make")
    for dataset in datasets.values():
        raw, cleaned = there.get(dataset.raw_topic), there.get(dataset.cleaned_topic)
        if raw and cleaned and cleaned < raw:
            yield Step("topic", dataset.cleaned_topic, f"grow from {cleaned} to {raw} partitions")


def _subjects(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Step]:
    registry = Registry(settings.registry)
    subjects = {subject.name: subject for dataset in datasets.values() for subject in Encoder.subjects(dataset)}
    for name, subject in subjects.items():
        match registry.judge(name, subject.text):
            case "new":
                yield Step("subject", name, "register")
            case "compatible":
                yield Step("subject", name, "register a compatible version")
            case "incompatible":
                yield Step("subject", name, "register", f"not compatible with an earlier version: {WAY_OUT}")


def _tables(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Step]:
    for name, dataset in with_identities(datasets).items():
        wanted = history_schema(dataset)
        try:
            there = Snapshot.load(lake_of(settings, dataset).history(dataset)).schema
        except TableNotFoundError:
            yield Step("table", name, "make history/, current/ and quarantine/")
            continue
        found = differences(there, wanted)
        if found.added:
            yield Step("table", name, f"add {', '.join(found.added)}")
        if found.dropped:
            yield Step("table", name, f"keep, and fill with null: {', '.join(found.dropped)}")
        if found.widened:
            yield Step("table", name, f"widen {', '.join(found.widened)}")
        if found.impossible:
            names = ", ".join(found.impossible)
            yield Step("table", name, f"change {names}", f"the type can't hold what the table has: {WAY_OUT}")


def _connectors(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Step]:
    for database in sorted({dataset.database for dataset in datasets.values()}):
        name = connector_name(database)
        known = connect.configuration_of(settings.connect, name)
        mine = [dataset for dataset in datasets.values() if dataset.database == database]
        wanted = configuration(source_of(settings, database), mine, epoch=settings.epoch, placeholder=settings.placeholder)
        if known is None:
            yield Step("connector", name, "register, and take an initial snapshot")
        elif known.get("table.include.list") != wanted["table.include.list"]:
            yield Step("connector", name, "capture other tables; one that is new lacks its earlier rows until custody snapshot")
