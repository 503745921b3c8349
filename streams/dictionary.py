"""What is known of the people that free text is about: what the identities of their records tell, and in which version. Pure."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from rules.protection import Keys, keyed
from rules.redact import ROW
from schemas.dataset import Dataset
from streams.link import MERGED, ORGANISATION, Rows, told

_WHOLE = {"forename": "forename", "middle_name": "middle_names", "surname": "surname", "previous_surname": "previous_surname"}
"""Of the kinds that are names in parts the column of `rules.redact.ROW` that all of them go to."""
_SINGLE = {
    "birth_date": "date_of_birth", "noms": "noms_number", "pnc": "pnc", "cro": "cro", "nino": "nino", "nhs": "nhs_number",
    "identifier": "crn", "phone": "phone", "email": "email", "postcode": "postcode", "address": "address",
}  # fmt: skip
"""Of the kinds of which a row holds one the column that it goes to; further ones are a linked person's, without a name."""
_ALIAS = "alias"
_FOREIGN = r"[^\p{Latin}\p{Common}\p{Inherited}]"
"""Names in other letters are looked for as they are written, each by itself."""
_SCOPE = "redaction"
VERSION_DIGITS = 12
FACTS = pl.Schema({"record": pl.String, "kind": pl.String, "value": pl.String})
PERSONS = pl.Schema({"record": pl.String, "person": pl.String})
"""Which person each linked record is of; a record that several models link is of several."""


def facts_of(rows: Rows, datasets: Mapping[str, Dataset]) -> pl.DataFrame:
    """What identities tell of each record that may stand in a text: `FACTS`, each once. Rows that are as if deleted tell, too."""
    parts = [told(frame, _with_gone(datasets[name])) for name, frame in rows.items()]
    used = [*_WHOLE, *_SINGLE, _ALIAS]
    known = [
        part.filter(pl.col("kind").is_in(used)).select(pl.col("id").alias("record"), "kind", pl.col("value").str.strip_chars())
        for part in parts
    ]
    facts = pl.concat([pl.DataFrame(schema=FACTS), *known])
    return facts.filter(pl.col("value").is_not_null() & (pl.col("value") != "")).unique()


def _with_gone(dataset: Dataset) -> Dataset:
    assert dataset.link is not None, "only linked datasets tell"
    reads = {name: kind for name, kind in dataset.link.reads.items() if kind not in {MERGED, ORGANISATION}}
    return replace(dataset, link=replace(dataset.link, gone="", reads=reads))


def of_persons(records: pl.Series, facts: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """`FACTS` of these records: those of all records of the same person. One that is not linked has none."""
    wanted = persons.join(records.alias("record").to_frame().unique(), on="record", how="semi")
    others = wanted.join(persons.rename({"record": "other"}), on="person").select("record", "other").unique()
    return others.join(facts.rename({"record": "other"}), on="other").select(FACTS.names()).unique()


def together(records: pl.Series, persons: pl.DataFrame) -> pl.Series:
    """These records, and all that are of the same persons."""
    mine = persons.join(records.alias("record").to_frame(), on="record", how="semi").select("person").unique()
    return pl.concat([records, persons.join(mine, on="person", how="semi")["record"]]).unique()


def versions(records: pl.Series, facts: pl.DataFrame, persons: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """`record`, `dictionary`: of each of these that is linked what names all that is known of its person.

    It is a keyed hash, since whoever has a person's facts could else tell whose it is.
    """
    linked = persons.join(records.alias("record").to_frame(), on="record", how="semi").select("record").unique()
    one = pl.concat_str("kind", "value", separator="\x1f").alias("fact")
    known = of_persons(records, facts, persons).select("record", one).unique().sort("record", "fact")
    whole = known.group_by("record").agg(pl.col("fact").str.join("\x1e"))
    named = keyed(pl.col("fact").fill_null(""), keys.scope(_SCOPE)).str.slice(0, VERSION_DIGITS).alias("dictionary")
    return linked.join(whole, on="record", how="left").select("record", named)


def rows_of(facts: pl.DataFrame) -> pl.DataFrame:
    """One row a record, `record` and the columns of `rules.redact.ROW`: every name of its person, every number, every date.

    The order of values is that of their texts: which came first says nothing.
    """
    ordered = facts.sort("record", "kind", "value")
    rows = ordered.select("record").unique(maintain_order=True)
    for kind, column in _WHOLE.items():
        mine = ordered.filter(pl.col("kind") == kind).group_by("record").agg(pl.col("value").str.join(" ").alias(column))
        rows = rows.join(mine, on="record", how="left", maintain_order="left")
    is_alias = (pl.col("kind") == _ALIAS) | (pl.col("kind").is_in(list(_WHOLE)) & pl.col("value").str.contains(_FOREIGN))
    aliases = ordered.filter(is_alias).group_by("record").agg(pl.col("value").unique().sort().alias("aliases"))
    rows = rows.join(aliases, on="record", how="left", maintain_order="left")
    numbered = ordered.filter(pl.col("kind").is_in(list(_SINGLE))).with_columns(
        _place=pl.int_range(pl.len()).over("record", "kind"),
        column=pl.col("kind").replace_strict(_SINGLE, return_dtype=pl.String),
    )
    first = _wide(numbered.filter(pl.col("_place") == 0), ["record"])
    more = _wide(numbered.filter(pl.col("_place") > 0), ["record", "_place"]).sort("record", "_place")
    linked = more.group_by("record").agg(linked_people=pl.struct(_SINGLE.values()))
    whole = rows.join(first, on="record", how="left", maintain_order="left")
    return whole.join(linked, on="record", how="left", maintain_order="left")


def _wide(numbered: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    columns = [pl.col("value").filter(pl.col("column") == name).first().alias(name) for name in _SINGLE.values()]
    return numbered.group_by(by).agg(columns)


def row_columns() -> list[str]:
    """The columns of `ROW` that `rows_of` gives."""
    return [name for name in ROW.names() if name in {*_WHOLE.values(), *_SINGLE.values(), "aliases", "linked_people"}]
