"""What a row knows of its own subject and of the people linked to them, laid out long: one line a name, one line a number."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from rules.identifiers import police
from rules.redact.context import digits, packed
from rules.redact.places import lines
from rules.redact.spans import SUBJECT

_TEXTS = (
    "forename", "middle_names", "surname", "previous_surname", "nickname", "date_of_birth", "noms_number", "pnc", "cro", "nino",
    "nhs_number", "crn", "passport", "driving_licence", "phone", "email", "postcode", "address",
)  # fmt: skip
_PERSON: dict[str, pl.DataType] = {**dict.fromkeys(("person_id", *_TEXTS), pl.String()), "aliases": pl.List(pl.String())}
ROW = pl.Schema({**_PERSON, "linked_people": pl.List(pl.Struct({**_PERSON, "relation": pl.String()}))})
"""What a row may hold; every column may be missing or null. `person_id` is who a person is, in all rows alike."""
FORENAME, SURNAME, ALIAS, INITIALS, ALIAS_WORD = range(5)
"""Parts of names. The last two: initials, which are only read off the others, and a word of an alias of several."""
_PARTS = {"forename": FORENAME, "middle_names": FORENAME, "nickname": ALIAS, "surname": SURNAME, "previous_surname": SURNAME}
_NUMBERS = (
    "noms_number",
    "pnc",
    "cro",
    "nino",
    "nhs_number",
    "crn",
    "passport",
    "driving_licence",
    "phone",
    "email",
    "postcode",
    "address",
)
_LABELS = {
    "noms_number": "NOMS_NUMBER", "pnc": "PNC", "cro": "CRO", "nino": "NINO", "nhs_number": "NHS_NUMBER", "crn": "CRN", "phone": "PHONE",
    "passport": "PASSPORT", "driving_licence": "DRIVING_LICENCE", "email": "EMAIL", "postcode": "POSTCODE", "address": "ADDRESS",
}  # fmt: skip
_SHORTEST_NUMBER = 5
NAMES = pl.Schema({"note": pl.UInt32, "person": pl.Int64, "part": pl.UInt8, "text": pl.String})
NUMBERS = pl.Schema({"note": pl.UInt32, "label": pl.String, "key": pl.String})
IDS = pl.Schema({"note": pl.UInt32, "person": pl.Int64, "id": pl.String})
BIRTHS = pl.Schema({"note": pl.UInt32, "born": pl.Date})


@dataclass(frozen=True, slots=True)
class Known:
    names: pl.DataFrame
    """`note`, `person` (-1 the subject, -2 and below the linked), `part`, `text`."""
    numbers: pl.DataFrame
    """`note`, `label`, `key` (as `number_key` makes it)."""
    births: pl.DataFrame
    """`note`, `born`."""

    def of(self, first: int, last: int) -> "Known":
        """What the notes from `first` to before `last` know, counted from the first."""
        return Known(*(_part(frame, first, last) for frame in (self.names, self.numbers, self.births)))


NOTHING = Known(pl.DataFrame(schema=NAMES), pl.DataFrame(schema=NUMBERS), pl.DataFrame(schema=BIRTHS))


def _part(frame: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    low, high = (int(np.searchsorted(frame["note"].to_numpy(), at)) for at in (first, last))
    return frame.slice(low, high - low).with_columns(pl.col("note") - first)


def known(rows: pl.DataFrame | None) -> Known:
    """The names, numbers and days of birth that rows of the shape `ROW` know."""
    if rows is None or not rows.width:
        return NOTHING
    everyone = _everyone(rows)
    return Known(_names(everyone), _numbers(everyone), _births(everyone))


def person_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """`note`, `person`, `id`: who the subject and the linked people of each row are, as far as it says."""
    everyone = _everyone(rows)
    if "person_id" not in everyone.columns:
        return pl.DataFrame(schema=IDS)
    return everyone.select("note", "person", id="person_id").cast(IDS).drop_nulls()


def number_key(kind: str, text: pl.Expr) -> pl.Expr:
    """One way of writing for all ways of writing a number of this kind (a column's or a pattern's name)."""
    if kind.startswith("pnc"):
        return digits(police.canonical_pnc(text)).str.replace_all("/", "").str.to_uppercase()
    if kind.startswith("cro"):
        return digits(police.canonical_cro(text.str.replace("-", "/", literal=True))).str.to_uppercase()
    if kind.startswith("phone"):
        return (
            digits(text)
            .str.replace_all("[^0-9]", "")
            .str.replace("^(?:0044|44)", "0")
            .str.replace("^00", "0")
            .str.replace("^([1-9])", "0${1}")
        )
    return digits(packed(text)).str.to_uppercase()


def _everyone(rows: pl.DataFrame) -> pl.DataFrame:
    """A line a person."""
    rows = rows.with_row_index("note")
    subjects = _told(rows.select("note", *(name for name in _PERSON if name in rows.columns))).with_columns(
        person=pl.lit(SUBJECT, pl.Int64)
    )
    if "linked_people" not in rows.columns or rows.schema["linked_people"] == pl.List(pl.Null):
        return subjects
    linked = rows.select("note", "linked_people").drop_nulls().explode("linked_people").drop_nulls()
    if not len(linked):
        return subjects
    note = linked["note"].to_numpy()
    place = np.arange(len(note)) - np.searchsorted(note, note)
    others = _told(linked.with_columns(person=pl.Series(SUBJECT - 1 - place)).unnest("linked_people"))
    return pl.concat([subjects, others], how="diagonal_relaxed").sort("note", maintain_order=True)


def _told(people: pl.DataFrame) -> pl.DataFrame:
    """The columns of people that say something of anybody; the first one is always there."""
    keep = {"note", "person", "forename"}
    told = [name for name in people.columns if name in keep or (name in _PERSON and people[name].null_count() < len(people))]
    people = people.select(told)
    return people if "forename" in told else people.with_columns(forename=pl.lit(None, pl.String))


def _names(everyone: pl.DataFrame) -> pl.DataFrame:
    parts = [
        everyone.select("note", "person", part=pl.lit(part, pl.UInt8), text=pl.col(name))
        for name, part in _PARTS.items()
        if name in everyone.columns
    ]
    if "aliases" in everyone.columns:
        parts.append(everyone.select("note", "person", part=pl.lit(ALIAS, pl.UInt8), text="aliases").explode("text"))
    parts = [part.drop_nulls("text") for part in parts]
    given = (
        parts[0].with_columns(text=pl.col("text").str.to_lowercase().str.strip_chars()).join(_nicknames(), on="text", how="inner")
    )
    called = given.select("note", "person", part=pl.lit(ALIAS, pl.UInt8), text="nickname")
    named = pl.concat([*parts, called])
    misread = named.filter(pl.col("text").str.starts_with("I")).with_columns(text="l" + pl.col("text").str.slice(1))
    misread = misread.filter(pl.col("text").str.contains("^l[a-z]{2}"))
    every = pl.concat([named, misread]).cast(NAMES).drop_nulls()
    return every[np.argsort(every["note"].to_numpy(), kind="stable")]


@cache
def _nicknames() -> pl.DataFrame:
    pairs = [(name, nickname) for name, *called in map(str.split, lines("nicknames.txt")) for nickname in called]
    return pl.DataFrame(pairs, schema={"text": pl.String, "nickname": pl.String}, orient="row")


def _numbers(everyone: pl.DataFrame) -> pl.DataFrame:
    parts = [
        everyone.select("note", label=pl.lit(_LABELS[name]), key=number_key(name, pl.col(name)))
        for name in _NUMBERS
        if name in everyone.columns and everyone[name].null_count() < len(everyone)
    ]
    if not parts:
        return NOTHING.numbers
    return (
        pl.concat(parts)
        .cast(NUMBERS)
        .drop_nulls()
        .filter(pl.col("key").str.len_chars() >= _SHORTEST_NUMBER)
        .unique()
        .sort("note")
    )


def _births(everyone: pl.DataFrame) -> pl.DataFrame:
    if "date_of_birth" not in everyone.columns:
        return NOTHING.births
    born = pl.col("date_of_birth")
    day = pl.coalesce(*(born.str.to_date(form, strict=False) for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")))
    return everyone.select("note", born=day).cast(BIRTHS).drop_nulls().unique().sort("note")
