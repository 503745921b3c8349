"""Clean: bring a column to one way of writing. Each word takes a column and gives it back; null stays null."""

from dataclasses import dataclass

import polars as pl

from rules.identifiers import police, post


def trim(text: pl.Expr) -> pl.Expr:
    """Remove outer white space; what is empty then becomes null."""
    trimmed = text.str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def squeeze(text: pl.Expr) -> pl.Expr:
    """Make every run of white space one blank, and trim."""
    return trim(text.str.replace_all(r"\s+", " "))


def upper(text: pl.Expr) -> pl.Expr:
    """All letters in upper case."""
    return text.str.to_uppercase()


def lower(text: pl.Expr) -> pl.Expr:
    """All letters in lower case."""
    return text.str.to_lowercase()


def digits(text: pl.Expr) -> pl.Expr:
    """Only the digits 0 to 9; null where there are none."""
    return trim(text.str.replace_all(r"[^0-9]", ""))


def postcode(text: pl.Expr) -> pl.Expr:
    """`sw1a1aa ` becomes `SW1A 1AA`; what is no UK postcode becomes null."""
    return post.canonical(text)


def pnc(text: pl.Expr) -> pl.Expr:
    """A Police National Computer number as `YYYY/NNNNNNNL`; what has another shape stays as it is."""
    return police.canonical_pnc(text)


def cro(text: pl.Expr) -> pl.Expr:
    """A Criminal Records Office number as `NNNNNN/YYL` or `SFYY/NL`; what has another shape stays as it is."""
    return police.canonical_cro(text)


@dataclass(frozen=True, slots=True)
class Without:
    """These values mean that nothing is known: they become null."""

    values: tuple[object, ...]

    def __call__(self, value: pl.Expr) -> pl.Expr:
        return pl.when(~value.is_in(list(self.values))).then(value)


def without(*values: object) -> Without:
    """These values mean that nothing is known, such as `NOT ENTERED`: they become null."""
    if not values:
        raise ValueError("without(…): name at least one value")
    return Without(values)
