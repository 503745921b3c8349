"""Marks that name a person alike in all notes: `[PERSON 3f0c…]`, a token of who it is, under a secret."""

import polars as pl

from rules.protection import keyed
from rules.redact.people import People
from rules.redact.rows import person_ids

TOKEN_HEX_DIGITS = 16


def tokens(spans: pl.DataFrame, rows: pl.DataFrame | None, people: People, key: str) -> pl.DataFrame:
    """`note`, `person`, `token` of all people in spans of whom the row or the dictionary says who they are.

    The row comes first. A name of the dictionary that several people have, or that a note gives to several, says of nobody who it is.
    """
    told = spans.filter(pl.col("label") == "PERSON").select("note", "person", "listed")
    ids = pl.DataFrame({"id": people.ids}, schema={"id": pl.String}).with_row_index("listed", offset=1)
    by_list = told.filter(pl.col("listed") > 0).join(ids, on="listed").unique(["note", "person", "id"])
    by_list = by_list.filter(pl.len().over("note", "person") == 1).select("note", "person", "id")
    if rows is not None and rows.width:
        by_row = told.select("note", "person").unique().join(person_ids(rows), on=["note", "person"])
        by_list = pl.concat([by_row, by_list.join(by_row, on=["note", "person"], how="anti")])
    token = keyed(pl.col("id"), key).str.slice(0, TOKEN_HEX_DIGITS)
    return by_list.drop_nulls().select("note", "person", token=token)
