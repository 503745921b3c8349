"""current/ lies in files by key; folding rewrites the files that changes touch, and gives the naive rows after each fold."""

from datetime import timedelta
from itertools import pairwise
from random import Random

import polars as pl
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sink.current import Current
from sink.history import History
from sink.lake import Lake
from tests.histories import BEGAN, PEOPLE, Record, as_batches, batch_of, published, random_history, redelivered
from tests.property.test_histories import COLUMNS, GO


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_folding_file_by_file_gives_the_naive_rows(tmp_path_factory, monkeypatch, seed, transactions):
    monkeypatch.setattr("sink.files.FILE_ROWS", 2)
    random = Random(seed)
    history = random_history(seed, transactions, keys=12)
    lake = Lake(str(tmp_path_factory.mktemp("current")))
    current = None
    for batch in as_batches(redelivered(history, random), random):
        if current is None or random.random() < 0.1:
            changes = History(lake, PEOPLE, {}, in_order=True, partitions=3)
            current = Current(lake, PEOPLE, changes.table, {})
        passed = GO([batch])
        new, _ = changes.append(passed.processed.changes, passed.processed.refusals, {})
        current.add(new)
        if random.random() < 0.3:
            current.fold()
            _in_order(lake)
    current.fold()
    table = DeltaTable(lake.current(PEOPLE).address)
    rows = pl.read_delta(table).sort("id")
    assert rows.select(COLUMNS).to_dicts() == published(history.last)
    assert sum(pl.DataFrame(table.get_add_actions())["num_records"]) == len(rows)


def _in_order(lake: Lake) -> None:
    """No file holds a key that lies between two keys of another."""
    files = sorted(
        (keys.min(), keys.max(), keys.is_sorted())
        for uri in DeltaTable(lake.current(PEOPLE).address).file_uris()
        for keys in [pl.read_parquet(uri)["id"]]
    )
    assert all(is_sorted for _, _, is_sorted in files)
    assert all(before[1] < after[0] for before, after in pairwise(files))


def test_a_change_rewrites_only_the_file_of_its_key(tmp_path, monkeypatch):
    monkeypatch.setattr("sink.files.FILE_ROWS", 10)
    lake = Lake(str(tmp_path))
    changes = History(lake, PEOPLE, {}, in_order=True, partitions=3)
    current = Current(lake, PEOPLE, changes.table, {})
    place = lake.current(PEOPLE).address
    rows = [change("c", key, key + 1) for key in range(100)]
    for offset, records in ((0, rows), (100, [change("u", 55, 200)])):
        passed = GO([batch_of(0, offset - 1, list(enumerate(records, offset)))]).processed
        current.add(changes.append(passed.changes, passed.refusals, {})[0])
        before = set(DeltaTable(place).file_uris())
        current.fold()
    after = set(DeltaTable(place).file_uris())
    assert len(before) == len(after) == 10
    assert len(before - after) == 1
    assert 55 in pl.read_parquet(*(after - before))["id"]


def change(op, key, tx):
    at = BEGAN + timedelta(seconds=tx)
    micros = int(at.timestamp() * 1e6)
    source = {"sequence": f'["{tx * 10}", "{tx * 10 + 1}"]', "lsn": tx * 10 + 1, "txId": tx, "ts_us": micros}
    after = {"id": key, "name": f"n{tx}", "note": None, "amount": "1.00", "secret": "S"}
    return Record(0, {"id": key}, {"op": op, "before": None, "after": after, "source": source}, at)
