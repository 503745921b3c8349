"""Quasi-identifiers: what singles a person out, alone or together with the rest, told by a column's name and type."""

import re

_DAYS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_NTZ"})
_CODES = frozenset({"TEXT", "INT16", "INT32", "INT64", "LIST", "JSON"})
_NUMBERS = (
    r"noms|noms_?(?:no|id|number)|nomis_?(?:no|id|number)|pnc|cro|crn|nino|ni_number|nhs|utr|passport|licence|"
    r"(?:person|prisoner|prison|offender|patient|defendant)_(?:no|ref|number)"
)
_WHOM = (
    "first|last|middle|full|given|family|maiden|birth|previous|former|known|preferred|person|offender|prisoner|patient|"
    "defendant|victim|witness|contact|next_of_kin|mother|father|partner"
)

_KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "name": (rf"(?:{_WHOM})_?names?|(?<![a-z]_)names?$|fore_?names?|sur_?names?|alias|aliases|nick_?names?|initials", _CODES),
    "e-mail": (r"e_?mail", _CODES),
    "date of birth": (r"dob|birth|born|birthday|yob|age", _CODES | _DAYS),
    "postcode or address": (r"post_?code|postal_code|zip|outcode|address|street|town", _CODES),
    "sex": (r"sex|gender|is_(?:fe)?male", _CODES | {"BOOL"}),
    "ethnicity": (r"ethnic|ethnicity|race|religion|nationality", _CODES),
    "number of a person": (_NUMBERS, _CODES),
    "phone": (r"phone|telephone|tel|mobile|fax", _CODES),
}
"""Each kind, the words of a column's name that suggest it, and the types that can hold it."""

_PATTERNS = {kind: (re.compile(rf"(?:^|_)(?:{words})(?:_|$|\d)"), types) for kind, (words, types) in _KINDS.items()}


def quasi_identifier(name: str, type_name: str) -> str | None:
    """What a column of this name and type may tell of a person; None where they suggest nothing.

    `DateOfBirth` and `date_of_birth` are alike; `message` does not hold an age, nor `email_verified BOOL` an address.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")
    base = type_name.split("(", 1)[0]
    return next((kind for kind, (pattern, types) in _PATTERNS.items() if base in types and pattern.search(words)), None)
