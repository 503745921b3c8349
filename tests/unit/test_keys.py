"""Keys are rotated, tables lifted, earlier keys retired; and what is refused on the way."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import polars as pl
import pytest

from custody.decide import Desk, Filter, waiting
from custody.keyring import write_keyring
from custody.lifting import refuse_linked_behind
from custody.republish import republish
from custody.settings import load_settings
from rules.protect import Keys
from rules.tokens import lift
from schemas.change import key_token
from schemas.errors import Fenced, Refused, Stopped
from schemas.frames import empty
from schemas.links import LINKS
from schemas.notation import load_datasets
from sink.history import History
from sink.lake import Lake
from sink.lift import is_behind, lift_dataset, lift_links
from sink.links import Links, Overrides, read_log, read_overrides, read_people, standing
from sink.persons import with_persons
from sink.read import Reader
from sink.tokens import newest
from tests.unit.rotated import SECRET, custody, keys_now, lay, played, ring_of, tokens
from tests.unit.test_evolution import event

TURNING = ("north of the tests", "east of the tests!", "south of the tests")
THEN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def place(tmp_path, monkeypatch):
    return lay(tmp_path, monkeypatch)


def test_tables_are_lifted_listed_and_the_earlier_key_retired(place):
    played(place, event(0, id=1, friend=2, name="a"), event(1, id=2, friend=None, name="b"))
    assert isinstance(custody("retire").exception, Refused), "nothing to retire yet"
    custody("rotate")
    told = custody("retire").exception
    assert isinstance(told, Refused)
    assert "current/t, history/identities_t, history/t" in str(told)
    reader = played(place, event(2, id=1, friend=1, name="c"))
    one, two = tokens("1", "2", keys=keys_now())
    assert reader.now().select("id", "friend", "name").rows() == sorted([(one, one, "c"), (two, None, "b")])
    assert reader.history()["id"].to_list() == [one, two, one]
    said = json.loads(custody("list", "--json").output)
    assert [(key["version"], key["retired"]) for key in said["keys"]] == [(1, False), (2, False)]
    assert said["tables"]["history/t"] == {"2": 5}
    assert all(list(held) == ["2"] for held in said["tables"].values())
    assert "tok1" not in "".join(pl.read_delta(str(place / "lake/current/t"))["id"])
    assert custody("retire").exit_code == 0
    assert isinstance(custody("retire").exception, Refused), "nothing more to retire"
    assert json.loads(custody("list", "--json").output)["keys"][0]["retired"]
    assert played(place, event(3, id=3, friend=1, name="d")).now()["friend"].to_list().count(one) == 2


def test_a_lift_that_was_broken_off_is_gone_on_with(place, monkeypatch):
    """It ends between history/ and current/: readers are right at once, and the next start folds."""
    played(place, event(0, id=1, friend=2, name="a"))
    custody("rotate")
    known, [dataset] = load_settings(), load_datasets(load_settings().datasets).values()
    lake = Lake(known.lake)
    with monkeypatch.context() as broken:
        broken.setattr("sink.lift.Current", None)
        with pytest.raises(TypeError):
            lift_dataset(lake, dataset, keys_now(), {})
    one, two = tokens("1", "2", keys=keys_now())
    assert Reader(lake, "t").now().select("id", "friend").rows() == [(one, two)]
    assert lift_dataset(lake, dataset, keys_now(), {}) == 0
    assert pl.read_delta(str(place / "lake/current/t")).select("id", "friend").rows() == [(one, two)]


def test_a_process_with_other_keys_than_the_tables_stops(place):
    played(place, event(0, id=1, friend=2, name="a"))
    first = keys_now()
    custody("rotate")
    [dataset] = load_datasets(load_settings().datasets).values()
    lake, second = Lake(load_settings().lake), keys_now()
    with pytest.raises(Stopped, match="of key 1"):
        History(lake, dataset, {}, in_order=True, keys=second)
    still_running = History(lake, dataset, {}, in_order=True, keys=first)
    with pytest.raises(Refused, match="earlier key"):
        refuse_linked_behind(load_settings(), {"t": dataset})
    lift_dataset(lake, dataset, second, {})
    with pytest.raises(Fenced):
        still_running.append_absences(Reader(lake, "t").history().head(0), 1, {})
    with pytest.raises(Stopped, match="of key 2"):
        History(lake, dataset, {}, in_order=True, keys=first)
    with pytest.raises(Refused, match="of key 2"):
        is_behind(lake.history(dataset), first)
    (place / "custody.keys").unlink()
    with pytest.raises(Refused, match="of key 2"):
        played(place)


def test_a_token_of_a_key_that_is_not_known_here_stops_the_dataset():
    first, second = Keys(SECRET.encode()), Keys(SECRET.encode(), (b"another one of the tests",))
    [old], [new] = tokens("1", keys=first), tokens("1", keys=second)
    rows = pl.DataFrame({"v": [old, None, new]})
    assert newest(rows, ["v"], second)["v"].to_list() == [new, None, new]
    with pytest.raises(Stopped, match="later key"):
        newest(rows, ["v"], first)


def test_links_are_lifted_with_what_people_decided_and_rows_find_their_person(place):
    reader = played(place, event(0, id=1, friend=2, name="a"), event(1, id=2, friend=1, name="b"))
    lake, names = reader.lake, [f"d/{one}" for one in tokens("1", "2", keys=keys_now())]
    low, high = sorted(names)
    rows = [{"kind": "assigned", "one": record, "person": "p", "place": n} for n, record in enumerate(names)]
    rows += [{"kind": "edge", "one": low, "two": high, "weight": 9.0}, {"kind": "event", "person": "p", "records": names}]
    kinds = {field.name: field.type for field in LINKS}
    links = Links(lake, "person")
    links.append(pl.DataFrame(rows, schema=empty(kinds).schema).with_columns(at=pl.lit(THEN)), {}, {})
    links.fold()
    Overrides(lake, "person").add(*names, "apart", THEN, "tests", "")
    before = with_persons(reader.now(), reader, "person", None)["person_id"].to_list()
    for count in (1, 2, 3):
        write_keyring(place / "custody.keys", ring_of(*TURNING[:count]))
        reader = played(place)
        assert lift_links(lake, "person", keys_now(), {}) == 0, "playing has lifted them"
        now = [f"d/{one}" for one in tokens("1", "2", keys=keys_now())]
        assert (now[0] < now[1]) == (count != 2), "the lower of the two is the other one each time"
        assert with_persons(reader.now(), reader, "person", None)["person_id"].to_list() == before == ["p", "p"]
        assert read_people(lake, "person")["record"].to_list() == sorted(now)
        assert sorted(pl.read_delta(str(place / "lake/people/person"))["record"]) == sorted(now)
        log = read_log(lake, "person")
        assert log.edges.select("one", "two").rows() == [tuple(sorted(now))]
        assert log.events["records"].to_list() == [now]
        assert standing(read_overrides(lake, "person")).select("one", "two").rows() == [tuple(sorted(now))]
    Overrides(lake, "person").add(*names, "undone", datetime.now(UTC), "tests", "by their first names")
    assert len(standing(read_overrides(lake, "person"))) == 1
    played(place)
    assert not len(standing(read_overrides(lake, "person"))), "the newest decision on the same pair counts"
    with pytest.raises(Stopped, match="of key 4"):
        Links(lake, "person")
    Links(lake, "other", keys_now())
    assert not is_behind(lake.place("links", "other"), keys_now())


def test_what_stands_for_a_key_is_a_hash_and_its_tokens_which_another_key_lifts():
    first, second = Keys(SECRET.encode()), Keys(SECRET.encode(), (b"another one of the tests",))
    rows = [pl.DataFrame({"id": tokens("1", "2", keys=keys), "n": [7, 7]}) for keys in (first, second)]
    named = [frame.select(key_token(["id", "n"])).to_series() for frame in rows]
    assert rows[0].select(key_token(["n"])).to_series().to_list() == [sha256(b'{"n":7}').hexdigest()[:32]] * 2
    assert named[0].n_unique() == 2
    assert lift(named[0], second).to_list() == named[1].to_list()


def test_what_waits_still_waits_and_is_released(place):
    played(place, event(0, id=1, friend="none", name="a"), event(1, id=1, friend=2, name="b"))
    custody("rotate")
    reader = played(place, event(2, id=1, friend=1, name="c"), event(3, id=2, friend=1, name="d"))
    assert reader.now()["name"].to_list() == ["d"]
    known, declared = load_settings(), load_datasets(load_settings().datasets)
    desk = Desk(known, declared["t"], declared)
    assert waiting(desk.lake, declared["t"])["key_token"].n_unique() == 1
    assert desk.discard(Filter("INT64"), "tests", behind=False).waiting == 2
    assert desk.release(Filter(), "tests").waiting == 0
    assert sorted(Reader(reader.lake, "t").now()["name"]) == ["c", "d"]


def test_publishing_again_after_a_rotation_changes_nothing(place):
    played(place, event(0, id=1, friend=2, name="a"))
    custody("rotate")
    known, declared = load_settings(), load_datasets(load_settings().datasets)
    with pytest.raises(Refused, match="earlier key"):
        Desk(known, declared["t"], declared)
    played(place)
    made = republish(Desk(known, declared["t"], declared), [], "tests", lambda *_: None)
    assert (made.looked_at, made.revised) == (1, 0)
