"""Who is who in a demonstration, against the truth."""

from datetime import UTC, datetime

import polars as pl
import pytest

from custody.demo.people import across_services, found
from schemas.frames import empty
from schemas.links import LINKS
from sink.lake import Lake
from sink.links import Links

THEN = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = {"nomis/1": "a", "delius/1": "a", "libra/1": "a", "nomis/2": "a", "libra/2": "b", "libra/9": "c"}
TRUTH = {"nomis/1": "x", "delius/1": "x", "libra/1": "x", "libra/3": "x", "nomis/2": "y", "libra/2": "y"}


@pytest.fixture
def lake(tmp_path) -> Lake:
    """Of the pairs that are one, three are found of seven; of those found, three of six are wrong."""
    rows = [{"kind": "assigned", "one": record, "person": person} for record, person in PEOPLE.items()]
    rows += [
        {"kind": "edge", "one": "nomis/1", "two": "nomis/2", "weight": 30.0, "reasons": "noms exact +30.0"},
        {"kind": "edge", "one": "delius/1", "two": "nomis/1", "weight": 9.0, "reasons": "surname exact +9.0"},
    ]
    names = {field.name: field.type for field in LINKS}
    lake = Lake(str(tmp_path))
    Links(lake, "person").append(pl.DataFrame(rows, schema=empty(names).schema).with_columns(at=pl.lit(THEN)), {}, {})
    return lake


def test_pairs_that_the_truth_knows_are_counted(lake):
    """One record has no person, and is one of its own; another is not in the truth, and says nothing."""
    said = found(lake, "person", pl.DataFrame({"id": TRUTH.keys(), "entity": TRUTH.values()})).told()
    assert said == {"records": 6, "people": 3, "precision": 0.5, "recall": pytest.approx(3 / 7, abs=1e-6)}


def test_nobody_linked_is_nobody_found(tmp_path):
    truth = pl.DataFrame({"id": TRUTH.keys(), "entity": TRUTH.values()})
    assert found(Lake(str(tmp_path)), "person", truth).told() == {"records": 0, "people": 0, "precision": 1.0, "recall": 0.0}
    assert across_services(Lake(str(tmp_path)), "person") == ["nobody was linked"]


def test_one_person_is_shown_with_what_holds_two_registers_together(lake):
    assert across_services(lake, "person") == [
        "person a: delius 1 · libra 1 · nomis 1, 2",
        "delius/1 and nomis/1, weight 9.0: surname exact +9.0",
    ]
