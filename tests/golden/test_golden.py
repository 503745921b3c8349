"""Each file in cases/ is a hazard: the events that came, and what the tables must be. Adding a file adds a test."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custody.decide import Desk, Filter, waiting
from custody.play import play
from custody.republish import republish
from custody.settings import Settings, load_settings
from schemas.errors import Refused
from sink.lake import Lake
from sink.read import Reader
from tests.golden.case import BEGAN, CASES, declared, line, load

FILES = sorted(CASES.glob("*.toml"))
KNOWN = {"why", "declare", "step", "current", "history", "quarantine", "at", "suppressed", "refused_at"}
pytestmark = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.mark.parametrize("with_schema", [False, True], ids=["plain", "with_schema"])
def test_the_tables_are_what_the_case_says(path, with_schema, tmp_path):
    case = load(path)
    assert set(case) <= KNOWN
    assert len(case["why"]) > 20
    summaries = _run(case, tmp_path, with_schema=with_schema)
    _compare(case, tmp_path)
    if "suppressed" in case:
        assert summaries[-1]["suppressed"] == case["suppressed"]


def test_halves_in_either_order_and_everything_twice_give_the_same(path, tmp_path):
    case = load(path)
    if len(case["step"]) > 1:
        pytest.skip("what people do in between has its place")
    lines = _lines(case["step"][0]["play"], declared(**case.get("declare", {}))["people"], {}, 0, with_schema=False)
    for number, parts in enumerate(([lines], [lines[len(lines) // 2 :], lines[: len(lines) // 2], lines])):
        folder = tmp_path / str(number)
        folder.mkdir()
        for part in parts:
            _play(part, declared(**case.get("declare", {})), folder)
        _compare(case, folder)


def _run(case: dict[str, Any], folder: Path, *, with_schema: bool) -> list[dict[str, Any]]:
    options, offsets, summaries = dict(case.get("declare", {})), {}, []
    number = 0
    for step in case["step"]:
        options |= step.get("redeclare", {})
        datasets = declared(**options)
        if "play" in step:
            lines = _lines(step["play"], datasets["people"], offsets, number, with_schema=with_schema)
            number += len(lines)
            summaries.append(_play(lines, datasets, folder))
        for act in ("release", "discard"):
            if act in step:
                desk = Desk(_settings().but(lake=str(folder / "lake")), datasets["people"], datasets)
                said = dict(step[act])
                more = {"behind": said.pop("behind", False)} if act == "discard" else {}
                getattr(desk, act)(Filter(**said), "golden", **more)
        if "republish" in step:
            desk = Desk(_settings().but(lake=str(folder / "lake")), datasets["people"], datasets)
            republish(desk, step["republish"], "golden", lambda *_: None)
    return summaries


def _settings() -> Settings:
    return load_settings().but(token_secret="a secret of the tests, long enough")


def _lines(events: list[dict[str, Any]], dataset: Any, offsets: dict[int, int], number: int, *, with_schema: bool) -> list[str]:
    return [line(event, number + n, offsets, dataset, with_schema=with_schema) for n, event in enumerate(events)]


def _play(lines: list[str], datasets: Any, folder: Path) -> dict[str, Any]:
    path = folder / "events.jsonl"
    path.write_text("".join(text + "\n" for text in lines), encoding="utf-8")
    return play(path, datasets, Lake(str(folder / "lake")), _settings(), lambda *_: None)


def _compare(case: dict[str, Any], folder: Path) -> None:
    lake = Lake(str(folder / "lake"))
    reader = Reader(lake, "people")
    _same(reader.now().to_dicts(), case["current"])
    _same(Reader(lake, "people").version(_newest(lake)).to_dicts(), case["current"])
    if "history" in case:
        _same(reader.history().to_dicts(), case["history"])
    for moment in case.get("at", ()):
        _same(Reader(lake, "people").at(BEGAN + timedelta(seconds=moment["t"])).to_dicts(), moment["current"])
    for seconds in case.get("refused_at", ()):
        with pytest.raises(Refused):
            Reader(lake, "people").at(BEGAN + timedelta(seconds=seconds))
    waits = waiting(lake, declared()["people"]).sort("_partition", "_offset")
    assert waits["reason"].to_list() == case.get("quarantine", [])


def _newest(lake: Lake) -> int:
    from sink.snapshot import Snapshot

    return Snapshot.load(lake.place("current", "people")).version


def _same(rows: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """Rows in order, by the columns that the case names."""
    shown = [{name: _plain(row[name]) for name in want} for row, want in zip(rows, expected, strict=False)]
    assert (shown, len(rows)) == (expected, len(expected)), json.dumps([{n: str(v) for n, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    return "null" if value is None else value
