"""What a field may be: its levels of agreement, best first, each with the share expected among pairs of one person.

The shares are where training begins, and what it keeps to where the data say little.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of a kind are compared."""

    likeness: str
    """The function of `rules.match.likeness` that tells the levels apart."""
    levels: Mapping[str, float]
    """Name of each level and its expected share of pairs of one person. The first is equality, the last is difference."""
    place: bool = False
    """Whether it says where someone lives, which a household shares."""
    terms: bool = True
    """Whether equality on a rare value says more than on a frequent one."""


_NAME = {"typo": 0.07, "similar": 0.02}
_TEXT = {"exact": 0.80, "typo": 0.08, "similar": 0.04, "elsewhere": 0.01, "different": 0.07}
_CODE = {"exact": 0.90, "typo": 0.04, "different": 0.06}
_NUMBERED = {"exact": 0.93, "typo": 0.04, "different": 0.03}
_DATE = {"exact": 0.90, "turned": 0.01, "typo": 0.04, "two_parts": 0.015, "decade": 0.005, "year": 0.005, "different": 0.025}

KINDS: Mapping[str, Kind] = {
    "forename": Kind("name", {"exact": 0.80, "nickname": 0.03, "part": 0.02, **_NAME, "initial": 0.01,
                              "faint": 0.01, "different": 0.02}),
    "surname": Kind("name", {"exact": 0.84, "part": 0.02, **_NAME, "swapped": 0.02, "faint": 0.01, "different": 0.02}),
    "middle_name": Kind("name", {"exact": 0.75, "nickname": 0.02, "part": 0.02, **_NAME, "initial": 0.07,
                                 "faint": 0.01, "different": 0.04}),
    "birth_date": Kind("date", _DATE),
    "date": Kind("date", _DATE),
    "sex": Kind("category", {"exact": 0.98, "different": 0.02}, terms=False),
    "category": Kind("category", {"exact": 0.93, "different": 0.07}),
    "region": Kind("category", {"exact": 0.90, "different": 0.10}, place=True),
    "postcode": Kind("postcode", {"exact": 0.78, "typo": 0.06, "district": 0.03, "different": 0.13}, place=True),
    "address": Kind("text", _TEXT, place=True),
    "house_number": Kind("code", _CODE, place=True),
    "email": Kind("email", {"exact": 0.80, "typo": 0.06, "mailbox": 0.03, "similar": 0.03, "different": 0.08}),
    "phone": Kind("code", {"exact": 0.80, "typo": 0.05, "different": 0.15}),
    "pnc": Kind("code", _NUMBERED),
    "cro": Kind("code", _NUMBERED),
    "noms": Kind("code", _NUMBERED),
    "nino": Kind("code", _NUMBERED),
    "nhs": Kind("code", _NUMBERED),
    "identifier": Kind("code", _CODE),
    "number": Kind("number", {"exact": 0.88, "typo": 0.03, "near": 0.03, "different": 0.06}),
    "text": Kind("text", _TEXT),
}  # fmt: skip

AUXILIARY = frozenset({"alias", "previous_surname", "full_name", "organisation", "id", "ignore"})
"""Words for columns that are no field of their own: further names, whole names, what tells organisations, what is left out."""

IDENTIFIERS = frozenset({"pnc", "cro", "noms", "nino", "nhs", "identifier"})
NEVER_FOR = frozenset({"decade"})
"""Levels that may speak against but never for: a birth date ten years off may be a father's."""
