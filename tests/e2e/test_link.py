"""Who is one person, found as changes arrive: equal to the batch whatever is killed, and told to subscribers in order."""

import asyncio
import os
import signal
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO

import fastavro
import polars as pl
import pytest
from confluent_kafka import Consumer, TopicPartition

import custody
from connectors.reading import read_source
from custody.linking.models import write_model
from custody.places import identities_lake
from custody.supervise import LINKER, Supervisor, kinds_for
from rules.match import learn
from rules.match.prepared import prepare, prepare_fields
from rules.match.stream import Linker
from schemas.errors import Refused
from schemas.identity import models_of
from schemas.links import people_subject
from sink.lake import Lake
from sink.links import Overrides, read_log, read_people
from sink.read import Reader
from streams.link import reading_of, records_of
from tests.e2e.hazards import Hazards
from tests.linkage.people import records

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

COLUMNS = "id int PRIMARY KEY, forename text, surname text, born date, sex text, postcode text, pnc text, ethnicity text"
FILE = '''"""Prisoners and defendants."""

from custody import DATE, INT32, TEXT, Column, Dataset, Link, protect

prisoners = Dataset(
    source="{database}.public.prisoners",
    owner="tests", key=("id",), subject="id",
    columns=(
        Column("id", INT32, protect=protect.keep),
        Column("forename", TEXT, protect=protect.withhold),
        Column("surname", TEXT, protect=protect.withhold),
        Column("born", DATE, protect=protect.year_only),
        Column("sex", TEXT, protect=protect.keep),
        Column("postcode", TEXT, protect=protect.outcode_only),
        Column("pnc", TEXT, protect=protect.token("pnc")),
        Column("ethnicity", TEXT, protect=protect.keep),
    ),
    link=Link(model="person", register="prison", reads={reads}),
)
defendants = Dataset(
    source="{database}.public.defendants",
    owner="tests", key=("id",), subject="id",
    columns=prisoners.columns,
    link=Link(model="person", register="court", reads={reads}),
)
'''
READS = {"forename": "forename", "surname": "surname", "born": "birth_date", "sex": "sex", "postcode": "postcode", "pnc": "pnc"}
TABLES = ("prisoners", "defendants")


def frame_of(count: int, seed: int) -> pl.DataFrame:
    """Rows of the source tables, of invented people."""
    made, _ = records(count, seed=seed, noise=0.5)
    born = pl.col("date_of_birth").cast(pl.String).str.slice(0, 10).str.to_date(strict=False).alias("born")
    return made.select(
        pl.int_range(pl.len()).alias("id"),
        "forename",
        "surname",
        born,
        "sex",
        "postcode",
        pl.col("pnc_number").alias("pnc"),
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("W1")).otherwise(pl.lit("A9")).alias("ethnicity"),
    )


@dataclass
class Linked(Hazards):
    """Two services, one of them a court."""

    def declare(self, folder) -> None:
        (folder / "people.py").write_text(FILE.format(database=self.database, reads=READS), encoding="utf-8")

    def create_tables(self) -> None:
        self.execute(*(f"CREATE TABLE {name} ({COLUMNS})" for name in TABLES))

    def training(self) -> dict[str, pl.DataFrame]:
        return {"identities_prisoners": frame_of(400, seed=5)}

    def learn(self) -> None:
        """A model learnt from other people than those that come."""
        self.settings = self.settings.but(models=self.settings.data / "models")
        identities = models_of(self.datasets)["person"]
        known = records_of(self.training(), identities)
        reading = reading_of(known, identities)
        model = learn.learn(prepare_fields(known, reading.fields, "id"), None, reading.fields, seed=1)
        self.model = replace(model, provenance={})
        write_model(self.model, self.settings.models / "person.json")

    def supervisor(self) -> Supervisor:
        return Supervisor(self.settings, kinds_for(self.datasets))

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        texts = [
            ", ".join("NULL" if v is None else f"'{str(v).replace(chr(39), chr(39) * 2)}'" for v in row)
            for row in rows.iter_rows()
        ]
        self.execute(f"INSERT INTO {table} VALUES {', '.join(f'({text})' for text in texts)}")

    def expected(self) -> list[tuple[str, ...]]:
        """The clusters of what PostgreSQL has, computed at once."""
        identities = models_of(self.datasets)["person"]
        _, tables = asyncio.run(read_source(self.source, identities))
        known = records_of(tables, identities)
        linker = Linker(self.model)
        linker.apply(prepare(known, self.model, "id"))
        return sorted(linker.clusters().clusters)

    def people(self) -> pl.DataFrame:
        return read_people(self.lake, "person").filter(pl.col("to").is_null())

    def clusters(self) -> list[tuple[str, ...]]:
        grouped = self.people().group_by("person").agg(pl.col("record").sort())
        return sorted(map(tuple, grouped["record"].to_list()))

    def link(self, supervisor) -> None:
        """Wait until the log says what the batch says."""
        expected = self.expected()
        self.until(lambda: self.clusters() == expected, 60, supervisor.watch)


