"""How a name sounds: spellings that are spoken alike in English have one code."""

import re
from functools import lru_cache

_START = {"KN": "N", "GN": "N", "PN": "N", "WR": "R", "MAC": "MK", "MC": "MK", "X": "S"}
_SPOKEN = {
    "PH": "F", "GHT": "T", "GH": "", "SCH": "J", "SH": "J", "TCH": "J", "CH": "J", "CE": "SA", "CI": "SA", "CY": "SA", "GE": "JA",
    "GI": "JA", "GY": "JA", "CK": "K", "Q": "K", "C": "K", "G": "K", "Z": "S", "X": "S", "V": "F", "D": "T", "B": "P",
    "W": "A", "H": "A", **dict.fromkeys("AEIOUY", "A"),
}  # fmt: skip
_START_PATTERN = re.compile("^(?:" + "|".join(_START) + ")")
_PATTERN = re.compile("|".join(_SPOKEN))
_VOWELS, _DOUBLED, _OTHER = re.compile(r"(?<=.)A+"), re.compile(r"(.)\1+"), re.compile(r"[^A-Z]+")


@lru_cache(maxsize=1 << 14)
def sound(name: str) -> str:
    """The code of a name in capitals: consonants that sound alike as one letter, vowels only in front, nothing doubled."""
    text = _OTHER.sub("", name)
    first = text[:1]
    text = _START_PATTERN.sub(lambda found: _START[found[0]], text)
    text = _VOWELS.sub("", _PATTERN.sub(lambda found: _SPOKEN[found[0]], text))
    return _DOUBLED.sub(r"\1", first + text[1:] if text[:1] == "A" else text)
