"""Decoding: every record ends as a change, a refusal, a tombstone or a message; values are exact or refused."""

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.decode import EPOCH_HEADER, PLACEHOLDER_HEADER, decode
from connectors.placeholder import DEFAULT, Placeholder
from custody import (
    BINARY,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT64,
    INT16,
    INT64,
    JSON,
    LIST,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    UUID,
    Column,
    Dataset,
    protect,
)
from schemas.batch import Batch
from schemas.errors import Stopped

ALL = Dataset(
    source="d.public.everything",
    owner="tests",
    key=("id",),
    columns=tuple(
        Column(name, kind, protect=protect.keep)
        for name, kind in {
            "id": INT64, "small": INT16, "text": TEXT, "ok": BOOL, "real": FLOAT64, "day": DATE, "clock": TIME, "at": TIMESTAMP,
            "local": TIMESTAMP_NTZ, "price": DECIMAL(6, 2), "blob": BINARY, "doc": JSON, "uid": UUID, "tags": LIST(TEXT),
        }.items()
    ),
    name="everything",
)  # fmt: skip
GOOD = {
    "id": 1, "small": 7, "text": "ünï", "ok": True, "real": 1.5, "day": 20089, "clock": 3_723_000_001,
    "at": "2025-01-01T10:00:00.123456Z", "local": 1_735_725_600_000_001, "price": "12.30", "blob": "AAEC",
    "doc": '{"a": 1}', "uid": "123e4567-e89b-12d3-a456-426614174000", "tags": ["a", None],
}  # fmt: skip


def envelope(after, op="c", **source):
    where = {
        "sequence": '["100","200"]',
        "lsn": 200,
        "txId": 5,
        "ts_us": 1_735_725_600_000_000,
        "ts_ms": 1_735_725_600_000,
        **source,
    }
    return {"before": None, "after": after, "source": where, "op": op, "ts_ms": 0}


def decoded(*values, dataset=ALL, keys=None, headers=None):
    raw = [None if v is None else v if isinstance(v, bytes) else json.dumps(v).encode() for v in values]
    keys = keys or [json.dumps({"id": 1}).encode()] * len(raw)
    batch = Batch("d.public.everything", 2, -1, pa.array(range(len(raw)), pa.int64()),
                  pa.array([1_735_725_600_500] * len(raw), pa.timestamp("ms", "UTC")), pa.array(keys, pa.binary()),
                  pa.array(raw, pa.large_binary()), headers or [()] * len(raw))  # fmt: skip
    return decode([batch], dataset, Placeholder())


def test_every_type_arrives_as_it_is():
    row = decoded(envelope(GOOD)).changes.row(0, named=True)
    expected = {
        "id": 1, "small": 7, "text": "ünï", "ok": True, "real": 1.5, "day": date(2025, 1, 1), "clock": "01:02:03.000001",
        "at": datetime(2025, 1, 1, 10, 0, 0, 123456, UTC), "local": datetime(2025, 1, 1, 10, 0, 0, 1), "price": Decimal("12.30"),  # noqa: DTZ001
        "blob": b"\x00\x01\x02", "doc": '{"a": 1}', "uid": "123e4567-e89b-12d3-a456-426614174000", "tags": ["a", None],
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert (row["_op"], row["_epoch"], row["_commit"], row["_lsn"], row["_tx"], row["_partition"]) == ("c", 0, 100, 200, 5, 2)
    assert row["_source_at"] == datetime(2025, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("small", 40_000, "range"), ("price", "1.234", "digits"), ("price", "12345.00", "digits"), ("price", "NAN", ""),
        ("at", "infinity", ""), ("day", 10**9, "range"), ("uid", "no", ""), ("blob", "!!", ""), ("text", 5, "expected"),
        ("ok", "yes", "expected"), ("id", "qqq", ""), ("local", "infinity", ""), ("clock", -5, "range"),
    ],
)  # fmt: skip
def test_a_value_that_its_type_cannot_hold_is_refused_and_never_shown(column, value, why):
    keys = [json.dumps({"id": value}).encode()] if column == "id" else None
    out = decoded(envelope({**GOOD, column: value}), keys=keys)
    assert len(out.changes) == 0
    [reason], [named] = out.refusals["reason"], out.refusals["column"]
    assert named == column
    assert why in reason
    assert str(value) not in reason


def test_one_bad_record_does_not_touch_the_others():
    values = [envelope({**GOOD, "text": f"t{n}"}) for n in range(300)]
    values[17], values[203] = b"{torn", b"[1, 2]"
    out = decoded(*values)
    assert out.changes["_offset"].to_list() == [n for n in range(300) if n not in {17, 203}]
    assert out.refusals["_offset"].to_list() == [17, 203]


def test_missing_and_placeholder_columns_are_unknown_and_not_null():
    after = {name: value for name, value in GOOD.items() if name != "price"} | {"text": DEFAULT, "real": None}
    row = decoded(envelope(after, op="u")).changes.row(0, named=True)
    assert sorted(row["_unknown"]) == ["price", "text"]
    assert row["text"] is None
    assert row["real"] is None


