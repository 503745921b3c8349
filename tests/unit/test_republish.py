"""What is declared later is published for all of history, once, whatever ended the first attempt."""

import json
from dataclasses import replace

import pytest

from custody import INT64, TEXT, Column, check, clean, protect
from custody.decide import Desk
from custody.play import play
from custody.republish import republish
from custody.settings import load_settings
from schemas.errors import Refused
from sink.lake import Lake
from sink.read import Reader
from tests.unit.test_evolution import dataset, event, run


def again(folder, datasets, *columns):
    desk = Desk(load_settings().but(lake=str(folder / "lake")), datasets["t"], datasets)
    made = republish(desk, columns, "declared later", lambda *_: None)
    return made.looked_at, made.revised, made.refused


def now(folder):
    return Reader(Lake(str(folder / "lake")), "t").now()


def test_a_column_that_was_declared_later_is_published_for_all_of_history(tmp_path, monkeypatch):
    monkeypatch.setattr("custody.republish.CHUNK_ROWS", 2)
    lines = [event(n, id=n % 3, name=f"n{n}", more=f"m{n}") for n in range(7)]
    run(tmp_path, dataset(name=TEXT), *lines, event(7, id=9, name="never had it"))
    later = dataset(name=TEXT, more=TEXT)
    run(tmp_path, later, event(8, id=5, name="new", more="m8"))
    assert again(tmp_path, later) == (9, 7, 0)
    assert now(tmp_path).select("id", "more").rows() == [(0, "m6"), (1, "m4"), (2, "m5"), (5, "m8"), (9, None)]
    history = Reader(Lake(str(tmp_path / "lake")), "t").history()
    assert history.filter(_revision=1)["more"].to_list() == [f"m{n}" for n in range(7)]
    assert now(tmp_path).filter(id=9)["_unknown"].to_list() == [["more"]]
    assert again(tmp_path, later) == (9, 0, 0)
    play(tmp_path / "events.jsonl", later, Lake(str(tmp_path / "lake")), load_settings(), lambda *_: None)
    assert len(Reader(Lake(str(tmp_path / "lake")), "t").history()) == 16


def test_only_the_columns_that_were_asked_for_change(tmp_path):
    run(tmp_path, dataset(name=TEXT), event(0, id=1, name=" a ", more="x", other="y"))
    later = dataset(name=TEXT, more=TEXT, other=TEXT)
    run(tmp_path, later)
    assert again(tmp_path, later, "more") == (1, 1, 0)
    assert now(tmp_path).select("more", "other", "_unknown").rows() == [("x", None, ["other"])]
    assert again(tmp_path, later) == (1, 1, 0)
    assert now(tmp_path).select("more", "other", "_unknown", "_revision").rows() == [("x", "y", [], 2)]


def test_what_does_not_pass_any_more_stays_as_it_is(tmp_path):
    run(tmp_path, dataset(name=TEXT), event(0, id=1, name="a", more="x"), event(1, id=2, name="b", more="y"))
    strict = Column("more", TEXT, protect=protect.keep, check=(check.one_of("y"),))
    later = {"t": replace(dataset(name=TEXT)["t"], columns=(*dataset(name=TEXT)["t"].columns, strict))}
    run(tmp_path, later)
    assert again(tmp_path, later) == (2, 1, 1)
    assert now(tmp_path).select("id", "more").rows() == [(1, None), (2, "y")]


def test_a_key_in_another_form_is_refused(tmp_path):
    name = Column("name", TEXT, protect=protect.keep)
    before = replace(dataset()["t"], columns=(Column("id", TEXT, protect=protect.keep), name))
    run(tmp_path, {"t": before}, event(0, id="a", name="a"))
    upper = replace(before, columns=(Column("id", TEXT, protect=protect.keep, clean=(clean.upper,)), name))
    with pytest.raises(Refused, match="keys come out otherwise"):
        again(tmp_path, {"t": upper})
    other = replace(before, columns=(Column("id", INT64, protect=protect.keep), name))
    with pytest.raises(Refused, match="not as declared yet: id"):
        again(tmp_path, {"t": other})


def test_a_column_that_is_not_published_is_refused(tmp_path):
    run(tmp_path, dataset(name=TEXT), event(0, id=1, name="a"))
    with pytest.raises(Refused, match="not a published column"):
        again(tmp_path, dataset(name=TEXT), "id")


def read_row(offset, tx, snapshot, **row):
    """A row that an initial snapshot read in a transaction of its own."""
    line = json.loads(event(offset, **row))
    line["value"] |= {"op": "r", "source": {"sequence": '[null, "1"]', "lsn": 1, "txId": tx, "snapshot": snapshot, "ts_ms": 1}}
    return json.dumps(line)


def test_a_row_that_only_an_interrupted_snapshot_read_does_not_come_back(tmp_path):
    first = [
        read_row(0, 7, "first_in_data_collection", id=1, name="a", more="x"),
        read_row(1, 7, "true", id=2, name="b", more="y"),
    ]
    second = [
        read_row(2, 9, "first_in_data_collection", id=1, name="a", more="x"),
        read_row(3, 9, "last", id=3, name="c", more="z"),
    ]
    rows = run(tmp_path, dataset(name=TEXT), *first, *second, event(20, id=3, name="streamed", more="z"))
    assert rows["id"].to_list() == [1, 3]
    later = dataset(name=TEXT, more=TEXT)
    run(tmp_path, later)
    assert again(tmp_path, later) == (4, 4, 0)
    assert now(tmp_path).select("id", "more").rows() == [(1, "x"), (3, "z")]
    assert again(tmp_path, later) == (4, 0, 0)
