"""`custody redact`: plain text and JSON lines in, text and JSON out, and the measure of a corpus."""

import json

import pytest
from click.testing import CliRunner

from custody.cli import cli
from custody.redaction.evaluate import evaluate
from custody.redaction.report import as_html
from schemas.errors import Refused
from tests.redaction.corpus.generate import notes

ROW = (
    '{"forename": "Tomasz", "surname": "Nowak", "linked_people": [{"forename": "Ewa", "surname": "Nowak", "relation": "mother"}]}'
)


def _run(*args, given=b""):
    return CliRunner().invoke(cli, ["redact", *args], input=given, catch_exceptions=False)


def test_plain_text_from_standard_input():
    done = _run("-", given=b"Spoke to Mr Nowak on 07700 900123.\n")
    assert done.output == "Spoke to Mr [PERSON 1] on [PHONE].\n"


def test_a_row_tells_who_is_who(tmp_path):
    (tmp_path / "note.txt").write_text("tomasz rang ewa. Nowak is well.", encoding="utf-8")
    said = json.loads(_run(str(tmp_path / "note.txt"), "--row", ROW, "--json").output)
    assert said["text"] == "[PERSON: subject] rang [PERSON 1]. [PERSON: subject] is well."
    assert [(span["start"], span["end"], span["label"]) for span in said["spans"]] == [
        (0, 6, "PERSON"),
        (12, 15, "PERSON"),
        (17, 22, "PERSON"),
    ]


def test_json_lines_in_and_out():
    lines = [
        {"id": 7, "text": "\U0001f642 Mr Nowak"},
        {"id": "b", "text": "No names", "row": json.loads(ROW)},
        {"id": None, "text": "", "row": None},
    ]
    done = _run("-", given="\n".join(map(json.dumps, lines)).encode())
    out = [json.loads(line) for line in done.output.splitlines()]
    assert [one["id"] for one in out] == [7, "b", None]
    assert [one["text"] for one in out] == ["\U0001f642 Mr [PERSON 1]", "No names", ""]
    assert [(s["start"], s["end"], s["label"]) for s in out[0]["spans"]] == [(5, 10, "PERSON")]


def test_bytes_that_are_no_text_and_rows_that_are_odd_do_no_harm():
    assert _run("-", given=b"\xff\x00 Mr Nowak").output == "\ufffd\0 Mr [PERSON 1]\n"
    odd = {
        "text": "\ud800 Mr Nowak",
        "row": {"forename": 5, "aliases": "Smiler", "linked_people": ["x", {"surname": None}], "other": {}},
    }
    assert json.loads(_run("-", given=json.dumps(odd).encode()).output)["text"] == "\ufffd Mr [PERSON 1]"


@pytest.mark.parametrize("args", [["-", "--row", "[]"], ["-", "--row", "{"], ["/no/such/file"], ["--evaluate", "/no/such/file"]])
def test_what_is_wrong_is_refused(args):
    with pytest.raises(Refused):
        CliRunner().invoke(cli, ["redact", *args], input=b"x", catch_exceptions=False)


def test_a_file_or_a_corpus_is_needed():
    assert CliRunner().invoke(cli, ["redact"], standalone_mode=False).exception is not None


def test_the_targets_are_met_on_families_that_no_rule_was_tuned_on(tmp_path):
    corpus = tmp_path / "test.jsonl"
    corpus.write_text("\n".join(json.dumps(note) for note in notes("test")), encoding="utf-8")
    report = evaluate(corpus, None, 3)
    kinds = report["by_kind"]
    assert kinds["identifiers"]["recall"] >= 0.99
    assert kinds["known people"]["recall"] >= 0.99
    assert kinds["unknown people"]["recall"] >= 0.92
    assert report["all"]["precision"] >= 0.95
    assert report["without_personal_data"]["rate"] >= 0.98
    assert "<h2>Missed" in as_html(report)
    assert report["missed"][0]["around"]
