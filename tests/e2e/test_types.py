"""Every type of PostgreSQL on the real road: it arrives exactly, or is refused with a reason; `docs/types.md` says which."""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from connectors.source import prepare
from custody.prepare import source_of
from schemas.errors import Refused
from sink.snapshot import Snapshot
from tests.e2e.odd_tables import MEGABYTES, WIDTH, Odd
from tests.e2e.type_cases import BEFORE_CHRIST, REFUSED
from tests.e2e.typed import CANNOT, PLAIN, WAYS, Typed, Value, column
from tests.e2e.types_page import page

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
PAGE = Path(__file__).parents[2] / "docs" / "types.md"
IS_WRITTEN_ANEW = "REWRITE_PAGES" in os.environ


def test_each_value_of_each_type_is_exact_or_refused(open_road):
    with open_road(kind=Typed) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.write("c", "u")
            road.settle(supervisor)
        finally:
            supervisor.stop()
        assert set(road.misfits) == {column(number) for number in range(len(REFUSED))}
        outcomes = road.outcomes()
        if IS_WRITTEN_ANEW:
            PAGE.write_text(page(outcomes, road.misfits), encoding="utf-8")
        assert _altered(outcomes) == []
        assert _different_by_way(outcomes) == []
        _early_dates_are_refused_before_a_snapshot(road)
    assert page(outcomes, road.misfits) == PAGE.read_text(encoding="utf-8"), "what was seen is not what docs/types.md says"


def _altered(outcomes: dict[Value, str]) -> list[tuple[str, str, str, str]]:
    """Values that are neither exact nor refused, and are not known to be lost; and those that are no longer lost."""
    said = {value: why.startswith(CANNOT) for value, why in outcomes.items()}
    return [(v.of.source, v.text, v.way, outcomes[v]) for v, is_other in said.items() if is_other != (v.text in v.of.lost)]


def _different_by_way(outcomes: dict[Value, str]) -> list[tuple[str, str]]:
    """Values of which it matters how they came."""
    found = []
    for value in (v for v in outcomes if v.way == "c" and v.text not in v.of.lost):
        ways = {outcomes[other] for way in WAYS if (other := Value(value.table, value.case, value.value, way)) in outcomes}
        found += [(value.of.source, value.text)] if len(ways) > 1 else []
    return found


def _early_dates_are_refused_before_a_snapshot(road: Typed) -> None:
    """The slot is there, so the road goes on; a first capture, or a new one after a loss, would read them wrongly."""
    source = source_of(road.settings, road.database)
    prepare(source, road.datasets)
    road.execute(f"CREATE DATABASE {road.database}_early TEMPLATE template0")
    early = source_of(road.settings, f"{road.database}_early")
    road = Typed(road.endpoints, road.settings, early.database)
    road.execute("CREATE TABLE dated (id int PRIMARY KEY, c000 date)", f"INSERT INTO dated VALUES (1, '{BEFORE_CHRIST}')")
    dated = road.dataset("dated", (next(one for one in PLAIN if one.source == "date"),))
    with pytest.raises(Refused, match="before the year 1"):
        prepare(early, {"dated": dated})
    road.execute("UPDATE dated SET c000 = '-infinity'")
    prepare(early, {"dated": dated})


def test_odd_names_wide_tables_large_values_and_what_the_database_fills_in(open_road):
    with open_road(kind=Odd) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute(*road.inserts(2), *road.updates())
            road.settle(supervisor)
        finally:
            supervisor.stop()
        differences = road.differences()
        assert [(found.dataset, found.rows, list(found.different)) for found in differences] == [("long_lists", 1, ["pairs"])]
        for dataset in road.datasets.values():
            assert Snapshot.load(road.lake.quarantine(dataset)).scan().collect().is_empty(), dataset.name
        rows = {name: road.rows(name) for name in road.datasets}
        assert [len(rows[name]) for name in ("order", "wide", "big", "long_lists")] == [6, 2, 2, 2]
        assert all(frame["_unknown"].list.len().sum() == 0 for frame in rows.values())
        assert rows["order"].filter(pl.col("Id") == 2)[["From", "größe", "seen", "ok", "padded"]].row(0) == (None,) * 5
        assert rows["big"]["body"].str.len_bytes().min() > MEGABYTES
        assert len(rows["wide"].columns) > WIDTH
        pairs = rows["long_lists"].sort("id")["pairs"].to_list()
        assert [text and json.loads(text) for text in pairs] == [None, {"k": "v" * 9000}]
