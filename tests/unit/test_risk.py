"""What a table tells of people: what is kept in clear, and how small the groups are that share it."""

import json
from collections import Counter

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from custody import BOOL, DATE, INT64, TEXT, TIMESTAMP, Column, Dataset, protect
from custody.cli import cli
from custody.risk import risk
from rules.quasi import quasi_identifier
from schemas.errors import Refused
from tests.unit.test_evolution import event, run

DECLARED = '''"""People: for tests."""

from custody import INT64, TEXT, Column, Dataset, protect

t = Dataset(
    source="d.public.t", owner="tests", key=("id",), subject="person",
    columns=(
        Column("id", INT64, protect=protect.keep),
        Column("person", INT64, protect=protect.keep),
        Column("sex", TEXT, protect=protect.keep),
        Column("postcode", TEXT, protect=protect.outcode_only),
        Column("email", TEXT, protect=protect.withhold),
        Column("status", TEXT, protect=protect.keep),
    ),
)
'''


@pytest.mark.parametrize(
    ("name", "type_", "kind"),
    [
        ("date_of_birth", DATE, "date of birth"), ("DateOfBirth", DATE, "date of birth"), ("dob", TEXT, "date of birth"),
        ("home_postcode", TEXT, "postcode or address"), ("sex", TEXT, "sex"), ("ethnicity", TEXT, "ethnicity"),
        ("last_name", TEXT, "name"), ("name", TEXT, "name"), ("birth_name", TEXT, "name"), ("surname", TEXT, "name"),
        ("noms_number", TEXT, "number of a person"), ("pnc", TEXT, "number of a person"), ("nhs_no", INT64, "number of a person"),
        ("email_address", TEXT, "e-mail"), ("mobile_phone", TEXT, "phone"),
        ("message", TEXT, None), ("hotel", TEXT, None), ("prison_name", TEXT, None), ("email_verified", BOOL, None),
        ("name_changed_on", DATE, None), ("status", TEXT, None), ("modified_at", TIMESTAMP, None), ("stage", TEXT, None),
    ],
)  # fmt: skip
def test_names_that_suggest_a_person(name, type_, kind):
    assert quasi_identifier(name, type_.name) == kind


def test_the_subject_and_what_is_protected_are_not_kept_in_clear():
    columns = {
        "noms_number": protect.keep, "pnc": protect.keep, "sex": protect.keep, "email": protect.token("email"),
        "postcode": protect.outcode_only, "surname": protect.withhold, "phone": protect.surrogate("phone", "p"),
    }  # fmt: skip
    made = tuple(Column(name, TEXT, protect=word) for name, word in columns.items())
    told = Dataset(source="d.public.t", owner="tests", key=("noms_number",), subject="noms_number", columns=made)
    assert told.kept_in_clear == {"pnc": "number of a person", "sex": "sex"}
    assert list(told.singling) == ["pnc", "sex", "postcode"]


def test_groups_are_counted_in_persons():
    rows = pl.DataFrame({"person": [1, 1, 1, 2, 3], "sex": ["F", "F", "F", "M", "M"], "year": [1990, 1990, 1990, 1991, 1991]})
    by_rows, by_persons = risk(rows, "t", ["sex"], 3), risk(rows, "t", ["sex"], 3, "person")
    assert (by_rows.smallest_group, by_rows.rows_in_small_groups) == (2, 2)
    assert (by_persons.smallest_group, by_persons.small_groups, by_persons.rows_in_small_groups) == (1, 2, 5)
    assert by_persons.share == 1.0
    assert by_persons.without == {"sex": 0}
    assert by_persons.helps_most == "sex"


def test_the_column_that_helps_most():
    rows = pl.DataFrame({"sex": ["F", "M"] * 10, "born": range(20), "constant": [None] * 20})
    found = risk(rows, "t", ["sex", "born", "constant"], 5)
    assert found.without == {"sex": 20, "born": 0, "constant": 20}
    assert found.helps_most == "born"
    assert risk(rows, "t", ["sex", "constant"], 5).helps_most is None
    assert risk(rows.head(0), "t", ["sex"], 5).said()["smallest_group"] == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3) | st.none()), min_size=1, max_size=60), st.integers(2, 6))
@settings(max_examples=80)
def test_as_counted_by_hand(pairs, k):
    rows = pl.DataFrame({"a": [a for a, _ in pairs], "b": pl.Series([b for _, b in pairs], dtype=pl.Int64)})
    counts = Counter(pairs)
    found = risk(rows, "t", ["a", "b"], k)
    assert found.groups == len(counts)
    assert found.smallest_group == min(counts.values())
    assert found.rows_in_small_groups == sum(count for count in counts.values() if count < k)
    assert found.without["b"] == sum(count for count in Counter(a for a, _ in pairs).values() if count < k)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "t.py").write_text(DECLARED, encoding="utf-8")
    from schemas.notation import load_datasets

    people = [("F", "SW1A 1AA"), ("F", "SW1A 2AA"), ("M", "M1 1AE"), ("F", "SW1A 1AB"), ("F", "SW1A 1AA"), ("F", "SW1A 3AA")]
    lines = [
        event(n, id=n, person=n, sex=sex, postcode=postcode, email="a@b.example", status="HELD")
        for n, (sex, postcode) in enumerate(people)
    ]
    run(tmp_path, load_datasets(tmp_path / "datasets"), *lines)
    return tmp_path


def custody(place, *args):
    command = [*args, "--datasets", str(place / "datasets")]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_risk_on_a_table(place):
    lake = ("--lake", str(place / "lake"))
    said = json.loads(custody(place, "risk", "t", *lake, "--json"))
    assert said["columns"] == ["sex", "postcode"]
    assert (said["rows"], said["groups"], said["smallest_group"], said["small_groups"]) == (6, 2, 1, 1)
    assert (said["rows_in_small_groups"], said["k"], said["counted"]) == (1, 5, "persons (person)")
    assert said["helps_most"] is None
    text = custody(place, "risk", "t", *lake, "--k", "2", "--columns", "postcode,status")
    assert "smallest group: 1, counted in persons" in text
    assert "to make coarser first: postcode" in text
    assert not any(value in text for value in ("SW1A", "M1", "HELD"))


@pytest.mark.parametrize("columns", ["email", "nowhere"])
def test_columns_that_are_not_published_are_refused(place, columns):
    with pytest.raises(Refused, match="no such column"):
        custody(place, "risk", "t", "--lake", str(place / "lake"), "--columns", columns)


def test_check_prints_the_table_of_a_data_protection_officer(place):
    text = custody(place, "check")
    [sex] = [line for line in text.splitlines() if line.split()[:1] == ["sex"]]
    assert sex.split() == ["sex", "TEXT", "keep", "TEXT", "everything", "kept", "in", "clear:", "sex"]
    assert "  kept in clear: sex (sex)\n" in text
    [postcode] = [line for line in text.splitlines() if line.split()[:1] == ["postcode"]]
    assert " ".join(postcode.split()) == "postcode TEXT outcode_only TEXT count and join by postcode district"
    said = json.loads(custody(place, "check", "--json"))["t"]
    assert said["kept_in_clear"] == {"sex": "sex"}
    told = {column["name"]: column for column in said["columns"]}
    assert (told["sex"]["kept_in_clear"], told["postcode"]["kept_in_clear"]) == ("sex", None)
    assert (told["postcode"]["published"], told["email"]["published"]) == ("TEXT", None)
    assert told["postcode"]["remains"] == "count and join by postcode district"
