"""Prison numbers, called NOMS numbers: one letter, four digits, two letters (ministryofjustice/prison-api). No check letter."""

import polars as pl


def is_noms_number(text: pl.Expr) -> pl.Expr:
    return text.str.contains(r"^[A-Z]\d{4}[A-Z]{2}$")