def test_each_record_says_what_stands_in_it_for_a_value_that_was_not_sent():
    said = [((PLACEHOLDER_HEADER, text),) for text in (b"unavailable-1", b"unavailable-2", b"unavailable-1")]
    values = [envelope({**GOOD, "text": text}, op="u") for text in ("unavailable-1", "unavailable-1", DEFAULT)]
    rows = decoded(*values, headers=said).changes
    assert rows["text"].to_list() == [None, "unavailable-1", DEFAULT]
    assert rows["_unknown"].to_list() == [["text"], [], []]


def test_what_is_no_row_is_counted_or_refused():
    out = decoded(None, envelope(None, op="m"), envelope(None, op="x"), envelope(None, op="t"), envelope(GOOD, sequence=None))
    assert (out.tombstones, out.messages) == (1, 1)
    assert out.changes["_op"].to_list() == ["t"]
    assert out.refusals["_offset"].to_list() == [2, 4]


def test_snapshot_rows_rank_below_changes_of_the_same_place():
    row = decoded(envelope(GOOD, op="r", sequence='[null,"200"]')).changes.row(0, named=True)
    assert (row["_commit"], row["_lsn"]) == (0, 0)


def test_with_and_without_schema_is_the_same():
    fields = [{"field": "after", "type": "struct", "fields": [
        {"field": "price", "type": "bytes", "name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "2"}},
        {"field": "local", "type": "int64", "name": "io.debezium.time.Timestamp"},
    ]}]  # fmt: skip
    wrapped = {"schema": {"fields": fields}, "payload": envelope({**GOOD, "price": "BM4=", "local": 1_735_725_600_000})}
    plain = envelope({**GOOD, "local": 1_735_725_600_000_000})
    both = decoded(wrapped, plain).changes.drop("_offset")
    assert both.row(0) == both.row(1)


def test_undeclared_columns_are_named_and_withheld():
    out = decoded(envelope({**GOOD, "surprise": "SECRET"}))
    assert out.undeclared == {"surprise"}
    assert "surprise" not in out.changes.columns


def test_a_column_renamed_in_the_middle_of_a_batch_is_named():
    first, then = (envelope({**GOOD, name: 1}) for name in ("surprise", "renamed"))
    deleted = {**envelope(None, op="d"), "before": {**GOOD, "renamed": None}}
    assert decoded(first, then).undeclared == {"surprise", "renamed"}
    assert decoded(first, then, deleted).undeclared == {"surprise", "renamed"}


def test_columns_may_be_called_like_parts_of_the_envelope():
    names = ("i", "k", "v", "op", "source", "after", "before", "schema", "payload", "Mixed", "naïve")
    columns = tuple(Column(name, TEXT, protect=protect.keep) for name in names)
    odd = Dataset(source="d.public.odd", owner="tests", key=("op", "i"), columns=columns, name="odd")
    row = {name: None if name in {"k", "naïve"} else f"<{name}>" for name in names}
    key = json.dumps({"op": row["op"], "i": row["i"]}).encode()
    out = decoded(
        envelope(row), envelope({name: value for name, value in row.items() if name != "v"}), dataset=odd, keys=[key, key]
    )
    first, second = out.changes.to_dicts()
    assert {name: first[name] for name in names} == row
    assert (first["_unknown"], second["_unknown"], second["v"]) == ([], ["v"], None)


def test_a_column_that_only_the_source_block_names_is_unknown():
    told = envelope({name: value for name, value in GOOD.items() if name != "price"}, op="u")
    told["source"]["price"] = 1
    assert decoded(json.dumps(told, separators=(",", ":")).encode()).changes["_unknown"].to_list() == [["price"]]


def test_what_is_null_before_tells_nothing_of_a_value_out_of_line():
    full = envelope({**GOOD, "text": DEFAULT}, op="u") | {"before": {**GOOD, "text": None}}
    assert decoded(full).changes["_unknown"].to_list() == [["text"]]
    full["before"]["text"] = "long"
    assert decoded(full).changes.select("text", "_unknown").rows() == [("long", [])]


@pytest.mark.parametrize("text", [None, b"", b"x", b"-1", b" 1", b"1" * 10, "\u0663".encode(), b"1\n"])
def test_an_epoch_that_is_no_number_stops_the_dataset(text):
    [value], received = [json.dumps(envelope(GOOD)).encode()], pa.array([1_735_725_600_500], pa.timestamp("ms", "UTC"))
    key, headers = pa.array([b'{"id": 1}'], pa.binary()), [((EPOCH_HEADER, text),)]
    batch = Batch("d.public.all", 2, -1, pa.array([0], pa.int64()), received, key, pa.array([value], pa.large_binary()), headers)
    with pytest.raises(Stopped, match="epoch header"):
        decode([batch], ALL, Placeholder())


def test_a_number_of_a_million_digits_is_refused_at_once():
    price = {"field": "price", "type": "bytes", "name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "2"}}
    schema = {"fields": [{"field": "after", "type": "struct", "fields": [price]}]}
    began = time.process_time()
    for value in ("ZzZz" * 250_000, {"scale": 2, "value": "ZzZz" * 250_000}):
        out = decoded({"schema": schema, "payload": envelope({**GOOD, "price": value})})
        assert "can't hold" in out.refusals["reason"][0]
    assert time.process_time() - began < 1
