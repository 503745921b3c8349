"""Initials of the row's people are hidden, in all ways of writing them; abbreviations and letters that number things are kept."""

import polars as pl
import pytest

from custody.redaction.notes import rows_frame
from rules.redact import KNOWN_PEOPLE, redact

MOSSOP = {"forename": "Damien", "surname": "Mossop", "aliases": ["Damien Troy Mossop"]}
NEILL = {"forename": "Sean", "surname": "O'Neill", "linked_people": [{"forename": "Kerry-Louise", "surname": "Wragg"}]}
ADAMS = {"forename": "Ben", "surname": "Adams"}
HIDDEN = (
    (MOSSOP, "DM was told no.", "[PERSON: subject] was told no."),
    (MOSSOP, "Spoke to DTM at length.", "Spoke to [PERSON: subject] at length."),
    (MOSSOP, "Saw D.M. at the gate.", "Saw [PERSON: subject]. at the gate."),
    (MOSSOP, "Handover: D M slept well.", "Handover: [PERSON: subject] slept well."),
    (NEILL, "Complaint by SO'N about a move.", "Complaint by [PERSON: subject] about a move."),
    (NEILL, "Then K-L W rang; KW will call again.", "Then [PERSON 1] rang; [PERSON 1] will call again."),
)
KEPT = (
    (MOSSOP, "A DM 4 valve and exhibit DM were logged."),
    (MOSSOP, "Took 40 DM and changed them."),
    (MOSSOP, "Form N/A, D/M and DM/1 on file."),
    ({"forename": "Lee", "surname": "Dyer"}, "LD nurse to assess, LD needs flagged."),
    (ADAMS, "Moved from wing B. A man came to look."),
    (ADAMS, "Hepatitis B A plan was made, B and A were ticked."),
    ({"forename": "Adam", "surname": "Park"}, "Lives at an AP, the AP rang."),
    ({"forename": "Dan", "surname": "Vickers"}, "No DV markers. DV officer to call."),
    ({"forename": "Ulla", "surname": "King"}, "Came to the U.K. in May, UK passport."),
    ({"forename": "Tim", "surname": "Alan Green"}, "The tag was fitted, TAG range ok."),
)


@pytest.mark.parametrize(("row", "text", "hidden"), HIDDEN)
def test_hidden(row, text, hidden):
    assert redact(pl.Series([text]), rows_frame([row]), layers=KNOWN_PEOPLE).texts[0] == hidden


@pytest.mark.parametrize(("row", "text"), KEPT)
def test_kept(row, text):
    assert redact(pl.Series([text]), rows_frame([row]), layers=KNOWN_PEOPLE).texts[0] == text
