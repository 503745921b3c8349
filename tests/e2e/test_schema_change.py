"""The source's tables change while they are captured, then the declaration follows: nothing is coerced, nothing is lost."""

import json
from dataclasses import replace

import pytest

from custody import INT32, TEXT, Column, protect
from custody.planning import plan
from custody.prepare import prepare
from schemas.notation import load_datasets
from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.hazards import FILE, Hazards
from tests.e2e.test_hazards import command

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

AFTER = """
        Column("remark", TEXT, protect=protect.keep, renamed_from="note"),
        Column("more", TEXT, protect=protect.keep),
        Column("amount_text", TEXT, protect=protect.keep, renamed_from="amount"),
    ),
"""


def declare_anew(road: Hazards) -> None:
    """What a person does who has seen what the source has become: kind is gone, amount is text now, balance is wider."""
    text = FILE.format(database=road.database, on_truncate="hold", kinds="'a'")
    first = text.index('        Column("note"')
    end = text.index("    ),\n)\naccounts")
    text = text[:first] + AFTER.lstrip("\n").removesuffix("    ),\n") + text[end:]
    text = text.replace('Column("balance", INT32', 'Column("balance", INT64').replace(
        "import DECIMAL, INT32", "import INT32, INT64"
    )
    (road.settings.datasets / "people.py").write_text(text.replace(" check, clean,", " clean,"), encoding="utf-8")
    road.datasets = load_datasets(road.settings.datasets)


def test_tables_change_in_mid_stream_and_declarations_follow(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            _change_the_source(road)
            road.settle(supervisor)
            _is_withheld_or_waits(road)
        finally:
            supervisor.stop()
        _leave_unread_what_the_old_declaration_wrote(road)
        _plan_shows_the_way_out(road)
        declare_anew(road)
        assert [step.refused for step in plan(road.settings, road.datasets) if step.refused] == []
        prepare(road.settings, road.datasets)
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("INSERT INTO people VALUES (9, 'z', 'r9', 'n9', 'm9')")
            road.settle(supervisor)
            _older_rows_do_not_know_what_was_declared_later(road)
            _all_of_history_is_published(road)
            road.settle(supervisor)
        finally:
            supervisor.stop()
        road.execute("ALTER TABLE people RENAME COLUMN amount TO amount_text")  # as the dataset calls it
        assert road.differences() == []
        assert set(Reader(road.lake, "people").history()["_schema"]) == {0, 1}


def _change_the_source(road: Hazards) -> None:
    road.execute(
        "INSERT INTO people VALUES (1, 'a', 'n1', 'a', 1.50), (2, 'b', 'n2', NULL, NULL), (3, 'c', NULL, 'a', 3)",
        "INSERT INTO accounts VALUES (1, 10)",
        "ALTER TABLE people ADD COLUMN more text",
        "UPDATE people SET more = 'm1' WHERE id = 1",
        "ALTER TABLE people ALTER COLUMN kind SET DEFAULT 'b'",
        "INSERT INTO people (id, name) VALUES (4, 'd')",
        "INSERT INTO people VALUES (5, 'e', NULL, NULL)",
        "ALTER TABLE people RENAME COLUMN note TO remark",
        "UPDATE people SET remark = 'r2' WHERE id = 2",
        "ALTER TABLE accounts ALTER COLUMN balance TYPE bigint",
        "INSERT INTO accounts VALUES (2, 1000000000000)",
        "UPDATE accounts SET balance = 20 WHERE id = 2",
        "ALTER TABLE people ALTER COLUMN amount TYPE text USING amount::text",
        "UPDATE people SET amount = 'about five' WHERE id = 3",
        "UPDATE people SET name = 'waits' WHERE id = 3",
        "CREATE TABLE strangers (id int PRIMARY KEY); INSERT INTO strangers VALUES (1)",
        "ALTER TABLE people DROP COLUMN kind",
        "UPDATE people SET name = 'f' WHERE id = 4",
    )


def _is_withheld_or_waits(road: Hazards) -> None:
    road.until(lambda: "arrive undeclared, and are withheld: more, remark" in command(road, "status"), 90)
    log = (road.settings.data / "logs" / "worker.log").read_text()
    assert "undeclared_columns" in log
    rows = {row["id"]: row for row in road.rows().to_dicts()}
    assert [rows[n]["kind"] for n in (1, 2, 3, 4, 5)] == ["a", None, "a", "b", None]
    assert (rows[2]["note"], rows[3]["name"], rows[4]["name"]) == ("n2", "c", "f")
    groups = json.loads(command(road, "quarantine", "--json"))["groups"]
    assert {(g["dataset"], g["column"]): g["events"] for g in groups if g["column"]} == {
        ("accounts", "balance"): 1,
        ("people", "amount"): 2,
    }
    assert road.rows("accounts")["balance"].to_list() == [10]
    topics = Snapshot.load(road.lake.raw(road.database)).scan().collect()["_topic"].unique()
    assert not any("strangers" in topic for topic in topics)


def _leave_unread_what_the_old_declaration_wrote(road: Hazards) -> None:
    """A worker alone: its records wait on the cleaned topic, in the old schema."""

    def records() -> int:
        return road.status_of("worker")["datasets"]["people"]["records"]

    (road.settings.data / "status" / "worker.json").unlink()
    worker = road.spawn("worker")
    road.execute("INSERT INTO people VALUES (6, 'unread', 'r6', '6', 'm6')")
    road.until(lambda: bool(road.status_of("worker")) and records() == 1, 60)
    worker.terminate()
    assert worker.wait(20) == 0


def _plan_shows_the_way_out(road: Hazards) -> None:
    people = road.datasets["people"]
    text = replace(people, columns=(*people.columns[:4], Column("amount", TEXT, protect=protect.keep)))
    [table] = [step for step in plan(road.settings, {"people": text}) if step.refused]
    assert "renamed_from" in table.refused
    number = replace(people, columns=(*people.columns[:3], Column("kind", INT32, protect=protect.keep), people.columns[4]))
    assert {step.kind for step in plan(road.settings, {"people": number}) if step.refused} == {"subject", "table"}


def _older_rows_do_not_know_what_was_declared_later(road: Hazards) -> None:
    rows = {row["id"]: row for row in road.rows().to_dicts()}
    assert (rows[9]["remark"], rows[9]["more"], rows[9]["amount_text"], rows[9]["_unknown"]) == ("r9", "m9", "n9", [])
    assert rows[6]["_unknown"] == ["remark", "more", "amount_text"]
    assert (rows[1]["remark"], rows[1]["_unknown"]) == ("n1", ["more", "amount_text"])


def _all_of_history_is_published(road: Hazards) -> None:
    said = json.loads(command(road, "release", "--json"))
    assert (said["released"], said["datasets"]["people"]["waiting"], said["datasets"]["accounts"]["waiting"]) == (4, 0, 0)
    made = json.loads(command(road, "republish", "people", "--why", "declared later", "--json"))
    assert (made["refused"], made["revised"]) == (0, made["looked_at"] - 3)
    assert json.loads(command(road, "republish", "people", "--json"))["revised"] == 0
