"""What HMRC gives out.

National Insurance numbers (National Insurance Manual, NIM39110): two letters, six digits, A to D. Unique Taxpayer References: ten
digits, the first of which is a check on the others (modulus 11, HMRC's specification for online services).
"""

import polars as pl

_NEVER = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"]


def is_nino(text: pl.Expr) -> pl.Expr:
    """The shape, in any case and spacing, with a prefix that is given out."""
    packed = text.str.to_uppercase().str.replace_all(r"\s", "")
    return packed.str.contains(r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$") & ~packed.str.slice(0, 2).is_in(_NEVER)


_UTR_WEIGHTS = (6, 7, 8, 9, 10, 5, 4, 3, 2)
_UTR_CHECKS = "21987654321"


def is_utr(text: pl.Expr) -> pl.Expr:
    """Ten digits whose check digit is right, perhaps followed by K."""
    packed = text.str.to_uppercase().str.replace_all(r"[\s-]", "").str.strip_suffix("K")
    digits = [packed.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(10)]
    total = pl.sum_horizontal(digit * weight for digit, weight in zip(digits[1:], _UTR_WEIGHTS, strict=True))
    expected = (total % len(_UTR_CHECKS)).replace_strict({n: int(c) for n, c in enumerate(_UTR_CHECKS)}, return_dtype=pl.Int32)
    return packed.str.contains(r"^\d{10}$") & (expected == digits[0]).fill_null(value=False)
