"""What is known of a text's people: all that the records of its subject's person tell, under a version that tells nothing."""

from datetime import date

import polars as pl

from custody import BOOL, DATE, INT64, TEXT, Column, Dataset, Link, protect
from rules.protection import Keys
from streams.dictionary import facts_of, of_persons, rows_of, together, versions
from streams.redact import redacted_texts

KEYS = Keys(b"the secret of the tests, long enough")
COLUMNS = {"id": INT64, "root": INT64, "forename": TEXT, "surname": TEXT, "born": DATE, "phone": TEXT, "gone": BOOL}
READS = {"forename": "forename", "surname": "surname", "born": "birth_date", "phone": "phone"}


def identities(register):
    columns = tuple(Column(name, kind, protect=protect.keep) for name, kind in COLUMNS.items())
    link = Link(model="person", reads=READS, register=register, gone="gone")
    return Dataset(source="d.public.t", owner="tests", key=("id",), subject="root", columns=columns, link=link, name=register)


DATASETS = {register: identities(register) for register in ("prison", "court")}
ROWS = {
    "prison": [
        {"id": 1, "root": 1, "forename": "Jan", "surname": "Nowak", "born": date(1980, 3, 4), "phone": "07700 900123"},
        {"id": 2, "root": 1, "forename": "Adam", "surname": "Wilk", "born": date(1981, 5, 6), "phone": "07700 900456"},
        {"id": 3, "root": 3, "forename": "Kwame", "surname": "Mensah", "born": None, "phone": None},
        {"id": 4, "root": 3, "forename": "Иван", "surname": "Boateng", "born": None, "phone": None, "gone": True},
    ],
    "court": [{"id": 9, "root": 9, "forename": "Janusz", "surname": "Lis", "born": None, "phone": "020 7946 0011"}],
}
SCHEMA = {"id": pl.Int64, "root": pl.Int64, "forename": pl.String, "surname": pl.String, "born": pl.Date, "phone": pl.String,
          "gone": pl.Boolean}  # fmt: skip
FACTS = facts_of({name: pl.DataFrame(rows, schema=SCHEMA) for name, rows in ROWS.items()}, DATASETS)
ALONE = pl.DataFrame({"record": ["prison/1", "prison/3", "court/9"], "person": ["a", "b", "c"]})
LINKED = ALONE.with_columns(person=pl.Series(["a", "b", "a"]))
TEXT_ABOUT = (
    "Adam Wilk or Jan, born 06/05/1981, called from 07700 900456 and 07700 900123. Mr Nowak, now Lis, gave 0207 946 0011."
)


def hidden(text, record, persons):
    records = pl.Series([record])
    known = rows_of(of_persons(records, FACTS, persons))
    return redacted_texts(pl.Series([text]), known).texts[0]


def version(record, persons, facts=FACTS, keys=KEYS):
    return dict(versions(pl.Series([record]), facts, persons, keys).iter_rows()).get(record)


def test_all_names_numbers_and_dates_of_the_person_are_the_subject_s():
    said = hidden(TEXT_ABOUT, "prison/1", LINKED)
    assert said == (
        "[PERSON: subject] or [PERSON: subject], born [DATE_OF_BIRTH], called from [PHONE] and [PHONE]."
        " Mr [PERSON: subject], now [PERSON: subject], gave [PHONE]."
    )
    assert hidden("Spoke to Lis", "prison/1", ALONE) != hidden("Spoke to Lis", "prison/1", LINKED) == "Spoke to [PERSON: subject]"


def test_rows_that_are_as_if_deleted_and_names_in_other_letters_are_known():
    assert hidden("Иван and boateng", "prison/3", ALONE) == "[PERSON: subject] and [PERSON: subject]"


def test_a_version_is_of_all_that_is_known_of_the_person_and_of_nothing_else():
    alone, linked = version("prison/1", ALONE), version("prison/1", LINKED)
    assert alone != linked
    assert linked == version("court/9", LINKED)
    assert version("prison/3", ALONE) == version("prison/3", LINKED)
    assert version("prison/7", LINKED) is None
    assert alone != version("prison/1", ALONE, keys=Keys(b"another secret of the tests"))
    without = FACTS.filter(pl.col("value") != "Wilk")
    assert version("prison/1", LINKED, without) != linked
    assert version("prison/1", LINKED, FACTS.sample(fraction=1, shuffle=True, seed=1)) == linked


def test_who_is_touched_are_all_records_of_the_person():
    assert sorted(together(pl.Series(["court/9", "prison/7"]), LINKED)) == ["court/9", "prison/1", "prison/7"]
    assert sorted(together(pl.Series(["court/9"]), ALONE)) == ["court/9"]
