"""A table that is looked at again and again shows what came since, and reads nothing twice."""

import pyarrow as pa

from sink.snapshot import Watched
from sink.table import Place, Table

SCHEMA = pa.schema([pa.field("id", pa.int64())])


def rows(*ids: int) -> pa.Table:
    return pa.table({"id": list(ids)}, schema=SCHEMA)


def test_a_table_is_watched_before_it_is_there_and_as_it_grows(tmp_path):
    place = Place(str(tmp_path / "table"), {})
    watched = Watched(place)
    assert watched.look() is None
    table = Table(place, SCHEMA, stats=("id",))
    first = watched.look()
    assert first is not None
    assert watched.look() is first
    table.append(rows(1), {"seen": 1}, {})
    second = watched.look()
    assert second is not first
    assert (second.version, second.mark("seen"), second.scan().collect()["id"].to_list()) == (table.version, 1, [1])
    table.append(rows(2), {"seen": 2}, {})
    third = watched.look()
    assert (third.mark("seen"), sorted(third.scan().collect()["id"])) == (2, [1, 2])


def test_a_mark_that_another_owner_set_is_seen_on_opening(tmp_path):
    place = Place(str(tmp_path / "table"), {})
    first = Table(place, SCHEMA, stats=("id",))
    assert first.mark("seen") is None
    first.append(rows(1), {"seen": 1}, {})
    assert first.mark("seen") == 1
    second = Table(place, SCHEMA, stats=("id",))
    second.append(rows(), {"seen": 2}, {})
    assert Table(place, SCHEMA, stats=("id",)).mark("seen") == 2
