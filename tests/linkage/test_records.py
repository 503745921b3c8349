"""What the rows of several tables tell of one subject becomes one record, whatever order they came in."""

from datetime import date
from functools import partial

import polars as pl
import pytest

from custody import BOOL, DATE, INT64, LIST, TEXT, Column, Dataset, Link, check, protect
from schemas.errors import Refused
from schemas.identity import identities_of, models_of
from streams.link import merged_of, reading_of, records_of, rekeyed_of

PEOPLE = Dataset(
    source="prison.public.people", owner="tests", key=("id",), subject="root", name="people",
    columns=(
        Column("id", INT64, protect=protect.keep), Column("root", INT64, protect=protect.keep),
        Column("surname", TEXT, protect=protect.withhold), Column("forenames", LIST(TEXT), protect=protect.withhold),
        Column("born", DATE, protect=protect.year_only), Column("is_alias", BOOL, protect=protect.keep),
        Column("removed", BOOL, protect=protect.keep), Column("score", INT64, protect=protect.keep),
    ),
    link=Link(
        model="person", further="is_alias", gone="removed",
        reads={"surname": "surname", "forenames": "forename", "born": "birth_date"},
    ),
)  # fmt: skip
NUMBERS = Dataset(
    source="prison.public.numbers", owner="tests", key=("number_id",), subject="person", name="numbers",
    columns=(
        Column("number_id", INT64, protect=protect.keep), Column("person", INT64, protect=protect.keep),
        Column("pnc", TEXT, protect=protect.token("pnc"), check=(check.pnc,)), Column("merged", INT64, protect=protect.withhold),
    ),
    link=Link(model="person", reads={"pnc": "pnc", "merged": "merged"}),
)  # fmt: skip
LINKED = models_of({"people": PEOPLE, "numbers": NUMBERS})["person"]


def people(*rows):
    names = ("id", "root", "surname", "forenames", "born", "is_alias", "removed", "_previous_key")
    kinds = {"id": pl.Int64, "root": pl.Int64, "born": pl.Date, "is_alias": pl.Boolean, "removed": pl.Boolean,
             "surname": pl.String, "forenames": pl.List(pl.String), "_previous_key": pl.String}  # fmt: skip
    return pl.DataFrame([{**dict.fromkeys(names), **row} for row in rows], schema={n: kinds[n] for n in names}, orient="row")


def numbers(*rows):
    kinds = {"number_id": pl.Int64, "person": pl.Int64, "pnc": pl.String, "merged": pl.Int64, "_previous_key": pl.String}
    return pl.DataFrame([{**dict.fromkeys(kinds), **row} for row in rows], schema=kinds, orient="row")


ROWS = {
    "identities_people": people(
        {"id": 1, "root": 1, "surname": "SAMPLE", "forenames": ["SAM", "LEE"], "born": date(1980, 3, 14)},
        {"id": 7, "root": 1, "surname": "ZAMPLE", "forenames": ["SAM"], "is_alias": True},
        {"id": 3, "root": 3, "surname": "AARON"},
        {"id": 5, "root": 5, "surname": "GONE", "removed": True},
        {"id": 6, "root": 5, "surname": "ALSO GONE", "is_alias": True},
    ),
    "identities_numbers": numbers(
        {"number_id": 1, "person": 1, "pnc": "2001/1234567X"}, {"number_id": 2, "person": 1, "pnc": "1999/0000001A"},
        {"number_id": 3, "person": 1, "merged": 3}, {"number_id": 4, "person": 9, "pnc": "2010/0000005B"},
    ),
}  # fmt: skip


def test_rows_of_one_subject_are_one_record():
    found = {row["id"]: row for row in records_of(ROWS, LINKED).to_dicts()}
    assert set(found) == {"prison/1", "prison/3", "prison/9"}, "who is kept as deleted is nobody"
    one = found["prison/1"]
    assert (one["surname"], one["further_surname"], one["forename"]) == ("SAMPLE", "ZAMPLE", "SAM LEE")
    assert (one["birth_date"], one["pnc"], one["further_pnc"]) == ("1980-03-14", "1999/0000001A", "2001/1234567X")
    assert found["prison/9"]["surname"] is None


