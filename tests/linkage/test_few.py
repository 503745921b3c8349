"""Few records, values and texts are looked at another way than many: what comes out is the same."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from rules.match import forms, growing, pool
from rules.match.forms import FORMS, asked_for, make_together
from rules.match.ids import Ids
from rules.match.known import Known
from rules.match.pool import Pool
from rules.match.prepared import encoded, prepare
from rules.match.stream import Linker
from streams.deciding import reasons_text
from tests.linkage.test_match import known_people

VALUES = ["ANNE MARIE|SMITH", "O", "LEE", "?20020073319Z", "SW1A1AA", "W1", "", "Q|", "1990|1991", "LEE", None, "ÉLAN", "DE LA"]
IDS = ["P0123456789abcdef0123", "P1", "", "P0123456789ABCDEF0123", "P0123456789abcdef01234", "Pfedcba9876543210fedc"]


@pytest.fixture(params=["few", "many"])
def _as_few_or_many(request, monkeypatch):
    """Whether what there is counts as few."""
    if request.param == "many":
        for module, name in ((growing, "FEW"), (forms, "FEW"), (pool, "LOOKED_AT")):
            monkeypatch.setattr(module, name, -1)


@pytest.mark.usefixtures("_as_few_or_many")
@pytest.mark.parametrize("kind", [growing.Texts, Ids])
def test_texts_are_given_back_from_all_parts_in_the_order_asked_for(kind):
    texts = kind()
    for low, high in ((0, 1), (1, 1), (1, 4), (4, 6)):
        texts.extend(pl.Series("v", IDS[low:high] * 40, dtype=pl.String))
    every = IDS[:1] * 40 + IDS[1:4] * 40 + IDS[4:] * 40
    rows = np.array([239, 0, 41, 160, 40, 41, 239], np.int64)
    assert len(texts) == 240
    assert texts.listed(rows) == texts.gather(rows).to_list() == [every[row] for row in rows.tolist()]
    assert texts.listed(rows[:0]) == texts.gather(rows[:0]).to_list() == []


@pytest.mark.usefixtures("_as_few_or_many")
def test_a_text_has_one_number_for_ever():
    names = growing.Names()
    first = names.numbers(pl.Series(["b", "a", "b", "c"]))
    assert first.tolist() == [0, 1, 0, 2]
    assert names.numbers(pl.Series(["d", "a", "d"])).tolist() == [3, 1, 3]
    assert names.find(pl.Series(["c", "x", "d", "c"])).tolist() == [2, -1, 3, 2]
    assert names.order(np.array([3, 0, 1], np.int64)).tolist() == [2, 1, 0]
    assert names.find(pl.Series([], dtype=pl.String)).tolist() == []


def test_a_value_has_the_same_forms_alone_and_together():
    _, _, model = known_people()
    codes, some = encoded(pl.Series("v", VALUES, dtype=pl.String))
    assert [some.values[code] for code in codes.tolist()] == VALUES
    asked = {form for forms_ in asked_for(model).values() for form in forms_}
    assert asked > {"exact", "sound"}
    other = Pool(pl.Series("v", [None, "ANOTHER"]))
    make_together([(other, frozenset({"sound"})), (some, frozenset(FORMS))])
    assert some.made == set(FORMS)
    alone = Pool(some.values)
    for name, make in FORMS.items():
        assert np.array_equal(some.form(name, make), make(alone)), name
    assert np.array_equal(other.sounds, Pool(other.values).sounds)


@pytest.mark.usefixtures("_as_few_or_many")
def test_what_a_value_holds_is_seen_alike():
    some = Pool(pl.Series("v", VALUES, dtype=pl.String))
    several = [value for value, there in zip(VALUES, some.has_several, strict=True) if there]
    assert several == ["ANNE MARIE|SMITH", "Q|", "1990|1991"]
    more = [value for value, there in zip(VALUES, some.has_more, strict=True) if there]
    assert more == [*several, "DE LA"]


@pytest.mark.usefixtures("_as_few_or_many")
def test_the_reasons_told_of_a_change_are_those_of_its_pairs(monkeypatch):
    frame, _, model = known_people()
    monkeypatch.setattr("rules.match.stream.FEW", growing.FEW)
    linker = Linker(replace(model, max_block=20))
    linker.apply(prepare(frame[:300], model, "id"))
    changed = linker.apply(prepare(frame[100:500], model, "id"))
    assert len(changed.links) == len(changed.reasons) > 50
    known: Known = linker.known
    ends = (known.find_numbers(changed.links[side]) for side in ("one", "two"))
    assert reasons_text(model, changed.reasons).equals(reasons_text(model, known.reasons(*ends)))
    assert np.array_equal(changed.reasons.total, changed.links["weight"].to_numpy())
    assert changed.links.rows() == sorted(changed.links.rows())
