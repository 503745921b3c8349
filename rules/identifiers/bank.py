"""Payment cards (ISO/IEC 7812-1: Luhn's check digit) and IBANs (ISO 13616: remainder 1 by 97)."""

from functools import reduce

import polars as pl

_CARD_DIGITS = 19
_ISSUED = r"^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}|5[06-9]\d{14,17}|35\d{14})$"
_IBAN = r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$"
_IBAN_DIGITS = 72
_STEP = 8


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
    """Step by step: in one expression each step would be done anew for each of the parts below."""
    packed = texts.str.to_uppercase().str.replace_all(r"[\s.-]", "")
    shaped = packed.str.contains(_IBAN).fill_null(value=False)
    whole = packed.set(~shaped, "GB00AAAA0000000")
    letters = {chr(ord("A") + place): str(10 + place) for place in range(26)}
    digits = (whole.str.slice(4) + whole.str.slice(0, 4)).str.replace_many(letters).str.zfill(_IBAN_DIGITS)
    parts = [digits.str.slice(at, _STEP).cast(pl.Int64, strict=False) for at in range(0, _IBAN_DIGITS, _STEP)]
    remainder = reduce(lambda left, part: (left * 10**_STEP + part) % 97, parts)
    return (shaped & (remainder == 1).fill_null(value=False)).set(texts.is_null(), None)
