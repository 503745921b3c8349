"""PostgreSQL's types: what to declare for each, and values ordinary and hostile. `docs/types.md` is made of these."""

from dataclasses import dataclass, field

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
)  # fmt: skip
from schemas.types import Type

SETUP = """
    CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION citext; CREATE EXTENSION vector;
    CREATE TYPE mood AS ENUM ('calm', 'very cross', 'ünruly');
    CREATE DOMAIN percent AS numeric(5, 2) CHECK (VALUE BETWEEN 0 AND 100);
    CREATE DOMAIN code AS varchar(8);
    CREATE TYPE place AS (street text, number int, since date);
"""
UTC_TEXT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
UTC_TIME = "replace(({} AT TIME ZONE 'UTC')::text, '+00', 'Z')"
ISO = """format('P%sY%sM%sDT%sH%sM%sS', extract(year FROM {0}), extract(month FROM {0}), extract(day FROM {0}),
    extract(hour FROM {0}), extract(minute FROM {0}), trim_scale(extract(second FROM {0})))"""
SPELLED = """CASE {0} WHEN 'NaN' THEN 'NAN' WHEN 'Infinity' THEN 'POSITIVE_INFINITY' WHEN '-Infinity' THEN 'NEGATIVE_INFINITY'
    ELSE {0}::text END"""
AS_BYTES, OF_TEXT = "encode(convert_to(concat({}), 'UTF8'), 'hex')", "the bytes of PostgreSQL's text, UTF-8"
BEFORE_CHRIST = "0044-03-15 BC"


@dataclass(frozen=True, slots=True)
class Case:
    """A column of one type, declared as another, and values given as PostgreSQL reads them."""

    source: str
    declared: Type
    values: tuple[str, ...]
    shown: str = "concat({})"
    """What must be in the table, as PostgreSQL says it."""
    note: str = ""
    lost: dict[str, str] = field(default_factory=dict)
    """Values that Debezium loses in a way nothing tells, and how."""


def case(source: str, declared: Type, *values: str, shown: str = "concat({})", note: str = "", lost=None) -> Case:
    return Case(source, declared, values, shown, note, lost or {})


