"""Many stretches of one text as a column, without a copy: Arrow's string views point into the text."""

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from rules.redact.fold import Bytes, Places

_LARGEST = (1 << 31) - 1
_WORD = 4
INLINE = 12
"""A view holds a stretch that is not longer, and otherwise its first four bytes and where it is (Arrow, "Variable-size binary view")."""


class Text:
    """Folded text; what is no ASCII in it is read as `~`."""

    def __init__(self, chars: Bytes) -> None:
        self._plain = np.append(chars, np.zeros(INLINE, np.uint8))
        if len(chars) and chars.max() > ord("~"):
            np.minimum(self._plain, np.uint8(ord("~")), out=self._plain)

    def cut(self, start: Places, end: Places) -> pl.Series:
        return _views(self._plain, start, end)


def apart(joined: str, separator: str) -> pl.Series:
    """The parts of a text between separators."""
    raw = joined.encode()
    if len(separator.encode()) > 1 or len(raw) > _LARGEST:
        return pl.Series(joined.split(separator), dtype=pl.String)
    plain = np.frombuffer(raw + bytes(INLINE), np.uint8)
    ends = np.append(np.flatnonzero(plain[: len(raw)] == ord(separator)), len(raw))
    return _views(plain, np.append(0, ends[:-1] + 1), ends)


def _views(plain: Bytes, start: Places, end: Places) -> pl.Series:
    """Stretches of bytes that are followed by `INLINE` more."""
    size = (end - start).astype(np.uint32)
    words = np.ndarray((len(plain) - _WORD + 1,), "<u4", plain, strides=(1,))
    views = np.zeros((len(start), INLINE // _WORD + 1), "<u4")
    views[:, 0], views[:, 1] = size, words[start]
    views[:, 3] = start
    short = np.flatnonzero(size <= INLINE)
    begin, left = start[short], size[short].astype(np.int64)
    for place in range(INLINE // _WORD):
        views[short, place + 1] = words[begin + _WORD * place] & _keep()[np.clip(left - _WORD * place, 0, _WORD)]
    column = pa.Array.from_buffers(pa.string_view(), len(start), [None, pa.py_buffer(views), pa.py_buffer(plain)])
    return pl.Series(column, dtype=pl.String)


@cache
def _keep() -> npt.NDArray[np.uint32]:
    """Masks that keep the first n of four bytes."""
    return np.array([(1 << (8 * n)) - 1 for n in range(_WORD + 1)], np.uint32)
