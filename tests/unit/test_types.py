"""What Debezium makes of PostgreSQL's types, with and without schema: read exactly, or refused with a reason."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.debezium import Source, configuration
from connectors.decode import OLD_KEY, decode
from connectors.fitting import SourceColumn, misfit, stops_connector
from connectors.placeholder import DEFAULT, Placeholder
from custody import (
    BINARY,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT32,
    FLOAT64,
    INT16,
    INT32,
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
    check,
    protect,
)  # fmt: skip
from schemas.batch import Batch

DEBEZIUM, CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
NUMBER = {"type": "bytes", "name": f"{CONNECT}Decimal", "parameters": {"scale": "2"}}
VARIABLE = {"type": "struct", "name": "io.debezium.data.VariableScaleDecimal"}
KEY = b'{"id": 1}'
LOCAL = datetime(2025, 1, 1, 10, tzinfo=UTC).replace(tzinfo=None)


def decoded(kind, value, schema=None, *, op="c", before=None, headers=(), checks=()):
    """One event whose column `x` has this value; what came of it, as `(value, unknown)` and a note, or the reason."""
    columns = (Column("id", INT64, protect=protect.keep), Column("x", kind, protect=protect.keep, check=checks))
    dataset = Dataset(source="d.public.t", owner="tests", key=("id",), columns=columns, name="t")
    source = {"sequence": '["100","200"]', "lsn": 200, "txId": 5, "ts_us": 1_735_725_600_000_000}
    event = {"before": before, "after": {"id": 1, "x": value}, "source": source, "op": op}
    if schema is not None:
        row = {"type": "struct", "field": "after", "fields": [{"type": "int64", "field": "id"}, {**schema, "field": "x"}]}
        event = {"schema": {"type": "struct", "fields": [row]}, "payload": event}
    keys, raw = pa.array([KEY], pa.binary()), pa.array([json.dumps(event).encode()], pa.large_binary())
    at = pa.array([0], pa.timestamp("ms", "UTC"))
    batch = Batch("d.public.t", 0, -1, pa.array([0], pa.int64()), at, keys, raw, [tuple(headers)])
    out = decode([batch], dataset, Placeholder())
    if len(out.refusals):
        assert out.refusals["column"].to_list() == ["x"]
        return out.refusals["reason"][0]
    [row] = out.changes.to_dicts()
    return row["x"], row["_unknown"], *row["_notes"]


@pytest.mark.parametrize(
    ("kind", "schema", "value", "expected"),
    [
        (DECIMAL(6, 2), NUMBER, "BM4=", Decimal("12.30")),
        (DECIMAL(6, 2), NUMBER, "+zI=", Decimal("-12.30")),
        (DECIMAL(20, 5), VARIABLE, {"scale": 1, "value": "Cw=="}, Decimal("1.1")),
        (DECIMAL(20, 5), VARIABLE, {"scale": -3, "value": "Cw=="}, Decimal(11000)),
        (LIST(DECIMAL(8, 2)), {"type": "array", "items": NUMBER}, ["bg==", None], [Decimal("1.10"), None]),
        (DECIMAL(30, 20), {"type": "string"}, "9999999999." + "9" * 20, Decimal("9999999999." + "9" * 20)),
        (DATE, {"type": "int32", "name": f"{DEBEZIUM}Date"}, 20089, date(2025, 1, 1)),
        (DATE, {"type": "int32", "name": f"{CONNECT}Date"}, 20089, date(2025, 1, 1)),
        (DATE, {"type": "string", "name": f"{DEBEZIUM}IsoDate"}, "2025-01-01Z", date(2025, 1, 1)),
        (TIME, {"type": "int32", "name": f"{DEBEZIUM}Time"}, 36_000_123, "10:00:00.123000"),
        (TIME, {"type": "int64", "name": f"{DEBEZIUM}MicroTime"}, 36_000_000_001, "10:00:00.000001"),
        (TIME, {"type": "int32", "name": f"{CONNECT}Time"}, 36_000_000, "10:00:00"),
        (TIME, {"type": "string", "name": f"{DEBEZIUM}IsoTime"}, "10:00:00.5Z", "10:00:00.500000"),
        (TIMESTAMP_NTZ, {"type": "int64", "name": f"{DEBEZIUM}Timestamp"}, 1_735_725_600_123, LOCAL.replace(microsecond=123_000)),
        (
            TIMESTAMP_NTZ,
            {"type": "int64", "name": f"{DEBEZIUM}MicroTimestamp"},
            1_735_725_600_000_001,
            LOCAL.replace(microsecond=1),
        ),
        (
            TIMESTAMP_NTZ,
            {"type": "int64", "name": f"{DEBEZIUM}NanoTimestamp"},
            1_735_725_600_000_001_000,
            LOCAL.replace(microsecond=1),
        ),
        (TIMESTAMP_NTZ, {"type": "int64", "name": f"{CONNECT}Timestamp"}, 1_735_725_600_123, LOCAL.replace(microsecond=123_000)),
        (TIMESTAMP_NTZ, {"type": "string", "name": f"{DEBEZIUM}IsoTimestamp"}, "2025-01-01T10:00:00Z", LOCAL),
        (
            TIMESTAMP,
            {"type": "string", "name": f"{DEBEZIUM}ZonedTimestamp"},
            "2025-01-01T10:00:00.000001Z",
            datetime(2025, 1, 1, 10, 0, 0, 1, UTC),
        ),
        (TEXT, {"type": "string", "name": f"{DEBEZIUM}ZonedTime"}, "04:30:00Z", "04:30:00Z"),
        (TEXT, {"type": "string", "name": f"{DEBEZIUM}Interval"}, "P0Y0M1DT0H0M0S", "P0Y0M1DT0H0M0S"),
        (
            JSON,
            {"type": "struct", "name": "io.debezium.data.geometry.Point"},
            {"x": 1.5, "y": -2.0, "wkb": "AQ==", "srid": None},
            '{"x":1.5,"y":-2.0,"wkb":"AQ==","srid":null}',
        ),
        (
            UUID,
            {"type": "string", "name": "io.debezium.data.Uuid"},
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
        (BINARY, {"type": "bytes", "name": "io.debezium.data.Bits"}, "qwI=", b"\xab\x02"),
        (FLOAT32, {"type": "float"}, 1.1, pytest.approx(1.1, rel=1e-7)),
        (BOOL, {"type": "boolean"}, True, True),
    ],
)
def test_what_the_schema_names_is_read_as_it_is_meant(kind, schema, value, expected):
    assert decoded(kind, value, schema) == (expected, [])


@pytest.mark.parametrize(
    ("kind", "schema", "value", "why"),
    [
        (INT32, {"type": "int32", "name": f"{DEBEZIUM}Date"}, 20089, "INT32 expected, Date came"),
        (INT64, {"type": "int64", "name": f"{DEBEZIUM}MicroTimestamp"}, 1, "INT64 expected, MicroTimestamp came"),
        (DATE, {"type": "int32", "name": f"{DEBEZIUM}Time"}, 5, "DATE expected, Time came"),
        (TIME, {"type": "string", "name": f"{DEBEZIUM}ZonedTime"}, "04:30:00Z", "TIME expected, ZonedTime came"),
        (TIMESTAMP_NTZ, {"type": "string", "name": f"{DEBEZIUM}ZonedTimestamp"}, "2025-01-01T10:00:00Z", "ZonedTimestamp came"),
        (TEXT, {"type": "bytes"}, "AAEC", "TEXT expected, bytes came"),
        (BINARY, {"type": "string"}, "AAEC", "BINARY expected, string came"),
        (BINARY, NUMBER, "BM4=", "BINARY expected, Decimal came"),
        (FLOAT32, {"type": "double"}, 0.1, "FLOAT32 expected, double came"),
        (FLOAT64, {"type": "int64"}, 1, "FLOAT64 expected, int64 came"),
        (TEXT, {"type": "string", "name": f"{DEBEZIUM}ZonedTimestamp"}, 5, "TEXT expected, integer came"),
        (LIST(INT32), {"type": "array", "items": {"type": "int32", "name": f"{DEBEZIUM}Date"}}, [1], "Date came"),
    ],
)
def test_what_the_schema_names_otherwise_is_refused(kind, schema, value, why):
    assert why in decoded(kind, value, schema)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (DECIMAL(6, 2), "NAN", "NaN or infinity"),
        (DECIMAL(6, 2), "POSITIVE_INFINITY", "NaN or infinity"),
        (DECIMAL(6, 2), "1" + "0" * 210 + "1", "can't hold"),
        (TIMESTAMP, "infinity", "years 1 to 9999"),
        (TIMESTAMP, "+10000-01-01T00:00:00.000000Z", "years 1 to 9999"),
        (TIMESTAMP, "-0043-03-15T12:00:00.000000Z", "years 1 to 9999"),
        (TIMESTAMP_NTZ, 9_223_372_036_854_775_807, "years 1 to 9999"),
        (TIMESTAMP_NTZ, -9_223_372_036_854_775_808, "years 1 to 9999"),
        (TIMESTAMP_NTZ, -9_223_372_036_853_775_810, "years 1 to 9999"),
        (TIMESTAMP_NTZ, "2025-01-01T10:00:00Z", "zone"),
        (DATE, 2_146_033_979, "years 1 to 9999"),
        (DATE, -735_160, "years 1 to 9999"),
        (INT32, 1.5, "expected"),
        (TEXT, 1, "TEXT expected, integer came"),
        (TEXT, 1.5, "TEXT expected, number came"),
        (TEXT, {"x": 1}, "TEXT expected, object came"),
        (FLOAT32, 3.141592653589793, "digits"),
        (FLOAT32, 16_777_217.0, "digits"),
        (FLOAT32, 1e300, "digits"),
        (FLOAT64, "1.10", "expected"),
        (LIST(INT32), [None, None], "more than one dimension"),
        (LIST(TEXT), ["[Ljava.lang.String;@4b67f2ac"], "more than one dimension"),
        (LIST(UUID), ["[Ljava.util.UUID;@782282f5"], "more than one dimension"),
        (LIST(FLOAT64), [None], "more than one dimension"),
        (LIST(TIMESTAMP), ["infinity"], "years 1 to 9999"),
        (LIST(DECIMAL(8, 2)), ["1.234"], "digits"),
        (LIST(INT16), [40_000], "range"),
        (LIST(INT32), 5, "expected"),
    ],
)
def test_what_a_type_cannot_hold_is_refused(kind, value, why):
    assert why in decoded(kind, value)


@pytest.mark.parametrize("value", [1.1, 3.4028235e38, 1.4e-45, 1.17549435e-38, -0.0, 16_777_216, 8.1860996e14, 7.630131e-6])
def test_a_real_is_read_whatever_way_java_writes_it(value):
    actual, _ = decoded(FLOAT32, value)
    assert actual == pytest.approx(value, rel=1e-7, abs=1e-45)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (LIST(FLOAT64), [0.1, None], [0.1, None]),
        (LIST(FLOAT32), [1.5], [1.5]),
        (LIST(BOOL), [True, None], [True, None]),
        (LIST(TIMESTAMP_NTZ), [1_735_725_600_000_001], [LOCAL.replace(microsecond=1)]),
        (LIST(FLOAT64), [], []),
        (LIST(TIMESTAMP), ["2025-01-01T10:00:00.000001Z", None], [datetime(2025, 1, 1, 10, 0, 0, 1, UTC), None]),
        (LIST(FLOAT64), ["NaN", "-Infinity", 1.0], [pytest.approx(float("nan"), nan_ok=True), float("-inf"), 1.0]),
        (LIST(INT16), [1, None], [1, None]),
        (LIST(TEXT), ["[a]", None], ["[a]", None]),
        (LIST(BINARY), ["AP8="], [b"\x00\xff"]),
    ],
)
def test_arrays_of_every_kind_are_read(kind, value, expected):
    assert decoded(kind, value) == (expected, [])


@pytest.mark.parametrize("kind", [LIST(FLOAT32), LIST(BOOL), LIST(TIMESTAMP), LIST(TIME), LIST(INT16)])
def test_null_for_an_array_that_may_be_unchanged_is_unknown_and_noted(kind):
    moved = [(OLD_KEY, b'{"id": 2}')]
    note = "x: null came, which may be an unchanged array that was not sent: taken for one"
    assert decoded(kind, None) == (None, [])
    assert decoded(kind, None, op="u") == (None, ["x"], note)
    assert decoded(kind, None, headers=moved) == (None, ["x"], note)
    assert decoded(kind, None, op="u", before={"id": 1, "x": None}) == (None, [])
    assert decoded(kind, None, op="u", checks=(check.required,)) == (None, ["x"])
    assert decoded(kind, None, headers=moved, checks=(check.required,)) == (None, ["x"])


def test_null_for_an_array_that_was_told_before():
    value, unknown, note = decoded(LIST(FLOAT64), None, op="u", before={"id": 1, "x": [1.5]})
    assert (value, unknown) == ([1.5], [])
    assert "unchanged array" in note
    assert decoded(LIST(FLOAT64), None, op="u", before={"id": 1, "x": [1.5]}, checks=(check.required,)) == ([1.5], [])


def test_null_for_an_array_of_numbers_is_noted_since_it_may_hold_nan():
    assert decoded(LIST(DECIMAL(8, 2)), None, op="r") == (
        None,
        [],
        "x: null came, which may be an array that holds NaN or infinity",
    )


def test_an_hstore_that_was_not_sent_is_unknown():
    assert decoded(JSON, json.dumps({DEFAULT: DEFAULT}, separators=(",", ":")), op="u") == (None, ["x"])
    assert decoded(TEXT, json.dumps({DEFAULT: DEFAULT}, separators=(",", ":")), op="u")[1] == []


def source(kind, *, bits=0, **flags):
    names = ("is_required", "is_unlogged")
    return SourceColumn("x", kind, kind, bits, *(flags.get(name, False) for name in names))


@pytest.mark.parametrize(
    ("kind", "declared", "reason", "is_silent"),
    [
        ("int4", TEXT, "int4 can't be read as TEXT", False),
        ("int4", DATE, "int4 can't be read as DATE", True),
        ("int8", FLOAT64, "int8 can't be read as FLOAT64", True),
        ("timestamptz", TIMESTAMP_NTZ, "can't be read", False),
        ("bytea", TEXT, "bytea can't be read as TEXT", True),
        ("composite", TEXT, "composite can't be read as TEXT", True),
        ("point", TEXT, "point can't be read as TEXT", False),
        ("varbit", BINARY, "leading zeros", True),
        ("_time", LIST(TIME), "milliseconds", True),
        ("_enum", LIST(TEXT), "in some cases", True),
        ("something", TEXT, "something can't be read as TEXT", True),
        ("text", INT32, "text can't be read as INT32", False),
        ("_text", TEXT, "_text can't be read as TEXT", False),
        ("_uuid", LIST(TEXT), "_uuid can't be read as LIST(TEXT)", True),
    ],
)
def test_a_type_that_does_not_fit_is_named_with_what_to_do(kind, declared, reason, is_silent):
    found = misfit(source(kind), Column("x", declared, protect=protect.keep))
    assert found is not None
    assert reason in found.reason
    assert found.remedy
    assert found.is_silent is is_silent


def test_what_fits_is_taken():
    def fits(column, kind):
        return misfit(column, Column("x", kind, protect=protect.keep)) is None

    assert fits(source("numeric"), DECIMAL(12, 2))
    assert fits(source("something"), BINARY)
    assert fits(source("bit", bits=1), BOOL)
    assert fits(source("bit", bits=8), BINARY)
    assert fits(source("_float8"), LIST(FLOAT64))
    assert fits(source("_numeric"), LIST(DECIMAL(12, 2)))
    assert not fits(source("_float8", is_required=True), LIST(FLOAT64))
    assert not fits(source("int4", is_unlogged=True), INT32)


def test_a_column_that_would_stop_the_connector_is_left_out():
    assert stops_connector(source("_float8", is_required=True))
    assert stops_connector(source("vector", is_required=True))
    assert not stops_connector(source("_float8"))
    assert not stops_connector(source("_text", is_required=True))
    assert not stops_connector(source("int4", is_required=True))
    place = Source("host", 5432, "user", "secret", "d")
    wanted = configuration(place, [], epoch=1, placeholder=DEFAULT, left_out=["public.t.x", "public.t.a"])
    assert wanted["column.exclude.list"] == r"public\.t\.a,public\.t\.x"
    assert "column.exclude.list" not in configuration(place, [], epoch=1, placeholder=DEFAULT)
