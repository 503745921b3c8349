"""When a text is redacted, and when anew: by what is known of its subject's person, and how far that is complete."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from custody import protect
from custody.decide import Desk
from custody.places import identities_lake
from custody.redaction.stream import INCOMPLETE, TEXTS_A_TURN, UNKNOWN, due
from custody.redactor import rules_version, stream_of
from custody.republish import republish
from schemas.change import purged, withheld
from schemas.errors import Refused
from sink.current import Current
from sink.history import History
from sink.notes import TEXTS
from sink.purge import purge
from sink.read import Reader
from sink.snapshot import Snapshot
from sink.sweep import Sweep
from tests.unit.house import OTHERS, PARTIES, PEOPLE, House, note, notes, party, person


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_text_waits_until_its_subject_is_known_and_what_is_known_is_complete(house):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Nowak is well"), note(2, 7, "Ok"))
    assert house.redact() == (0, {INCOMPLETE: 0, UNKNOWN: 2})
    house.link(d_1="a")
    assert house.redact() == (1, {INCOMPLETE: 0, UNKNOWN: 1})
    assert house.texts() == ["[PERSON: subject] is well", None]
    assert house.rows()["_notes"].to_list() == [[], [withheld("note")]]
    said = json.loads(house.rows()["_redactions"][0])
    assert said["rules"] == rules_version()
    assert said["spans"] == {"note": [{"kind": "PERSON", "layer": 2, "rule": "known_name", "start": 0, "end": 5}]}
    assert house.redact() == (0, {INCOMPLETE: 0, UNKNOWN: 1})


def test_nothing_is_redacted_before_every_linked_database_is_known_up_to_it(house):
    house.declare(PEOPLE, OTHERS, notes())
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Wilk is well"))
    house.link(d_1="a")
    assert house.redact() == (0, {INCOMPLETE: 1, UNKNOWN: 0})
    house.time -= 1
    house.play(("defendants", {"id": 9, "surname": "Wilk"}))
    house.link(c_9="a")
    assert house.redact() == (1, {INCOMPLETE: 0, UNKNOWN: 0})
    assert house.texts() == ["[PERSON: subject] is well"]
    house.play(note(2, 1, "Ok"))
    assert house.redact() == (0, {INCOMPLETE: 1, UNKNOWN: 0})


def test_a_name_or_a_link_that_comes_later_redacts_anew_only_what_it_touches(house):
    house.play(person(1, "Jan", "Nowak"), person(2, "Ewa", "Wilk"), *(note(n, n % 3, "the quorvex is well") for n in range(6)))
    house.link(d_1="a", d_2="b")
    assert house.redact()[0] == 4
    house.play(person(3, "Quorvex", None, root=1, is_further=True))
    assert house.redact()[0] == 2
    assert house.texts()[:3] == [None, "the [PERSON: subject] is well", "the quorvex is well"]
    house.link(d_2="a")
    assert house.redact()[0] == 2
    assert house.texts()[2] == "the [PERSON: subject] is well"
    assert house.rows()["_revision"].to_list() == [0, 2, 2, 0, 2, 2]
    house.play(person(4, "Adam", None, root=1, is_further=True))
    assert house.redact()[0] == 0
    assert Reader(house.lake, "notes").at(datetime.fromtimestamp(1_772_323_204, UTC)).height == 2


def test_who_took_part_in_the_same_is_hidden_too_and_a_text_waits_until_that_is_known(house):
    house.declare(PEOPLE, replace(PARTIES, source="elsewhere.public.parties"), notes())
    house.play(person(1, "Jan", "Nowak"), person(2, "Quorvex", None), note(1, 1, "the quorvex hit Jan"))
    house.link(d_1="a", d_2="b")
    assert house.redact() == (0, {INCOMPLETE: 1, UNKNOWN: 0})
    house.declare(PEOPLE, PARTIES, notes())
    house.play(party(1, 1, 7), party(2, 2, 8))
    assert house.redact()[0] == 1
    assert house.texts() == ["the quorvex hit [PERSON: subject]"]
    stream = stream_of(house.settings, house.datasets)
    assert stream.step() == 0
    house.play(party(3, 2, 7))
    assert stream.step() == 1
    assert house.texts() == ["the [PERSON 1] hit [PERSON: subject]"]
    house.play(party(1, 1, None), op="u")
    assert stream.step() == 1
    assert house.texts() == ["the quorvex hit [PERSON: subject]"]


def test_a_redactor_that_goes_on_sees_what_came_since_and_publishing_again_undoes_nothing(house):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "the quorvex is well"))
    stream = stream_of(house.settings, house.datasets)
    assert stream.step() == 0
    house.link(d_1="a")
    assert stream.step() == 1
    house.play(note(2, 1, "Nowak and the quorvex"))
    assert stream.step() == 1
    house.play(person(3, "Quorvex", None, root=1, is_further=True))
    assert stream.step() == 2
    assert stream.step() == 0
    texts = ["the [PERSON: subject] is well", "[PERSON: subject] and the [PERSON: subject]"]
    assert house.texts() == texts
    desk = Desk(house.settings, house.datasets["notes"], house.datasets)
    assert republish(desk, (), "again", lambda *_: None).revised == 0
    assert house.texts() == texts


def test_a_column_declared_later_is_redacted_for_all_of_history_and_one_in_clear_is_no_longer(house):
    house.declare(PEOPLE, notes(None))
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Jan is well"))
    house.declare(PEOPLE, notes(protect.keep))
    house.play(note(2, 1, "Jan is not"))
    house.link(d_1="a")
    house.declare(PEOPLE, notes())
    house.play(note(3, 1, None))
    assert house.texts() == [None, "Jan is not", None]
    assert house.redact()[0] == 2
    assert house.texts() == ["[PERSON: subject] is well", "[PERSON: subject] is not", None]
    assert house.rows()["_unknown"].to_list() == [[], [], []]


def test_a_text_that_a_change_did_not_send_is_the_last_one_redacted(house):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Jan is well"))
    lacking = {"id": 1, "root": 1}
    house.play(("notes", lacking), op="u")
    house.link(d_1="a")
    assert house.redact()[0] == 1
    assert house.rows().select("note", "_unknown", "_revision").rows() == [("[PERSON: subject] is well", [], 0)]


def test_more_than_one_turn(house, monkeypatch):
    monkeypatch.setattr("custody.redaction.stream.TEXTS_A_TURN", 2)
    assert TEXTS_A_TURN > 2
    house.play(person(1, "Jan", "Nowak"), *(note(n, 1, f"{n}: Nowak") for n in range(5)))
    house.link(d_1="a")
    stream = stream_of(house.settings, house.datasets)
    assert [stream.step() for _ in range(4)] == [2, 2, 1, 0]
    assert house.texts() == [f"{n}: [PERSON: subject]" for n in range(5)]
    assert identities_lake(house.settings).place("history", "identities_people").exists()


def test_a_text_that_was_redacted_better_is_purged_from_older_revisions(house):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "the quorvex is well"), note(2, 1, "Nowak is well"), note(3, 2, "Ok"))
    house.link(d_1="a")
    house.redact()
    house.play(person(3, "Quorvex", None, root=1, is_further=True))
    assert house.redact()[0] == 1
    before, at = house.rows(), Reader(house.lake, "notes").complete_until()
    dataset = house.datasets["notes"]
    history = History(house.lake, dataset, {}, in_order=False)
    current = Current(house.lake, dataset, history.table, {}, in_order=False)
    current.fold()
    assert current.beside(lambda: purge(history.table, dataset, {})) == 1
    assert current.beside(lambda: purge(history.table, dataset, {})) == 0
    reader = Reader(house.lake, "notes")
    assert reader.now().equals(before)
    assert reader.at(at).equals(before)
    rows = reader.history().select("id", "_revision", "note", "_notes").sort("id", "_revision").rows()
    assert rows == [
        (1, 0, None, [withheld("note")]), (1, 1, None, [purged("note")]), (1, 2, "the [PERSON: subject] is well", []),
        (2, 0, None, [withheld("note")]), (2, 1, "[PERSON: subject] is well", []), (3, 0, None, [withheld("note")]),
    ]  # fmt: skip
    assert current.tail_rows == 0
    _the_files_that_showed_it_are_swept(house, Sweep((history.table, current.table), 5))
    assert Snapshot.load(house.lake.current(dataset)).folded == history.table.version
    house.play(note(4, 1, "Nowak left"))
    assert house.redact() == (1, {INCOMPLETE: 0, UNKNOWN: 1})
    assert house.texts() == ["the [PERSON: subject] is well", "[PERSON: subject] is well", None, "[PERSON: subject] left"]


def _the_files_that_showed_it_are_swept(house, sweep):
    place = house.lake.current(house.datasets["notes"])
    newest, rows = Snapshot.load(place).version, house.rows()
    older = [version for version in range(newest) if not _shows(house, version) <= {None, *rows["note"]}]
    assert older
    assert _kept(house, "quorvex")
    sweep.plan(0)
    sweep.plan(3)
    assert sweep.run_if_due(4.9) == 0
    assert sweep.run_if_due(5) > 0
    assert not _kept(house, "quorvex")
    assert (sweep.run_if_due(9.9), sweep.run_if_due(10), sweep.run_if_due(99)) == (0, 0, 0)
    assert house.rows().equals(rows)
    assert len(Reader(house.lake, "notes").version(newest)) == len(rows)
    with pytest.raises(Refused, match="free text was purged"):
        Reader(house.lake, "notes").version(older[-1])


def _shows(house, version):
    return set(Reader(house.lake, "notes").version(version)["note"])


def _kept(house, word):
    """Files of the dataset's tables in which some text has a word, whatever version has them."""
    paths = [path for zone in ("history", "current") for path in (house.folder / "lake" / zone / "notes").glob("*.parquet")]
    return [path for path in paths if pl.read_parquet(path)["note"].str.contains(word).any()]


