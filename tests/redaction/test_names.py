"""Names by who stands before them and by the rest of their note; and what bears a name and is nobody."""

import json

import polars as pl
import pytest

from custody.redaction.evaluate import evaluate
from custody.redaction.notes import rows_frame
from rules.redact import redact
from tests.redaction.corpus import unseen

ROW = rows_frame([{"forename": "Ivy", "surname": "Aziz", "aliases": ["Big Kev", "Ghost"]}])
HIDDEN = {
    "A M Aziz was seen.": "[PERSON: subject] was seen.",
    "A. M. Aziz was seen. A man left.": "[PERSON: subject] was seen. A man left.",
    "PC 1234 O'BRIEN PRESENT": "PC 1234 [PERSON 1] PRESENT",
    "Spoke to lvy about IA.": "Spoke to [PERSON: subject] about [PERSON: subject].",
    "Big problem. Saw Big Kev.": "Big problem. Saw [PERSON: subject].",
    "SO BRAITHE SPOKE TO HIM": "SO [PERSON 1] SPOKE TO HIM",
    "Spoke to Kenzo Aldana. Aldana later left.": "Spoke to [PERSON 1]. [PERSON 1] later left.",
    "Urology, seen by Mr J Whitcombe.": "Urology, seen by Mr [PERSON 1].",
    "Children: Braxtyn (7)": "Children: [PERSON 1] (7)",
    "Forename(s): Joost\nDOB": "Forename(s): [PERSON 1]\nDOB",
    "Spoke to James Ward about it.": "Spoke to [PERSON 1] about it.",
    "Ivy saw him in visits.": "[PERSON: subject] saw him in visits.",
    "The Tower said that big kev owes them.": "The Tower said that [PERSON: subject] owes them.",
    "His little girl Esme is well.": "His little girl [PERSON 1] is well.",
    "Wood denied it. Banks will ring back. Price to follow.": "[PERSON 1] denied it. [PERSON 2] will ring back. Price to follow.",
    "Letter sent to Nowak by Princess Adjei.": "Letter sent to [PERSON 1] by [PERSON 2].",
    "Attended: Wren, Mistry, Zubek.": "Attended: [PERSON 1], [PERSON 2], [PERSON 3].",
    "lvy Az1z was at her h0me.": "[PERSON: subject] was at her h0me.",
    "Ivy Aziz signs in May. She wrote on 3 May.": "[PERSON: subject] signs in May. She wrote on 3 May.",
    'A male known as "Spudz" collects. They call him Chopper.': 'A male known as "[PERSON 1]" collects. They call him [PERSON 2].',
    "Mr K asked T. Kowal and A.J. Rudge.": "Mr [PERSON 1] asked [PERSON 2] and [PERSON 3].",
    "Regime:\n- Pemberton - basic\n- Oakes - enhanced": "Regime:\n- [PERSON 1] - basic\n- [PERSON 2] - enhanced",
    "Offs Tindall, Hoyle and Mbeki came.": "Offs [PERSON 1], [PERSON 2] and [PERSON 3] came.",
    "kobina said that he owes. told vrabec to stop": "[PERSON 1] said that he owes. told [PERSON 2] to stop",
    "Owes vapes to Todorov. Seen w/ Fitz.": "Owes vapes to [PERSON 1]. Seen w/ [PERSON 2].",
    "Mark and Will share a cell.": "[PERSON 1] and [PERSON 2] share a cell.",
    "Banks was abusive to Officer Stone.": "[PERSON 1] was abusive to Officer [PERSON 2].",
    "Zofia (9), Antek (6)": "[PERSON 1] (9), [PERSON 2] (6)",
    "Holland & Barrett was robbed by Ivy & Priya.": "Holland & Barrett was robbed by [PERSON: subject] & [PERSON 1].",
}
KEPT = (
    "He speaks French and Pulaar.", "The Harris review was read.", "Moved from Burnley, Nelson and Colne.", "Ward 4 and Day 3 passed.",
    "2 X TED BAKER SHIRTS", "Moved to Byron Ward on Tuesday.", "Served on HMS Raleigh.", "Storm Eunice took the roof.", "Taken to West Ivy ward.",
    "The MoJ and the DoLS team met.", "Bus every hour from Louth.", "Ofsted rated it Good.", "Collected from Albert Dock.", "pleads NG to ct 2",
    "Fight in the William Morris.", "Applied R v Galbraith [1981] 1 WLR 1039.", "Saw a film of Max Payne.", "Released to Chelmsley Wood.",
    "StepChange and PayPal wrote.", "Will chase works and mark the board.", "The Duke of Kent and the House of Fraser.", "Bail refused at ten.",
    "A dog named Rex and his cat Molly. Molly is well.", "Chelsea beat Arsenal.", "SARA completed.", "Repaired at Dave's Autos.",
    "Referred to Cruse.", "Solicitors are Hartley Moss & Keane.", "Paul Smith belt and 2 x Ted Baker.", "Wants Elton John CDs.",
    "Exclusion zone: Byker, Walker and Heaton.", "Off Harvey Way in Clare and Kerry.", "Lachman's neg.", "four cans of Foster's",
    "Not to enter Harold Hill.", "URN 01AB1234567 quoted.", "STANDFAST CALLED AT 1222. ROLL CORRECT.", "Wound from a Stanley blade.",
    "RTC at Victoria Rd and Alfred St.", "Edwards' syndrome was excluded.", "His dog Tyson barked.", "Queen Alexandra has a bed.",
)  # fmt: skip


