"""Topics that are made again: what a table takes, what it refuses, and what a person has agreed to."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from custody import INT64, TEXT, Column, Dataset, protect
from schemas.change import REFUSAL
from schemas.errors import Stopped
from schemas.frames import empty
from schemas.order import cover
from sink.history import History
from sink.lake import Lake
from sink.quarantine import Decision
from sink.recovered import Beginning, Topic, give_up, given_up
from sink.table import Table

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCHEMA = pa.schema([pa.field("n", pa.int64())])


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path))


def opened(lake):
    table = Table(lake.place("history", "t"), SCHEMA, stats=("n",))
    return table, Topic(table, "d.public.t", "raw", given_up(lake, "d"))


def commit(table, topic, topic_id, **reached):
    upto = {int(name[1:]): offset for name, offset in reached.items()}
    table.append(SCHEMA.empty_table(), topic.marks({topic_id: upto}), {})


def test_a_topic_that_is_made_again_is_taken_only_after_a_recovery(lake):
    table, topic = opened(lake)
    assert topic.accept("one") == "one"
    commit(table, topic, "one", p0=99, p1=7)
    table, topic = opened(lake)
    assert topic.accept("one") == "one"
    assert topic.reached("one", range(3)) == {0: 99, 1: 7, 2: -1}
    for gone in ("two", None):
        with pytest.raises(Stopped, match=r"made again.*custody recover"):
            topic.accept(gone)
    give_up(lake, "d", 2, NOW, [Beginning("d.public.t", "two", {0: 0, 1: 4}), Beginning("d.public.other", "three", {0: 9})])
    table, topic = opened(lake)
    assert topic.accept("two") == "two"
    assert topic.reached("two", range(2)) == {0: -1, 1: -1}
    assert topic.floor("two") == {0: -1, 1: 3}
    commit(table, topic, "two", p0=3)
    table, topic = opened(lake)
    assert topic.accept("one") == "one"
    assert topic.reached("one", range(1)) == {0: 99}
    with pytest.raises(Stopped):
        topic.accept("three")


def test_the_newest_agreement_counts(lake):
    give_up(lake, "d", 2, NOW, [Beginning("t", "one", {0: 5, 1: 5})])
    give_up(lake, "d", 3, NOW, [Beginning("t", "one", {0: 50})])
    assert given_up(lake, "d") == {("t", "one"): {0: 50, 1: 5}}
    assert given_up(lake, "other") == {}


def test_a_hole_is_passed_over_only_where_it_was_agreed_to():
    after, upto = np.array([9, 19, 19, 40]), np.array([19, 24, 29, 44])
    plain = cover(after[1:], upto[1:], 9)
    assert (plain.applies.tolist(), plain.covered, plain.beyond) == ([False] * 3, 9, 3)
    agreed = cover(after[1:], upto[1:], 9, floor=19)
    assert (agreed.applies.tolist(), agreed.covered, agreed.beyond) == ([True, True, False], 29, 1)
    after_what_was_there = cover(np.array([-1, 9, 40]), np.array([9, 12, 44]), -1, floor=40)
    assert (after_what_was_there.applies.tolist(), after_what_was_there.covered) == ([True, True, True], 44)
    assert after_what_was_there.repeated == after_what_was_there.beyond == 0


def test_a_position_that_comes_again_names_another_record(tmp_path):
    lake = Lake(str(tmp_path))
    columns = (Column("id", INT64, protect=protect.keep), Column("name", TEXT, protect=protect.keep))
    t = Dataset(source="d.public.t", owner="tests", key=("id",), columns=columns, name="t")
    history = History(lake, t, {}, in_order=True)
    nothing = pl.DataFrame(history.table.schema.empty_table())
    for hour in (1, 2):
        place = {"_partition": 0, "_offset": 5, "_epoch": hour, "key_token": f"k{hour}", "reason": "no key"}
        refusal = pl.DataFrame([{**place, "_received_at": NOW.replace(hour=hour)}])
        whole = empty(REFUSAL)
        history.append(nothing, pl.concat([whole, refusal], how="diagonal_relaxed").cast(whole.schema), {})
    assert history.quarantine.undecided["key_token"].to_list() == ["k1", "k2"]
    later = history.quarantine.undecided.head(1)
    history.quarantine.decide(later, Decision("discarded", NOW, "tests", "why"), {})
    assert history.quarantine.undecided["key_token"].to_list() == ["k2"]
