"""Surrogates: numbers that look valid and can't be anybody's. Keyed and deterministic, like tokens.

What each kind is taken from, and why nobody has it:

* `nhs_number`: 999 000 0000 to 999 999 9999, which the NHS keeps for tests and never issues (NHS Data Dictionary);
  the check digit is right. About a million.
* `pnc`: the years 2080 to 2099, with the right check letter. A number begins with the year in which the police first
  recorded the person; none of a year to come has been issued. Written with four digits of the year, as the short form
  would be read as of the last century. 200 million.
* `noms_number`: first letter Z. Prison numbers are given out in order, from A0001AA; those in use begin with A or, moved
  from older systems, G. 6.8 million.
* `phone`: 07700 900000 to 900999, which Ofcom keeps for drama. A thousand.
* `postcode`: areas that begin with Q, V or X, which no area does (Royal Mail: these are not used in the first place).
  Two million.

Two values may get one surrogate, soon where a range is small: for joins and exact counts there are tokens.
"""

from collections.abc import Callable
from functools import cache

import polars as pl

from rules.identifiers import health, police
from rules.protection import NUMBERED, Keys, Protection, checked_scope, draw, keyed

NHS_TESTS = 9, 9, 9
PNC_YEARS = 2080, 2099
PNC_SERIALS = 9_999_999
DRAMA_NUMBERS = 1000

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_AREAS = "QVX"
_SECOND = "ABCDEFGHKLMNOPQRSTUVWXY"
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"


def _written(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _letters(number: pl.Expr, alphabets: tuple[str, ...]) -> tuple[pl.Expr, ...]:
    """A letter of each alphabet, all out of one number."""
    letters = []
    for alphabet in alphabets:
        letters.append((number % len(alphabet)).replace_strict(dict(enumerate(alphabet)), return_dtype=pl.String))
        number = number // len(alphabet)
    return tuple(letters)


@cache
def _nhs_numbers() -> pl.Series:
    """The last seven digits of all the numbers of the test range: those whose check would be 10 are none."""
    serial = pl.int_range(10**6, dtype=pl.Int32)
    digits = [pl.lit(digit) for digit in NHS_TESTS] + [serial // 10**place % 10 for place in range(5, -1, -1)]
    check = (11 - health.weighted(digits) % 11) % 11
    return pl.select(number=serial * 10 + check, check=check).filter(pl.col("check") < 10)["number"]  # noqa: PLR2004


def _nhs_number(digest: pl.Expr) -> pl.Expr:
    numbers = _nhs_numbers()
    last = draw(digest, 0, len(numbers)).map_batches(numbers.gather, return_dtype=pl.Int32, is_elementwise=True)
    return "".join(map(str, NHS_TESTS)) + _written(last, 7)


def _pnc(digest: pl.Expr) -> pl.Expr:
    first, last = PNC_YEARS
    year = (draw(digest, 0, last - first + 1) + first).cast(pl.String)
    serial = _written(draw(digest, 1, PNC_SERIALS) + 1, 7)
    return year + "/" + serial + police.letter_of(year.str.slice(2) + serial)


def _noms_number(digest: pl.Expr) -> pl.Expr:
    return "Z" + _written(draw(digest, 0, 10**4), 4) + pl.concat_str(_letters(draw(digest, 1, 26**2), (_LETTERS, _LETTERS)))


def _phone(digest: pl.Expr) -> pl.Expr:
    return "07700 900" + _written(draw(digest, 0, DRAMA_NUMBERS), 3)


def _postcode(digest: pl.Expr) -> pl.Expr:
    area = pl.concat_str(_letters(draw(digest, 0, len(_NO_AREAS) * len(_SECOND)), (_NO_AREAS, _SECOND)))
    district, sector = _written(draw(digest, 1, 9) + 1, 1), _written(draw(digest, 2, 10), 1)
    return area + district + " " + sector + pl.concat_str(_letters(draw(digest, 3, len(_INWARD) ** 2), (_INWARD, _INWARD)))


_KINDS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "nhs_number": _nhs_number,
    "pnc": _pnc,
    "noms_number": _noms_number,
    "phone": _phone,
    "postcode": _postcode,
}


def surrogate(kind: str, scope: str) -> Protection:
    """Replace by a number of this kind that looks valid and can't be real; equal values of one scope stay equal.

    Args:
        kind: nhs_number, pnc, noms_number, phone or postcode.
    """
    if kind not in _KINDS:
        raise ValueError(f"surrogate(kind, scope): the kind is one of {', '.join(_KINDS)}")
    name = f"surrogate {kind} {checked_scope('surrogate(kind, scope)', scope)}"

    def made(digests: pl.Series) -> pl.Series:
        return digests.to_frame("digest").select(_KINDS[kind](pl.col("digest"))).to_series()

    def apply(value: pl.Expr, keys: Keys) -> pl.Expr:
        return keyed(value, keys.scope(name)).map_batches(made, return_dtype=pl.String, is_elementwise=True)

    remains = "try-outs and display; joins and counts within the scope only roughly, since two values may share one"
    return Protection(f'surrogate("{kind}", "{scope}")', "TEXT", NUMBERED, remains, apply, is_keyed=True)