@pytest.mark.parametrize("text", HIDDEN)
def test_hidden(text):
    assert redact(pl.Series([text]), ROW).texts[0] == HIDDEN[text]


@pytest.mark.parametrize("text", KEPT)
def test_kept(text):
    assert redact(pl.Series([text])).texts[0] == text


def test_two_of_a_row_who_are_words_are_told_by_each_other():
    row = rows_frame([{"forename": "Mark", "surname": "Hope", "linked_people": [{"forename": "Will", "surname": "Hope"}]}])
    told = redact(pl.Series(["Mark and Will shared a cell. Marks on the wall. Will need painting."]), row).texts[0]
    assert told == "[PERSON: subject] and [PERSON 1] shared a cell. Marks on the wall. Will need painting."


def test_a_place_with_a_known_name_in_it_is_kept():
    text = "Was escorted to West Jordan ward."
    assert redact(pl.Series([text]), rows_frame([{"forename": "Jordan", "surname": "Banks"}])).texts[0] == text


MEASURED = {
    ("unseen_second", "seen"): (0.93, 0.9), ("unseen_second", "held"): (0.86, 0.82),
    ("unseen_third", "seen"): (0.92, 0.9), ("unseen_third", "held"): (0.92, 0.88),
    ("unseen_fourth", "seen"): (0.93, 0.94), ("unseen_fourth", "held"): (0.9, 0.92),
    ("unseen_plain", "seen"): (0.95, 0.98), ("unseen_plain", "held"): (0.92, 0.98),
}  # fmt: skip
"""What share of unknown people was found, and of notes without personal data left untouched; no less is to be."""


@pytest.mark.parametrize(("of", "half"), MEASURED)
def test_sets_stay_as_good_as_they_were_measured(of, half, tmp_path):
    corpus = tmp_path / "unseen.jsonl"
    corpus.write_text("\n".join(json.dumps(note) for note in unseen.notes(half, of=of)), encoding="utf-8")
    report = evaluate(corpus, None, 3)
    found, untouched = MEASURED[of, half]
    assert report["by_kind"]["known people"]["recall"] >= 0.99
    assert report["by_kind"]["unknown people"]["recall"] >= found
    assert report["without_personal_data"]["rate"] >= untouched


def test_another_spelling_of_a_forename_is_known():
    row = rows_frame([{"forename": "Mohammed", "surname": "Al-Rashid"}])
    assert redact(pl.Series(["muhammad was here"]), row).texts[0] == "[PERSON: subject] was here"


@pytest.mark.parametrize("half", ["seen", "held"])
def test_notes_of_other_registers_are_redacted_well(half, tmp_path):
    corpus = tmp_path / "unseen.jsonl"
    corpus.write_text("\n".join(json.dumps(note) for note in unseen.notes(half)), encoding="utf-8")
    report = evaluate(corpus, None, 3)
    assert report["by_kind"]["known people"]["recall"] >= 0.99
    assert report["by_kind"]["unknown people"]["recall"] >= 0.92
    assert report["all"]["precision"] >= 0.95
