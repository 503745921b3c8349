"""A place in which keys are rotated: declarations, a lake, commands, and what values give under some keys."""

import polars as pl
from click.testing import CliRunner

from custody.cli import cli
from custody.keyring import Key, Keyring
from custody.play import play
from custody.settings import load_settings
from rules.protect import token
from schemas.notation import load_datasets
from sink.lake import Lake
from sink.read import Reader

SECRET = "a secret of the tests, long enough"
DECLARED = '''"""People."""

from custody import INT64, TEXT, Column, Dataset, Link, keep, token, withhold

t = Dataset(
    source="d.public.t",
    owner="tests",
    key=("id",),
    subject="id",
    columns=(
        Column("id", INT64, protect=token("person")),
        Column("friend", INT64, protect=token("person")),
        Column("name", TEXT, protect=keep),
        Column("surname", TEXT, protect=withhold),
    ),
    link=Link(model="person", reads={"surname": "surname"}),
)
'''


def tokens(*texts, keys):
    frame = pl.DataFrame({"v": texts}, schema={"v": pl.String})
    return frame.select(token("person").apply(pl.col("v"), keys))["v"].to_list()


def ring_of(*secrets, retired=0):
    keys = (Key(number, "2026-01-01T00:00:00+00:00", secret) for number, secret in enumerate(secrets, start=2))
    return Keyring(tuple(keys), retired)


def lay(tmp_path, monkeypatch):
    """Declarations in a folder with a lake, in which commands are given from now on."""
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/t.py").write_text(DECLARED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUSTODY_TOKEN_SECRET", SECRET)
    monkeypatch.setenv("CUSTODY_DATASETS", "datasets")
    monkeypatch.setenv("CUSTODY_LAKE", str(tmp_path / "lake"))
    return tmp_path


def custody(*args, **given):
    return CliRunner().invoke(cli, ["keys", *args], **given)


def played(place, *lines):
    (place / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    known = load_settings()
    play(place / "events.jsonl", load_datasets(known.datasets), Lake(known.lake), known, lambda *_: None)
    return Reader(Lake(known.lake), "t")


def keys_now():
    known = load_settings()
    return known.keys(load_datasets(known.datasets))
