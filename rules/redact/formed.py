"""Words that are formed as names are, by how they end or begin. Evidence in tenths."""

from functools import cache

import numpy as np

from rules.redact.evidence import Score
from rules.redact.fold import Flags
from rules.redact.lexicon import BIT
from rules.redact.near import Near, add
from rules.redact.written import FLAT, IN_HALF, IN_OPENING, IN_SMALL, IN_TITLE

_ENDINGS = (
    "ov ev ova eva ski ska sky jak czak wicz czyk escu enko ovic evic oglu idis berg baum deep jeet sson stein qvist preet inder uddin ullah "
    "lingam nathan swamy shvili poulos dottir"
)
_BEGINNINGS = "mc olu oye nwo nwa oko adeb adek adew adey fitz"
_LEAST, _LOW = 5, 31
"""Letters of a word that is told by its ending to be a name."""


def formed(near: Near, score: Score) -> None:
    """Words that nothing is known of but that they are formed as names are: `Todorov`, `Olusanya`."""
    w, chars = near.w, near.w.chars
    at = np.flatnonzero(w.bare & (w.form != IN_SMALL) & (w.form != IN_HALF) & (w.at.end - w.at.start >= _LEAST))
    first, last = w.at.start[at], w.at.end[at] - 1
    ends = _ends(_ENDINGS)[chars[last - 2] & _LOW, chars[last - 1] & _LOW, chars[last] & _LOW]
    begins = _begins(_BEGINNINGS)[chars[first] & _LOW, chars[first + 1] & _LOW, chars[first + 2] & _LOW]
    at = at[ends | begins]
    at = at[(w.flags[at] & BIT["town"]) == 0]
    if not len(at):
        return
    start, size, told = w.at.start[at], near.size(at), np.zeros(len(at), np.bool_)
    for words, ends in ((_ENDINGS, 1), (_BEGINNINGS, 0)):
        for long, parts in _by_length(words):
            letters = np.zeros((len(at), 8), np.uint8)
            letters[:, :long] = chars[(start + (size - long) * ends)[:, None] + np.arange(long)]
            told |= (size - long > 1) & np.isin(letters.view(np.uint64).ravel(), parts)
    at = at[told]
    add(score, at[w.form[at] == IN_TITLE], 8)
    add(score, at[w.form[at] == IN_OPENING], 20)
    add(score, at[(w.form[at] == FLAT) & (near.size(at) > _LEAST)], 30)


@cache
def _ends(words: str) -> Flags:
    """Which three letters, by their lowest five bits, one of these may end with."""
    found = np.zeros((32, 32, 32), np.bool_)
    for word in words.split():
        a, b, c = (slice(None), *(slice(ord(one) & _LOW, (ord(one) & _LOW) + 1) for one in word))[-3:]
        found[a, b, c] = True
    return found


@cache
def _begins(words: str) -> Flags:
    """Which three letters one of these may begin with."""
    found = np.zeros((32, 32, 32), np.bool_)
    for word in words.split():
        a, b, c = (*(slice(ord(one) & _LOW, (ord(one) & _LOW) + 1) for one in word), slice(None))[:3]
        found[a, b, c] = True
    return found


@cache
def _by_length(words: str) -> list[tuple[int, np.ndarray]]:
    """These words by how long they are, each as its eight bytes."""
    found: dict[int, list[bytes]] = {}
    for word in words.split():
        found.setdefault(len(word), []).append(word.encode().ljust(8, b"\0"))
    return [(long, np.frombuffer(b"".join(several), np.uint64)) for long, several in sorted(found.items())]
