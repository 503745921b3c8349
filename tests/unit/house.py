"""A house of tables in a folder, into which people and notes are played, and in which a redactor works."""

import json
from datetime import UTC, datetime

import polars as pl

from custody import BOOL, INT64, TEXT, Column, Dataset, Link, protect
from custody.places import main_lake
from custody.play import play
from custody.redactor import stream_of
from custody.settings import load_settings
from schemas.links import ASSIGNED, LINKS
from sink.links import Links
from sink.read import Reader

SECRET = "a secret of the tests, long enough"
PEOPLE = Dataset(
    source="d.public.people", owner="tests", key=("id",), subject="root", name="people",
    columns=(
        Column("id", INT64, protect=protect.keep), Column("root", INT64, protect=protect.keep),
        Column("forename", TEXT, protect=protect.withhold), Column("surname", TEXT, protect=protect.withhold),
        Column("is_further", BOOL, protect=protect.keep),
    ),
    link=Link(model="person", further="is_further", reads={"forename": "forename", "surname": "surname"}),
)  # fmt: skip
OTHERS = Dataset(
    source="c.public.defendants", owner="tests", key=("id",), subject="id", name="defendants",
    columns=(Column("id", INT64, protect=protect.keep), Column("surname", TEXT, protect=protect.withhold)),
    link=Link(model="person", reads={"surname": "surname"}),
)  # fmt: skip


def notes(protection=protect.redact):
    columns = [Column("id", INT64, protect=protect.keep), Column("root", INT64, protect=protect.keep)]
    columns += [Column("note", TEXT, protect=protection)] if protection else []
    return Dataset(source="d.public.notes", owner="tests", key=("id",), subject="root", columns=tuple(columns), name="notes")


PARTIES = Dataset(
    source="d.public.parties", owner="tests", key=("id",), subject="root", name="parties", relates="incident",
    columns=(
        Column("id", INT64, protect=protect.keep), Column("root", INT64, protect=protect.keep),
        Column("incident", INT64, protect=protect.keep),
    ),
)  # fmt: skip


class House:
    """Tables in a folder: what is played into them, who is linked, and what is published of notes."""

    def __init__(self, folder):
        self.settings = load_settings().but(lake=str(folder / "lake"), token_secret=SECRET)
        self.folder, self.lake, self.time, self.offsets, self.decided = folder, main_lake(self.settings), 0, {}, 0
        self.datasets = {one.name: one for one in (PEOPLE, notes())}

    def declare(self, *datasets):
        self.datasets = {one.name: one for one in datasets}

    def play(self, *rows, op="c"):
        """Rows by the name of their dataset, each a second after the one before."""
        lines = [self._line(name, row, op) for name, row in rows]
        path = self.folder / "events.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        play(path, self.datasets, self.lake, self.settings, lambda *_: None)

    def _line(self, name, row, op):
        self.time += 1
        source, ms = self.datasets[name].source, 1_772_323_200_000 + self.time * 1000
        offset = self.offsets[source] = self.offsets.get(source, -1) + 1
        about = {"sequence": f'["{self.time}", "{self.time}"]', "lsn": self.time, "txId": self.time, "ts_ms": ms}
        value = {"before": None, "after": row, "source": about, "op": op}
        at = {"topic": source, "partition": 0, "offset": offset, "timestamp": ms, "headers": {}}
        return json.dumps({**at, "key": {"id": row["id"]}, "value": value})

    def link(self, **persons):
        """Decide which person records are of: `d_1="a"` is record d/1."""
        rows = [{"kind": ASSIGNED, "one": record.replace("_", "/"), "person": person} for record, person in persons.items()]
        empty = pl.DataFrame(LINKS.empty_table())
        said = pl.DataFrame(rows).with_columns(at=pl.lit(datetime.now(UTC)).cast(pl.Datetime("us", "UTC")))
        Links(self.lake, "person").append(pl.concat([empty, said], how="diagonal"), {}, {})

    def redact(self):
        """What a redactor that begins now revises, and how it is then."""
        stream = stream_of(self.settings, self.datasets)
        stream.step()
        again = stream.step()
        assert again == 0, "what was published is as it should be"
        said = stream.told.said()["datasets"]["notes"]
        return said["revised"], said["withheld"]

    def rows(self):
        return Reader(self.lake, "notes").now()

    def texts(self):
        return self.rows()["note"].to_list()


def person(number, forename, surname, **more):
    return "people", {"id": number, "root": number, "forename": forename, "surname": surname, "is_further": False, **more}


def party(number, root, incident):
    return "parties", {"id": number, "root": root, "incident": incident}


def note(number, root, text):
    return "notes", {"id": number, "root": root, "note": text}