def test_other_rules_look_at_all_texts_again_and_what_comes_out_alike_stays(house, monkeypatch):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Nowak is well"))
    house.link(d_1="a")
    assert house.redact()[0] == 1
    stream = stream_of(house.settings, house.datasets)
    stream.step()
    assert [len(texts.open) for texts in stream.texts.values()] == [0]
    monkeypatch.setattr("custody.redactor.rules_version", lambda: "others")
    stream = stream_of(house.settings, house.datasets)
    touched = stream.known.look()
    stream.texts["notes"].look(stream.known.versions, touched)
    assert len(stream.texts["notes"].open) == 1
    assert stream.texts["notes"].redact(stream.known) == 0
    assert house.redact()[0] == 0


def test_a_text_about_somebody_who_is_gone_stays_as_it_was_redacted(house):
    house.play(person(1, "Jan", "Nowak"), note(1, 1, "Nowak is well"), note(2, 1, None))
    house.link(d_1="a")
    assert house.redact()[0] == 1
    house.link(d_1=None)
    house.play(note(3, 1, "Nowak"))
    assert house.redact() == (0, {INCOMPLETE: 0, UNKNOWN: 1})
    assert house.texts() == ["[PERSON: subject] is well", None, None]


def test_what_is_due_is_open_or_was_redacted_otherwise_than_now():
    texts = {
        "_received_at": datetime(2026, 3, 1, tzinfo=UTC),
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "_partition": 0,
        "_offset": 1,
    }
    about = {"_revision": 1, "record": "d/1", "is_withheld": False, "is_open": False, "rules": "r", "dictionary": "old"}
    rows = pl.DataFrame([{**texts, **about}], schema=dict(TEXTS))
    known = pl.DataFrame({"record": ["d/1"], "dictionary": ["new"]})
    assert len(due(rows, known, "r")) == 1
    assert len(due(rows.with_columns(dictionary=pl.lit("new")), known, "r")) == 0
    assert len(due(rows.with_columns(dictionary=pl.lit("new")), known, "others")) == 1
    assert len(due(rows, known.head(0), "r")) == 0
    assert len(due(rows.with_columns(is_open=True), known.head(0), "r")) == 1