def test_who_is_one_person_is_found_as_changes_arrive(open_road):
    with open_road(kind=Linked) as road:
        road.learn()
        rows = frame_of(60, seed=9)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.insert("prisoners", rows.filter(pl.col("id") % 2 == 0).head(20))
            road.link(supervisor)
            first = dict(road.people().select("record", "person").iter_rows())
            then = datetime.now(UTC)
            road.insert("prisoners", rows.filter(pl.col("id") % 2 == 0).slice(20))
            road.insert("defendants", rows.filter(pl.col("id") % 2 == 1))
            os.kill(supervisor.pids()[LINKER], signal.SIGKILL)
            road.execute("DELETE FROM defendants WHERE id % 7 = 1", "UPDATE prisoners SET surname = 'OTHER' WHERE id = 4")
            road.link(supervisor)
            _people_decide(road, supervisor)
            _a_record_keeps_its_person_under_another_key(road, supervisor)
        finally:
            supervisor.stop()
        _the_past_is_kept(road, first, then)
        _subscribers_are_told(road)
        _nothing_in_clear_is_published(road, rows)


def _people_decide(road: Linked, supervisor: Supervisor) -> None:
    together = road.clusters()
    one, two = together[0][0], together[1][0]
    overrides = Overrides(road.lake, "person")
    overrides.add(one, two, "together", datetime.now(UTC), "tests", "seen together")
    road.until(lambda: sorted({*together[0], *together[1]}) in map(sorted, road.clusters()), 30, supervisor.watch)
    overrides.add(one, two, "undone", datetime.now(UTC), "tests", "a mistake")
    road.until(lambda: road.clusters() == together, 30, supervisor.watch)


def _a_record_keeps_its_person_under_another_key(road: Linked, supervisor: Supervisor) -> None:
    before = dict(road.people().select("record", "person").iter_rows())
    road.execute("UPDATE prisoners SET id = 1000 WHERE id = 10")
    road.until(lambda: "prison/1000" in road.people()["record"].to_list(), 30, supervisor.watch)
    after = dict(road.people().select("record", "person").iter_rows())
    assert after.pop("prison/1000") == before.pop("prison/10")
    assert after == before
    road.execute("UPDATE prisoners SET id = 1001 WHERE id = 12", "UPDATE prisoners SET sex = NULL WHERE id = 1001")
    road.until(lambda: "prison/1001" in road.people()["record"].to_list(), 30, supervisor.watch)
    assert dict(road.people().select("record", "person").iter_rows())["prison/1001"] == before["prison/12"]


def _the_past_is_kept(road: Linked, first: dict[str, str], then: datetime) -> None:
    lake = custody.open(road.settings.lake, **road.settings.store)
    rows = lake.table("prisoners").linked(known_at=then).to_polars()
    assert {f"prison/{i}": p for i, p in rows.select("id", "person_id").iter_rows() if p is not None} == {
        record: person for record, person in first.items() if record not in {"prison/10", "prison/12"}
    }
    now = lake.table("prisoners").linked().to_polars()
    assert now["person_id"].null_count() == 0


def _subscribers_are_told(road: Linked) -> None:
    """Who follows the events from the beginning knows who is who."""
    consumer = Consumer({"bootstrap.servers": road.settings.kafka, "group.id": "tests", "enable.auto.commit": False})
    consumer.assign([TopicPartition("people", 0, 0)])
    events = {}
    while messages := consumer.consume(10_000, 3.0):
        for message in messages:
            event = fastavro.schemaless_reader(BytesIO(message.value()[5:]), people_subject().schema, None)
            if {record.split("/")[0] for record in event["records"]} <= {"prison", "court"}:
                events[event["decision"], event["place"]] = event
    consumer.close()
    log = read_log(road.lake, "person").events
    assert sorted(events) == sorted(log.select("decision", "place").rows())
    kinds = {event["kind"] for event in events.values()}
    assert {"created", "rekeyed"} <= kinds


def _nothing_in_clear_is_published(road: Linked, rows: pl.DataFrame) -> None:
    names = set(rows["surname"].drop_nulls())
    published = Reader(road.lake, "prisoners").now()
    assert not names & {str(value) for column in published.columns for value in published[column].to_list()}
    log = read_log(road.lake, "person").rows
    assert not names & {word for text in log["reasons"].drop_nulls() for word in text.split()}
    clear = Reader(identities_lake(road.settings), "identities_prisoners").now()
    assert set(clear["surname"].drop_nulls()) & names
    identities = Lake(road.settings.identities_address, road.settings.store)
    with pytest.raises(Refused, match="keys"):
        Reader(identities, "identities_prisoners").now()
