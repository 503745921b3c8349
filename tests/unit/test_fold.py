"""What folding and laying over must not do, each in as few changes as show it."""

import polars as pl
import pytest

from connectors.events import read_events
from connectors.placeholder import Placeholder
from custody.pipeline import way
from rules.protect import Keys
from schemas.change import SEQUENCE
from sink.fold import fold
from sink.overlay import Wide, lay_over
from tests.golden.case import declared, line

PEOPLE = declared()["people"]
GO = way(PEOPLE, Placeholder(), Keys(b"x" * 32))


@pytest.fixture
def changes_of(tmp_path):
    """The changes that some events of a golden case's form give."""

    def changes(*events):
        path, offsets = tmp_path / "events.jsonl", {}
        path.write_text("\n".join(line(e, n, offsets, PEOPLE, with_schema=False) for n, e in enumerate(events)), encoding="utf-8")
        [batches] = list(read_events(path))
        return GO(batches).processed.changes.sort(SEQUENCE)

    return changes


def over(first, tail, *, is_late):
    """The tail laid over the folded first changes."""
    every = pl.concat([first, tail])
    doubtful = pl.repeat(is_late, len(tail), eager=True)
    return lay_over(fold(first, PEOPLE.key), tail, doubtful, every.lazy(), Wide.of(every.lazy(), PEOPLE.key), PEOPLE.key)


def test_of_equal_orders_the_later_offset_counts_whatever_the_order_of_arrival(changes_of):
    first, second = ({"op": "r", "id": 1, "row": {"name": name}, "at": [10, 0], "tx": tx} for tx, name in ((1, "a"), (2, "b")))
    both = changes_of(first, second)
    for arrived in (both, both.reverse()):
        assert fold(arrived, PEOPLE.key)["name"].to_list() == ["b"]


def test_a_late_update_does_not_revive_what_was_folded_away(changes_of):
    made, late, gone = ({"op": op, "id": 1, "at": at} for op, at in (("c", [10, 11]), ("u", [20, 21]), ("d", [30, 31])))
    every = changes_of(made, late, gone)
    assert len(over(every[[0, 2]], every[[1]], is_late=True)) == 0


def test_a_row_that_moves_in_the_tail_is_filled_from_what_was_folded_under_its_old_key(changes_of):
    made = {"op": "c", "id": 1, "row": {"note": "long"}, "at": [10, 11]}
    left = {"op": "d", "id": 1, "new": 2, "at": [20, 21]}
    came = {"op": "c", "id": 2, "old": 1, "unsent": ["note"], "at": [20, 21], "p": 1}
    every = changes_of(made, left, came)
    assert every["id"].to_list() == [1, 2, 1]
    for tail in ([1, 2], [1]):
        rest = [place for place in range(3) if place not in tail]
        rows = over(every[rest], every[tail], is_late=False)
        assert rows.select("id", "note", pl.col("_unknown").list.len()).rows() == [(2, "long", 0)]
