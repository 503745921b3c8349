"""How alike two values are: for pairs of distinct values of two pools, the level each pair reaches.

Each function takes two pools and two arrays of codes of the same length, none of them null, and gives for each pair
the name of a level as its place in the kind's levels: 1 is equality, the highest is difference.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from rules.match.forms import FORMS
from rules.match.hashes import Hashes
from rules.match.pool import BAG, Codes, Values

Levels = NDArray[np.int8]
Mask = NDArray[np.bool_]

CLOSE, LIKE, FAINT = 0.92, 0.86, 0.75
"""Jaro-Winkler similarities of names: a slip of the pen, the same name perhaps, hardly."""
TEXT_CLOSE, TEXT_LIKE = 0.80, 0.55
"""Levenshtein similarities of longer text."""
NEAR = 0.02
"""Relative difference of two numbers that are nearly one."""


def _texts(pool: Values, codes: Codes) -> list[str]:
    return pool.texts_of(codes)


def _measure(scorer: Callable[..., float], first: Sequence[str], second: Sequence[str]) -> NDArray[np.float32]:
    measured: NDArray[np.float32] = process.cpdist(first, second, scorer=scorer, dtype=np.float32, workers=1)
    return measured


def shares_any(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Mask:
    """Whether two rows of hashes have one in common; 0 counts as nothing."""
    found = np.zeros(len(first), np.bool_)
    for column in range(first.shape[1]):
        one = first[:, column]
        if not one.any():
            continue
        found |= ((second == one[:, None]) & (one != 0)[:, None]).any(axis=1)
    return found


def _several(pool: Values, table: tuple[NDArray[np.int64], Hashes], codes: Codes) -> Hashes:
    """The hashes that codes stand for, n by `BAG`: most have one."""
    found = np.zeros((len(codes), BAG), np.uint64)
    found[:, 0] = pool.hashes[codes]
    owners, hashes = table
    if len(owners):
        place = np.minimum(np.searchsorted(owners, codes), len(owners) - 1)
        given = owners[place] == codes
        found[given] = hashes[place[given]]
    return found


def _ranked(names: Mapping[str, float], masks: Mapping[str, Mask], count: int) -> Levels:
    """The first level whose mask holds; the last level where none does."""
    order = list(names)
    levels = np.full(count, len(order), np.int8)
    for name in reversed(order):
        if name in masks:
            levels[masks[name]] = order.index(name) + 1
    return levels


def of_names(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Names: equal, a nickname, a part or an alias, a typo or the same sound, similar, an initial."""
    first, second = _texts(left, one), _texts(right, two)
    likeness = _measure(JaroWinkler.normalized_similarity, first, second)
    slips = _measure(OSA.distance, first, second)
    shorter = np.minimum(_lengths(first), _lengths(second))
    sounds = (left.sounds[one] == right.sounds[two]) & (left.sounds[one] != 0)
    masks = {
        "exact": left.hashes[one] == right.hashes[two],
        "typo": ((slips <= 1) & (shorter > 2)) | (sounds & (likeness >= FAINT)) | ((likeness >= CLOSE) & (slips <= 2)),  # noqa: PLR2004
        "similar": (likeness >= LIKE) | ((slips <= 2) & (shorter > 5)),  # noqa: PLR2004
        "faint": likeness >= FAINT,
    }
    more = left.has_more[one] | right.has_more[two]
    part = np.zeros(len(one), np.bool_)
    if more.any():
        part[more] = shares_any(_several(left, left.bags, one[more]), _several(right, right.bags, two[more]))
    masks["part"] = part
    if "nickname" in names:
        masks["nickname"] = _same_root(left.roots[one], right.roots[two])
    if "initial" in names:
        is_initial = shorter == 1
        masks["initial"] = is_initial & (
            left.form("initial", FORMS["initial"])[one] == right.form("initial", FORMS["initial"])[two]
        )
    return _ranked(names, masks, len(one))


