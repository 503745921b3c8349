"""What is known of a text's people: all that the records of its subject's person tell, under a version that tells nothing."""

from datetime import date

import polars as pl

from custody import BOOL, DATE, INT64, TEXT, Column, Dataset, Link, protect
from rules.protection import Keys
from streams.dictionary import (
    MOST_RELATED,
    RELATED,
    around,
    facts_of,
    of_persons,
    of_related,
    related,
    rows_of,
    together,
    versions,
)
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
NOBODY = pl.DataFrame(schema=RELATED)
LINKED = ALONE.with_columns(person=pl.Series(["a", "b", "a"]))
TEXT_ABOUT = (
    "Adam Wilk or Jan, born 06/05/1981, called from 07700 900456 and 07700 900123. Mr Nowak, now Lis, gave 0207 946 0011."
)


def hidden(text, record, persons, relations=NOBODY):
    records = pl.Series([record])
    known = rows_of(of_persons(records, FACTS, persons), of_related(records, FACTS, persons, relations))
    return redacted_texts(pl.Series([text]), known).texts[0]


def version(record, persons, facts=FACTS, keys=KEYS, relations=NOBODY):
    return dict(versions(pl.Series([record]), facts, persons, relations, keys).iter_rows()).get(record)


def met(*groups):
    """Who has to do with whom, where the records of each group share a value."""
    rows = [(str(number), record) for number, group in enumerate(groups) for record in group]
    return related(pl.DataFrame(rows, schema=["value", "record"], orient="row"), ALONE)


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


def test_people_who_have_to_do_with_the_subject_are_hidden_as_others():
    text = "Mensah hit Nowak; Wilk saw Kwame at 07700 900456"
    alone = hidden(text, "prison/3", ALONE)
    assert alone.startswith("[PERSON: subject] hit")
    said = hidden(text, "prison/3", ALONE, met(["prison/1", "prison/3"]))
    assert said == "[PERSON: subject] hit [PERSON 1]; [PERSON 1] saw [PERSON: subject] at [PHONE]"
    assert hidden("Lis", "prison/3", ALONE, met(["prison/1", "prison/3"], ["prison/1", "court/9"])) == hidden(
        "Lis", "prison/3", ALONE
    )
    assert hidden("Lis", "prison/3", LINKED, met(["prison/1", "prison/3"])) == "[PERSON 1]"


def test_a_version_is_of_related_people_too():
    relations = met(["prison/1", "prison/3"])
    told = version("prison/3", ALONE, relations=relations)
    assert told != version("prison/3", ALONE)
    assert version("court/9", ALONE, relations=relations) == version("court/9", ALONE)
    without = FACTS.filter(pl.col("value") != "Wilk")
    assert version("prison/3", ALONE, without, relations=relations) != told
    assert version("prison/3", ALONE, FACTS.sample(fraction=1, shuffle=True, seed=1), relations=relations) == told


def test_around_somebody_are_the_records_of_all_whom_they_have_to_do_with():
    assert sorted(around(pl.Series(["prison/3"]), LINKED, met(["prison/1", "prison/3"]))) == ["court/9", "prison/1", "prison/3"]
    assert sorted(around(pl.Series(["court/9"]), ALONE, met(["prison/1", "prison/3"]))) == ["court/9"]


def test_what_very_many_share_relates_nobody():
    for count, expected in ((MOST_RELATED, MOST_RELATED * (MOST_RELATED - 1)), (MOST_RELATED + 1, 0)):
        persons = pl.DataFrame({"record": [f"d/{n}" for n in range(count)], "person": [str(n) for n in range(count)]})
        shared = persons.select(value=pl.lit("wing A"), record="record")
        assert len(related(shared, persons)) == expected
    assert related(pl.DataFrame({"value": [None, None], "record": ["prison/1", "prison/3"]}), ALONE).is_empty()
