"""Free text is published without the people in it as soon as they are known, whatever is killed, and anew when more is known."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass

import polars as pl
import pytest

from connectors.reading import read_source
from custody.compare import Comparison
from custody.places import identities_lake, main_lake
from custody.redaction.known import KnownPeople
from custody.supervise import REDACTOR, Supervisor
from schemas.change import withheld
from sink.read import Reader
from sink.snapshot import Snapshot
from sink.store import listed, put, remove
from tests.e2e.test_link import COLUMNS, Linked, frame_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

DDL = (
    f"CREATE TABLE people ({COLUMNS}, root int, phone text, nick text, is_further bool)",
    "CREATE TABLE notes (id int PRIMARY KEY, root int, note text, is_read bool)",
    "ALTER TABLE notes ALTER COLUMN note SET STORAGE EXTERNAL",
)
FILE = '''"""People and notes."""

from custody import BOOL, DATE, INT32, TEXT, Column, Dataset, Link, protect

people = Dataset(
    source="{database}.public.people",
    owner="tests", key=("id",), subject="root",
    columns=(
        Column("id", INT32, protect=protect.keep),
        Column("root", INT32, protect=protect.keep),
        Column("forename", TEXT, protect=protect.withhold),
        Column("surname", TEXT, protect=protect.withhold),
        Column("born", DATE, protect=protect.year_only),
        Column("sex", TEXT, protect=protect.keep),
        Column("postcode", TEXT, protect=protect.outcode_only),
        Column("pnc", TEXT, protect=protect.token("pnc")),
        Column("phone", TEXT, protect=protect.withhold),
        Column("nick", TEXT, protect=protect.withhold),
        Column("is_further", BOOL, protect=protect.keep),
    ),
    link=Link(model="person", further="is_further", reads={reads}),
)
notes = Dataset(
    source="{database}.public.notes",
    owner="tests", key=("id",), subject="root",
    columns=(
        Column("id", INT32, protect=protect.keep),
        Column("root", INT32, protect=protect.keep),
        Column("note", TEXT, protect=protect.redact),
        Column("is_read", BOOL, protect=protect.keep),
    ),
)
'''
READS = {
    "forename": "forename", "surname": "surname", "born": "birth_date", "sex": "sex", "postcode": "postcode", "pnc": "pnc",
    "phone": "phone", "nick": "alias",
}  # fmt: skip
NOBODY, TOLD_LATER, LONG = 999, "quorvex", 5


def people(count: int) -> pl.DataFrame:
    phone = pl.format("07700 9{}", pl.col("id").cast(pl.String).str.zfill(5))
    more = {"root": pl.col("id"), "phone": phone, "nick": pl.lit(None, pl.String), "is_further": pl.lit(value=False)}
    return frame_of(count, seed=11).with_columns(**more)


def note(row: dict[str, object]) -> str:
    """A note that names its subject in several ways, and a name that is told later."""
    padding = "x" * 9_000 if row["id"] == LONG else "no concerns"
    return f"Saw {row['forename']} {row['surname']}, rang {row['phone']}; goes by {TOLD_LATER} on the wing, {padding}."


@dataclass
class Notes(Linked):
    """Who is known, and what was written of them."""

    def declare(self, folder) -> None:
        (folder / "people.py").write_text(FILE.format(database=self.database, reads=READS), encoding="utf-8")

    def create_tables(self) -> None:
        self.execute(*DDL)

    def training(self):
        return {"identities_people": people(400)}

    def notes(self) -> pl.DataFrame:
        return Reader(self.lake, "notes").now()

    def texts(self) -> dict[int, str | None]:
        """What is published of each note; nothing until its table is there."""
        if not self.lake.history(self.datasets["notes"]).exists():
            return {}
        return dict(self.notes().select("id", "note").iter_rows())

    def redactor(self) -> dict:
        return self.status_of("redactor").get("datasets", {}).get("notes", {})

    def differences(self):
        """How the notes differ from those of PostgreSQL, redacted by all that is known now."""
        _, tables = asyncio.run(read_source(self.source, self.datasets))
        keys = self.settings.keys(self.datasets)
        known = KnownPeople.follow(main_lake(self.settings), identities_lake(self.settings), self.datasets, keys)
        known.look()
        return Comparison(self.lake, self.datasets["notes"], keys, known.rows).now(tables["notes"])


def test_notes_are_published_without_the_people_in_them(open_road):
    with open_road(kind=Notes) as road:
        road.learn()
        rows = people(30).filter(pl.col("forename").is_not_null() & pl.col("surname").is_not_null())
        supervisor = road.supervisor()
        assert REDACTOR in supervisor.kinds
        supervisor.start()
        try:
            road.insert("people", rows)
            road.insert(
                "notes",
                pl.DataFrame([{"id": r["id"], "root": r["root"], "note": note(r), "read": False} for r in rows.to_dicts()]),
            )
            road.execute(f"INSERT INTO notes VALUES ({NOBODY}, {NOBODY}, 'Saw Jan Nowak', false), (1000, 1, NULL, false)")
            expected = {*rows["id"], NOBODY, 1000}
            road.until(lambda: road.texts().keys() == expected and _withheld(road) == [NOBODY], 60, supervisor.watch)
            _the_text_is_there_and_nobody_in_it(road, rows)
            _a_name_that_is_told_later_is_hidden_in_what_was_written_before(road, supervisor)
            _the_redactor_may_be_killed(road, supervisor, rows)
        finally:
            supervisor.stop()
        _files_can_be_listed_and_removed(road.lake.current(road.datasets["notes"]))
        road.assert_once("notes")
        assert road.differences() is None


def _files_can_be_listed_and_removed(place) -> None:
    names = {file.rsplit("/", 1)[-1] for file in Snapshot.load(place).files()}
    assert names <= set(listed(place.address, place.options))
    for name in ("left.parquet", "left too.parquet"):
        put(f"{place.address}/{name}", place.options, b"left")
    assert {"left.parquet", "left too.parquet"} <= set(listed(place.address, place.options))
    remove(place.address, place.options, ["left.parquet", "left too.parquet", "never was.parquet"])
    assert not {"left.parquet", "left too.parquet"} & set(listed(place.address, place.options))


def _withheld(road: Notes) -> list[int]:
    rows = road.notes().filter(pl.col("_notes").list.contains(withheld("note")))
    assert rows["note"].null_count() == len(rows)
    return sorted(rows["id"])


def _the_text_is_there_and_nobody_in_it(road: Notes, rows: pl.DataFrame) -> None:
    texts = road.texts()
    for row in rows.to_dicts():
        text = texts[row["id"]]
        assert text.startswith("Saw [PERSON: subject], rang [PHONE]; goes by quorvex on the wing, "), row["id"]
        for name in ("forename", "surname", "phone"):
            assert str(row[name]).lower() not in text.lower()
    road.execute(f"UPDATE notes SET is_read = true WHERE id = {LONG}")
    road.until(lambda: road.notes().filter(id=LONG, is_read=True).height == 1, 90)
    assert road.texts()[LONG] == texts[LONG]
    road.until(lambda: road.redactor().get("withheld") == {"dictionary not complete": 0, "subject unknown": 1}, 90)
    said = road.notes().filter(id=rows["id"].min())["_redactions"].item()
    assert '"spans":{"note":[{"kind":"PERSON","layer":2,"rule":"known_name","start":4,"end":' in said


def _a_name_that_is_told_later_is_hidden_in_what_was_written_before(road: Notes, supervisor: Supervisor) -> None:
    before = road.texts()
    _kill(road, supervisor)
    road.execute(f"INSERT INTO people (id, root, nick, is_further) VALUES (5000, 2, '{TOLD_LATER}', true)")
    [person] = road.people().filter(subject="2")["person"]
    same = {int(subject) for subject in road.people().filter(person=person)["subject"]}
    expected = {key: text.replace(TOLD_LATER, "[PERSON: subject]") if key in same else text for key, text in before.items()}
    road.until(lambda: road.texts() == expected, 60, supervisor.watch)
    after = road.texts()
    assert road.notes().filter(id=2)["_revision"].item() == 2
    moment = Reader(road.lake, "notes").complete_until()
    assert Reader(road.lake, "notes").at(moment).filter(id=2)["note"].item() == after[2]


def _shown(road: Notes, number: int, word: str) -> list[str]:
    """The texts of a note that some revision shows, and that hold a word."""
    texts = Reader(road.lake, "notes").history().filter(id=number)["note"].drop_nulls().to_list()
    return [text for text in texts if word in text]


def _kill(road: Notes, supervisor: Supervisor) -> None:
    killed = supervisor.pids()[REDACTOR]
    os.kill(killed, signal.SIGKILL)
    road.until(lambda: supervisor.pids().get(REDACTOR, killed) != killed, 30, supervisor.watch)


def _the_redactor_may_be_killed(road: Notes, supervisor: Supervisor, rows: pl.DataFrame) -> None:
    known = rows["id"].to_list()
    many = [
        {
            "id": 2000 + n,
            "root": known[n % len(known)],
            "note": f"{n}: {note(rows.row(n % len(rows), named=True))}",
            "read": False,
        }
        for n in range(300)
    ]
    road.insert("notes", pl.DataFrame(many))
    road.execute(f"INSERT INTO people (id, root, forename, surname, is_further) VALUES (5001, {NOBODY}, 'Jan', 'Nowak', false)")
    time.sleep(0.5)
    _kill(road, supervisor)
    road.until(lambda: len(road.texts()) == len(rows) + 302 and _withheld(road) == [], 60, supervisor.watch)
    assert road.texts()[NOBODY] == "Saw [PERSON: subject]"
    road.until(lambda: not _shown(road, 2, TOLD_LATER), 40, supervisor.watch)
    names = {*rows["surname"].str.to_lowercase(), "nowak"}
    history = Reader(road.lake, "notes").history()["note"].drop_nulls().str.to_lowercase()
    assert not [text for text in history if names & set(text.replace(",", "").replace(".", "").split())]
