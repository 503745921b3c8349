"""What must hold of everything else that is read: event files, cleaned topics, transaction ends, dataset files, settings."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

from connectors.events import count_events, read_events
from custody.settings import load_settings
from schemas.errors import Refused, Stopped
from schemas.notation import load_datasets
from sink.evidence import read_end
from sink.intake import take_in
from tests.fuzz.decoding import ENCODER, GO, SCHEMAS, nothing
from tests.fuzz.events import CORPUS, TOPIC, as_batch
from tests.fuzz.mutate import mutated, torn

LINES = [
    {"topic": TOPIC, "partition": 0, "offset": number, "timestamp": 1_767_346_201_000, "headers": {"Zz": "1", "n": 2}, "key": key,
     "value": value}
    for number, (key, value, _) in enumerate(CORPUS)
]  # fmt: skip
END = {"status": "END", "id": "911:28814752", "event_count": 1, "ts_ms": 1_767_346_200_456,
       "data_collections": [{"data_collection": "public.cases", "event_count": 1}]}  # fmt: skip
DATASET = '''"""Cases. Owner: tests."""
from custody import INT64, TEXT, DECIMAL, LIST, Column, Dataset, check, clean, protect
cases = Dataset(
    source="registry.public.cases", owner="tests", key=("id",), on_truncate="apply",
    columns=(
        Column("id", INT64, protect=protect.keep),
        Column("title", TEXT, protect=protect.token("t"), clean=(clean.trim,), check=(check.one_of("a", "b"),)),
        Column("fee", DECIMAL(10, 2), protect=protect.withhold), Column("tags", LIST(TEXT), protect=protect.keep),
    ),
)
'''
SETTINGS = 'lake = "lake"\npartitions = 4\nepoch = 1\ntoken_secret = "Zz secret of the tests"\nkafka = "localhost:9092"\n'


def _cleaned() -> list[bytes]:
    batch = as_batch([record for _, _, record in CORPUS])
    [outgoing] = ENCODER.encode(GO([batch]).processed, [batch])
    return list(outgoing.values)


CLEANED = _cleaned()
ALL = range(len(CLEANED))
BASE = take_in(CLEANED, [3] * len(CLEANED), ALL, nothing, dataset=ENCODER.dataset, schema_of=SCHEMAS.__getitem__)


def schema_of(number: int) -> str:
    """As the registry answers."""
    if number not in SCHEMAS:
        raise Refused("the registry does not know this schema", schema_id=number)
    return SCHEMAS[number]


def check_cleaned(random: Random, _folder: Path) -> None:
    """One corrupt record on a cleaned topic stops the dataset and is named; it never crashes the sink."""
    values, at = list(CLEANED), random.randrange(len(CLEANED))
    whole: bytes = values[at]
    values[at] = random.choice((torn(whole, random), whole[:5] + torn(whole[5:], random), random.choice(CLEANED)[:5] + whole[5:]))
    try:
        taken = take_in(values, [3] * len(values), ALL, nothing, ENCODER.dataset, schema_of)
    except Stopped as problem:
        assert (problem.where["partition"], problem.where["offset"]) == (3, at), "the place of the corrupt record"
        assert "Zz" not in str(problem), "no value in an error"
    else:
        assert len(taken.changes) <= len(BASE.changes) + 1
        taken.changes.to_dicts()


def check_event_file(random: Random, folder: Path) -> None:
    """A file is refused as a whole, with the line at fault, before anything is done; or it is read."""
    lines = [json.dumps(line).encode() for line in random.sample(LINES, 3)]
    at = random.randrange(3)
    lines[at] = (mutated(LINES[at], random) or b"").replace(b"\n", b" ")
    path = folder / "events.jsonl"
    path.write_bytes(b"\n".join(lines))
    try:
        count = count_events(path)
    except Refused as problem:
        assert problem.where["line"] == at + 1
        assert "Zz" not in str(problem)
        return
    read = [batch for batches in read_events(path) for batch in batches]
    assert sum(len(batch) for batch in read) <= count
    assert all(batch.received_at[0].as_py() is not None for batch in read)


def check_end(random: Random, _folder: Path) -> None:
    """A record of the transaction topic is an end or none."""
    value = mutated(END, random)
    try:
        end = read_end(value or b"")
    except ValueError as problem:
        assert str(problem) == "not a record of the transaction topic"
        return
    if end is not None:
        assert end.at.tzinfo is not None
        assert end.transaction is None or 0 <= end.transaction < 1 << 64


def check_declaration(random: Random, folder: Path) -> None:
    """A dataset file or a settings file is read, or refused with its name."""
    (folder / "cases.py").write_bytes(torn(DATASET.encode(), random))
    (folder / "custody.toml").write_bytes(torn(SETTINGS.encode(), random))
    for read in (lambda: load_datasets(folder), lambda: load_settings(folder / "custody.toml")):
        try:
            read()
        except Refused as problem:
            assert len(str(problem)) < 2_000


Check = Callable[[Random, Path], None]
CHECKS: dict[str, Check] = {
    "cleaned topic": check_cleaned,
    "event file": check_event_file,
    "transaction end": check_end,
    "declaration": check_declaration,
}
