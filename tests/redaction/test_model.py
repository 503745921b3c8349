"""A model beside the rules adds spans where they found none, and changes none of theirs."""

import polars as pl

from rules.redact import redact
from rules.redact.model import FOUND, MODEL


class Rivers:
    """Names rivers, wherever they stand, and whatever else it likes."""

    name = "rivers 1"

    def __call__(self, texts: pl.Series) -> pl.DataFrame:
        found = []
        for note, text in enumerate(texts):
            at = text.find("Ouse")
            found += [(note, at, at + 4, "ADDRESS")] if at >= 0 else []
            found += [(note, 0, 10_000, "PERSON"), (note, 3, 3, "PERSON"), (note, 0, 2, "RIVER")] if "07700" in text else []
        return pl.DataFrame(found, schema=FOUND, orient="row")


def test_a_model_adds_and_never_takes():
    texts = pl.Series(["\U0001f642 fell into the Ouse", "ring 07700 900123", None, "Mr Ouse"])
    found = redact(texts, model=Rivers())
    assert found.texts.to_list() == ["\U0001f642 fell into the [ADDRESS]", "ring [PHONE]", None, "Mr [PERSON 1]"]
    assert found.spans["layer"].to_list() == [MODEL, 1, 3]
    assert found.spans["rule"][0] == "rivers 1"
    assert redact(texts).texts[0] == texts[0]
