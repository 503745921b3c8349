"""Free text is withheld by whoever cleans it, and comes redacted as a revision."""

from custody import INT64, TEXT, Column, Dataset, protect
from custody.decide import Desk
from custody.republish import republish
from custody.settings import load_settings
from schemas.change import withheld
from sink.lake import Lake
from sink.read import Reader
from tests.unit.test_evolution import event, run

WITHHELD = [withheld("note")]


def notes(*further, note=protect.redact):
    """The declaration of a table of notes."""
    names = Column("id", INT64, protect=protect.keep), Column("subject", INT64, protect=protect.keep)
    columns = (*names, *further, *([Column("note", TEXT, protect=note)] if note else []))
    return {"t": Dataset(source="d.public.t", owner="tests", key=("id",), subject="subject", columns=columns, name="t")}


def again(folder, datasets, *columns):
    made = republish(Desk(load_settings().but(lake=str(folder / "lake")), datasets["t"], datasets), columns, "", lambda *_: None)
    return made.revised


def test_a_text_is_withheld_with_a_note_and_what_is_no_text_is_not(tmp_path):
    lines = [event(0, id=1, subject=1, note="Saw Jan Nowak"), event(1, id=2, subject=1, note=None), event(2, id=3, subject=1)]
    rows = run(tmp_path, notes(), *lines)
    assert rows.select("note", "_redactions").null_count().row(0) == (3, 3)
    assert rows["_notes"].to_list() == [WITHHELD, [], []]
    assert rows["_unknown"].to_list() == [[], [], ["note"]]


def test_publishing_again_leaves_texts_as_they_are_and_withholds_those_declared_later(tmp_path):
    nick = Column("nick", TEXT, protect=protect.keep)
    run(tmp_path, notes(note=None), event(0, id=1, subject=1, note="Saw Jan", nick="x"))
    run(tmp_path, notes(), event(1, id=2, subject=1, note="Saw Jan", nick="y"))
    run(tmp_path, notes(nick))
    assert again(tmp_path, notes(nick), "nick") == 2
    rows = Reader(Lake(str(tmp_path / "lake")), "t").now()
    assert rows.select("nick", "_unknown", "_notes").rows() == [("x", ["note"], []), ("y", [], WITHHELD)]
    assert again(tmp_path, notes(nick)) == 1
    rows = Reader(Lake(str(tmp_path / "lake")), "t").now()
    assert rows.select("note", "_unknown", "_notes", "_revision").rows() == [(None, [], WITHHELD, 2), (None, [], WITHHELD, 1)]
    assert again(tmp_path, notes(nick)) == 0
