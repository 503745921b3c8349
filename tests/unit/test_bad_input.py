"""Bad input: exit code 2, one clear message with file, line or name, and what to do; never a traceback or a value."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.stack import Stack
from schemas.errors import Refused

DATASET = '''"""People. Owner: tests."""
from custody import DATE, INT64, TEXT, Column, Dataset, check, clean, protect, keep, token, without, trim
people = Dataset(
    source="d.public.people", owner="tests", key=("id",),
    columns=(
        Column("id", INT64, protect=keep),
        {column}
    ),
)
'''
CACHE = Path(os.environ.get("CUSTODY_CACHE", "~/.cache/custody")).expanduser()
GOOD = 'Column("name", TEXT, protect=protect.token("person"), clean=(clean.trim,)),'


def custody(*args, cwd, **environment):
    settings = {f"CUSTODY_{name}": value for name, value in environment.items()}
    return subprocess.run(
        [sys.executable, "-m", "custody", *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONPATH": str(Path(__file__).parents[2]), **settings},
    )  # fmt: skip


def refused(done, *words):
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4
    for word in words:
        assert str(word) in done.stderr, done.stderr


@pytest.fixture
def place(tmp_path):
    write(tmp_path, GOOD)
    source = {"sequence": '[null,"10"]', "lsn": 10, "txId": 1, "ts_ms": 1_700_000_000_000}
    value = {"op": "c", "after": {"id": 1, "name": " x "}, "source": source}
    at = {"topic": "d.public.people", "partition": 0, "offset": 0, "timestamp": 1_700_000_000_500, "headers": {}}
    event = {**at, "key": {"id": 1}, "value": value}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    return tmp_path


def write(folder, column):
    (folder / "datasets").mkdir(exist_ok=True)
    (folder / "datasets" / "people.py").write_text(DATASET.replace("{column}", column), encoding="utf-8")


def play(place, **environment):
    settings = {"TOKEN_SECRET": "long enough for the tests", **environment}
    return custody("play", "events.jsonl", "--datasets", "datasets", "--lake", "lake", "--json", cwd=place, **settings)


def test_a_lake_in_a_folder_of_any_name_is_read(place):
    lake, given = "a lake of Jos\u00e9\u2019s #2", {"TOKEN_SECRET": "long enough for the tests"}
    for _ in range(2):
        done = custody("play", "events.jsonl", "--datasets", "datasets", "--lake", lake, cwd=place, **given)
        assert done.returncode == 0, done.stderr
    for more in ((), ("--history",), ("--at", "2024-01-01")):
        done = custody("read", "people", "--lake", lake, "--format", "jsonl", *more, cwd=place)
        refused(done, "complete only up to") if "--at" in more else json.loads(done.stdout)
    refused(custody("read", "people", "--lake", "100%20", cwd=place), "%", "100%20")


def test_good_input_is_played_and_read(place):
    done = play(place)
    assert done.returncode == 0, done.stderr
    assert {name: json.loads(done.stdout)[name] for name in ("events", "written", "suppressed", "quarantined")} == {
        "events": 1, "written": 1, "suppressed": 0, "quarantined": 0,
    }  # fmt: skip
    again = json.loads(play(place).stdout)
    assert (again["written"], again["suppressed"]) == (0, 1)
    row = json.loads(custody("read", "people", "--lake", "lake", "--format", "jsonl", cwd=place).stdout)
    assert row["id"] == 1
    assert row["name"].startswith("tok1.person.")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ('Column("name", TEXT),', ("without protect", "line=7")),
        ('Column("name", TEXT, protect=protect.kepe),', ("kepe", "line=7")),
        ('Column("name", TEXT, protect=protect.keep, check=(check.nomz,)),', ("nomz", "line=7")),
        ('Column("name", TEXT, protect=protect.keep, hide=True),', ("hide", "line=7")),
        ('Column("name", VARCHAR, protect=protect.keep),', ("VARCHAR", "line=7")),
        ('Column("born", DATE, protect=protect.outcode_only),', ("outcode_only", "line=7")),
        ('Column("id", INT64, protect=protect.keep),', ("twice", "line=3")),
        ("Column(,", ("not Python", "line=3")),
    ],
)
def test_a_wrong_declaration_is_named_with_file_and_line(place, column, words):
    write(place, column)
    refused(custody("check", "--datasets", "datasets", cwd=place), "people.py", *words)


def test_a_key_is_kept_or_tokenised(place):
    path = place / "datasets" / "people.py"
    path.write_text(path.read_text().replace("INT64, protect=keep", "INT64, protect=protect.withhold"), encoding="utf-8")
    refused(custody("check", "--datasets", "datasets", cwd=place), "people.py", "id", "keep or token")


def test_unknown_settings_and_missing_secrets(place):
    refused(custody("check", cwd=place, TOKN_SECRET="x"), "CUSTODY_TOKN_SECRET", "CUSTODY_TOKEN_SECRET")
    (place / "custody.toml").write_text("lakes = 'x'\n", encoding="utf-8")
    refused(custody("check", cwd=place), "lakes", "custody.toml", "lake")
    (place / "custody.toml").unlink()
    refused(play(place, TOKEN_SECRET="short"), "people", "CUSTODY_TOKEN_SECRET")
    refused(custody("check", cwd=place, EPOCH="many"), "epoch")


def test_files_that_cannot_be_played(place):
    events = place / "events.jsonl"
    events.write_text(events.read_text() + '{"topic": "d.public.people", "partition": 0, "off', encoding="utf-8")
    refused(play(place), "events.jsonl", "line=2")
    assert not (place / "lake").exists()
    events.unlink()
    refused(play(place), "events.jsonl")
    refused(custody("check", "--datasets", "nowhere", cwd=place), "nowhere")


def test_a_file_saved_elsewhere_is_read(place):
    """A byte order mark, and the line ends of another system."""
    events = place / "events.jsonl"
    events.write_bytes(b"\xef\xbb\xbf" + events.read_bytes().replace(b"\n", b"\r\n"))
    assert play(place).returncode == 0


def test_moments_that_cannot_be_read(place):
    assert play(place).returncode == 0
    read = ("read", "people", "--lake", "lake", "--at")
    refused(custody(*read, "yesterday", cwd=place), "yesterday", "2026-01-31T12:00:00Z")
    refused(custody(*read, "2001-01-01T00:00:00Z", cwd=place), "before the first change", "2023-11-14T22:13:20")
    refused(custody(*read, "2999-01-01T00:00:00Z", cwd=place), "complete only up to", "2023-11-14T22:13:20")
    refused(custody("read", "nobody", "--lake", "lake", cwd=place), "nobody")
    refused(custody("read", "people", "--lake", "lake", "--version", "99", cwd=place), "versions 0 to")
    refused(custody("read", "people", "--lake", "lake", "--columns", "nam", cwd=place), "nam")


def test_nothing_runs_without_a_stack_or_addresses(place):
    refused(custody("run", "--datasets", "datasets", cwd=place), "custody up", "CUSTODY_KAFKA")


def test_a_taken_port_is_named(tmp_path, cache):
    import socket

    with socket.socket() as keeper:
        keeper.bind(("127.0.0.1", 0))
        keeper.listen()
        port = keeper.getsockname()[1]
        with pytest.raises(Refused) as problem:
            Stack(tmp_path / "data", cache, ports={"kafka": port}).start()
    assert problem.value.where == {"service": "kafka", "port": port}


def test_ports_are_refused_by_the_command_too(place):
    import socket

    refused(custody("up", "--port", "kafka=many", cwd=place), "kafka=many", "kafka=9092")
    with socket.socket() as keeper:
        keeper.bind(("127.0.0.1", 0))
        keeper.listen()
        port = keeper.getsockname()[1]
        refused(custody("up", "--port", f"kafka={port}", cwd=place, CACHE=CACHE), "taken", "kafka", port)


def test_a_part_that_is_not_what_it_was_is_refused(tmp_path, cache):
    from connectors.stack.parts import LOCK, fetch, read_lock

    fetch(cache)
    said = json.loads(LOCK.read_text())
    said["worker"][0]["sha256"] = "0" * 64
    wrong = tmp_path / "parts.json"
    wrong.write_text(json.dumps(said))
    with pytest.raises(Refused) as problem:
        fetch(cache, lock=wrong)
    assert problem.value.where["part"] == read_lock()["worker"][0].artifact


@pytest.mark.stack
def test_tables_that_cannot_be_captured(live_settings, place):
    import asyncio

    import asyncpg

    from custody.prepare import prepare
    from schemas.notation import load_datasets

    address = live_settings.postgres.get_secret_value()

    async def execute(sql):
        connection = await asyncpg.connect(address)
        await connection.execute(sql)
        await connection.close()

    path = place / "datasets" / "people.py"
    path.write_text(path.read_text().replace("d.public.people", "nomis.bad.people"), encoding="utf-8")
    declared = load_datasets(place / "datasets")
    asyncio.run(execute("CREATE SCHEMA bad"))
    for table, words in [
        (None, "no such table"), ("(id bigint, name text)", "no primary key"),
        ("(id bigint PRIMARY KEY DEFERRABLE, name text)", "deferrable"),
        ("(id bigint, name text PRIMARY KEY)", "primary key is name"),
        ("(id bigint PRIMARY KEY)", "no column name"),
    ]:  # fmt: skip
        asyncio.run(execute(f"DROP TABLE IF EXISTS bad.people; {f'CREATE TABLE bad.people {table}' if table else ''}"))
        with pytest.raises(Refused) as problem:
            prepare(live_settings, declared)
        assert words in str(problem.value)
        assert "people" in str(problem.value)