def test_the_order_of_rows_says_nothing():
    turned = {name: rows.reverse() for name, rows in reversed(ROWS.items())}
    assert records_of(turned, LINKED).equals(records_of(ROWS, LINKED))


def test_a_part_gives_the_same_records_as_the_whole():
    whole = records_of(ROWS, LINKED).filter(pl.col("id") == "prison/1")
    part = {
        "identities_people": ROWS["identities_people"].filter(pl.col("root") == 1),
        "identities_numbers": ROWS["identities_numbers"].filter(pl.col("person") == 1),
    }
    assert records_of(part, LINKED).equals(whole)


def test_nothing_known_has_the_columns_all_the_same():
    assert records_of({}, LINKED).columns == records_of(ROWS, LINKED).columns
    assert {field.name for field in reading_of(records_of(ROWS, LINKED), LINKED).fields} == {
        "surname", "forename", "birth_date", "pnc"
    }  # fmt: skip


def test_what_a_source_has_merged_is_a_pair_and_no_value():
    assert merged_of(ROWS, LINKED) == {("prison/1", "prison/3")}
    assert "merged" not in records_of(ROWS, LINKED).columns


def test_a_subject_under_a_new_key_is_the_same_record():
    rows = people({"id": 12, "root": 12, "_previous_key": '{"id":2}'}).with_columns(
        _op=pl.lit("c"), _reason=pl.lit(None, pl.String)
    )
    assert rekeyed_of(rows, LINKED["identities_people"]) == {}, "its key is not its subject"
    own = Dataset(source="d.s.t", owner="x", key=("id",), subject="id", columns=PEOPLE.columns, link=PEOPLE.link, name="own")
    assert rekeyed_of(rows, own) == {"d/12": "d/2"}


def test_identities_hold_the_links_columns_alone_in_clear():
    mine = LINKED["identities_people"]
    assert [column.name for column in mine.columns] == ["id", "root", "surname", "forenames", "born", "is_alias", "removed"]
    assert {column.protect.name for column in mine.columns} == {"keep"}
    assert (mine.cleaned_topic, mine.released_topic) == (
        "identities.prison.public.people",
        "identities_released.prison.public.people",
    )
    assert all(not rule.keeps for rule in LINKED["identities_numbers"].by_name["pnc"].check)


def test_a_dataset_that_is_called_as_identities_is_refused():
    with pytest.raises(Refused, match="rename"):
        identities_of({"people": PEOPLE, "identities_people": NUMBERS})


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (Link(model="m", reads={"nothing": "surname"}), "not declared"),
        (Link(model="m", reads={"surname": "name"}), "no such kind"),
        (Link(model="m", reads={}, further="score"), "must be a BOOL"),
        (Link(model="m", reads={}, gone="nothing"), "must be a BOOL"),
    ],
)  # fmt: skip
def test_a_link_that_does_not_fit_is_refused(link, why):
    with pytest.raises(ValueError, match=why):
        Dataset(source="d.s.t", owner="x", key=("id",), subject="root", columns=PEOPLE.columns, link=link)


def test_what_relates_people_needs_a_subject_and_a_column_that_tells_them_apart():
    declare = partial(Dataset, source="d.s.t", owner="x", key=("id",), columns=PEOPLE.columns)
    with pytest.raises(ValueError, match="relates: needs a subject"):
        declare(relates="id")
    for column in ("nothing", "surname"):
        with pytest.raises(ValueError, match=f"relates: '{column}' must be a declared column"):
            declare(subject="root", relates=column)
    assert declare(subject="root", relates="id").relates == "id"


def test_a_link_needs_a_subject_that_is_published():
    with pytest.raises(ValueError, match="needs a subject"):
        Dataset(source="d.s.t", owner="x", key=("id",), columns=PEOPLE.columns, link=Link(model="m", reads={}))
