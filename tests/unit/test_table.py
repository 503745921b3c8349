"""Commits: rows and marks land together and once, whatever the store answers; a later owner fences the earlier one."""

from itertools import count

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sink.table
from schemas.errors import Fenced, Stopped
from sink.table import Place, Table

SCHEMA = pa.schema([pa.field("n", pa.int64())])
folders = count()


def table_at(path):
    return Table(Place(str(path), {}), SCHEMA, stats=("n",))


def rows(*numbers):
    return pa.table({"n": pa.array(numbers, pa.int64())}, schema=SCHEMA)


def numbers(table):
    return sorted(table.scan().collect()["n"].to_list())


def test_marks_and_rows_are_one_version(tmp_path):
    table = table_at(tmp_path)
    before = table.version
    table.append(rows(1, 2), {"raw/0": 7}, {})
    assert table.version == before + 1
    again = table_at(tmp_path)
    assert (again.mark("raw/0"), numbers(again), again.epoch) == (7, [1, 2], table.epoch + 1)


def test_who_was_overtaken_commits_nothing_more(tmp_path):
    first = table_at(tmp_path)
    first.append(rows(1), {"raw/0": 1}, {})
    second = table_at(tmp_path)
    with pytest.raises(Fenced):
        first.append(rows(2), {"raw/0": 2}, {})
    second.append(rows(3), {"raw/0": 3}, {})
    assert numbers(table_at(tmp_path)) == [1, 3]


def test_a_stranger_s_commit_stops_the_table(tmp_path):
    table = table_at(tmp_path)
    table.append(rows(1), {}, {})
    pl.DataFrame({"n": [99]}).write_delta(str(tmp_path), mode="append")
    with pytest.raises(Stopped):
        table.append(rows(2), {}, {})


@given(script=st.lists(st.sampled_from(["fine", "refuse", "lose the answer"]), max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_lands_once_whatever_the_store_answers(tmp_path, script):
    """Each fault happens once: a write that was refused, and one that landed though its answer was lost."""
    faults, write = iter(script), sink.table.write_deltalake

    def faulty(*args, **named):
        fault = next(faults, "fine")
        if fault == "refuse":
            raise OSError("refused before the write")
        write(*args, **named)
        if fault == "lose the answer":
            raise OSError("written, but the answer was lost")

    table = table_at(tmp_path / str(next(folders)))
    sink.table.write_deltalake = faulty
    try:
        for number in range(4):
            table.append(rows(number), {"raw/0": number}, {})
    finally:
        sink.table.write_deltalake = write
    again = Table(table.place, SCHEMA, stats=("n",))
    assert numbers(again) == [0, 1, 2, 3]
    assert again.mark("raw/0") == 3
