"""The worked example: its plan is the same for a seed, exact in its counts, as dirty as promised, and fits its datasets."""

import re
import subprocess
import sys
import zlib
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from custody.compare import expected_rows
from examples.justice.names import NO_NAMES
from examples.justice.numbers import noms_number
from examples.justice.workload import CORRECTED_ID, DATASETS, is_refused, plan
from rules import check
from rules.protect import Keys
from schemas.frames import polars_type
from schemas.notation import load_datasets
from tests.examples.memory import Memory, key_of, named, work

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def memory() -> Memory:
    return work(7, 6_000, 3)


def _digest(seed: int) -> str:
    return sha256(repr(list(plan(seed, 2_000, writer=1, writers=3))).encode()).hexdigest()


def test_the_same_seed_gives_the_same_plan_in_any_process():
    program = f"from tests.examples.test_workload import _digest; print(_digest({5}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": "99", "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == _digest(5) != _digest(6)


@pytest.mark.parametrize("writers", [1, 2, 4, 7])
@pytest.mark.parametrize("changes", [0, 1, 2, 3, 7, 19, 20, 21, 100, 999, 1_000, 2_001, 5_000])
def test_writers_together_commit_exactly_so_many_changes(changes, writers):
    assert len(work(11, changes, writers).images) == changes
    planned = [transaction for writer in range(writers) for transaction in plan(11, changes, writer=writer, writers=writers)]
    assert sum(transaction.changes for transaction in planned) == changes


def test_counts_are_exact_whoever_comes_first():
    memory = Memory()
    for writer in (2, 0, 1):
        for transaction in plan(3, 3_000, writer=writer, writers=3):
            memory.commit(transaction)
    assert len(memory.images) == 3_000


def test_where_no_work_is_done_nothing_changes():
    planned = [one for writer in range(3) for one in plan(3, 3_000, writer=writer, writers=3, databases=("delius", "libra"))]
    assert {transaction.database for transaction in planned} == {"delius", "libra"}
    assert sum(transaction.changes for transaction in planned) == 3_000
    assert {one.database for one in plan(3, 500, databases=("nomis",))} == {"nomis"}


def test_a_writer_that_is_none_is_refused():
    for wrong in ({"writer": 2, "writers": 2}, {"writer": -1}, {"writers": 0}):
        with pytest.raises(ValueError, match="plan:"):
            plan(1, 10, **wrong)


@pytest.mark.parametrize(("changes", "writers"), [(20, 1), (20, 20), (21, 4), (5_000, 4)])
def test_one_person_is_wrong_at_first_and_put_right_at_the_end(changes, writers):
    first, *_, last = plan(1, changes, writers=writers)
    memory = Memory()
    memory.commit(first)
    wrong = dict(memory.tables["offenders"][CORRECTED_ID,])
    memory.commit(last)
    right = memory.tables["offenders"][CORRECTED_ID,]
    assert (wrong["date_of_birth"].year, wrong["status"]) == (1958, "RELEASED")
    assert (right["date_of_birth"].year, right["status"]) == (1985, "HELD")
    others = [row for _, table, row in work(1, changes, writers).images if table == "offenders"]
    assert sum(row["offender_id"] == CORRECTED_ID for row in others) == 2


def test_everything_happens(memory):
    """Inserts, updates and deletes in every table, keys that come back, fields that are emptied."""
    counted = Counter((verb, table) for verb, table, _ in memory.images)
    assert (
        {table for verb, table in counted if verb == "I"}
        == {table for verb, table in counted if verb == "U"}
        == set(memory.tables)
    )
    assert {table for verb, table in counted if verb == "D"} == set(memory.tables)
    assert {row["soft_deleted"] for verb, table, row in memory.images if (verb, table) == ("U", "offender")} == {True, False}
    assert any(row["email"] is None for verb, table, row in memory.images if (verb, table) == ("U", "offenders"))
    born = Counter((table, *(row[name] for name in key_of(table))) for verb, table, row in memory.images if verb == "I")
    again = {table for (table, *_), times in born.items() if times > 1}
    assert again >= {"alerts", "bookings", "incidents", "incident_parties", "offenders"}


