"""UK postcodes (BS 7666): an outcode, which is a district, and an incode."""

import polars as pl

SHAPE = r"^([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})$"


def packed(text: pl.Expr) -> pl.Expr:
    return text.str.to_uppercase().str.replace_all(r"\s", "")


def canonical(text: pl.Expr) -> pl.Expr:
    """`SW1A 1AA`; null where it is no postcode."""
    return packed(text).str.extract(SHAPE, 1) + " " + packed(text).str.extract(SHAPE, 2)


def is_postcode(text: pl.Expr) -> pl.Expr:
    return packed(text).str.contains(SHAPE)


def outcode(text: pl.Expr) -> pl.Expr:
    """`SW1A`; null where it is no postcode."""
    return packed(text).str.extract(SHAPE, 1)
