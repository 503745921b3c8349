"""Many stretches of one text as a column, without a copy: Arrow's string views point into the text."""

import numpy as np
import polars as pl
import pyarrow as pa

from rules.redact.fold import Bytes, Places

_LARGEST = (1 << 31) - 1
INLINE = 12
"""A view holds a stretch that is not longer, and otherwise its first four bytes and where it is (Arrow, "Variable-size binary view")."""


class Text:
    """Folded text; what is no ASCII in it is read as `~`."""

    def __init__(self, chars: Bytes) -> None:
        self._plain = np.zeros(len(chars) + INLINE, np.uint8)
        np.minimum(chars, np.uint8(ord("~")), out=self._plain[: len(chars)])

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
    size = end - start
    views = np.zeros((len(start), 16), np.uint8)
    views[:, :4] = size.astype("<i4").view(np.uint8).reshape(-1, 4)
    heads = np.lib.stride_tricks.sliding_window_view(plain, INLINE)
    views[:, 4:] = heads[start] * (np.arange(INLINE) < size[:, None])
    long = np.flatnonzero(size > INLINE)
    views[long, 8:12] = 0
    views[long, 12:] = start[long].astype("<i4").view(np.uint8).reshape(-1, 4)
    column = pa.Array.from_buffers(pa.string_view(), len(start), [None, pa.py_buffer(views), pa.py_buffer(plain)])
    return pl.Series(column, dtype=pl.String)
