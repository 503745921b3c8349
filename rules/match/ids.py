"""Persons' ids, of which there are as many as there are people: few bytes each."""

import re
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match.growing import Column, Texts

DIGITS = 20
"""An id is a `P` and so many hex digits."""
_IS_ID = re.compile(f"P[0-9a-f]{{{DIGITS}}}").fullmatch


class Ids(Texts):
    """Ids, half a byte a digit; what is written otherwise is kept as it is. Not safe for threads."""

    def __init__(self) -> None:
        self._digits = Column(np.uint8, (DIGITS // 2,))
        self._others: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._digits)

    def extend(self, texts: pl.Series) -> None:
        digits = []
        for place, text in enumerate(texts.to_list(), len(self)):
            if _IS_ID(text) is None:
                self._others[place] = text
                digits.append("0" * DIGITS)
            else:
                digits.append(text[1:])
        self._digits.extend(np.frombuffer(bytes.fromhex("".join(digits)), np.uint8).reshape(-1, DIGITS // 2))

    def gather(self, rows: NDArray[np.integer]) -> pl.Series:
        return pl.Series("v", self.listed(rows), dtype=pl.String)

    def listed(self, rows: NDArray[np.integer]) -> list[Any]:
        digits = self._digits.values[rows].tobytes().hex()
        found = ["P" + digits[low : low + DIGITS] for low in range(0, len(digits), DIGITS)]
        return [self._others.get(row, text) for row, text in zip(rows.tolist(), found, strict=True)] if self._others else found
