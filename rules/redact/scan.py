"""One pass of an automaton over a chunk: everything that has the shape of an identifier."""

from functools import cache
from threading import Lock

import hyperscan
import numpy as np
import polars as pl

from rules.redact.fold import Flags, Folded, Places
from rules.redact.patterns import KINDS, PATTERNS

AROUND = 48
"""Characters before and after that are looked at for context."""
LOUD = 4
"""A note is loud that has so many times more capitals than small letters."""
_LOCK = Lock()
"""The automaton's scratch space serves one scan at a time."""


def candidates(folded: Folded) -> pl.DataFrame:
    """Each candidate: `kind`, `note`, `start` and `end` (in `folded.chars`), `text`, `before`, `after`.

    `capitals` counts the capitals in it, `small` the small letters; `is_loud`: the whole note is written in capitals.
    """
    raw = folded.chars.tobytes()
    kind, start, end = _longest(_scan(raw))
    note = np.searchsorted(folded.begin, start, side="right") - 1
    first, last = folded.begin[note], folded.begin[note + 1]
    text = raw.translate(_PLAIN).decode("ascii")
    at, to = start.tolist(), end.tolist()
    left = np.maximum(first, start - AROUND).tolist()
    right = np.minimum(last, end + AROUND).tolist()
    small, capitals = (np.concatenate(([0], np.cumsum(kept))) for kept in (_small(folded), folded.upper))
    loud = capitals[last] - capitals[first] > LOUD * (small[last] - small[first])
    return pl.DataFrame(
        {
            "kind": pl.Series(kind, dtype=pl.UInt8),
            "note": pl.Series(note, dtype=pl.UInt32),
            "start": start,
            "end": end,
            "text": [text[a:b] for a, b in zip(at, to, strict=True)],
            "before": [text[a:b] for a, b in zip(left, at, strict=True)],
            "after": [text[a:b].rstrip("\0") for a, b in zip(to, right, strict=True)],
            "small": small[end] - small[start],
            "capitals": capitals[end] - capitals[start],
            "is_loud": loud,
        }
    )


def _small(folded: Folded) -> Flags:
    return (folded.chars >= ord("a")) & (folded.chars <= ord("z")) & ~folded.upper


_PLAIN = bytes(code if code < 0x80 else ord("~") for code in range(256))  # noqa: PLR2004


def _scan(raw: bytes) -> Places:
    found: list[int] = []
    add = found.extend

    def on_match(kind: int, start: int, end: int, _flags: int, _context: object) -> None:
        add((kind, start, end))

    with _LOCK:
        _automaton().scan(raw, match_event_handler=on_match)
    return np.array(found, np.int64).reshape(-1, 3)


def _longest(found: Places) -> tuple[Places, Places, Places]:
    """Of the matches of a kind that begin together, the longest; all of those whose check says where they end."""
    found = found[np.lexsort((found[:, 2], found[:, 1], found[:, 0]))]
    is_last = np.ones(len(found), np.bool_)
    is_last[:-1] = (found[1:, :2] != found[:-1, :2]).any(axis=1) | np.isin(found[:-1, 0], _EVERY_END)
    kind, start, end = found[is_last].T
    return kind, start, end


_EVERY_END = [KINDS.index(kind) for kind in ("iban", "card", "phone")]


@cache
def _automaton() -> hyperscan.Database:
    automaton = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    automaton.compile(
        expressions=[pattern.encode() for pattern in PATTERNS.values()],
        ids=list(range(len(KINDS))),
        elements=len(KINDS),
        flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(KINDS),
    )
    return automaton
