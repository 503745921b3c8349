"""Does a declared type take what Debezium sends for a column of this PostgreSQL type? The page is `docs/types.md`.

Debezium's JSON names no types, so a date read as a number, or bits as text, would not be seen in the events. And for some
types Debezium 3.7 loses values, or sends null for them: those can't be declared at all.
"""

from dataclasses import dataclass

from connectors.placeholder import is_sent_as_null
from schemas.dataset import Column

COLUMNS = """
    WITH RECURSIVE resolved AS (
        SELECT n.nspname || '.' || c.relname AS table_name, a.attname AS name, a.atttypid AS type, a.atttypmod AS typmod,
               format_type(a.atttypid, a.atttypmod) AS shown, a.attnotnull AS is_required,
               a.attgenerated <> '' AND NOT (a.attgenerated = 's' AND current_setting('server_version_num')::int >= 180000)
               AS is_unlogged
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT r.table_name, r.name, t.typbasetype, t.typtypmod, r.shown, r.is_required, r.is_unlogged
        FROM resolved r JOIN pg_type t ON t.oid = r.type WHERE t.typtype = 'd'
    ), kinds AS (
        SELECT oid, typelem, typcategory, CASE typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
               WHEN 'm' THEN 'multirange' WHEN 'd' THEN 'domain' ELSE typname::text END AS kind FROM pg_type
    )
    SELECT r.*, CASE WHEN e.oid IS NULL THEN t.kind ELSE '_' || e.kind END AS kind,
           CASE WHEN t.kind = 'bit' THEN r.typmod ELSE 0 END AS bits
    FROM resolved r JOIN kinds t ON t.oid = r.type LEFT JOIN kinds e ON t.typcategory = 'A' AND e.oid = t.typelem
    WHERE t.kind <> 'domain'
"""
"""The columns of tables as the catalogue has them, domains resolved to what they are made of."""
_INTEGERS = {"INT16", "INT32", "INT64", "DECIMAL"}
_WORDS = {"TEXT", "JSON", "UUID", "DECIMAL"}
_TAKES: dict[str, set[str]] = {
    "int2": _INTEGERS | {"FLOAT32", "FLOAT64"}, "int4": _INTEGERS | {"FLOAT64"}, "int8": _INTEGERS, "oid": _INTEGERS,
    "float4": {"FLOAT32"}, "float8": {"FLOAT64"}, "numeric": {"DECIMAL", "TEXT"}, "money": {"DECIMAL", "TEXT"}, "bool": {"BOOL"},
    "date": {"DATE"}, "timestamp": {"TIMESTAMP_NTZ"}, "timestamptz": {"TIMESTAMP", "TEXT"}, "time": {"TIME"}, "timetz": {"TEXT"},
    "interval": {"TEXT"}, "text": _WORDS, "varchar": _WORDS, "bpchar": _WORDS, "citext": _WORDS, "char": {"TEXT"},
    "name": {"TEXT"}, "enum": {"TEXT"}, "uuid": {"UUID", "TEXT"}, "json": {"JSON", "TEXT"}, "jsonb": {"JSON", "TEXT"},
    "hstore": {"JSON"}, "xml": {"TEXT"}, "inet": {"TEXT"}, "cidr": {"TEXT"}, "macaddr": {"TEXT"}, "macaddr8": {"TEXT"},
    "ltree": {"TEXT"}, "tsvector": {"TEXT"}, "range": {"TEXT"}, "bytea": {"BINARY"}, "bit": {"BINARY"}, "point": {"JSON"},
    "line": {"JSON"}, "circle": {"JSON"}, "lseg": {"JSON"}, "box": {"JSON"}, "_text": {"LIST(TEXT)"}, "_varchar": {"LIST(TEXT)"},
    "_bpchar": {"LIST(TEXT)"}, "_json": {"LIST(JSON)", "LIST(TEXT)"}, "_jsonb": {"LIST(JSON)", "LIST(TEXT)"},
    "_uuid": {"LIST(UUID)"}, "_bytea": {"LIST(BINARY)"}, "_int2": {"LIST(INT16)"}, "_int4": {"LIST(INT32)", "LIST(INT64)"},
    "_int8": {"LIST(INT64)"}, "_float4": {"LIST(FLOAT32)"}, "_float8": {"LIST(FLOAT64)"}, "vector": {"LIST(FLOAT32)"},
    "_bool": {"LIST(BOOL)"}, "_numeric": {"LIST(DECIMAL)"}, "_date": {"LIST(DATE)"}, "_timestamp": {"LIST(TIMESTAMP_NTZ)"},
    "_timestamptz": {"LIST(TIMESTAMP)"},
}  # fmt: skip
"""Which declared types read a kind of column; a kind that is not here comes as the bytes of PostgreSQL's text."""
_AS_BYTES = {"BINARY"}
_NUMBERS = {"int2", "int4", "int8", "oid", "float4", "float8", "date", "timestamp", "time"}
_READ_AS_NUMBER = {"INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "DATE", "TIME", "TIMESTAMP_NTZ"}
_NO_TEXT = {"bool", "point", "line", "circle", "lseg", "box", "vector"}
_LOST = {
    "varbit": "its leading zeros are not sent", "_time": "what is finer than milliseconds is not sent",
    "path": "an unchanged long one is sent as null", "polygon": "an unchanged long one is sent as null",
}  # fmt: skip
_WITH_PLACEHOLDER = {"_text", "_varchar", "_bpchar", "_json", "_jsonb", "_uuid", "_bytea", "_int4", "_int8", "_date"}
_NULL_WHILE_UNCHANGED = {"vector", "halfvec", "sparsevec", "varbit", "path", "polygon"}
_LOST_ARRAY = "an array of this type is sent as null, or not at all, in some cases"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as the catalogue has it."""

    name: str
    kind: str
    """The type's name, or enum, composite, range, multirange; of an array that of its items, after an underscore."""
    shown: str
    """The type as PostgreSQL writes it."""
    bits: int
    is_required: bool
    """It is NOT NULL."""
    is_unlogged: bool
    """It is generated, and the log has no value for it: PostgreSQL 18 logs those that are STORED."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A column that can't be read as it is declared."""

    column: str
    reason: str
    remedy: str
    is_silent: bool
    """Whether its values would look right one by one, so that nothing would be refused later."""


def misfit(column: SourceColumn, declared: Column) -> Misfit | None:
    """Why the declaration does not take what comes; None where it does."""
    withhold = "withhold it, or leave it undeclared"
    if column.is_unlogged:
        remedy = "make it STORED, in PostgreSQL 18 or later, or leave it undeclared"
        return Misfit(column.name, "the generated column is not logged", remedy, is_silent=True)
    is_array = column.kind.startswith("_")
    if column.kind in _LOST or (is_array and column.kind not in _TAKES):
        reason = f"{column.shown} can't be captured: {_LOST.get(column.kind, _LOST_ARRAY)}"
        return Misfit(column.name, reason, withhold, is_silent=True)
    takes = {"BOOL"} if column.kind == "bit" and column.bits == 1 else _TAKES.get(column.kind, _AS_BYTES)
    if _without_digits(str(declared.type)) not in takes:
        reason = f"{column.shown} can't be read as {declared.type}"
        return Misfit(column.name, reason, f"declare {' or '.join(sorted(takes))}", _is_silent(column.kind, declared))
    if is_sent_as_null(declared.type) and column.is_required:
        reason = f"{column.shown} NOT NULL: an unchanged long one is sent as null, which stops the connector"
        remedy = f"keep null out with CHECK ({column.name} IS NOT NULL) instead, or {withhold}"
        return Misfit(column.name, reason, remedy, is_silent=True)
    return None


def _without_digits(name: str) -> str:
    """DECIMAL(12, 2) as DECIMAL, also within LIST(…)."""
    head, _, _ = name.partition("DECIMAL(")
    return name if "DECIMAL(" not in name else f"{head}DECIMAL" + (")" if head else "")


def stops_connector(column: SourceColumn) -> bool:
    """Whether Debezium may send null for it although it is NOT NULL: its own schema refuses that, and the connector fails."""
    is_sent_as_null = column.kind.startswith("_") and column.kind not in _WITH_PLACEHOLDER
    return column.is_required and (is_sent_as_null or column.kind in _NULL_WHILE_UNCHANGED)


def _is_silent(kind: str, declared: Column) -> bool:
    """Whether JSON shows no difference: numbers are numbers, text is text, whatever they stand for."""
    if kind in _NUMBERS:
        return declared.type.name in _READ_AS_NUMBER
    if kind.startswith("_") or declared.type.item is not None:
        return kind.startswith("_") and declared.type.item is not None
    return kind not in _NO_TEXT and declared.type.name in {"TEXT", "JSON", "BINARY"}