def _lengths(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _same_root(first: NDArray[np.int16], second: NDArray[np.int16]) -> Mask:
    shared: Mask = ((first[:, :, None] == second[:, None, :]) & (first >= 0)[:, :, None]).any(axis=(1, 2))
    return shared


def of_dates(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Dates: equal, day and month turned, one digit or two neighbours wrong, two of three parts, a decade off, the year."""
    first, second = left.days[one].astype(np.int64), right.days[two].astype(np.int64)
    ones, twos = _digits(first), _digits(second)
    wrong = ones != twos
    count = wrong.sum(axis=1)
    neighbours = np.zeros(len(one), np.bool_)
    for place in range(7):
        crossed = (ones[:, place] == twos[:, place + 1]) & (ones[:, place + 1] == twos[:, place])
        neighbours |= (count == 2) & wrong[:, place] & wrong[:, place + 1] & crossed  # noqa: PLR2004
    decade = wrong[:, :3].any(axis=1)
    year, month, day = first // 10000 == second // 10000, first // 100 % 100 == second // 100 % 100, first % 100 == second % 100
    slip = (count == 1) | neighbours
    turned = year & (first // 100 % 100 == second % 100) & (first % 100 == second // 100 % 100)
    masks = {
        "exact": (first == second),
        "turned": turned,
        "typo": slip & ~decade,
        "two_parts": (year & month) | (year & day) | (month & day & (np.abs(first // 10000 - second // 10000) < 5)),  # noqa: PLR2004
        "decade": slip & decade,
        "year": year,
    }
    return _ranked(names, masks, len(one))


def _digits(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return days[:, None] // 10 ** np.arange(7, -1, -1) % 10


def of_codes(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Numbers of people and things: equal, also to any of several; one character wrong, unless both check letters are right."""
    first, second = _texts(left, one), _texts(right, two)
    slips = _measure(OSA.distance, first, second)
    longest = np.maximum(_lengths(first), _lengths(second))
    checked = left.checked and right.checked
    doubtful = left.is_doubtful[one] | right.is_doubtful[two]
    masks = {
        "exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two),
        "typo": ((slips <= 1) | ((slips <= 2) & (longest >= 8))) & (longest >= 3) & (doubtful if checked else True),  # noqa: PLR2004
    }
    return _ranked(names, masks, len(one))


def _any_same(left: Values, right: Values, one: Codes, two: Codes) -> Mask:
    more = left.has_several[one] | right.has_several[two]
    same = np.zeros(len(one), np.bool_)
    if more.any():
        same[more] = shares_any(_several(left, left.alternatives, one[more]), _several(right, right.alternatives, two[more]))
    return same


def of_postcodes(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Postcodes: equal, also to a former one; one character wrong; the same district."""
    first, second = _texts(left, one), _texts(right, two)
    slips = _measure(OSA.distance, first, second)
    district = left.form("district", FORMS["district"])[one] == right.form("district", FORMS["district"])[two]
    masks = {
        "exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two),
        "typo": slips <= 1,
        "district": district,
    }
    return _ranked(names, masks, len(one))


def of_text(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Text of any meaning: equal, a few letters wrong, similar."""
    first, second = _texts(left, one), _texts(right, two)
    likeness = _measure(Levenshtein.normalized_similarity, first, second)
    masks = {
        "exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two),
        "typo": likeness >= TEXT_CLOSE,
        "similar": likeness >= TEXT_LIKE,
    }
    return _ranked(names, masks, len(one))


def of_emails(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Mail addresses: equal, a slip, the same mailbox elsewhere, similar."""
    first, second = _texts(left, one), _texts(right, two)
    likeness = _measure(JaroWinkler.normalized_similarity, first, second)
    slips = _measure(OSA.distance, first, second)
    boxes = left.form("mailbox", FORMS["mailbox"])[one] == right.form("mailbox", FORMS["mailbox"])[two]
    masks = {
        "exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two),
        "typo": slips <= 2,  # noqa: PLR2004
        "mailbox": boxes,
        "similar": likeness >= CLOSE,
    }
    return _ranked(names, masks, len(one))


def of_numbers(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Quantities: equal, one digit wrong, nearly equal."""
    first, second = _texts(left, one), _texts(right, two)
    slips = _measure(OSA.distance, first, second)
    longest = np.maximum(_lengths(first), _lengths(second))
    mine, theirs = left.numbers[one], right.numbers[two]
    size = np.maximum(np.abs(mine), np.abs(theirs))
    masks = {
        "exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two),
        "typo": (slips <= 1) & (longest >= 3),  # noqa: PLR2004
        "near": np.abs(mine - theirs) <= np.maximum(NEAR * size, 1),
    }
    return _ranked(names, masks, len(one))


def of_categories(names: Mapping[str, float], left: Values, right: Values, one: Codes, two: Codes) -> Levels:
    """Words of a short list: equal or not."""
    return _ranked(names, {"exact": (left.hashes[one] == right.hashes[two]) | _any_same(left, right, one, two)}, len(one))


LIKENESS: Mapping[str, Callable[[Mapping[str, float], Values, Values, Codes, Codes], Levels]] = {
    "name": of_names,
    "date": of_dates,
    "code": of_codes,
    "postcode": of_postcodes,
    "text": of_text,
    "email": of_emails,
    "number": of_numbers,
    "category": of_categories,
}
