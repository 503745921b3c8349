"""A declaration changes between two runs: what the tables do."""

import json
from dataclasses import replace

import pytest
from deltalake import DeltaTable

from custody import DECIMAL, INT32, INT64, TEXT, Column, Dataset, protect
from custody.decide import Desk, Filter
from custody.play import play
from custody.settings import load_settings
from schemas.errors import Refused
from sink.lake import Lake
from sink.read import Reader
from sink.snapshot import Snapshot


def dataset(**columns):
    made = tuple(Column(name, kind, protect=protect.keep) for name, kind in {"id": INT64, **columns}.items())
    return {"t": Dataset(source="d.public.t", owner="tests", key=("id",), columns=made, name="t")}


def event(offset, **row):
    source = {
        "sequence": f'["{offset + 1}", "{offset + 2}"]',
        "lsn": offset + 2,
        "txId": offset,
        "ts_ms": 1_772_323_200_000 + offset,
    }
    value = {"before": None, "after": row, "source": source, "op": "u"}
    at = {"topic": "d.public.t", "partition": 0, "offset": offset, "timestamp": 1_772_323_200_000 + offset}
    return json.dumps({**at, "headers": {}, "key": {"id": row["id"]}, "value": value})


def run(folder, datasets, *lines):
    path = folder / "events.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    play(path, datasets, Lake(str(folder / "lake")), load_settings(), lambda *_: None)
    return Reader(Lake(str(folder / "lake")), "t").now()


def test_a_column_is_declared_later(tmp_path):
    run(tmp_path, dataset(name=TEXT), event(0, id=1, name="a", more="x"), event(1, id=2, name="b", more="y"))
    rows = run(tmp_path, dataset(name=TEXT, more=TEXT), event(2, id=1, name="a", more="z"))
    assert rows.select("id", "name", "more").rows() == [(1, "a", "z"), (2, "b", None)]


def test_a_column_is_declared_no_longer(tmp_path):
    run(tmp_path, dataset(name=TEXT, more=TEXT), event(0, id=1, name="a", more="x"), event(1, id=2, name="b", more="y"))
    rows = run(tmp_path, dataset(name=TEXT), event(2, id=1, name="c", more="z"))
    assert rows.select("id", "name").rows() == [(1, "c"), (2, "b")]
    assert "more" in Reader(Lake(str(tmp_path / "lake")), "t").history().columns


def test_a_type_is_widened(tmp_path):
    run(tmp_path, dataset(n=INT32), event(0, id=1, n=5))
    rows = run(tmp_path, dataset(n=INT64), event(1, id=2, n=1 << 40))
    assert rows.select("id", "n").rows() == [(1, 5), (2, 1 << 40)]


@pytest.mark.parametrize("narrower", [TEXT, INT32])
def test_a_type_that_cannot_hold_what_is_there_is_refused(tmp_path, narrower):
    run(tmp_path, dataset(n=INT64), event(0, id=1, n=5))
    with pytest.raises(Refused, match="can't hold"):
        run(tmp_path, dataset(n=narrower), event(1, id=2, n=5))


def test_a_column_is_renamed(tmp_path):
    before = dataset(old=TEXT)
    run(tmp_path, before, event(0, id=1, old="a"), event(1, id=2, old="b"))
    renamed = (Column("id", INT64, protect=protect.keep), Column("new", TEXT, protect=protect.keep, renamed_from="old"))
    after = {"t": replace(before["t"], columns=renamed)}
    rows = run(tmp_path, after, event(2, id=2, old="still old"), event(3, id=3, new="c"))
    assert rows.select("id", "new").rows() == [(1, "a"), (2, "still old"), (3, "c")]


def test_rows_of_before_a_column_was_declared_do_not_know_it(tmp_path):
    run(tmp_path, dataset(name=TEXT), event(0, id=1, name="a", more="x"), event(1, id=2, name="b", more="y"))
    rows = run(tmp_path, dataset(name=TEXT, more=TEXT), event(2, id=2, name="c", more="z"), event(3, id=3, name="d", more=None))
    assert rows.select("id", "more", "_unknown").rows() == [(1, None, ["more"]), (2, "z", []), (3, None, [])]
    history = Reader(Lake(str(tmp_path / "lake")), "t").history()
    assert history.select("_schema", "_unknown").rows() == [(0, ["more"]), (0, ["more"]), (1, []), (1, [])]
    lake = Lake(str(tmp_path / "lake"))
    assert Reader(lake, "t").version(Snapshot.load(lake.place("current", "t")).version).equals(rows)


def test_what_was_unknown_under_the_old_name_is_so_under_the_new_one(tmp_path):
    before = dataset(name=TEXT, old=TEXT)
    run(tmp_path, before, event(0, id=1, name="a", old="x"), event(1, id=1, name="b", old="__debezium_unavailable_value"))
    columns = (*before["t"].columns[:2], Column("new", TEXT, protect=protect.keep, renamed_from="old"))
    rows = run(tmp_path, {"t": replace(before["t"], columns=columns)})
    assert rows.select("name", "new", "_unknown").rows() == [("b", "x", [])]


def test_a_new_name_of_another_type_takes_over_what_comes_and_leaves_the_rest(tmp_path):
    before = dataset(n=INT32)
    run(tmp_path, before, event(0, id=1, n=5), event(1, id=2, n=6))
    columns = (before["t"].columns[0], Column("n_text", TEXT, protect=protect.keep, renamed_from="n"))
    rows = run(tmp_path, {"t": replace(before["t"], columns=columns)}, event(2, id=2, n="six"))
    assert rows.select("id", "n_text", "_unknown").rows() == [(1, None, ["n_text"]), (2, "six", [])]
    assert "n" in Snapshot.load(Lake(str(tmp_path / "lake")).place("history", "t")).schema.names


def test_the_commit_log_says_what_was_dropped(tmp_path):
    run(tmp_path, dataset(name=TEXT, more=TEXT), event(0, id=1, name="a", more="x"))
    run(tmp_path, dataset(name=TEXT), event(1, id=1, name="b", more="y"))
    log = DeltaTable(str(tmp_path / "lake/history/t")).history()
    assert [one["custody.dropped"] for one in log if "custody.dropped" in one] == ["more"]


def test_a_number_is_given_more_digits(tmp_path):
    run(tmp_path, dataset(n=DECIMAL(4, 2)), event(0, id=1, n="12.30"), event(1, id=2, n="123.45"))
    wide = dataset(n=DECIMAL(12, 3))
    rows = run(tmp_path, wide, event(2, id=3, n="123456789.125"))
    assert [str(n) for n in rows["n"]] == ["12.300", "123456789.125"]
    desk = Desk(load_settings().but(lake=str(tmp_path / "lake")), wide["t"], wide)
    assert desk.release(Filter("no such reason"), "nothing is meant").decided == 0
    assert desk.release(Filter(), "declared wider").decided == 1
    assert Reader(Lake(str(tmp_path / "lake")), "t").now()["id"].to_list() == [1, 2, 3]
