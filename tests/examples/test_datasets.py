"""The datasets of the worked example: they declare what the tables have, and protect it."""

import re

import pytest

from examples.justice.workload import DATASETS, DDL
from schemas.notation import load_datasets
from tests.examples.memory import CREATED, TABLES, columns_of, key_of

TYPES = {
    "bigint": "INT64", "int": "INT32", "smallint": "INT16", "double precision": "FLOAT64", "boolean": "BOOL", "text": "TEXT",
    "varchar": "TEXT", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP_NTZ", "timestamptz": "TIMESTAMP", "uuid": "UUID",
    "jsonb": "JSON", "bytea": "BINARY", "text[]": "LIST(TEXT)", "numeric": "DECIMAL",
}  # fmt: skip


def test_a_dataset_declares_what_the_table_has():
    datasets = load_datasets(DATASETS)
    assert {path.stem for path in DATASETS.rglob("*.py")} == set(datasets)
    assert len(datasets) == len(TABLES)
    for path in DATASETS.rglob("*.py"):
        dataset = datasets[path.stem]
        database, schema, table = dataset.source.split(".")
        assert (database, schema, table in CREATED[database]) == (path.parent.name, "public", True)
        assert set(dataset.key) == set(key_of(table))
        assert dataset.subject
        said = {column: re.sub(r"(?<=varchar)\(.*\)", "", type_) for column, type_ in columns_of(table).items()}
        declared = {column.name: str(column.type) for column in dataset.columns}
        assert declared == {column: re.sub(r"^[a-z \[\]]+", lambda word: TYPES[word[0]], type_) for column, type_ in said.items()}


@pytest.mark.parametrize("database", DDL)
def test_ddl_can_be_run_again_and_takes_nothing_away(database):
    said = DDL[database].read_text(encoding="utf-8")
    assert len(re.findall(r"^CREATE TABLE IF NOT EXISTS", said, re.MULTILINE)) == said.count(";") == len(CREATED[database])
    assert "DEFERRABLE" not in said.upper()


def test_what_is_linked_are_the_rows_of_one_subject():
    """The tables of a database that tell who somebody is name him in the same way."""
    linked = [dataset for dataset in load_datasets(DATASETS).values() if dataset.link]
    assert {dataset.database for dataset in linked} == {"nomis", "delius", "libra"}
    assert {dataset.link.model for dataset in linked} == {"person"}
    assert {dataset.subject for dataset in linked if dataset.database == "delius"} == {"offender_id"}


def test_personal_columns_are_protected():
    datasets = load_datasets(DATASETS)
    protections = {(name, column.name): str(column.protect) for name, dataset in datasets.items() for column in dataset.columns}
    expected = {
        ("offenders", "surname"): "withhold", ("offenders", "forename"): "withhold", ("offenders", "middle_names"): "withhold",
        ("offenders", "noms_number"): 'token("person")', ("offenders", "date_of_birth"): "year_only",
        ("offenders", "postcode"): "outcode_only", ("identifiers", "pnc"): 'token("pnc")', ("identifiers", "cro"): 'token("cro")',
        ("identifiers", "nino"): 'token("nino")', ("identifiers", "nhs_number"): 'token("nhs")', ("case_notes", "note"): "redact",
        ("probation_offenders", "surname"): "withhold", ("probation_offenders", "previous_surname"): "withhold",
        ("probation_offenders", "date_of_birth"): "year_only", ("probation_offenders", "pnc_number"): 'token("pnc")',
        ("probation_aliases", "surname"): "withhold", ("probation_addresses", "postcode"): "outcode_only",
        ("defendants", "name"): "withhold", ("defendants", "date_of_birth"): "withhold", ("defendants", "pnc"): 'token("pnc")',
        ("alerts", "comment"): "redact", ("incidents", "description"): "redact",
    }  # fmt: skip
    assert expected.items() <= protections.items()
