"""Many stretches of one text as a column, without a copy: Arrow's string views point into the text."""

import numpy as np
import polars as pl
import pyarrow as pa

from rules.redact.fold import Bytes, Places

INLINE = 12
"""A view holds a stretch that is not longer, and otherwise its first four bytes and where it is (Arrow, "Variable-size binary view")."""


class Text:
    """Folded text; what is no ASCII in it is read as `~`."""

    def __init__(self, chars: Bytes) -> None:
        plain = np.zeros(len(chars) + INLINE, np.uint8)
        np.minimum(chars, np.uint8(ord("~")), out=plain[: len(chars)])
        self._buffer = pa.py_buffer(plain)
        self._heads = np.lib.stride_tricks.sliding_window_view(plain, INLINE)

    def cut(self, start: Places, end: Places) -> pl.Series:
        size = end - start
        views = np.zeros((len(start), 16), np.uint8)
        views[:, :4] = size.astype("<i4").view(np.uint8).reshape(-1, 4)
        views[:, 4:] = self._heads[start] * (np.arange(INLINE) < size[:, None])
        long = np.flatnonzero(size > INLINE)
        views[long, 8:12] = 0
        views[long, 12:] = start[long].astype("<i4").view(np.uint8).reshape(-1, 4)
        column = pa.Array.from_buffers(pa.string_view(), len(start), [None, pa.py_buffer(views), self._buffer])
        return pl.Series(column, dtype=pl.String)
