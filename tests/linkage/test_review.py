"""What people see and decide of who is one person, over a lake in a folder."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from custody.linking.models import write_model
from custody.linking.review import mask
from custody.linking.stream import LinkStream
from custody.places import identities_lake, main_lake
from custody.play import play
from custody.settings import load_settings
from rules.match import learn
from rules.match.prepared import prepare_fields
from schemas.errors import Fenced, Unavailable
from schemas.identity import models_of
from schemas.notation import load_datasets
from sink.links import read_log, read_people
from streams.link import reading_of, records_of
from tests.e2e.test_link import FILE, READS, frame_of
from tests.linkage.people import records

DOT = "\u2022"
MICROS = 1_767_225_600_000_000
CLONE = Path(__file__).parents[2]


def event(table, row, offset):
    """A row as a connector tells that it was created."""
    born = None if row["born"] is None else (row["born"] - date(1970, 1, 1)).days
    told = {"sequence": json.dumps([str(100 + offset), str(200 + offset)]), "lsn": 200 + offset, "ts_us": MICROS, "txId": 1}
    value = {"before": None, "after": {**row, "born": born}, "op": "c", "source": told}
    place = {"topic": f"d.public.{table}", "partition": 0, "offset": offset, "timestamp": MICROS // 1000}
    return json.dumps({**place, "key": {"id": row["id"]}, "value": value})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a lake of linked people, and everything that `custody` needs to read it."""
    folder = tmp_path_factory.mktemp("review")
    (folder / "datasets").mkdir()
    (folder / "datasets" / "people.py").write_text(FILE.format(database="d", reads=READS), encoding="utf-8")
    datasets = load_datasets(folder / "datasets")
    rows = frame_of(60, seed=9)
    lines = [
        event("prisoners" if row["id"] % 2 == 0 else "defendants", row, offset)
        for offset, row in enumerate(rows.iter_rows(named=True))
    ]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = load_settings().but(
        lake=str(folder / "lake"), datasets=folder / "datasets", token_secret="x" * 32, models=folder / "models", data=folder
    )
    play(folder / "events.jsonl", datasets, main_lake(settings), settings, lambda *_: None)
    identities = models_of(datasets)["person"]
    known = records_of({"identities_prisoners": frame_of(400, seed=5)}, identities)
    reading = reading_of(known, identities)
    model = learn.learn(prepare_fields(known, reading.fields, "id"), None, reading.fields, seed=1)
    write_model(model, folder / "models" / "person.json")
    relink(settings, model, identities)
    return folder, settings, model, identities


def linker(settings, model, identities, publish=lambda _: None):
    return LinkStream(
        "person", model, "m", identities, lake=main_lake(settings), identities=identities_lake(settings), secret=b"x",
        publish=publish, about={},
    )  # fmt: skip


def relink(settings, model, identities, publish=lambda _: None):
    """What the linker does when it begins, and then ends."""
    stop = Event()
    stop.set()
    linker(settings, model, identities, publish).run(stop)


