"""A short run of the fuzzer, and what it has found before. The long one is `make fuzz`."""

import json
import random
from pathlib import Path

import pytest

from connectors.decode import decode
from tests.fuzz.campaign import one_round
from tests.fuzz.decoding import PLACEHOLDER, alike, check_decoding, check_road
from tests.fuzz.events import CASES, CORPUS, Input, as_batch
from tests.fuzz.mutate import MONSTERS, RAW

KEY, VALUE, REAL = next(event for event in CORPUS if event[1] and event[1]["op"] == "u" and event[1]["before"])


def changed(old: str, new: bytes, *, key: bool = False) -> Input:
    """A full update with one place of its bytes exchanged."""
    text = (REAL.key if key else REAL.value) or b""
    assert old.encode() in text
    made = text.replace(old.encode(), new, 1)
    return Input(made, REAL.value, REAL.headers, is_real=False) if key else Input(REAL.key, made, REAL.headers, is_real=False)


def test_the_corpus_is_read():
    records = [record for _, _, record in CORPUS]
    decoded = decode([as_batch(records)], CASES, PLACEHOLDER)
    assert decoded.refusals["reason"].to_list() == []
    assert (decoded.tombstones, decoded.messages, len(decoded.changes)) == (1, 1, len(CORPUS) - 2)
    check_decoding(records)
    check_road(records)


@pytest.mark.parametrize("number", range(4))
def test_rounds_of_a_new_seed(number, tmp_path):
    seed = random.randrange(1 << 30) * 4 + number
    print(f"seed {seed}")  # noqa: T201 - shown where it fails
    one_round(seed, tmp_path, records=120)


@pytest.mark.parametrize("monster", [*MONSTERS, *RAW])
def test_what_no_library_writes_is_read_or_refused_in_time(monster):
    raw = {**RAW, **MONSTERS}[monster]
    for old in ('"Zz full"', '"120.50"', '"tags":["Zz-a"', "28816104}", '"op":"u"'):
        place = old.rsplit(":", 1)[-1].strip("}[")
        check_decoding([changed(place, raw), REAL])


FOUND = {
    "deep where nothing is declared": ('"secret":', b'"zz":' + b"[" * 100_000 + b"]" * 100_000 + b',"secret":'),
    "more than one value": ('"op":"u"', b'"op":"u"}, {"op":"u"'),
    "a field of the line after the value": ('"op":"u"', b'"op":"u"},"_x":{"op":"u"'),
    "bytes that are not UTF-8": ("Zz full", b"Zz \xff\xfe"),
    "half of a surrogate pair": ("Zz full", b"\\ud800"),
    "a schema that is none": ('{"before":', b'{"schema":{"fields":5},"before":'),
    "a scale that is none": ('"120.50"', b'{"scale":null,"value":"AA=="}'),
    "a source time after the year 9999": ('"ts_us":1767346200456789', b'"ts_us":2305843009213693952'),
    "a position below zero": ('"lsn":28816104', b'"lsn":-5'),
    "a position of 63 bits": ('"lsn":28816104', b'"lsn":4611686018427387904'),
    "a moment without a zone": ('"heard_at":"2026-01-02T09:30:00.123456Z"', b'"heard_at":"2026-01-02"'),
    "a column that only the row before has": ('"title":"Zz full",', b""),
    "a column without a name": ('"judge":"Zz Ada",', b'"":"Zz",'),
    "blanks before the colon": ('"title":"Zz full"', b'"title"\t:null'),
}
"""What was read wrongly once, or not at all: each is now read as the careful reader reads it, or refused."""


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_before(name):
    old, new = FOUND[name]
    bad = changed(old, new) if old in (REAL.value or b"").decode() else changed(old, new, key=True)
    after = REAL.value.index(b'"after"')
    placed = REAL.value[:after] + REAL.value[after:].replace(old.encode(), new, 1)
    for record in (bad, Input(REAL.key, placed, REAL.headers, is_real=False)):
        check_decoding([record])
        check_decoding([record, REAL, REAL])


def test_a_message_with_a_key_of_its_own_is_no_refusal_beside_a_bad_record():
    message = next(record for _, value, record in CORPUS if value and value["op"] == "m")
    decoded = decode([as_batch([message, Input(b"{", b"{torn", ())])], CASES, PLACEHOLDER)
    assert (decoded.messages, decoded.refusals["_offset"].to_list()) == (1, [1])


def test_every_file_of_the_corpus_is_an_event():
    for path in (Path(__file__).parent / "corpus").glob("*.json"):
        assert set(json.loads(path.read_text(encoding="utf-8"))) == {"headers", "key", "value"}
    assert len(alike([record for _, _, record in CORPUS])) == 2, "what care refuses of it is the tombstone alone"
