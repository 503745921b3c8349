"""Where most events are refused, the dataset stops and nothing more is quarantined."""

from tests.golden.case import declared, line
from tests.golden.test_golden import _play


def lines(bad, good):
    people, offsets = declared()["people"], {}
    events = [{"op": "c", "id": n, "row": {"kind": "?" if n < bad else "a"}, "at": [n + 1, n + 2]} for n in range(bad + good)]
    return [line({**event, "t": 1}, n, offsets, people, with_schema=False) for n, event in enumerate(events)]


def test_a_flood_of_refusals_stops_the_dataset(tmp_path):
    said = _play(lines(1_200, 100), declared(), tmp_path)
    assert "were refused" in said["datasets"]["people"]["stopped"]
    assert (said["quarantined"], said["written"]) == (0, 0)


def test_many_refusals_among_many_events_wait(tmp_path):
    said = _play(lines(1_200, 1_300), declared(), tmp_path)
    assert "stopped" not in said["datasets"]["people"]
    assert (said["quarantined"], said["written"]) == (1_200, 1_300)
