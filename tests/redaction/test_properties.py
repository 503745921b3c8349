"""What holds of every note: nothing is redacted twice, nothing depends on the notes beside it, and places are right."""

import unicodedata
from base64 import b64encode
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.redaction.notes import rows_frame
from rules.redact import NOBODY, People, redact
from tests.redaction.corpus.generate import notes

SAMPLE = [*notes("tune")][::7] + [*notes("test")][::7]
ROWS = rows_frame(note["row"] for note in SAMPLE)
TEXTS = pl.Series("text", [note["text"] for note in SAMPLE])
KNOWN = People.of(rows_frame([{"forename": "Priya", "surname": "Hargreaves"}, {"forename": "Mark", "surname": "Long"}]), "seven")
ALPHABET = "aAbBoOiIl01 9.,-/@'\n\t\0\x1e\u2019é\u0308\u200d\U0001f469\u05d0\u0661張[]():KMr"
SOME_TEXT = st.text(st.sampled_from(ALPHABET), max_size=80)
PIECES = (
    "Mr Nowak",
    "JOHN SMITH",
    "07700 900123",
    "dob 1/2/85",
    "jo@example.com",
    "LS2 9JT",
    "[PERSON 1]",
    "e\u0308",
    "\U0001f468\u200d\U0001f469",
    "\n",
    "14 Mill Lane,",
)

WORDS = (
    "Met", "spoke", "to", "with", "dave", "Dave", "DAVE", "Khan", "khan", "xolani", "Xolani", "Mthembu", "Mr", "pc", "Officer", "said",
    "and", "Grace", "grace", "will", "Nowak", "nowka", "his", "mother", "lives", "at", "in", "Park", "Hospital", ",", ".", "07700900123",
    "jo@example.com", "St", "John", "O'Neill", "J.", "Smith-Jones", "van", "der", "Berg", "dob", "1/2/85", "May", "Brown", "the", "on", "wing",
    "\n", "I",
)  # fmt: skip


def test_redacting_again_changes_nothing():
    once = redact(TEXTS, ROWS)
    again = redact(once.texts, ROWS)
    changed = again.spans["note"].unique().to_list()
    assert [(SAMPLE[note]["id"], once.texts[note], again.texts[note]) for note in changed] == []


def test_a_note_alone_is_redacted_as_in_a_batch():
    together = redact(TEXTS, ROWS, KNOWN)
    shuffled = Random(5).sample(range(len(TEXTS)), len(TEXTS))
    apart = redact(TEXTS.gather(shuffled), ROWS[shuffled], KNOWN)
    assert apart.texts.to_list() == together.texts.gather(shuffled).to_list()
    for note in range(0, len(TEXTS), 12):
        assert redact(TEXTS.slice(note, 1), ROWS.slice(note, 1), KNOWN).texts[0] == together.texts[note]


@settings(max_examples=60)
@given(st.lists(st.one_of(SOME_TEXT, st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)), min_size=1, max_size=5))
def test_any_text_gives_spans_that_are_in_it_apart_and_whole(texts):
    found = redact(pl.Series("text", texts))
    for note, text in enumerate(texts):
        at, pieces = 0, []
        for span in found.spans.filter(pl.col("note") == note).iter_rows(named=True):
            assert at <= span["start"] < span["end"] <= len(text)
            assert not unicodedata.combining(text[span["end"]]) if span["end"] < len(text) else True
            assert not unicodedata.combining(text[span["start"]])
            pieces += [text[at : span["start"]], span["mark"]]
            at = span["end"]
        assert found.texts[note] == "".join([*pieces, text[at:]])
        assert redact(pl.Series([text])).texts[0] == found.texts[note]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
def test_whatever_is_written_redacting_again_changes_nothing(words):
    row = rows_frame([{"forename": "Grace", "surname": "Nowak"}])
    once = redact(pl.Series([" ".join(words)]), row)
    assert redact(once.texts, row).texts[0] == once.texts[0]


@pytest.mark.parametrize(
    "lead", ["", "\U0001f642 ", "e\u0308\u0301 ", "שלום ", "\U0001f468\u200d\U0001f469\u200d\U0001f467 ", "\u202e"]
)
def test_places_are_right_behind_what_is_wider_than_it_looks(lead):
    text = f"{lead}Met Zoe\u0308 Nowak today, ring 07700 900123."
    spans = redact(pl.Series([text]), rows_frame([{"forename": "Zoë", "surname": "Nowak"}])).spans
    assert [text[s["start"] : s["end"]] for s in spans.iter_rows(named=True)] == ["Zoe\u0308 Nowak", "07700 900123"]


def test_the_same_person_has_the_same_number_and_the_subject_none():
    text = "Anna Kowalska met Jan Nowak. Nowak said that Kowalska and Priya Shah left; Ms Shah drove."
    redacted = redact(pl.Series([text]), rows_frame([{"forename": "Jan", "surname": "Nowak"}])).texts[0]
    said = "[PERSON 1] met [PERSON: subject]. [PERSON: subject] said that [PERSON 1] and [PERSON 2] left; Ms [PERSON 2] drove."
    assert redacted == said


