"""Any history, batching, redelivery and interleaving of partitions gives what the naive interpreter says."""

import json
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.placeholder import Placeholder
from custody.pipeline import way
from custody.play import play
from custody.settings import load_settings
from rules.protect import Keys
from schemas.change import IDENTITY, history_schema, snapshot_commit
from schemas.frames import empty
from schemas.order import cover
from sink.fold import fold
from sink.identity import new_changes
from sink.lake import Lake
from sink.overlay import Wide, lay_over
from sink.reach import is_late, reach
from sink.read import Reader
from tests.histories import PEOPLE, as_batches, as_lines, published, random_history, redelivered
from tests.property.playing import COLUMNS, check_pieces, check_released

GO = way(PEOPLE, Placeholder(), Keys(b"x" * 32))
seeds = st.integers(0, 2**32)


@given(seeds, st.integers(1, 40))
@settings(max_examples=60)
def test_any_batching_and_redelivery_gives_the_naive_rows(seed, transactions):
    random = Random(seed)
    history = random_history(seed, transactions)
    batches = as_batches(redelivered(history, random), random)
    log = empty({field.name: field.type for field in history_schema(PEOPLE)})
    reached = {}
    while batches:
        count = random.randrange(1, 4)
        taken, batches = batches[:count], batches[count:]
        changes = truncates_applied(GO(taken).processed.changes)
        known = log
        new = new_changes(changes, PEOPLE.key, reached, lambda span, known=known: known.filter(span))
        reached = reach(new, reached)
        log = pl.concat([log, new])
    assert len(log) == history.changes, "each change once"
    assert not log.with_columns(snapshot_commit()).select(["id", *IDENTITY]).is_duplicated().any()
    rows = fold(log, PEOPLE.key)
    assert rows.select(COLUMNS).to_dicts() == published(history.last)


@given(seeds, st.integers(1, 30))
@settings(max_examples=30)
def test_folding_in_parts_is_folding_at_once(seed, transactions):
    random = Random(seed)
    changes = truncates_applied(GO(as_batches(random_history(seed, transactions).records, random)).processed.changes)
    shuffled = changes.sample(fraction=1, shuffle=True, seed=seed % 2**32)
    cut = random.randrange(len(shuffled) + 1)
    first, tail = shuffled.head(cut), shuffled.slice(cut)
    for is_doubtful in (pl.repeat(value=True, n=len(tail), eager=True), is_late(tail, dict.fromkeys(range(3), highest(first)))):
        in_parts = lay_over(
            fold(first, PEOPLE.key), tail, is_doubtful, shuffled.lazy(), Wide.of(shuffled.lazy(), PEOPLE.key), PEOPLE.key
        )
        assert in_parts.equals(fold(changes, PEOPLE.key))


def highest(changes):
    return max(reach(changes, {}).values(), default=(-1, -1, -1))


def truncates_applied(changes):
    return changes.with_columns(_revision=pl.when(pl.col("_op") == "t").then(1).otherwise("_revision").cast(pl.Int32))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), max_size=25), st.integers(-1, 5))
def test_coverage_agrees_with_the_obvious_loop(spans, covered):
    import numpy as np

    after = np.array([start - 1 for start, _ in spans], np.int64)
    upto = after + np.array([length for _, length in spans], np.int64)
    judged = cover(after, upto, covered)
    expected, reached = [], covered
    for start, end in zip(after.tolist(), upto.tolist(), strict=True):
        applies = start <= reached < end
        expected.append(applies)
        reached = end if applies else reached
    assert judged.applies.tolist() == expected
    assert judged.covered == reached


@given(seeds, st.integers(1, 25), st.booleans())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_played_in_halves_in_either_order_and_twice_gives_the_naive_tables(tmp_path_factory, seed, transactions, is_lost):
    check_pieces(seed, transactions, tmp_path_factory.mktemp("play"), is_lost=is_lost)


@given(seeds, st.integers(1, 25))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_refused_and_released_gives_the_naive_tables(tmp_path_factory, seed, transactions):
    check_released(seed, transactions, tmp_path_factory.mktemp("play"))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_refusal_holds_its_key_whichever_half_comes_first(tmp_path, order):
    """The bad event is in the first half, later changes of its key in both: these wait, and nothing else does."""
    history = random_history(5, 30, keys=3)
    lines = as_lines(history.records)
    place = next(n for n, line in enumerate(lines) if json.loads(line)["key"] == {"id": 1})
    lines[place] = lines[place].replace('"amount": "', '"amount": "no number ', 1)
    halves = [lines[: len(lines) // 2], lines[len(lines) // 2 :]]
    lake = Lake(str(tmp_path / "lake"))
    for number, half in enumerate([*(halves[index] for index in order), lines]):
        path = tmp_path / f"{number}.jsonl"
        path.write_text("".join(line + "\n" for line in half), encoding="utf-8")
        said = play(path, {"people": PEOPLE}, lake, load_settings(), lambda *_: None)
    assert (said["written"], said["quarantined"]) == (0, 0)
    others = {key: row for key, row in history.last.items() if key != 1}
    reader = Reader(lake, "people")
    assert reader.now().select(COLUMNS).to_dicts() == published(others)
    assert pl.read_delta(str(tmp_path / "lake/current/people")).sort("id").select(COLUMNS).to_dicts() == published(others)
    of_key = sum(record.key == {"id": 1} and record.value is not None for record in history.records)
    quarantine = pl.read_delta(str(tmp_path / "lake/quarantine/people"))
    assert len(quarantine) == of_key
    assert len(reader.history()) == history.changes - of_key
