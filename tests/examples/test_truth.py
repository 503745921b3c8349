"""Who is who in the worked example: fixed by the seed, of exactly the records there are, and told by what they hold."""

from collections import Counter, defaultdict
from datetime import date

import polars as pl
import pytest

from examples.justice import truth
from examples.justice.plan import offices, plan
from tests.examples.memory import Memory, work

SEED, CHANGES, WRITERS = 5, 8_000, 3


@pytest.fixture(scope="module")
def memory() -> Memory:
    return work(SEED, CHANGES, WRITERS)


@pytest.fixture(scope="module")
def who() -> dict[str, str]:
    return dict(truth.truth(SEED, CHANGES, writers=WRITERS).iter_rows())


@pytest.fixture(scope="module")
def people() -> list:
    """Everybody who has a record, by the office that knows him."""
    known = [
        person
        for office in offices(SEED, CHANGES, writers=WRITERS)
        for records in (office.people.who, office.probation.who, office.courts.who)
        for person in records.values()
    ]
    return list({person.entity: person for person in known}.values())


def test_the_truth_is_of_the_records_there_are(memory, who):
    tables = {table: rows.values() for table, rows in memory.tables.items()}
    there = {f"nomis/{row['root_offender_id']}" for row in tables["offenders"]}
    there |= {f"delius/{row['offender_id']}" for row in tables["offender"] if not row["soft_deleted"]}
    there |= {f"libra/{row['defendant_id']}" for row in tables["defendants"] if row["defendant_type"] == "P"}
    assert set(who) == there


def test_the_same_seed_gives_the_same_truth(who):
    assert dict(truth.truth(SEED, CHANGES, writers=WRITERS).iter_rows()) == who
    assert dict(truth.truth(SEED + 1, CHANGES, writers=WRITERS).iter_rows()) != who


def test_writers_have_people_of_their_own(who):
    alone = dict(truth.truth(SEED, CHANGES, writers=1).iter_rows())
    assert {entity.partition("-")[0] for entity in alone.values()} == {"0", "corrected"}
    assert {entity.partition("-")[0] for entity in who.values()} == {"0", "1", "2", "corrected"}


def test_nothing_is_known_before_anything_happened():
    assert truth.truth(1, 0).is_empty()
    assert truth.truth(1, 1).rows() == [("nomis/1", "corrected")]
    assert set(truth.truth(1, 900, databases=("libra",))["id"].str.split("/").list.first()) == {"libra"}


def test_many_stand_in_several_services(who):
    services = defaultdict(set)
    for record, entity in who.items():
        services[entity].add(record.partition("/")[0])
    counted = Counter(len(found) for found in services.values())
    assert counted[1] > counted[2] > counted[3] > 20
    assert counted[2] + counted[3] > len(services) / 4


def test_equal_numbers_of_two_services_are_mostly_strangers(who):
    same = [(entity, who[f"nomis/{record.partition('/')[2]}"]) for record, entity in who.items()
            if record.startswith("delius/") and f"nomis/{record.partition('/')[2]}" in who]  # fmt: skip
    assert sum(one != other for one, other in same) > 50


def test_merges_that_stand_are_right_and_others_were_undone(memory, who):
    rows = memory.tables["identifiers"].values()
    standing = [(row["offender_id"], row["merged_offender_id"]) for row in rows if row["merged_offender_id"]]
    assert len(standing) > 5
    assert all(who[f"nomis/{root}"] == who.get(f"nomis/{second}", who[f"nomis/{root}"]) for root, second in standing)
    said = [row for verb, table, row in memory.images if (verb, table) == ("I", "identifiers") and row["merged_offender_id"]]
    wrong = [one for one in said if who[f"nomis/{one['offender_id']}"] != who.get(f"nomis/{one['merged_offender_id']}")
             and f"nomis/{one['merged_offender_id']}" in who]  # fmt: skip
    assert len(wrong) > 5


def test_a_merge_may_come_before_the_record_it_names():
    seen, early = set(), 0
    for transaction in plan(SEED, CHANGES):
        for statement in () if transaction.is_rolled_back else transaction.statements:
            values = statement.values or {}
            if statement.table == "offenders" and statement.key is None:
                seen.add(values["root_offender_id"])
            early += values.get("merged_offender_id") is not None and values["merged_offender_id"] not in seen
    assert early > 2


def test_there_are_those_who_must_not_be_merged(people):
    living = defaultdict(list)
    for person in people:
        living[person.surname, person.postcodes[0]].append(person)
    homes = [found for found in living.values() if len(found) > 1]
    pairs = [(one, other) for found in homes for place, one in enumerate(found) for other in found[place + 1 :]]
    assert any(one.birthday == other.birthday and one.forename != other.forename for one, other in pairs)
    assert any(one.forename == other.forename and abs((one.birthday - other.birthday).days) > 20 * 365 for one, other in pairs)
    assert any(one.forename != other.forename and one.birthday != other.birthday for one, other in pairs)
    common = Counter((person.forename, person.surname) for person in people)
    assert max(common.values()) > 2
    for name, count in common.items():
        assert len({person.birthday for person in people if (person.forename, person.surname) == name}) == count


def test_who_could_not_be_told_otherwise_has_his_police_number_on_every_record(who):
    """A name or day that is lost or another's is made up for: no pair of one person lacks all evidence."""
    frame = truth.records(SEED, CHANGES, writers=WRITERS).join(pl.DataFrame({"id": who.keys(), "entity": who.values()}), on="id")
    lost = frame.filter(pl.col("birth_date").is_null() | pl.col("surname").is_null() | pl.col("forename").is_null())
    merged = {f"nomis/{row['merged_offender_id']}" for row in work(SEED, CHANGES, WRITERS).tables["identifiers"].values()}
    assert len(lost) > 20
    assert lost.filter(~pl.col("id").is_in(merged))["pnc"].null_count() == 0


def test_records_hold_what_services_wrote(who):
    frame = truth.records(SEED, CHANGES, writers=WRITERS)
    assert frame["id"].is_unique().all()
    assert set(who) <= set(frame["id"])
    assert {"further_surname", "previous_surname", "organisation"} < set(frame.columns)
    rest = frame.filter(~pl.col("id").is_in(list(who)))
    assert set(rest["organisation"]) == {"O"}
    assert frame["further_postcode"].is_not_null().sum() > 20
    assert date(1970, 1, 1).isoformat() not in set(frame["birth_date"])