def custody(place, *words, status=0):
    folder, settings, *_ = place
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(CLONE)}
    done = subprocess.run(
        [sys.executable, "-m", "custody", *words], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_what_is_doubtful_is_listed_with_masked_values(place):
    said = json.loads(custody(place, "link", "review", "--json", "--large", "2"))
    names = {name.upper() for column in ("forename", "surname") for name in frame_of(60, seed=9)[column].drop_nulls()}
    assert said["large"]
    shown = " ".join(said["records"].values())
    assert not names & set(shown.replace(",", " ").split())
    assert len(said["records"]) >= len(said["pairs"])


def test_decisions_are_kept_taken_and_taken_back(place):
    _, settings, model, identities = place
    lake = main_lake(settings)
    people = read_people(lake, "person").filter(pl.col("to").is_null())
    groups = people.group_by("person").agg(pl.col("record").sort()).sort("person")["record"].to_list()
    one, two, three = groups[0][0], groups[1][0], groups[2][0]
    custody(place, "link", "decide", "--together", one, two, "--why", "seen together")
    custody(place, "link", "decide", "--together", two, three, "--why", "seen together")
    assert "contrary" in custody(place, "link", "decide", "--apart", one, three, "--why", "no", status=2)
    relink(settings, model, identities)
    now = dict(read_people(lake, "person").filter(pl.col("to").is_null()).select("record", "person").iter_rows())
    assert now[one] == now[two] == now[three]
    told = json.loads(custody(place, "link", "why", now[one], "--json"))
    assert {one, two, three} <= set(told["records"])
    assert {row["why"] for row in told["decided"]} == {"seen together"}
    assert "merged" in {row["kind"] for row in told["events"]}
    assert "decided together" in custody(place, "link", "why", now[one])
    for pair in ((one, two), (two, three)):
        custody(place, "link", "decide", "--undo", *pair, "--why", "a mistake")
    relink(settings, model, identities)
    after = read_people(lake, "person").filter(pl.col("to").is_null())
    assert after.select("record", "person").sort("record").equals(people.select("record", "person").sort("record"))
    earlier = json.loads(custody(place, "link", "why", now[one], "--json", "--at", str(people["from"].max().isoformat())))
    assert len(earlier["records"]) < len(told["records"])


def test_events_that_were_perhaps_not_sent_are_sent_again(place):
    _, settings, model, identities = place
    lake = main_lake(settings)
    one, two = read_people(lake, "person").filter(pl.col("to").is_null()).unique("person").sort("record")["record"].to_list()[:2]

    def fail(_):
        raise Unavailable("the broker is away")

    sent = []
    for what, publish in (("together", fail), (None, sent.append), ("undone", sent.append)):
        if what:
            custody(place, "link", "decide", "--together" if what == "together" else "--undo", one, two, "--why", "tests")
        try:
            relink(settings, model, identities, publish)
        except Unavailable:
            assert what == "together"
    kinds = pl.concat(sent)["reasons"].to_list()
    assert kinds == ["merged", "unmerged"], "what was decided when the broker was away came with the next beginning"


def test_a_second_linker_fences_the_first(place):
    _, settings, model, identities = place
    first = linker(settings, model, identities)
    linker(settings, model, identities)
    now = read_people(main_lake(settings), "person").filter(pl.col("to").is_null())
    one, two = now.unique("person").sort("record")["record"].to_list()[:2]
    custody(place, "link", "decide", "--together", one, two, "--why", "tests")
    with pytest.raises(Fenced):
        first.run(Event())
    custody(place, "link", "decide", "--undo", one, two, "--why", "tests")
    relink(settings, model, identities)


def test_what_cannot_be_decided_is_refused(place):
    assert "no such record" in custody(place, "link", "decide", "--apart", "prison/1", "prison/none", "--why", "x", status=2)
    assert "say why" in custody(place, "link", "decide", "--apart", "a", "b", "--why", " ", status=2)
    assert "--together" in custody(place, "link", "decide", "a", "b", "--why", "x", status=2)
    assert "no such person" in custody(place, "link", "why", "nobody", status=2)


def test_rows_are_read_with_their_person_now_and_then(place):
    _, settings, *_ = place
    log = read_log(main_lake(settings), "person")
    rows = [json.loads(line) for line in custody(place, "read", "prisoners", "--person", "now", "--format", "jsonl").splitlines()]
    assert all(row["person_id"] for row in rows)
    assert len({row["person_id"] for row in rows}) > 10
    assert len(log.rows)
    assert "--at" in custody(place, "read", "prisoners", "--person", "then", status=2)


def test_a_model_is_learnt_from_what_the_lake_knows(place):
    folder, *_ = place
    said = custody(place, "link", "train", "identities:person", "--model", "models/again.json")
    assert "joins from" in said
    learnt = json.loads((folder / "models" / "again.json").read_text(encoding="utf-8"))
    assert set(learnt["model"]["provenance"]["identities"]) == {"identities_prisoners", "identities_defendants"}
    found = json.loads(custody(place, "link", "evaluate", "identities:person", "--model", "models/person.json", "--json"))
    assert found["records"] == [len(frame_of(60, seed=9))]
    assert "no dataset is linked" in custody(place, "link", "evaluate", "identities:other", status=2)


def test_the_lakes_own_records_are_reported_by_what_the_link_does_not_read(place):
    folder, *_ = place
    rows = frame_of(60, seed=9)
    where = pl.when(pl.col("id") % 2 == 0).then(pl.lit("prison")).otherwise(pl.lit("court"))
    _, truth = records(60, seed=9, noise=0.5)
    ids = rows.select(pl.concat_str(where, pl.lit("/"), "id").alias("id")).to_series()
    pl.DataFrame({"id": ids, "entity": truth["entity"]}).write_csv(folder / "truth.csv")
    words = ("link", "report", "identities:person", "--model", "models/person.json", "--labels", "truth.csv", "--by")
    found = json.loads(custody(place, *words, "ethnicity", "--by", "birth_date", "--by", "sex"))["subgroups"]
    counted = rows["ethnicity"].value_counts().sort("ethnicity").rows()
    assert [(one["group"], one["records"]) for one in found["ethnicity"]] == counted
    assert all(one["recall"] > 0 for one in found["ethnicity"])
    assert {"birth_date", "sex"} <= set(found)
    assert "publishes a column" in custody(place, *words, "nothing", status=2)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("surname", "O'NEIL SMITH", f"O{5 * DOT} S{4 * DOT}"), ("birth_date", "1980-03-14", "1980"),
        ("postcode", "LS2 9JT", "LS2"),
        ("pnc", "2001/1234567X", 11 * DOT + "7X"), ("sex", "M", "M"), ("pnc", "12", DOT),
    ],
)  # fmt: skip
def test_values_are_masked(kind, value, shown):
    assert mask(kind, value) == shown
