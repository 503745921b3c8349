"""A record on the cleaned topic that no worker wrote stops the dataset, and the error names its place and no value."""

import json

import polars as pl
import pytest

from schemas.errors import Refused, Stopped
from sink.intake import take_in
from streams.stage import Processed
from tests.fuzz.decoding import CASES, ENCODER, GO, IDS, SCHEMAS, nothing
from tests.fuzz.events import CORPUS, as_batch

OTHER = {"type": "record", "name": "other", "namespace": "somewhere", "fields": [{"name": "id", "type": "long"}]}
KNOWN = {**SCHEMAS, 77: json.dumps(OTHER)}
BATCH = as_batch([record for _, _, record in CORPUS])
[OUTGOING] = ENCODER.encode(GO([BATCH]).processed, [BATCH])
AT = next(n for n, value in enumerate(OUTGOING.values) if value[4] == 1)


def schema_of(number):
    if number not in KNOWN:
        raise Refused("the registry does not know this schema", schema_id=number)
    return KNOWN[number]


def taken(value, partition=3):
    values, partitions = list(OUTGOING.values), [3] * len(OUTGOING.values)
    values[AT], partitions[AT] = value, partition
    return take_in(values, partitions, range(100, 100 + len(values)), nothing, CASES, schema_of)


def test_what_a_worker_wrote_is_taken():
    intake = taken(OUTGOING.values[AT])
    assert len(intake.changes) == len(CORPUS) - 2
    assert intake.covered == {"raw-topic-id": {3: len(CORPUS) - 1}}


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        (b"\x01\0\0\0\x01", slice(0, None), "wire format"),
        (b"\0\0\0", slice(0, 0), "wire format"),
        (b"\0\0\0\0\x63", slice(0, None), "does not know"),
        (b"\0\0\0\0\x4d", slice(0, None), "something else"),
        (b"\0" + IDS["custody.Refusal"].to_bytes(4, "big"), slice(0, None), "not what its schema says"),
        (b"\0\0\0\0\x01", slice(0, 40), "not what its schema says"),
        (b"\0\0\0\0\x01", slice(0, 0), "not what its schema says"),
    ],
    ids=["magic", "short", "unknown id", "other schema", "other subject", "truncated", "no body"],
)
def test_a_corrupt_record_is_named(head, body, words):
    with pytest.raises(Stopped) as stopped:
        taken(head + OUTGOING.values[AT][5:][body])
    assert words in stopped.value.problem
    assert (stopped.value.where["partition"], stopped.value.where["offset"]) == (3, 100 + AT)
    assert stopped.value.remedy
    assert "Zz" not in str(stopped.value)


def test_a_tombstone_is_nothing_that_a_worker_writes():
    with pytest.raises(Stopped, match="wire format"):
        taken(None)


def test_text_that_is_no_text_is_not_what_its_schema_says():
    whole = OUTGOING.values[AT]
    with pytest.raises(Stopped, match="not what its schema says"):
        taken(whole.replace(b"Zz", b"\xff\xfe", 1))


def test_a_record_of_another_partition_is_not_taken():
    with pytest.raises(Stopped, match="belongs to another partition"):
        taken(OUTGOING.values[AT], partition=2)


def test_a_time_that_no_worker_writes_is_not_what_its_schema_says():
    frame = GO([BATCH]).processed.changes
    for name, value in (("heard_at", 1 << 62), ("local_at", -(1 << 62)), ("_source_at", 1 << 62)):
        late = frame.with_columns(pl.lit(value).cast(frame.schema[name]).alias(name))
        [outgoing] = ENCODER.encode(Processed(late, GO([BATCH]).processed.refusals), [BATCH])
        with pytest.raises(Stopped, match="not what its schema says"):
            taken(outgoing.values[AT])
