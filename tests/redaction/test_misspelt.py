"""Misspelt names of the row: alike in a short note and in a long one with many people, and soon in both."""

from itertools import product

import polars as pl
import pytest

from custody.redaction.notes import rows_frame
from rules.redact import redact

NAMES = [
    "".join(part).title() for part in product(("ko", "zu", "ri"), ("va", "le", "xo"), ("bim", "dur", "gosh"), ("eth", "olm"))
]
ROW = {"forename": "Ewa", "surname": "Nowak", "linked_people": [{"forename": one, "surname": one + "sk"} for one in NAMES]}
WRONG = {
    "Kovabimeth": ("Kovabimet", "Kovabbimeth", "Kovabineth", "Kovabimteh"),
    "Zulegoshol": (),
    "Rixodurolmsk": ("Rixodurolms", "Rixoduroolmsk", "Rixodurulmsk", "Rixodruolmsk"),
}
APART = ("Tovabimeth", "Kovabim", "Kovabi", "Okvabimeth", "Rixodurolmksz")
ODD = "brimelot quandery flostik "


@pytest.mark.timeout(60)
@pytest.mark.parametrize("filler", ["", ODD * 40, ODD * 40_000], ids=["short", "longer", "a megabyte"])
def test_one_letter_wrong_is_found_whatever_stands_around_it(filler):
    wrong = [word for words in WRONG.values() for word in words]
    text = "it was " + " and then ".join(word.lower() for word in wrong) + " " + filler
    found = redact(pl.Series([text]), rows_frame([ROW]), layers=2).spans
    hidden = [text[one["start"] : one["end"]] for one in found.iter_rows(named=True) if one["rule"] == "misspelt_name"]
    assert hidden == [word.lower() for word in wrong]


@pytest.mark.parametrize("word", APART)
def test_two_letters_wrong_or_the_first_is_another_word(word):
    text = f"it was {word.lower()} there"
    rows = rows_frame([ROW])
    for note in (text, f"{text} {ODD * 400}"):
        assert len(redact(pl.Series([note]), rows, layers=2).spans) == 0
