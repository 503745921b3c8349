"""What is larger than what is taken in is refused with its key, and what the connector cuts is always larger."""

import json

import pytest

from connectors.debezium import CUT_BYTES, Source, configuration
from connectors.decode import OVERSIZE
from custody import TEXT
from schemas.batch import MAX_RECORD_BYTES, MAX_VALUE_BYTES
from sink.lake import Lake
from sink.quarantine import Quarantine
from tests.unit.test_evolution import dataset, event, run


@pytest.mark.parametrize("letter", ["x", "\u65e5"])
def test_a_large_value_is_refused_alone_and_its_key_waits(tmp_path, letter):
    large = letter * (MAX_VALUE_BYTES + 1)
    rows = run(
        tmp_path, dataset(name=TEXT), event(0, id=1, name="a"), event(1, id=1, name=large), event(2, id=1, name="b"),
        event(3, id=2, name="c"),
    )  # fmt: skip
    assert rows.select("id", "name").rows() == [(1, "a"), (2, "c")]
    waits = Quarantine(Lake(str(tmp_path / "lake")), dataset(name=TEXT)["t"], {}).undecided.sort("_offset")
    assert waits["reason"].to_list() == [OVERSIZE, "waits behind a refusal of its key"]
    assert waits["key_token"].n_unique() == 1


def test_a_value_below_the_limit_passes(tmp_path):
    overhead = len(json.loads(event(0, id=1, name=""))["value"]["source"]) + 400
    rows = run(tmp_path, dataset(name=TEXT), event(0, id=1, name="x" * (MAX_VALUE_BYTES - overhead)))
    assert rows["name"].str.len_bytes().to_list() == [MAX_VALUE_BYTES - overhead]


def test_what_is_cut_is_longer_than_what_is_taken_in_and_can_be_carried():
    said = configuration(Source("h", 1, "u", "p", "d"), dataset(name=TEXT).values(), epoch=1, placeholder="-")
    assert int(said["transforms.size.min.field.size"]) >= MAX_VALUE_BYTES
    assert int(said["transforms.size.max.bytes"]) == CUT_BYTES > MAX_VALUE_BYTES
    assert int(said["producer.override.max.request.size"]) == MAX_RECORD_BYTES >= 6 * CUT_BYTES