def test_no_value_is_recorded():
    found = redact(TEXTS, ROWS, KNOWN)
    assert found.dictionary == "seven"
    assert found.spans.columns == ["note", "start", "end", "label", "mark", "layer", "rule"]
    assert set(found.spans["layer"]) == {1, 2, 3}


def test_marks_part_what_stands_around_them():
    rows = pl.Series(
        [
            "co-d Thanushan Sivapalan named Kugan. Interp Tamil Ms Yogeswaran.",
            "Driver Kamal Riaz | Lic MORGA657054SM9IJ",
            "Joint enterprise is put on the basis that Okeke and Lambert-Hughes shared one purpose.",
        ]
    )
    once = redact(rows).texts
    assert redact(once).texts.to_list() == once.to_list()


def test_the_column_has_any_name():
    assert redact(pl.Series("\0note", ["Mr Nowak"])).texts.name == "\0note"


def test_null_stays_null_and_nothing_gives_nothing():
    assert redact(pl.Series([None, "", "Mr Nowak"], dtype=pl.String)).texts.to_list() == [None, "", "Mr [PERSON 1]"]
    assert redact(pl.Series([], dtype=pl.String)).texts.to_list() == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", [
    "a" * 1_000_000, "9" * 1_000_000, "1 " * 1_000_000, "@" * 300_000, "a@" * 300_000, "1 a road " * 100_000, "\0" * 100_000,
    "0" * 14 + "-" * 500_000,
    b64encode(Random(1).randbytes(700_000)).decode(), "<div class='x'>" * 100_000, "Mr " * 300_000, "john smith " * 400_000,
    "א" * 500_000,
    "e\u0308" * 300_000, "[PERSON 1] " * 100_000, "www." * 200_000, "(0" * 300_000, ".".join(["1"] * 200_000),
], ids=range(18))  # fmt: skip
def test_long_and_strange_notes_end_soon(text):
    assert redact(pl.Series([text, "Mr Nowak"])).texts[1] == "Mr [PERSON 1]"


@pytest.mark.timeout(120)
def test_a_note_of_five_megabytes_is_redacted_as_its_parts_are():
    part = "Spoke to Mr Nowak on 07700 900123 about visits.\n"
    [redacted] = redact(pl.Series([part * (5_000_000 // len(part))])).texts
    assert redacted.startswith("Spoke to Mr [PERSON 1] on [PHONE] about visits.\nSpoke to Mr [PERSON 1] on [PHONE]")
    assert "Nowak" not in redacted


def test_a_known_name_of_one_letter_or_that_is_a_word_hides_no_word():
    text = "I will mark a form in may, by the grace of a good will."
    for forename in ("A", "I", "Mark", "Will", "Grace", "May"):
        row = rows_frame([{"forename": forename, "surname": "Form"}])
        assert redact(pl.Series([text]), row).texts[0] == text


def test_a_known_name_that_is_a_word_is_hidden_where_it_is_a_name():
    row = rows_frame([{"forename": "Grace", "surname": "Long"}])
    text = "Spoke to Grace. Grace said she is well. Ms Long agreed. He saw Grace Long."
    assert "Grace" not in redact(pl.Series([text]), row).texts[0]
    assert "Long" not in redact(pl.Series([text]), row).texts[0]


@pytest.mark.timeout(120)
def test_a_million_names_are_known():
    parts = ("ab", "ec", "id", "of", "ug", "ka", "le", "mi", "no", "pu")
    names = [a + b + c for a in parts for b in parts for c in parts]
    rows = pl.DataFrame({"forename": names * 1000, "surname": [name + "ski" for name in names for _ in range(1000)]})
    people = People.of(rows, "million")
    texts = pl.Series(["seen with abecid nopunoski on b wing", "no names here"])
    assert redact(texts, None, people, 2).texts.to_list() == ["seen with [PERSON 1] on b wing", "no names here"]
    assert redact(texts, None, NOBODY, 2).texts.to_list() == texts.to_list()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_time_is_linear_and_no_more_of_a_long_note_is_hidden_than_of_a_short_one(size):
    line = "הוא אמר Dafydd ap Gwilym called 07700 900123 \u202e re: Łukasz "
    found = redact(pl.Series([(line * (size // len(line) + 1))[:size]])).spans
    hidden = (found["end"] - found["start"]).sum()
    assert 0.2 * size < hidden < 0.7 * size


def test_a_row_that_knows_nobody_and_a_dictionary_of_nobody_hide_nothing():
    nobody = rows_frame([{}, {"forename": "", "surname": " "}, {"aliases": [None, ""]}])
    text = "He will be seen by staff on the wing."
    assert redact(pl.Series([text] * 3), nobody, People.of(nobody, "empty")).texts.to_list() == [text] * 3
