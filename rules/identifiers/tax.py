"""National Insurance numbers (HMRC National Insurance Manual, NIM39110): two letters, six digits, A to D."""

import polars as pl

_NEVER = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"]


def is_nino(text: pl.Expr) -> pl.Expr:
    """The shape, in any case and spacing, with a prefix that is given out."""
    packed = text.str.to_uppercase().str.replace_all(r"\s", "")
    return packed.str.contains(r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$") & ~packed.str.slice(0, 2).is_in(_NEVER)
