"""The file of keys, and files of tokens: what is made of them, and what is refused."""

import io
import json
import stat
from pathlib import Path

import polars as pl
import pytest

from custody.keyring import read_keyring, write_keyring
from custody.settings import load_settings
from rules.protect import Keys
from schemas.errors import Refused
from tests.unit.rotated import SECRET, custody, keys_now, lay, ring_of, tokens


@pytest.fixture
def place(tmp_path, monkeypatch):
    return lay(tmp_path, monkeypatch)


def test_who_never_rotates_has_tokens_as_they_always_were():
    assert tokens("1", keys=Keys(SECRET.encode())) == ["tok1.person.fd0bdb336d4477eb32497645c42a6877"]


def test_what_only_looks_like_a_token_is_made_one():
    odd = ["tok1.person.Jan Nowak." + "0" * 32, "tok2.person." + "0" * 32, "tok1.person." + "0" * 33, "tok1.court." + "0" * 32]
    made = tokens(*odd, keys=Keys(SECRET.encode()))
    assert not set(made) & set(odd)
    assert len(set(made)) == len(odd)


def test_a_rotation_draws_a_key_that_only_its_owner_reads_and_nobody_is_shown(place):
    said = [custody("rotate"), custody("rotate", "--json"), custody("list")]
    assert [one.exit_code for one in said] == [0, 0, 0]
    file = place / "custody.keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ring = read_keyring(file)
    assert [key.version for key in ring.keys] == [2, 3]
    assert len({key.secret for key in ring.keys}) == 2
    for key in ring.keys:
        assert len(key.secret) == 64
        assert key.secret not in "".join(one.output for one in said) + repr(ring) + repr(keys_now())
    assert not list(place.glob("*.new"))


def test_a_process_goes_on_with_the_key_it_was_started_with(place):
    write_keyring(place / "custody.keys", ring_of("one of the tests' keys", "another one of the tests"))
    known = load_settings()
    assert [known.but(key=key).keys({}).version for key in (0, 1, 2, 3)] == [3, 1, 2, 3]
    with pytest.raises(Refused, match="no key 4"):
        known.but(key=4).keys({})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not whole"),
        ('{"keys": [', "not whole"),
        ('{"keys": []}', "not whole"),
        ("[]", "not whole"),
        ('{"keys": [{"version": 2, "secret": "0123456789abcdef"}], "retired": 0}', "not whole"),
        ('{"keys": [{"version": 3, "since": "2026-01-01", "secret": "0123456789abcdef"}], "retired": 0}', "key 2 is missing"),
        ('{"keys": [{"version": 2, "since": "2026-01-01", "secret": "0123456789"}], "retired": 0}', "key 2 is shorter"),
        ('{"keys": [{"version": 2, "since": "once", "secret": "0123456789abcdef"}], "retired": 0}', "not whole"),
        ('{"keys": [{"version": 2, "since": "2026-01-01", "secret": "0123456789abcdef"}], "retired": 2}', "retired"),
    ],
)
def test_a_damaged_keyring_is_refused_and_not_shown(place, text, words):
    file = place / "custody.keys"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    for ask in (keys_now, lambda: read_keyring(file)):
        with pytest.raises(Refused, match=words) as refusal:
            ask()
        assert "0123456789" not in str(refusal.value)
    assert custody("rotate").exit_code != 0
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_keyring_that_others_may_read_is_refused(place, mode):
    write_keyring(place / "custody.keys", ring_of("0123456789abcdef"))
    (place / "custody.keys").chmod(mode)
    with pytest.raises(Refused, match="others may read"):
        keys_now()


def test_two_rotations_at_once_are_one(place):
    (place / "custody.keys.new").touch()
    assert isinstance(custody("rotate").exception, Refused)
    assert not (place / "custody.keys").exists()


@pytest.mark.usefixtures("place")
def test_without_a_first_key_there_is_nothing_to_rotate(monkeypatch):
    monkeypatch.delenv("CUSTODY_TOKEN_SECRET")
    assert isinstance(custody("rotate").exception, Refused)


def test_files_are_lifted_whatever_they_are(place):
    first, second = Keys(SECRET.encode()), ring_of("another one of the tests")
    [old], [new] = tokens("1", keys=first), tokens("1", keys=Keys(SECRET.encode(), second.later))
    write_keyring(place / "custody.keys", second)
    text = f"id,name\n{old},ó\n{new},\r\nno token,tok1\n"
    (place / "a.csv").write_bytes(text.encode())
    done = custody("lift", "a.csv")
    assert done.exit_code == 0, done.exception
    assert done.stdout_bytes.decode() == text.replace(old, new)
    assert "1 tokens brought under key 2" in done.stderr
    assert custody("lift", "-", input=json.dumps({"a": [old]})).stdout == json.dumps({"a": [new]})
    pl.DataFrame({"n": [1, 2], "id": [old, None], "more": [[old, "x"], None]}).write_parquet("a.parquet")
    assert isinstance(custody("lift", "a.parquet").exception, Refused), "not for standard output"
    assert custody("lift", "a.parquet", "--to", "b.parquet").exit_code == 0
    assert pl.read_parquet("b.parquet").rows() == [(1, new, [new, "x"]), (2, None, None)]


@pytest.mark.parametrize(
    ("content", "retired", "words"),
    [
        (b"tok1.person." + b"0" * 32, 1, "retired"),
        (b"tok3.person." + b"0" * 32, 0, "of key 3"),
        (b"\xff\xfe", 0, "UTF-8"),
        (None, 0, "no such file"),
    ],
)
def test_a_file_that_can_t_be_lifted_is_refused_and_nothing_written(place, content, retired, words):
    write_keyring(place / "custody.keys", ring_of("another one of the tests", retired=retired))
    if content is not None:
        Path("a.csv").write_bytes(content)
    told = custody("lift", "a.csv", "--to", "b.csv").exception
    assert isinstance(told, Refused)
    assert words in str(told)
    assert not Path("b.csv").exists()
    assert not list(Path().glob("*.new"))
    (place / "a.parquet").write_bytes(io.BytesIO(b"PAR?").getvalue())
    assert isinstance(custody("lift", "a.parquet", "--to", "b.parquet").exception, Refused)
