"""Whole tables from random histories: files played in pieces, in either order and twice, and what was refused released."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from custody import check
from custody.decide import Desk, Filter, waiting
from custody.play import play
from custody.settings import load_settings
from sink.lake import Lake
from sink.read import Reader
from tests.histories import PEOPLE, History, as_lines, published, random_history, redelivered

COLUMNS = [*PEOPLE.published, "_unknown"]
ODD_NAMES = check.one_of(*(f"n{number}" for number in range(99) if number % 7))
STRICT = replace(PEOPLE, columns=tuple(replace(c, check=(ODD_NAMES,)) if c.name == "name" else c for c in PEOPLE.columns))
"""A declaration that refuses one live event of seven."""


def played(lines: Sequence[str], folder: Path, dataset=PEOPLE) -> Lake:
    """The lake of a folder after these lines."""
    lake, path = Lake(str(folder / "lake")), folder / "events.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    play(path, {"people": dataset}, lake, load_settings(), lambda *_: None)
    return lake


def check_tables(lake: Lake, history: History, moments: int) -> None:
    """The tables are what the naive interpreter says, now and as of some moments."""
    reader = Reader(lake, "people")
    assert reader.now().select(COLUMNS).to_dicts() == published(history.last), "now"
    assert len(reader.history()) == history.changes + history.absent, "each change once, and what was found by absence"
    states = history.states[:: max(1, len(history.states) // moments)]
    for (at, state), table in zip(states, reader.at_each([at for at, _ in states]), strict=True):
        assert table.select(COLUMNS).to_dicts() == published(state), f"as of {at}"
        assert table.equals(reader.at(at)), f"as of {at}, asked alone"


def check_pieces(seed: int, transactions: int, folder: Path, *, is_lost: bool) -> int:
    """A file in two pieces, in either order, and whole again; the number of changes."""
    random = Random(seed)
    history = random_history(seed, transactions, random.randrange(2, 9), is_lost=is_lost)
    lines = as_lines(redelivered(history, random))
    cut = random.randrange(len(lines) + 1)
    pieces = [lines[:cut], lines[cut:]]
    random.shuffle(pieces)
    for piece in [*pieces, lines]:
        lake = played(piece, folder)
    check_tables(lake, history, 4)
    return history.changes


def check_released(seed: int, transactions: int, folder: Path) -> int:
    """What a wrong declaration refused, and what waited behind it, is released under the right one; the number of changes."""
    random = Random(seed)
    history = random_history(seed, transactions, random.randrange(2, 9))
    lake = played(as_lines(redelivered(history, random)), folder, STRICT)
    Desk(load_settings().but(lake=lake.address), PEOPLE, {"people": PEOPLE}).release(Filter(), "tests")
    assert len(waiting(lake, PEOPLE)) == 0, "nothing waits"
    check_tables(lake, history, 2)
    return history.changes
