"""A road whose tables are odd in their names, their width, the size of their values, and in what the database fills in."""

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.hazards import Hazards

MEGABYTES = 5 << 20
WIDTH = 300
KINDS = (
    ("int", "INT32"),
    ("text", "TEXT"),
    ("numeric(9, 3)", "DECIMAL(9, 3)"),
    ("date", "DATE"),
    ("timestamptz", "TIMESTAMP"),
    ("boolean", "BOOL"),
)
DDL = f"""
    CREATE EXTENSION hstore;
    CREATE TABLE "Order" (
        "Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" text,
        "From" text DEFAULT 'a default', "camelCase" int DEFAULT 7,
        "größe" numeric(6, 2) DEFAULT 1.5, padded char(5), address inet, seen timestamptz DEFAULT now(), ok boolean DEFAULT true,
        twice int GENERATED ALWAYS AS ("camelCase" * 2) STORED
    );
    CREATE TABLE wide (id int PRIMARY KEY, {", ".join(f"c{n} {KINDS[n % len(KINDS)][0]}" for n in range(WIDTH))});
    CREATE TABLE big (id int PRIMARY KEY, label text, body text, blob bytea, document jsonb);
    CREATE TABLE long_lists (
        id int PRIMARY KEY, label text, ints int[], bigs bigint[], reals float8[] CHECK (reals IS NOT NULL),
        words text[], days date[], ids uuid[], bytes bytea[], pairs hstore, digits numeric,
        uncaptured float8[] NOT NULL DEFAULT array_fill(0.5::float8, array[3000])
    );
"""  # fmt: skip
OUT_OF_LINE = {
    "big": ("body", "blob", "document"),
    "long_lists": ("ints", "bigs", "reals", "words", "days", "ids", "bytes", "pairs"),
}
WORDS = "BINARY, BOOL, DATE, DECIMAL, FLOAT64, INT32, INT64, JSON, LIST, TEXT, TIMESTAMP, UUID, Column, Dataset, check, protect"
COLUMNS = {
    "Order": {"Id": "INT64", "select": "TEXT", "From": "TEXT", "camelCase": "INT32", "größe": "DECIMAL(6, 2)", "padded": "TEXT",
              "address": "TEXT", "seen": "TIMESTAMP", "ok": "BOOL", "twice": "INT32"},
    "wide": {"id": "INT32", **{f"c{n}": KINDS[n % len(KINDS)][1] for n in range(WIDTH)}},
    "big": {"id": "INT32", "label": "TEXT", "body": "TEXT", "blob": "BINARY", "document": "JSON"},
    "long_lists": {"id": "INT32", "label": "TEXT", "ints": "LIST(INT32)", "bigs": "LIST(INT64)", "reals": "LIST(FLOAT64)",
                   "words": "LIST(TEXT)", "days": "LIST(DATE)", "ids": "LIST(UUID)", "bytes": "LIST(BINARY)", "pairs": "JSON",
                   "digits": "TEXT"},
}  # fmt: skip
"""By table, what each column is declared as."""
LONG = f"repeat('x', {MEGABYTES})::bytea, jsonb_build_object('k', repeat('y', 100000))"
FILLED = """array_fill(1, array[3000]), array_fill(2::bigint, array[3000]), array_fill(0.5::float8, array[3000]),
    array_fill('w'::text, array[3000]), array_fill('2026-03-01'::date, array[3000]),
    array_fill('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, array[3000]), array_fill('\\x00'::bytea, array[3000]),
    hstore('k', repeat('v', 9000)), repeat('7', 30000)::numeric"""


@dataclass
class Odd(Hazards):
    """The road of these tables."""

    def declare(self, folder: Path) -> None:
        text = f'"""Odd tables."""\n\nfrom custody import {WORDS}\n'
        for table, columns in COLUMNS.items():
            lines = [
                f'        Column("{name}", {kind}, protect=protect.keep{", check=(check.required,)" if name == "reals" else ""}),'
                for name, kind in columns.items()
            ]
            key = next(iter(columns))
            source = f"{self.database}.public.{table}"
            text += f'\n{table.lower()} = Dataset(\n    source="{source}",\n    owner="tests",\n    key=("{key}",),\n'
            text += "    columns=(\n" + "\n".join(lines) + "\n    ),\n)\n"
        (folder / "odd.py").write_text(text, encoding="utf-8")

    def create_tables(self) -> None:
        self.execute(DDL)
        for table, columns in OUT_OF_LINE.items():
            self.execute(*(f"ALTER TABLE {table} ALTER COLUMN {name} SET STORAGE EXTERNAL" for name in columns))
        self.execute(*self.inserts(1))

    def inserts(self, key: int) -> list[str]:
        """A row or two for each table."""
        places = range(key % 2, WIDTH, 2)
        parts = {
            "int": "1",
            "text": "'é'",
            "numeric(9, 3)": "1.250",
            "date": "'2026-03-01'",
            "timestamptz": "'2026-03-01Z'",
            "boolean": "true",
        }
        wide = ", ".join(parts[KINDS[n % len(KINDS)][0]] for n in places)
        return [
            'INSERT INTO "Order" ("select") VALUES (\'defaults\')',
            """INSERT INTO "Order" ("select", "From", "camelCase", "größe", padded, address, seen, ok)
               VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('', '', 0, 0, 'ab', '10.0.0.1', '2026-03-01Z', false)""",
            f"INSERT INTO wide (id, {', '.join(f'c{n}' for n in places)}) VALUES ({key}, {wide})",
            f"INSERT INTO big VALUES ({key}, 'a', repeat('0123456789é', {MEGABYTES // 11}), {LONG})",
            f"INSERT INTO long_lists VALUES ({key}, 'a', {FILLED})",
        ]

    def updates(self) -> list[str]:
        """What leaves the long values alone, and what sets them to null."""
        return [
            'UPDATE "Order" SET "camelCase" = "camelCase" + 1, "select" = NULL',
            'UPDATE "Order" SET "From" = NULL, "größe" = NULL, seen = NULL, ok = NULL WHERE "Id" % 2 = 0',
            f"UPDATE wide SET c0 = 5, c{WIDTH - 1} = NULL",
            "UPDATE big SET label = 'b'",
            "UPDATE long_lists SET label = 'b'",
            "UPDATE long_lists SET ints = NULL, words = NULL, pairs = NULL, label = 'c' WHERE id = 2",
            "UPDATE long_lists SET id = id + 100 WHERE id = 1",
        ]
