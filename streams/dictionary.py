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
_ALIAS, _LINKED = "alias", "linked_people"
_FOREIGN = r"[^\p{Latin}\p{Common}\p{Inherited}]"
"""Names in other letters are looked for as they are written, each by itself."""
_SCOPE = "redaction"
VERSION_DIGITS = 12
MOST_RELATED = 50
"""Where more people than this share a value, it says nothing of who has to do with whom."""
FACTS = pl.Schema({"record": pl.String, "kind": pl.String, "value": pl.String})
PERSONS = pl.Schema({"record": pl.String, "person": pl.String})
"""Which person each linked record is of; a record that several models link is of several."""
SHARED = pl.Schema({"value": pl.String, "record": pl.String})
"""What records share that are about people who have to do with each other: the column `relates` of a dataset's rows."""
RELATED = pl.Schema({"person": pl.String, "other": pl.String})
"""Who has to do with whom: each pair both ways."""
OTHERS = pl.Schema({"record": pl.String, "other": pl.String, "kind": pl.String, "value": pl.String})
"""What is known of the people whom a record's person has to do with."""


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


def related(shared: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """`RELATED`, of `SHARED`. What more than 50 people share relates nobody."""
    members = shared.drop_nulls().join(persons, on="record").select("value", "person").unique()
    few = members.filter(pl.len().over("value") <= MOST_RELATED)
    both = few.join(few.rename({"person": "other"}), on="value").filter(pl.col("person") != pl.col("other"))
    return both.select(RELATED.names()).unique()


def of_related(records: pl.Series, facts: pl.DataFrame, persons: pl.DataFrame, relations: pl.DataFrame) -> pl.DataFrame:
    """`OTHERS` of these records: `FACTS` of everyone whom their persons have to do with."""
    wanted = persons.join(records.alias("record").to_frame().unique(), on="record", how="semi")
    others = wanted.join(relations, on="person").select("record", "other").unique()
    theirs = others.join(persons.rename({"person": "other", "record": "theirs"}), on="other")
    return theirs.join(facts.rename({"record": "theirs"}), on="theirs").select(OTHERS.names()).unique()


def together(records: pl.Series, persons: pl.DataFrame) -> pl.Series:
    """These records, and all that are of the same persons."""
    mine = persons.join(records.alias("record").to_frame(), on="record", how="semi").select("person").unique()
    return pl.concat([records, persons.join(mine, on="person", how="semi")["record"]]).unique()


def around(records: pl.Series, persons: pl.DataFrame, relations: pl.DataFrame) -> pl.Series:
    """These records, all that are of the same persons, and all of those whom these have to do with."""
    mine = together(records, persons)
    whose = persons.join(mine.alias("record").to_frame(), on="record", how="semi").select("person").unique()
    others = relations.join(whose, on="person", how="semi").select(person="other").unique()
    return pl.concat([mine, persons.join(others, on="person", how="semi")["record"]]).unique()


def versions(
    records: pl.Series, facts: pl.DataFrame, persons: pl.DataFrame, relations: pl.DataFrame, keys: Keys
) -> pl.DataFrame:  # fmt: skip
    """`record`, `dictionary`: of each of these that is linked what names all that is known of its person, and of related ones.

    It is a keyed hash, since whoever has a person's facts could else tell whose it is.
    """
    linked = persons.join(records.alias("record").to_frame(), on="record", how="semi").select("record").unique()
    own = of_persons(records, facts, persons).select("record", pl.concat_str("kind", "value", separator="\x1f").alias("fact"))
    others = of_related(records, facts, persons, relations)
    theirs = others.select("record", pl.concat_str("other", "kind", "value", separator="\x1f").alias("fact"))
    known = pl.concat([own, theirs]).unique().sort("record", "fact")
    whole = known.group_by("record").agg(pl.col("fact").str.join("\x1e"))
    named = keyed(pl.col("fact").fill_null(""), keys.scope(_SCOPE)).str.slice(0, VERSION_DIGITS).alias("dictionary")
    return linked.join(whole, on="record", how="left").select("record", named)


def rows_of(facts: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """One row a record, `record` and the columns of `rules.redact.ROW`: every name of its person, every number, every date.

    The order of values is that of their texts: which came first says nothing.

    Args:
        facts: `FACTS` of each record's person.
        others: `OTHERS`, who are linked people of the row. A record of which there are only these has a row, too.
    """
    own, further = _known(facts, ["record"])
    theirs, beyond = _known(others, ["record", "other"])
    linked = pl.concat([further, theirs, beyond], how="diagonal_relaxed").sort("record", "other", "_place", nulls_last=False)
    columns = [pl.col(name) for name in row_columns() if name != _LINKED]
    grouped = linked.group_by("record", maintain_order=True).agg(pl.struct(columns).alias(_LINKED))
    return own.join(grouped, on="record", how="full", coalesce=True).sort("record")


def _known(facts: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What facts of somebody tell: a row each, `by` and the columns of `ROW`; and the numbers of which a row holds but one."""
    ordered = facts.sort(*by, "kind", "value")
    rows = ordered.select(by).unique(maintain_order=True)
    for kind, column in _WHOLE.items():
        mine = ordered.filter(pl.col("kind") == kind).group_by(by).agg(pl.col("value").str.join(" ").alias(column))
        rows = rows.join(mine, on=by, how="left", maintain_order="left")
    is_alias = (pl.col("kind") == _ALIAS) | (pl.col("kind").is_in(list(_WHOLE)) & pl.col("value").str.contains(_FOREIGN))
    aliases = ordered.filter(is_alias).group_by(by).agg(pl.col("value").unique().sort().alias("aliases"))
    rows = rows.join(aliases, on=by, how="left", maintain_order="left")
    numbered = ordered.filter(pl.col("kind").is_in(list(_SINGLE))).with_columns(
        _place=pl.int_range(pl.len()).over(*by, "kind"),
        column=pl.col("kind").replace_strict(_SINGLE, return_dtype=pl.String),
    )
    first = _wide(numbered.filter(pl.col("_place") == 0), by)
    more = _wide(numbered.filter(pl.col("_place") > 0), [*by, "_place"]).sort(*by, "_place")
    return rows.join(first, on=by, how="left", maintain_order="left"), more


def _wide(numbered: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    columns = [pl.col("value").filter(pl.col("column") == name).first().alias(name) for name in _SINGLE.values()]
    return numbered.group_by(by).agg(columns)


def row_columns() -> list[str]:
    """The columns of `ROW` that `rows_of` gives."""
    return [name for name in ROW.names() if name in {*_WHOLE.values(), *_SINGLE.values(), "aliases", _LINKED}]
