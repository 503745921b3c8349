"""Payment cards (ISO/IEC 7812-1: Luhn's check digit) and IBANs (ISO 13616: remainder 1 by 97)."""

import polars as pl

_CARD_DIGITS = 19
_ISSUED = r"^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}|5[06-9]\d{14,17}|35\d{14})$"
_IBAN = r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$"
_AS_DIGITS = {ord("A") + place: str(10 + place) for place in range(26)}


def is_payment_card(text: pl.Expr) -> pl.Expr:
    """A number of a length and a beginning that cards have, whose check digit is right."""
    packed = text.str.replace_all(r"[\s.-]", "")
    padded = packed.str.zfill(_CARD_DIGITS)
    digits = [padded.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(_CARD_DIGITS)]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4).cast(pl.Int32) for place, digit in enumerate(digits)]  # noqa: PLR2004
    return packed.str.contains(_ISSUED) & (pl.sum_horizontal(doubled) % 10 == 0)


def is_iban(text: pl.Expr) -> pl.Expr:
    """Whether the shape is one's and the remainder is 1, in any case and spacing."""
    return text.map_batches(_are_ibans, return_dtype=pl.Boolean, is_elementwise=True)


def _are_ibans(texts: pl.Series) -> pl.Series:
    """One by one: few texts have the shape, and steps over columns cost more than all of those."""
    packed = texts.str.to_uppercase().str.replace_all(r"[\s.-]", "")
    shaped = packed.str.contains(_IBAN).fill_null(value=False).arg_true()
    right = [int((text[4:] + text[:4]).translate(_AS_DIGITS)) % 97 == 1 for text in packed.gather(shaped).to_list()]
    found = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(texts))
    return found.scatter(shaped, right).set(texts.is_null(), None)
