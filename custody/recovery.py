"""What `custody recover` does about topics: where each begins now is agreed to, and the worker goes back where it must."""

from collections.abc import Mapping, Sequence

from connectors.debezium import own_topics
from connectors.topics import committed, ends, partitions, send_back, topic_ids
from custody.places import identities_lake, lake_of
from custody.settings import Settings
from custody.worker import GROUP
from schemas.dataset import Dataset
from sink.recovered import Beginning
from sink.snapshot import Snapshot
from sink.table import TableNotFoundError


def beginnings(settings: Settings, datasets: Mapping[str, Dataset], database: str) -> list[Beginning]:
    """The first offset that each topic of a database still holds, and the topic's id.

    Raises:
        Unavailable: the broker does not answer, or does not know a topic.
    """
    names = [topic for dataset in datasets.values() for topic in (dataset.raw_topic, dataset.cleaned_topic)]
    names += own_topics(database)
    counts, ids = partitions(settings.kafka, names), topic_ids(settings.kafka, names)
    first = ends(settings.kafka, counts, earliest=True)
    return [Beginning(name, ids[name], {p: first[name, p] for p in range(counts[name])}) for name in names]


def send_worker_back(settings: Settings, datasets: Mapping[str, Dataset], began: Sequence[Beginning]) -> None:
    """Let the worker read again what the tables lack, where a topic was made again or cut short.

    Raises:
        Refused: it must, and somebody still works.
        Unavailable: the broker does not answer.
    """
    of, at = {one.topic: one for one in began}, committed(settings.kafka, GROUP)
    wanted: dict[tuple[str, int], int] = {}
    for dataset in datasets.values():
        try:
            history = Snapshot.load(lake_of(settings, dataset).history(dataset))
        except TableNotFoundError:
            continue
        wanted |= _wanted(history, of[dataset.raw_topic], of[dataset.cleaned_topic], at)
    moved = {place: offset for place, offset in wanted.items() if at.get(place, offset) != offset}
    if moved:
        send_back(settings.kafka, GROUP, moved)


def send_worker_back_for(settings: Settings, identities: Mapping[str, Dataset]) -> None:
    """Let the worker read from the beginning the topics of datasets that are linked from now on, and were not before.

    Raises:
        Refused: somebody still works.
        Unavailable: the broker does not answer.
    """
    lake, at = identities_lake(settings), committed(settings.kafka, GROUP)
    new = [dataset.raw_topic for dataset in identities.values() if not lake.history(dataset).exists()]
    first = ends(settings.kafka, partitions(settings.kafka, new), earliest=True) if new else {}
    if moved := {place: offset for place, offset in first.items() if at.get(place, offset) > offset}:
        send_back(settings.kafka, GROUP, moved)


def _wanted(
    history: Snapshot, raw: Beginning, cleaned: Beginning, at: Mapping[tuple[str, int], int]
) -> dict[tuple[str, int], int]:
    """Where the worker should read on, by partition; where it need not move, nothing."""
    is_cleaned_lost = _is_new(history, "cleaned", cleaned.topic_id) or any(
        _next(history, "cleaned", cleaned.topic_id, p) < first for p, first in cleaned.offsets.items()
    )
    wanted = {}
    for p, first in raw.offsets.items():
        if is_cleaned_lost or _is_new(history, "raw", raw.topic_id):
            wanted[raw.topic, p] = max(first, _next(history, "raw", raw.topic_id, p))
        elif at.get((raw.topic, p), first) < first:
            wanted[raw.topic, p] = first
    return wanted


def _is_new(history: Snapshot, kind: str, topic_id: str) -> bool:
    return history.mark(f"topic/{topic_id}") is None and history.mark(f"topics/{kind}") is not None


def _next(history: Snapshot, kind: str, topic_id: str, partition: int) -> int:
    mark = history.mark(f"{kind}/{topic_id}/{partition}")
    return 0 if mark is None else mark + 1
