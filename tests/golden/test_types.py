"""The same row as one connector or another writes it: with schema or without, precise or as text, in other units of time."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from custody import DATE, DECIMAL, INT64, JSON, LIST, TEXT, TIME, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, protect
from custody.play import play
from custody.settings import load_settings
from sink.lake import Lake
from sink.read import Reader

KINDS = {
    "id": INT64,
    "price": DECIMAL(12, 2),
    "any": DECIMAL(20, 5),
    "prices": LIST(DECIMAL(8, 2)),
    "day": DATE,
    "clock": TIME,
    "local": TIMESTAMP_NTZ,
    "at": TIMESTAMP,
    "place": JSON,
    "text": TEXT,
}
LOCAL = datetime(2025, 1, 1, 10, 0, 0, 123_000, tzinfo=UTC)
ROW = {
    "id": 1,
    "price": Decimal("-12.30"),
    "any": Decimal("1.10000"),
    "prices": [Decimal("1.10"), None],
    "day": date(2025, 1, 1),
    "clock": "10:00:00.123000",
    "local": LOCAL.replace(tzinfo=None),
    "at": LOCAL,
    "place": '{"x":1.5,"y":-2.0}',
    "text": "é",
}
SAME = {"id": 1, "at": "2025-01-01T10:00:00.123000Z", "place": {"x": 1.5, "y": -2.0}, "text": "é"}
MICROS, MILLIS = 1_735_725_600_123_000, 1_735_725_600_123
AS_TEXT = {"price": "-12.30", "any": "1.1", "prices": ["1.10", None], "day": 20089, "clock": 36_000_123_000, "local": MICROS}
PRECISE = {"price": "+zI=", "any": {"scale": 1, "value": "Cw=="}, "prices": ["bg==", None], "day": 20089}
DEBEZIUM, CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
NUMBER = {"type": "bytes", "name": f"{CONNECT}Decimal", "parameters": {"scale": "2"}}
PLAIN_SCHEMA = {
    "id": {"type": "int64"},
    "at": {"type": "string", "name": f"{DEBEZIUM}ZonedTimestamp"},
    "place": {"type": "struct", "name": "io.debezium.data.geometry.Point"},
    "text": {"type": "string"},
}
PRECISE_SCHEMA = {
    "price": NUMBER,
    "any": {"type": "struct", "name": "io.debezium.data.VariableScaleDecimal"},
    "prices": {"type": "array", "items": NUMBER},
    "day": {"type": "int32", "name": f"{DEBEZIUM}Date"},
}
WAYS = {
    "text, microseconds, no schema": (AS_TEXT, None),
    "text, microseconds, schema": (
        AS_TEXT,
        {
            "price": {"type": "string"},
            "any": {"type": "string"},
            "prices": {"type": "array", "items": {"type": "string"}},
            "day": {"type": "int32", "name": f"{DEBEZIUM}Date"},
            "clock": {"type": "int64", "name": f"{DEBEZIUM}MicroTime"},
            "local": {"type": "int64", "name": f"{DEBEZIUM}MicroTimestamp"},
        },
    ),
    "precise, adaptive, schema": (
        {**PRECISE, "clock": 36_000_123, "local": MILLIS},
        {
            **PRECISE_SCHEMA,
            "clock": {"type": "int32", "name": f"{DEBEZIUM}Time"},
            "local": {"type": "int64", "name": f"{DEBEZIUM}Timestamp"},
        },
    ),
    "precise, connect, schema": (
        {**PRECISE, "clock": 36_000_123, "local": MILLIS},
        {
            **PRECISE_SCHEMA,
            "day": {"type": "int32", "name": f"{CONNECT}Date"},
            "clock": {"type": "int32", "name": f"{CONNECT}Time"},
            "local": {"type": "int64", "name": f"{CONNECT}Timestamp"},
        },
    ),
    "text, isostring, schema": (
        {**AS_TEXT, "day": "2025-01-01Z", "clock": "10:00:00.123Z", "local": "2025-01-01T10:00:00.123Z"},
        {
            "price": {"type": "string"},
            "any": {"type": "string"},
            "prices": {"type": "array", "items": {"type": "string"}},
            "day": {"type": "string", "name": f"{DEBEZIUM}IsoDate"},
            "clock": {"type": "string", "name": f"{DEBEZIUM}IsoTime"},
            "local": {"type": "string", "name": f"{DEBEZIUM}IsoTimestamp"},
        },
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_row_is_the_same_however_it_is_written(way, tmp_path):
    values, schema = WAYS[way]
    columns = tuple(Column(name, kind, protect=protect.keep) for name, kind in KINDS.items())
    things = Dataset(source="d.public.things", owner="tests", key=("id",), columns=columns, name="things")
    source = {"sequence": '["10","11"]', "lsn": 11, "txId": 10, "ts_us": MICROS, "ts_ms": MILLIS, "snapshot": "false"}
    event: dict[str, object] = {"before": None, "after": {**SAME, **values}, "source": source, "op": "c", "ts_ms": MILLIS}
    if schema is not None:
        fields = [{**kind, "field": name} for name, kind in {**PLAIN_SCHEMA, **schema}.items()]
        event = {
            "schema": {"type": "struct", "fields": [{"type": "struct", "field": "after", "fields": fields}]},
            "payload": event,
        }
    record = {
        "topic": things.raw_topic, "partition": 0, "offset": 0, "timestamp": MILLIS, "headers": {}, "key": {"id": 1},
        "value": event,
    }  # fmt: skip
    (tmp_path / "events.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    settings = load_settings().but(token_secret="a secret of the tests, long enough")
    lake = Lake(str(tmp_path / "lake"))
    said = play(tmp_path / "events.jsonl", {"things": things}, lake, settings, lambda *_: None)
    assert said["datasets"]["things"]["quarantined"] == 0
    [row] = Reader(lake, "things").now().select(list(KINDS)).to_dicts()
    assert row == ROW
