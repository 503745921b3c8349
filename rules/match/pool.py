"""The distinct values of a field, and what is known of each: of some records, or of all as they come."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.match import nicknames
from rules.match.growing import FEW as LOOKED_AT
from rules.match.growing import Column, Rows, Texts
from rules.match.hashes import Hashes, hashed
from rules.match.sound import sound

Codes = NDArray[np.int32]

FEW = 4
"""A pool of more than so many times the codes asked for is not made into Python's own text."""
BAG = 6
"""How many further values of one record (aliases, parts of a double name, former postcodes) are compared."""
PIECE = 100_000
"""Values looked at at once: what bounds the memory."""
LAST = 10_000
"""What was taken in last is kept beside, if it is not more than this: what is made of it need not be made again."""


class Values(Protocol):
    """What is known of each value of a field, by code; code 0 is null."""

    @property
    def checked(self) -> bool: ...
    @property
    def hashes(self) -> Hashes: ...
    @property
    def sounds(self) -> Hashes: ...
    @property
    def roots(self) -> NDArray[np.int16]: ...
    @property
    def is_doubtful(self) -> NDArray[np.bool_]: ...
    @property
    def numbers(self) -> NDArray[np.float64]: ...
    @property
    def days(self) -> NDArray[np.int32]: ...
    @property
    def has_more(self) -> NDArray[np.bool_]: ...
    @property
    def has_several(self) -> NDArray[np.bool_]: ...
    @property
    def bags(self) -> tuple[Rows, Hashes]: ...
    @property
    def alternatives(self) -> tuple[Rows, Hashes]: ...
    def texts_of(self, codes: Rows | Codes) -> list[str]: ...
    def form(self, name: str, make: "Callable[[Pool], NDArray[Any]]") -> NDArray[Any]: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Pool:
    """The distinct values of a field, and what is known of each; the first row stands for null and equals nothing."""

    values: pl.Series
    checked: bool = False
    """Whether values have a check letter; one that is wrong begins with `?`."""

    @cached_property
    def mains(self) -> pl.Series:
        """Of each value the part before the first bar."""
        if not self.has_several.any():
            return self.values
        return self.values.str.split_exact("|", 0).struct.field("field_0")

    @cached_property
    def _texts(self) -> list[str]:
        return self.mains.fill_null("").to_list()

    def _holding(self, marks: str) -> NDArray[np.bool_]:
        """Which values hold one of some marks."""
        if len(self) > LOOKED_AT:
            return self.values.str.contains(f"[{marks}]").fill_null(value=False).to_numpy()
        is_one = re.compile(f"[{marks}]").search
        return np.fromiter((text is not None and is_one(text) is not None for text in self.values.to_list()), np.bool_, len(self))

    def texts_of(self, codes: Rows | Codes) -> list[str]:
        """The main values of codes. A large pool of which little is asked is never made into Python's own text."""
        if len(codes) * FEW < len(self):
            return self.mains[codes].to_list()
        texts = self._texts
        return [texts[code] for code in codes.tolist()]

    @property
    def hashes(self) -> Hashes:
        return self.form("exact", lambda pool: hashed(pool.mains))

    @cached_property
    def bags(self) -> tuple[Rows, Hashes]:
        """Of the values that have several parts all values that a record gives, and the words of each: codes, and by `BAG`."""
        parts = (
            self.values.filter(self.has_more)
            .str.split("|")
            .list.eval(pl.concat_list(pl.element(), pl.element().str.split(" ")).explode(empty_as_null=True, keep_nulls=False))
        )
        return np.flatnonzero(self.has_more), _padded(parts.list.unique(maintain_order=True))

    @cached_property
    def alternatives(self) -> tuple[Rows, Hashes]:
        """Of the values that are several these, whole: codes, and by `BAG`."""
        return np.flatnonzero(self.has_several), _padded(self.values.filter(self.has_several).str.split("|"))

    @cached_property
    def has_more(self) -> NDArray[np.bool_]:
        return self._holding("| ")

    @cached_property
    def has_several(self) -> NDArray[np.bool_]:
        return self._holding("|")

    @property
    def sounds(self) -> Hashes:
        """Values that sound alike have the same hash."""
        return self.form("sound", lambda pool: hashed(pool.sounding))

    @cached_property
    def sounding(self) -> pl.Series:
        return pl.Series([None if text is None else sound(text) for text in self.mains.to_list()], dtype=pl.String)

    @cached_property
    def roots(self) -> NDArray[np.int16]:
        return nicknames.roots(self.mains.to_list())

    @cached_property
    def is_doubtful(self) -> NDArray[np.bool_]:
        """Whether the check letter of a value is wrong."""
        return self.values.str.starts_with("?").fill_null(value=False).to_numpy()

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The value as a number, NaN where it is none."""
        return self.mains.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()

    @cached_property
    def days(self) -> NDArray[np.int32]:
        """A date as the number YYYYMMDD, 0 where there is none."""
        return self.mains.cast(pl.Int32, strict=False).fill_null(0).to_numpy()

    @cached_property
    def _forms(self) -> dict[str, NDArray[Any]]:
        return {}

    def form(self, name: str, make: "Callable[[Pool], NDArray[Any]]") -> NDArray[Any]:
        """Something of each value, made once."""
        if name not in self._forms:
            self._forms[name] = make(self)
        return self._forms[name]

    @property
    def made(self) -> AbstractSet[str]:
        """The forms there are."""
        return self._forms.keys()

    def keep(self, forms: Mapping[str, NDArray[Any]]) -> None:
        """Forms that somebody has made."""
        self._forms.update(forms)

    def __len__(self) -> int:
        return len(self.values)


_NOTHING = Pool(pl.Series([None], dtype=pl.String))


class GrowingPool:
    """The values of a field as they come: what was made of some is kept, and made of the new ones only.

    A value that comes again later stands in it again.
    """

    def __init__(self, *, checked: bool) -> None:
        self.checked = checked
        self._texts = Texts()
        self._texts.extend(pl.Series([None], dtype=pl.String))
        self._made: dict[str, Column] = {}
        self._last: tuple[int, Pool] = -1, _NOTHING
        """The first code of what was taken in last, and the pool that it was: what is known of its values counts here too."""
        self._sparse: dict[str, tuple[Column, Column, list[int]]] = {}

    def add(self, pool: Pool) -> int:
        """Take a pool's values in; the code that its first one has here."""
        start = len(self)
        self._texts.extend(pool.values[1:])
        self._last = (start, pool) if len(pool) <= LAST else (-1, _NOTHING)
        return start

    def gather(self, codes: Rows | Codes) -> pl.Series:
        """The values of codes."""
        return self._texts.gather(codes)

    @property
    def hashes(self) -> Hashes:
        return self.form("exact", lambda pool: pool.hashes)

    @property
    def sounds(self) -> Hashes:
        return self.form("sound", lambda pool: pool.sounds)

    @property
    def roots(self) -> NDArray[np.int16]:
        return self.form("roots", lambda pool: pool.roots)

    @property
    def is_doubtful(self) -> NDArray[np.bool_]:
        return self.form("is_doubtful", lambda pool: pool.is_doubtful)

    @property
    def numbers(self) -> NDArray[np.float64]:
        return self.form("numbers", lambda pool: pool.numbers)

    @property
    def days(self) -> NDArray[np.int32]:
        return self.form("days", lambda pool: pool.days)

    @property
    def has_more(self) -> NDArray[np.bool_]:
        return self.form("has_more", lambda pool: pool.has_more)

    @property
    def has_several(self) -> NDArray[np.bool_]:
        return self.form("has_several", lambda pool: pool.has_several)

    @property
    def bags(self) -> tuple[Rows, Hashes]:
        return self._some("bags", lambda pool: pool.bags)

    @property
    def alternatives(self) -> tuple[Rows, Hashes]:
        return self._some("alternatives", lambda pool: pool.alternatives)

    def texts_of(self, codes: Rows | Codes) -> list[str]:
        texts = self._texts.listed(codes)
        return [text.partition("|")[0] for text in texts] if self.has_several[codes].any() else texts

    def form(self, name: str, make: Callable[[Pool], NDArray[Any]]) -> NDArray[Any]:
        """Something of each value, made when it is first asked for."""
        pieces, skipped = self._pieces(len(self._made[name]) if name in self._made else 0)
        for piece in pieces:
            made = (make(piece) if name not in piece.made else piece.form(name, make))[skipped:]
            if name not in self._made:
                self._made[name] = Column(made.dtype.type, made.shape[1:])
            self._made[name].extend(made)
        return self._made[name].values

    def _some(self, name: str, make: Callable[[Pool], tuple[Rows, Hashes]]) -> tuple[Rows, Hashes]:
        codes, table, done = self._sparse.setdefault(name, (Column(np.int64), Column(np.uint64, (BAG,)), [0]))
        pieces, skipped = self._pieces(done[0])
        for piece in pieces:
            some, made = make(piece)
            codes.extend(some + (done[0] - skipped))
            table.extend(made)
            done[0] += len(piece) - skipped
        return codes.values, table.values

    def _pieces(self, start: int) -> tuple[list[Pool], int]:
        """Pools of all values from one on, and how many of the first's are none of them."""
        if start < len(self) and self._last[0] != start:
            every = np.arange(start, len(self))
            return [Pool(self.gather(every[at : at + PIECE]), self.checked) for at in range(0, len(every), PIECE)], 0
        return ([self._last[1]], 1) if start < len(self) else ([], 0)

    def __len__(self) -> int:
        return len(self._texts)


def _padded(lists: pl.Series) -> Hashes:
    """Lists of text as a table of hashes."""
    frame = pl.DataFrame({"v": lists}).with_row_index("row")
    long = frame.with_columns(pl.col("v").list.head(BAG)).explode("v", empty_as_null=True).drop_nulls()
    place = pl.int_range(pl.len()).over("row").alias("place")
    long = long.with_columns(place)
    table = np.zeros((len(frame), BAG), np.uint64)
    table[long["row"].to_numpy(), long["place"].to_numpy()] = hashed(long["v"])
    return table