def test_transactions_are_shifts_and_some_are_taken_back():
    planned = list(plan(7, 6_000))
    sizes = [transaction.changes for transaction in planned if not transaction.is_rolled_back]
    assert max(sizes) <= 50
    assert 10 < sum(sizes) / len(sizes) < 50
    assert sum(transaction.is_rolled_back for transaction in planned) > 3
    kinds = [{statement.sql.split(" WHERE ")[0] for statement in transaction.statements} for transaction in planned]
    assert any(any("incidents" in sql for sql in sqls) and any("incident_parties" in sql for sql in sqls) for sqls in kinds)


def test_a_transaction_shares_at_most_one_row_and_changes_it_last():
    for transaction in plan(7, 6_000, writer=1, writers=4):
        assert not any("ON CONFLICT" in statement.sql for statement in transaction.statements[:-1])


def test_long_notes_are_updated_without_their_text(memory):
    is_long = {row["note_id"] for verb, table, row in memory.images if table == "case_notes" and len(row["note"] or "") > 8_192}
    planned = [
        statement for writer in range(3) for one in plan(7, 6_000, writer=writer, writers=3) for statement in one.statements
    ]
    updates = [named(statement) for statement in planned if statement.sql.startswith("UPDATE case_notes")]
    assert sum(key["note_id"] in is_long and "note" not in values for values, key in updates) > 10
    assert sum(key["note_id"] in is_long and "note" in values for values, key in updates) > 2
    notes = [row["note"] for _, table, row in memory.images if table == "case_notes" and len(row["note"] or "") > 8_192]
    assert min(len(zlib.compress(note.encode())) for note in notes) > 8_192


def test_the_dirt_of_real_systems_is_there(memory):
    people = [row for verb, table, row in memory.images if (verb, table) == ("I", "offenders")]
    names = {row[part] for row in people for part in ("surname", "forename")}
    assert len(names & set(NO_NAMES)) > 2
    assert any(name != name.strip() for name in names)
    assert any(name.strip() and name.strip().islower() for name in names)
    assert any("'" in name for name in names)
    assert not all(name.isascii() for name in names)
    assert date(1900, 1, 1) in {row["date_of_birth"] for row in people}
    assert any(row["is_alias"] and row["root_offender_id"] != row["offender_id"] for row in people)
    numbers = [row for verb, table, row in memory.images if (verb, table) == ("I", "identifiers")]
    assert max(Counter(row["offender_id"] for row in numbers if row["cro"]).values()) > 1


@pytest.fixture(scope="module")
def much() -> Memory:
    return work(7, 20_000, 3)


@pytest.mark.parametrize("kind", ["pnc", "cro", "nino", "nhs_number"])
def test_some_check_letters_are_wrong_and_most_are_right(much, kind):
    written = [row[kind] for verb, table, row in much.images if (verb, table) == ("I", "identifiers") and row[kind]]
    right = pl.DataFrame({"v": written}).select(getattr(check, kind)(pl.col("v").str.strip_chars()))["v"]
    assert 0.85 < right.mean() < 1


def test_prison_numbers_are_given_once():
    given = {noms_number(number) for number in range(200_000)}
    assert len(given) == 200_000
    assert all(re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", number) for number in list(given)[:1_000])


@pytest.mark.parametrize("changes", [999, 1_000, 6_000])
def test_checks_refuse_what_is_meant_to_be_refused_and_nothing_else(changes):
    memory = work(7, changes, 3)
    refused = 0
    for name, dataset in load_datasets(DATASETS).items():
        source = dataset.source.split(".")[2]
        rows = [row for verb, table, row in memory.images if table == source and verb != "D"]
        columns = {column.name: polars_type(column.type.arrow) for column in dataset.columns}
        said = {name: [_plain(row[name]) for row in rows] for name in columns}
        passed = expected_rows(pl.DataFrame(said, schema=columns), dataset, Keys(b"a secret of the tests"))
        bad = [row for row in rows if is_refused(name, row)]
        assert len(passed) == len(rows) - len(bad)
        keys = [tuple(row[column] for column in dataset.key) for row in bad]
        assert not set(keys) & set(passed.select(dataset.key).rows())
        assert len(keys) == len(set(keys)) == sum(is_refused(name, row) for row in memory.tables[source].values())
        refused += len(bad)
    assert refused == {999: 0, 1_000: 1, 6_000: 3}[changes]


def _plain(value: Any) -> Any:
    """As it is read from the source: times and UUIDs as text."""
    return value if isinstance(value, str | int | float | Decimal | list | bytes | date | None) else str(value)
