"""Marks that are the same in all notes, and what is recorded of each decision."""

import json

import polars as pl

from custody.redaction.notes import rows_frame
from rules.protection import Keys
from rules.redact import People, decisions, redact, rules_version

KEY = Keys(b"a secret of sixteen bytes").scope("person")
ROWS = rows_frame([
    {"person_id": "p1", "forename": "Tomasz", "surname": "Nowak", "linked_people": [{"person_id": "p2", "forename": "Ewa", "surname": "Zielinska"}]},
    {"person_id": "p2", "forename": "Ewa", "surname": "Zielinska"},
    {"forename": "Kwame", "surname": "Mensah"},
])  # fmt: skip
EVERYONE = People.of(
    rows_frame(
        [
            {"person_id": "p2", "forename": "Ewa", "surname": "Zielinska"},
            {"person_id": "p3", "forename": "Priya", "surname": "Shah"},
            {"person_id": "p4", "forename": "John", "surname": "Brown"},
            {"person_id": "p5", "forename": "Jack", "surname": "Brown"},
        ]
    ),
    "four",
)


def _tokens(texts: list[str], rows: pl.DataFrame | None = None, key: str = KEY) -> list[str]:
    return redact(pl.Series(texts), rows, EVERYONE, stable_by=key).texts.to_list()


def test_a_person_has_one_mark_in_all_notes_and_the_subject_its_own():
    first, second, third = _tokens(["Tomasz saw Ewa.", "Ewa rang.", "Ewa Zielinska rang Kwame and Mr Okoro."], ROWS)
    token = first.removeprefix("[PERSON: subject] saw [PERSON ").removesuffix("].")
    assert len(token) == 16
    assert second == "[PERSON: subject] rang."
    assert third == f"[PERSON {token}] rang [PERSON: subject] and Mr [PERSON 1]."
    assert _tokens(["Saw Priya Shah. Ms Shah left."]) == _tokens(["Saw Priya Shah. Ms Shah left."])


def test_a_name_of_several_people_says_of_none_who_it_is():
    assert _tokens(["Saw J Brown."]) == ["Saw [PERSON 1]."]
    john, jack = _tokens(["Saw John Brown.", "Saw Jack Brown."])
    assert john != jack
    assert "[PERSON 1]" not in john + jack


def test_another_key_gives_other_marks_and_redacting_again_none():
    other = Keys(b"another secret of sixteen").scope("person")
    assert _tokens(["Saw Priya Shah."]) != _tokens(["Saw Priya Shah."], key=other)
    [once] = _tokens(["Saw Priya Shah. Priya is well."])
    assert _tokens([once]) == [once]


def test_decisions_say_where_and_why_and_never_what():
    texts = pl.Series(["Tomasz rang 07700 900123", "Nothing to report.", None, "\U0001f642 Mr Okoro"])
    found = redact(texts, ROWS.head(1).sample(4, with_replacement=True), EVERYONE)
    first, second, third, fourth = decisions(found)
    assert second is None
    assert third is None
    said = json.loads(first)
    assert (said["rules"], said["dictionary"]) == (rules_version(), "four")
    assert said["spans"] == [
        {"kind": "PERSON", "layer": 2, "rule": "known_name", "start": 0, "end": 6},
        {"kind": "PHONE", "layer": 1, "rule": "phone", "start": 12, "end": 24},
    ]
    [span] = json.loads(fourth)["spans"]
    assert texts[3][span["start"] : span["end"]] == "Okoro"
    assert decisions(redact(pl.Series([], dtype=pl.String))).to_list() == []