NUMBERS = (
    case("smallint", INT16, "-32768", "32767"),
    case("integer", INT32, "-2147483648", "2147483647"),
    case("integer", INT16, "1", "40000"),
    case("integer", INT64, "2147483647"),
    case("integer", FLOAT64, "2147483647"),
    case("integer", DECIMAL(12), "2147483647"),
    case("bigint", INT64, "-9223372036854775808", "9007199254740993", "9223372036854775807"),
    case("bigint", DECIMAL(19), "9223372036854775807"),
    case("oid", INT64, "4294967295"),
    case("real", FLOAT32, "1.1", "3.4028235e+38", "1e-45", "16777216", "-0", "NaN", "Infinity", "-Infinity"),
    case("double precision", FLOAT64, "0.1", "1.7976931348623157e+308", "5e-324", "-0", "NaN", "Infinity", "-Infinity"),
    case("numeric(12, 2)", DECIMAL(12, 2), "1.10", "-9999999999.99", "0", "NaN"),
    case("numeric(12, 2)", DECIMAL(12, 1), "1.10", "1.25"),
    case("numeric(12, 2)", DECIMAL(4, 2), "12.34", "123.45"),
    case("numeric(30, 20)", DECIMAL(30, 20), "0.00000000000000000001", "9999999999.99999999999999999999"),
    case("numeric(5, -2)", DECIMAL(7), "1234567"),
    case("numeric(3, 5)", DECIMAL(5, 5), "0.00123"),
    case("numeric", DECIMAL(38, 10), "1.10", "1e20", "1e-12", "1e40", "NaN", "Infinity", "-Infinity"),
    case(
        "numeric",
        TEXT,
        "1.10",
        "1e20",
        "1e-12",
        "123456789012345678901234567890123456789012345.5",
        "NaN",
        "Infinity",
        "-Infinity",
        shown=SPELLED,
        note="for more than 38 digits; `NAN`, `POSITIVE_INFINITY` and `NEGATIVE_INFINITY` are so spelled",
    ),
    case("money", DECIMAL(19, 2), "1234.56", "-92233720368547758.08", "92233720368547758.07", shown="{}::numeric::text"),
    case("money", TEXT, "1234.56", shown="{}::numeric::text", note="the number, without a currency"),
    case("boolean", BOOL, "true", "false", shown="{}::text"),
)
TIMES = (
    case(
        "date",
        DATE,
        "2026-03-01",
        "0001-01-01",
        "9999-12-31",
        BEFORE_CHRIST,
        "10000-01-01",
        "infinity",
        "-infinity",
        note="a snapshot would read 44 BC as 44: a table that holds such dates is refused before one",
    ),
    case(
        "timestamp",
        TIMESTAMP_NTZ,
        "2026-03-01 10:00:00.123456",
        "1960-01-01 00:00:00.000001",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59.999999",
        "0044-03-15 12:00:00 BC",
        "10000-01-01",
        "294276-12-31 23:59:59.999999",
        "infinity",
        "-infinity",
    ),
    case("timestamp(3)", TIMESTAMP_NTZ, "2026-03-01 10:00:00.123"),
    case(
        "timestamptz",
        TIMESTAMP,
        "2026-03-01 10:00:00.123456+05:30",
        "1960-01-01 00:00:00.000001Z",
        "0001-01-01 00:00:00Z",
        "9999-12-31 23:59:59.999999Z",
        "0044-03-15 12:00:00Z BC",
        "10000-01-01 00:00:00Z",
        "infinity",
        "-infinity",
    ),
    case(
        "timestamptz",
        TEXT,
        "2026-03-01 10:00:00.1+05:30",
        shown=UTC_TEXT,
        note="ISO 8601 in UTC; also years beyond 9999 and `infinity`",
    ),
    case("time", TIME, "10:00:00", "23:59:59.999999", "24:00:00"),
    case("timetz", TEXT, "10:00:00.123456+05:30", "23:59:59-12", shown=UTC_TIME, note="in UTC; the offset is not sent"),
    case(
        "interval",
        TEXT,
        "1 year 2 mons 3 days 04:05:06.789",
        "-1 mon 5 days -00:00:00.5",
        "0",
        "1000000 hours",
        "infinity",
        shown=ISO,
        note="ISO 8601",
        lost={"infinity": "**arrives as a zero interval** (PostgreSQL 17 and later): `CHECK (isfinite(…))` keeps it out"},
    ),
)
TEXTS = (
    case("text", TEXT, "plain", "", 'Zoë 😀 "quoted" \\ tab\t nl\n', "NaN", "null"),
    case("varchar(20)", TEXT, " both ends "),
    case("char(5)", TEXT, "ab", "abcde", note="padded, as PostgreSQL keeps it"),
    case('"char"', TEXT, "x"),
    case("name", TEXT, "n"),
    case("citext", TEXT, "MiXed"),
    case("uuid", UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    case("uuid", TEXT, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    case(
        "json",
        JSON,
        '{"b": 1.10, "a":  [null, 1e400], "a": 2}',
        "null",
        "123456789012345678901234567890",
        note="as it was written",
    ),
    case("jsonb", JSON, '{"a": [null, "é"], "b": 1.10, "n": 12345678901234567890.5}', "null", "[]"),
    case("jsonb", TEXT, '{"a": 1}'),
    case("hstore", JSON, 'a=>1, b=>NULL, "c d"=>"x\\"y"', "", shown="hstore_to_json({})::text", note="an object of texts"),
    case("inet", TEXT, "192.168.0.1", "192.168.0.1/24", "2001:db8::/32"),
    case("cidr", TEXT, "10.0.0.0/8", "2001:db8::/32"),
    case("macaddr", TEXT, "08:00:2b:01:02:03"),
    case("macaddr8", TEXT, "08:00:2b:01:02:03:04:05"),
    case("mood", TEXT, "calm", "very cross", "ünruly", note="an enum"),
    case("percent", DECIMAL(5, 2), "99.50", note="a domain is what it is made of"),
    case("code", TEXT, "A1", note="a domain is what it is made of"),
    case("ltree", TEXT, "Top.Science.Astronomy"),
    case("tsvector", TEXT, "'cat':1A 'fat':2"),
    case("int4range", TEXT, "[1,10)", "empty", "(,5)", note="PostgreSQL's text; so for every range type"),
    case("numrange", TEXT, "[1.5,2.5]"),
    case("tstzrange", TEXT, '["2026-01-01 10:00:00+00",)', note="in the connector's time zone, UTC in the embedded stack"),
)
BYTES = (
    case("bytea", BINARY, "\\x", "\\x00ff10", shown="encode({}, 'hex')"),
    case("bit(1)", BOOL, "0", "1", shown="({}::int = 1)::text"),
    case("bit(10)", BINARY, "1010101011", "0000000001", shown="{}::text", note="little-endian bytes, no zero bytes at the end"),
    case("tsquery", BINARY, "'fat' & 'rat'", shown=AS_BYTES, note=OF_TEXT),
    case("pg_lsn", BINARY, "16/B374D848", shown=AS_BYTES, note=OF_TEXT),
    case("place", BINARY, '("High St",1,2026-01-01)', shown=AS_BYTES, note=f"a composite; {OF_TEXT}"),
    case("int4multirange", BINARY, "{[1,3),[5,7)}", shown=AS_BYTES, note=OF_TEXT),
    case("point", JSON, "(1.5,-2)", note='`{"x", "y", "wkb", "srid"}`'),
    case("line", JSON, "{1,-1,0}", note='`{"a", "b", "c"}`'),
    case("circle", JSON, "<(0.5,0),1>", note='`{"center", "radius"}`'),
)  # fmt: skip
ARRAYS = (
    case("integer[]", LIST(INT32), "{}", "{1,NULL,-2147483648}", "{NULL}", "{{1,2},{3,4}}"),
    case("bigint[]", LIST(INT64), "{9223372036854775807,NULL}"),
    case("text[]", LIST(TEXT), "{}", '{a,NULL,"b,c",""}', "{{a,b},{c,d}}"),
    case("varchar(5)[]", LIST(TEXT), "{ab,NULL}"),
    case("char(3)[]", LIST(TEXT), "{a,NULL}"),
    case("date[]", LIST(DATE), "{2026-03-01,NULL}", "{infinity}", "{10000-01-01}", "{2026-03-01,0044-03-15 BC}",
         lost={"{2026-03-01,0044-03-15 BC}": "**arrives as 0044-03-15**: a CHECK keeps years before 1 out"}),
    case("uuid[]", LIST(UUID), "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}", "{{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}}"),
    case("bytea[]", LIST(BINARY), '{"\\\\x00ff",NULL}', shown="encode({}, 'hex')"),
    case("json[]", LIST(JSON), '{"{\\"a\\": 1}",NULL}'),
    case("jsonb[]", LIST(JSON), '{"{\\"a\\": 1.10}",NULL}'),
)  # fmt: skip
FULL = (
    case("smallint[]", LIST(INT16), "{1,NULL,32767}", "{{1},{2}}"),
    case("real[]", LIST(FLOAT32), "{1.1,NULL}", "{NaN}", "{Infinity,-Infinity}", "{{1},{2}}"),
    case("double precision[]", LIST(FLOAT64), "{0.1,NULL}", "{NaN,1}", "{Infinity}", "{{1},{2}}"),
    case("boolean[]", LIST(BOOL), "{t,f,NULL}", "{{t},{f}}", shown="{}::text"),
    case("numeric(8, 2)[]", LIST(DECIMAL(8, 2)), "{1.10,NULL,-999999.99}", "{1,NaN}", "{{1},{2}}", note="`check.required`"),
    case("numeric[]", LIST(DECIMAL(20, 5)), "{1.1,NULL,1e10}", "{NaN}", "{1e-9}", note="`check.required`"),
    case("timestamp[]", LIST(TIMESTAMP_NTZ), '{"2026-03-01 10:00:00.123456",NULL}', "{infinity}", "{0044-03-15 BC}"),
    case("timestamptz[]", LIST(TIMESTAMP), '{"2026-03-01 10:00:00.123456+00",NULL}', "{infinity}", "{2026-03-01Z,0044-03-15Z BC}",
         lost={"{2026-03-01Z,0044-03-15Z BC}": "**arrives as 0044-03-15**: a CHECK keeps years before 1 out"}),
    case("vector(3)", LIST(FLOAT32), "[1,2.5,-3]", shown="{}"),
)  # fmt: skip
"""Arrays whose unchanged value Debezium writes as null: their table tells the row before, REPLICA IDENTITY FULL."""
REFUSED = (
    case("integer", TEXT), case("bigint", FLOAT64), case("real", FLOAT64), case("double precision", FLOAT32),
    case("double precision", DECIMAL(12, 2)), case("numeric", FLOAT64), case("numeric", INT64), case("integer", DATE),
    case("boolean", TEXT), case("date", INT32), case("date", TEXT), case("timestamp", TIMESTAMP), case("timestamp", INT64),
    case("timestamptz", TIMESTAMP_NTZ), case("time", TEXT), case("timetz", TIME), case("interval", INT64), case("text", BINARY),
    case("hstore", TEXT), case("bytea", TEXT), case("bit(1)", TEXT), case("bit(8)", TEXT), case("varbit", BINARY),
    case("place", TEXT), case("int4multirange", TEXT), case("pg_lsn", TEXT), case("point", TEXT), case("path", JSON),
    case("polygon", JSON), case("vector(3)", TEXT), case("text[]", TEXT), case("uuid[]", LIST(TEXT)), case("time[]", LIST(TIME)),
    case("numeric[]", LIST(TEXT)),
    case("mood[]", LIST(TEXT)), case("percent[]", LIST(DECIMAL(5, 2))), case("inet[]", LIST(TEXT)),
    case("int4range[]", LIST(TEXT)),
    case("interval[]", LIST(TEXT)), case("money[]", LIST(DECIMAL(19, 2))), case("bit(3)[]", LIST(BINARY)),
    case("place[]", LIST(BINARY)), case("hstore[]", LIST(JSON)), case("integer GENERATED ALWAYS AS (1) VIRTUAL", INT32),
)  # fmt: skip
GROUPS = {
    "Numbers": NUMBERS,
    "Dates and times": TIMES,
    "Text and documents": TEXTS,
    "Bytes, bits and others": BYTES,
    "Arrays": ARRAYS,
}
