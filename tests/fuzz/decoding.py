"""What must hold of decoding any records at all; each function raises an error that says what does not."""

import re
import time
from collections.abc import Callable, Sequence

import polars as pl

from connectors.careful import Verdict, examine, examine_key
from connectors.decode import OLD_KEY, Decoded, decode
from connectors.fast import read_careful
from connectors.placeholder import Placeholder
from custody.pipeline import way
from rules.protect import Keys
from schemas.change import SENT
from sink.intake import Covered, take_in
from streams.stage import Encoder
from tests.fuzz.events import CASES, Input, as_batch
from tests.fuzz.mutate import MONSTROUS_BYTES

PLACEHOLDER = Placeholder()
GO = way(CASES, PLACEHOLDER, Keys(b"x" * 32))
SUBJECTS = Encoder.subjects(CASES)
IDS = {subject.name: number for number, subject in enumerate(SUBJECTS, 1)}
SCHEMAS = dict(enumerate((subject.text for subject in SUBJECTS), 1))
ENCODER = Encoder(CASES, "raw-topic-id", IDS)
ALONE_SECONDS, SUSPICIOUS_SECONDS = 0.1, 0.005
WORDS = re.compile(r"[A-Za-z0-9 ,.:;()'_-]+")
POSITION = {"_epoch", "_partition", "_offset", "_received_at", "_revision", "_previous_key", "_reason", "_notes", "_redactions"}
ROW = [column.name for column in CASES.needed]
TOLD = [*ROW, *(name for name in SENT if name not in POSITION)]


def nothing(_topic_id: str) -> Covered:
    """Of no topic has anything been accounted for."""
    return Covered({}, {})


def alike(records: Sequence[Input]) -> list[list[Input]]:
    """The records in groups of which the careful reader says the same: what the fast one can't take hides nothing from it."""
    groups: dict[tuple[str, str | None], list[Input]] = {}
    for record in records:
        verdict = examine(record.key, record.value or b"", CASES, PLACEHOLDER)
        groups.setdefault((verdict.reason, verdict.column), []).append(record)
    return list(groups.values())


def check_decoding(records: Sequence[Input]) -> None:
    """Decoding ends in time, accounts for each record once, and each as if it had come alone."""
    began = time.process_time()
    decoded = decode([as_batch(records)], CASES, PLACEHOLDER)
    if time.process_time() - began > SUSPICIOUS_SECONDS * (len(records) + 10):
        check_time(records)
    passed, refused = decoded.changes["_offset"].to_list(), decoded.refusals["_offset"].to_list()
    assert len({*passed, *refused}) == len(passed) + len(refused), "no record is two things"
    assert len(passed) + len(refused) + decoded.tombstones + decoded.messages == len(records), "each record is something"
    check_refusals(decoded)
    check_neighbours(records, decoded)
    check_against_care(records, decoded)


def check_time(records: Sequence[Input]) -> None:
    """No record takes long by itself; the processor's time, so that a busy machine does not matter."""
    for record in records:
        taken = min(seconds(lambda record=record: decode([as_batch([record])], CASES, PLACEHOLDER)) for _ in range(2))
        assert taken < ALONE_SECONDS, f"{taken * 1000:.0f} ms for one record of {len(record.value or b'')} bytes"


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def check_refusals(decoded: Decoded) -> None:
    """A reason is a short sentence of ours, and what is at fault a declared column: neither holds a value."""
    for reason, column in decoded.refusals.select("reason", "column").iter_rows():
        assert 0 < len(reason) < 120, "a reason is a sentence"
        assert WORDS.fullmatch(reason), "of plain words"
        assert "Zz" not in reason, "without a value"
        assert column is None or column in CASES.by_name


def check_neighbours(records: Sequence[Input], decoded: Decoded) -> None:
    """The real records give what they give without the others."""
    places = [place for place, record in enumerate(records) if record.is_real]
    if not places:
        return
    alone = decode([as_batch([records[place] for place in places], places)], CASES, PLACEHOLDER)
    for part in ("changes", "previous", "refusals"):
        here = getattr(decoded, part).filter(pl.col("_offset").is_in(places))
        assert here.equals(getattr(alone, part)), f"{part} of good records beside bad ones"


def check_against_care(records: Sequence[Input], decoded: Decoded) -> None:
    """The careful reader, which looks at each record by itself, says the same of all that it can take."""
    verdicts: dict[int, Verdict] = {}
    for place, record in enumerate(records):
        old = [value for name, value in record.headers if name == OLD_KEY]
        is_odd = old and examine_key(old[-1], CASES) is None
        if record.value is not None and len(record.value) + len(record.key or b"") < MONSTROUS_BYTES and not is_odd:
            verdicts[place] = examine(record.key, record.value, CASES, PLACEHOLDER)
    good = {place: verdict for place, verdict in verdicts.items() if not verdict.reason and verdict.value["op"] != "m"}
    assert {*verdicts} - {*good} <= {*range(len(records))} - {*decoded.changes["_offset"]}, "what care refuses is no change"
    lost = {place: reason for place, reason in decoded.refusals.select("_offset", "reason").iter_rows() if place in good}
    assert not lost, f"what care takes is refused: {lost}"
    if good:
        expected = read_careful([{"_i": place, "_k": v.key, "_v": v.value} for place, v in good.items()], CASES).sort("_i")
        here = decoded.changes.filter(pl.col("_offset").is_in(list(good))).sort("_offset")
        for name in TOLD:
            told = expected[name].list.sort() if name == "_unknown" else expected[name]
            came = here[name].list.sort() if name == "_unknown" else here[name]
            assert told.equals(came), f"{name} differs from what care reads"


def check_road(records: Sequence[Input]) -> None:
    """What was decoded is cleaned, protected and encoded, and comes out of the cleaned topic as it went in."""
    batch = as_batch(records)
    passed = GO([batch]).processed
    [outgoing] = ENCODER.encode(passed, [batch])
    count = len(outgoing.values)
    intake = take_in(outgoing.values, [3] * count, range(count), nothing, CASES, SCHEMAS.__getitem__)
    assert intake.covered == {"raw-topic-id": {3: len(records) - 1}}, "every record is covered"
    assert intake.changes.equals(passed.changes.select(intake.changes.columns)), "changes are as they were"
    assert intake.refusals.equals(passed.refusals.select(intake.refusals.columns)), "refusals are as they were"
