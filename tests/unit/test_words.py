"""The words that publish something else in a value's place: what each gives, and what must hold of all of them."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody import DATE, DECIMAL, FLOAT64, INT16, INT64, LIST, TEXT, TIMESTAMP, Column, Dataset, protect
from custody.version import contract_hash
from rules import check
from rules.protect import Keys
from schemas.frames import polars_type
from tests.unit.test_evolution import event, run

KEYS = Keys(b"the secret of the tests, long enough")
SURROGATES = {
    "nhs_number": check.nhs_number,
    "pnc": check.pnc,
    "noms_number": check.noms_number,
    "phone": check.matches(r"07700 900\d{3}"),
    "postcode": check.postcode,
}
NOBODYS = {
    "nhs_number": r"999\d{7}",
    "pnc": r"20[89]\d/\d{7}[A-Z]",
    "noms_number": r"Z\d{4}[A-Z]{2}",
    "phone": r"07700 900\d{3}",
    "postcode": r"[QVX][A-Z]\d \d[A-Z]{2}",
}
ALL = [
    protect.month_only, protect.age_band, protect.round_to(5), protect.round_to(0.5), protect.round_to(Decimal("0.25")),
    protect.generalise({"B": "white", "A": 'say "no"'}), protect.date_shift("person"), protect.token("person"),
    *(protect.surrogate(kind, "person") for kind in SURROGATES),
]  # fmt: skip
texts = st.lists(st.text() | st.none(), min_size=1, max_size=30)


def applied(protection, values, *, kind=None, keys=KEYS, **beside):
    frame = pl.DataFrame({"v": pl.Series(values, dtype=kind), **beside})
    return frame.select(protection.apply(pl.col("v"), keys).alias("v"))["v"]


@pytest.mark.parametrize("word", ALL, ids=repr)
def test_a_word_is_printed_as_it_is_written_and_equals_what_is_written_alike(word):
    again = eval(repr(word), {**vars(protect), "Decimal": Decimal})  # noqa: S307 - a word of ours
    assert again == word
    assert hash(again) == hash(word)
    assert repr(again) == repr(word)
    assert word.remains
    assert sum(word == other for other in ALL) == 1


def test_months():
    assert applied(protect.month_only, [date(1985, 3, 14), None]).to_list() == ["1985-03", None]
    assert applied(protect.month_only, [datetime(2024, 12, 31, 23, 59, tzinfo=UTC)]).to_list() == ["2024-12"]


@pytest.mark.parametrize(
    ("born", "changed", "band"),
    [
        (date(2001, 6, 15), datetime(2026, 6, 14, 23, tzinfo=UTC), "18-24"),
        (date(2001, 6, 15), datetime(2026, 6, 15, 0, tzinfo=UTC), "25-34"),
        (date(2008, 2, 29), datetime(2026, 2, 28, tzinfo=UTC), "10-17"),
        (date(2008, 2, 29), datetime(2026, 3, 1, tzinfo=UTC), "18-24"),
        (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "0-9"),
        (date(1930, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "85+"),
        (date(1890, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), None),
        (date(2027, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), None),
        (date(2001, 6, 15), None, None),
        (None, datetime(2026, 1, 1, tzinfo=UTC), None),
    ],
)
def test_the_band_is_of_the_age_at_the_change(born, changed, band):
    beside = {"_source_at": pl.Series([changed], dtype=pl.Datetime("us", "UTC"))}
    assert applied(protect.age_band, [born], kind=pl.Date, **beside).to_list() == [band]


@pytest.mark.parametrize(
    ("type_", "step", "values", "rounded"),
    [
        (INT16, 10, [14, 15, -15, -16, 32767, -32768, None], [10, 20, -10, -20, 32760, -32760, None]),
        (INT16, 50_000, [32767, 1], [0, 0]),
        (INT64, 10, [(1 << 63) - 1, -(1 << 63)], [9223372036854775800, -9223372036854775800]),
        (FLOAT64, 0.5, [1.25, -1.3, float("inf"), None], [1.5, -1.5, float("inf"), None]),
        (DECIMAL(5, 2), 0.5, [Decimal("999.99"), Decimal("-7.25"), None], [Decimal("999.50"), Decimal("-7.00"), None]),
        (DECIMAL(38, 2), 5, [Decimal("9" * 36 + ".99")], [Decimal("9" * 35 + "5.00")]),
    ],
)
def test_the_nearest_multiple_in_the_same_type(type_, step, values, rounded):
    found = applied(protect.round_to(step), values, kind=polars_type(type_.arrow))
    assert found.dtype == polars_type(type_.arrow)
    assert found.to_list() == rounded


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1), st.integers(1, (1 << 61)))
@settings(max_examples=100)
def test_a_multiple_is_the_nearest_that_the_type_holds(values, step):
    for value, found in zip(values, applied(protect.round_to(step), values, kind=pl.Int64).to_list(), strict=True):
        assert found % step == 0
        nearest = (2 * value + step) // (2 * step) * step
        fits = -(1 << 63) <= nearest < 1 << 63
        assert found == nearest if fits else abs(found - value) <= step


def test_a_class_or_other():
    word = protect.generalise({"W1": "white", "W2": "white", "A1": "asian"})
    assert applied(word, ["W2", "A1", "something new", None]).to_list() == ["white", "asian", "other", None]


@pytest.mark.parametrize("kind", SURROGATES)
@given(values=texts)
@settings(max_examples=40)
def test_a_surrogate_looks_valid_and_is_nobodys(kind, values):
    word = protect.surrogate(kind, "person")
    made = applied(word, values, kind=pl.String)
    assert made.is_null().to_list() == [value is None for value in values]
    assert made.to_frame("s").select(SURROGATES[kind](pl.col("s")))["s"].drop_nulls().all()
    assert all(re.fullmatch(NOBODYS[kind], text) for text in made.drop_nulls())
    assert len(set(made.to_list())) <= len(set(values))


@pytest.mark.parametrize("kind", SURROGATES)
def test_surrogates_use_their_range_and_every_one_is_valid(kind):
    made = applied(protect.surrogate(kind, "person"), [str(number) for number in range(20_000)])
    assert made.to_frame("s").select(SURROGATES[kind](pl.col("s")))["s"].all()
    assert made.n_unique() >= (1000 if kind == "phone" else 19_600)


@pytest.mark.parametrize("word", [protect.token, *(lambda s, k=kind: protect.surrogate(k, s) for kind in SURROGATES)])
def test_scopes_and_secrets_have_nothing_to_do_with_each_other(word):
    values = [str(number) for number in range(2000)]
    one, other = applied(word("a"), values), applied(word("b"), values)
    elsewhere = applied(word("a"), values, keys=Keys(b"another secret of the tests"))
    assert one.equals(applied(word("a"), values))
    assert (one == other).mean() < 0.01
    assert (one == elsewhere).mean() < 0.01


@given(texts)
@settings(max_examples=60)
def test_a_value_is_protected_alike_alone_and_in_a_batch(values):
    words = [protect.token("p"), *(protect.surrogate(kind, "p") for kind in SURROGATES), protect.generalise({"a": "b"})]
    for word in words:
        together = applied(word, values, kind=pl.String).to_list()
        assert together == [applied(word, [value], kind=pl.String)[0] for value in values]
    tokens = applied(protect.token("p"), values, kind=pl.String)
    assert applied(protect.token("p"), tokens).equals(tokens)


days = st.dates(date(1800, 1, 1), date(2200, 12, 31))


@given(st.lists(st.tuples(days, st.integers(0, 3)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_shifted_dates_keep_the_intervals_of_a_person(rows):
    dates, people = [day for day, _ in rows], [person for _, person in rows]
    word = protect.date_shift("person")
    moved = applied(word, dates, _subject=people)
    assert moved.dtype == pl.Date
    for person in set(people):
        shifts = {after - before for before, after, who in zip(dates, moved, people, strict=True) if who == person}
        assert len(shifts) == 1
        assert 1 <= abs(shifts.pop().days) <= 182
    assert moved.to_list() == [applied(word, [day], _subject=[person])[0] for day, person in rows]


def test_shifts_differ_between_people_and_scopes_and_fill_their_range():
    people = list(range(5000))
    moved = {scope: applied(protect.date_shift(scope), [date(2000, 1, 1)] * 5000, _subject=people) for scope in ("a", "b")}
    shifts = {(day - date(2000, 1, 1)).days for day in moved["a"]}
    assert shifts == {*range(-182, 0), *range(1, 183)}
    assert (moved["a"] == moved["b"]).mean() < 0.02


def test_a_shift_keeps_the_time_of_day_and_hides_marks():
    times = [datetime(2020, 5, 6, 7, 8, 9, 10, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), None]
    moved = applied(protect.date_shift("p"), times, kind=pl.Datetime("us", "UTC"), _subject=[1, 1, 1])
    assert (moved[0] - times[0]) % timedelta(days=1) == timedelta(0)
    assert moved.to_list()[1:] == [datetime(9999, 1, 1, tzinfo=UTC), None]
    nobodys = applied(protect.date_shift("p"), [date(2020, 1, 1)], _subject=pl.Series([None], dtype=pl.String))
    assert nobodys.to_list() == [None]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: protect.round_to(0), lambda: protect.round_to(float("nan")), lambda: protect.round_to("5"),
        lambda: protect.generalise({}), lambda: protect.generalise({"a": None}), lambda: protect.date_shift("two words"),
        lambda: protect.surrogate("iban", "p"), lambda: protect.surrogate("pnc", "two words"), lambda: protect.token(7),
    ],
)  # fmt: skip
def test_what_is_no_word_is_refused(wrong):
    with pytest.raises(ValueError, match=r"round_to|generalise|date_shift|surrogate|token"):
        wrong()


@pytest.mark.parametrize(
    ("type_", "word"),
    [
        (TEXT, protect.month_only),
        (TIMESTAMP, protect.age_band),
        (INT64, protect.round_to(0.5)),
        (LIST(TEXT), protect.round_to(1)),
    ],
)
def test_a_type_that_a_word_does_not_take_is_refused(type_, word):
    with pytest.raises(ValueError, match="takes"):
        Column("c", type_, protect=word)


def people(**words):
    kinds = {"born": DATE, "height": DECIMAL(5, 2), "town": TEXT, "nhs": TEXT, "since": DATE}
    columns = (
        Column("id", INT64, protect=protect.keep),
        Column("person", TEXT, protect=protect.withhold),
        *(Column(name, kinds[name], protect=word) for name, word in words.items()),
    )
    return Dataset(source="d.public.t", owner="tests", key=("id",), subject="person", columns=columns, name="t")


def test_a_shift_needs_a_subject():
    shifted = people(born=protect.date_shift("p"))
    with pytest.raises(ValueError, match=r"'born'.*subject"):
        replace(shifted, subject=None)
    with pytest.raises(ValueError, match=r"'born'.*subject of"):
        replace(shifted, subject="born")
    assert [column.name for column in shifted.needed] == ["id", "person", "born"]
    assert [column.name for column in people(born=protect.month_only).needed] == ["id", "born"]


def test_what_a_word_is_given_is_part_of_the_contract():
    words = [{"a": "b"}, {"a": "c"}, {"a": "b", "c": "d"}]
    hashes = {contract_hash(people(town=protect.generalise(word))) for word in words}
    assert len(hashes) == 3
    assert contract_hash(people(town=protect.generalise({"c": "d", "a": "b"}))) in hashes
    assert contract_hash(people(height=protect.round_to(5))) != contract_hash(people(height=protect.round_to(10)))


def test_the_words_on_the_road(tmp_path, monkeypatch):
    monkeypatch.setenv("CUSTODY_TOKEN_SECRET", "a secret of the tests, long enough")
    words = {
        "born": protect.age_band, "height": protect.round_to(10), "town": protect.generalise({"Leeds": "north"}),
        "nhs": protect.surrogate("nhs_number", "person"), "since": protect.date_shift("person"),
    }  # fmt: skip
    row = {"born": 10_000, "height": "181.50", "town": "Leeds", "nhs": "9434765919"}
    lines = [event(n, id=n, person="P1", since=20_000 + 7 * n, **row) for n in range(2)]
    unknown = event(2, id=-1, person="__debezium_unavailable_value", since=20_000, **row)
    rows = run(tmp_path, {"t": people(**words)}, *lines, unknown)
    assert "person" not in rows.columns
    assert rows.select("born", "height", "town").unique().rows() == [("25-34", Decimal("180.00"), "north")]
    assert rows["nhs"].str.contains(r"^999\d{7}$").all()
    assert rows["since"].diff()[2] == timedelta(days=7)
    assert rows["since"][1] != date(1970, 1, 1) + timedelta(days=20_000)
    assert rows["_unknown"].to_list() == [["since"], [], []]
