"""Notes as one array of bytes: lower case, without accents, one byte a character, so that places stay places.

Everything that looks at text looks at this. What has no width of its own (combining marks, joiners, soft hyphens) is left out,
and so is the apostrophe of `O'Neill`; `in_joined` leads back. What is no letter, digit or mark of ASCII is one of the codes below.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

BORDER, LETTER, OTHER, MARK, MASKED = 0, 0x80, 0x81, 0x82, 0x83
"""Between notes; a letter of another script; a symbol; a part of a mark that redaction has left; a part of a number just found."""
_DROPPED, _UPPER = 0xFF, 0x40
_SEPARATORS = "\x1e\x1f\x1d\x1c\x01\x02\x03\x04\x05\x06\ufdd0\ufdd1\ufdd2"
_ANY_MARK = re.compile(r"\[[A-Z][A-Z_]*(?:: subject| \d{1,6}| [0-9a-f]{16})?\]")
_SINGLE = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "t",
    "ß": "s",
    "æ": "a",
    "œ": "o",
    "\u0131": "i",
    "ħ": "h",
    "ŋ": "n",
    "ə": "e",
}
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"
_QUOTES = "\u2018\u2019\u201b\u02bc\u02b9\u00b4`\u2032\uff07"
_LETTERS = np.uint8(26)
_HIGH, _INNER = np.uint8(0xC0), np.uint8(0x80)
"""In UTF-8, the bits that tell which byte of a character it is, and how they are in all but the first."""
_LEADS = np.frombuffer(b"odn", np.uint8)


@dataclass(frozen=True, slots=True)
class Folded:
    """A chunk of notes."""

    joined: str
    """The notes as they are, joined by `separator`."""
    separator: str
    first: Places
    """Where in `joined` each note begins."""
    chars: Bytes
    """Folded; as many as are kept."""
    upper: Flags
    """Which of `chars` were capitals."""
    ahead: Places
    """In order, for each character of `joined` that is left out, how many of `chars` stand before it."""
    begin: Places
    """Where in `chars` each note begins; one more at the end."""

    def parts(self, size: int) -> Iterator[tuple[int, "Folded"]]:
        """The same notes in pieces of about so many characters, each with the number of its first note."""
        first, notes = 0, len(self.first)
        while first < notes:
            last = max(int(np.searchsorted(self.begin, self.begin[first] + size, side="right")) - 1, first + 1)
            low, high = int(self.begin[first]), int(self.begin[min(last, notes)])
            begin = self.begin[first : last + 1] - low
            yield (
                first,
                replace(self, chars=self.chars[low:high], upper=self.upper[low:high], begin=begin, first=self.first[first:last]),
            )
            first = last

    def only(self, notes: Places) -> tuple["Folded", Places]:
        """Some of the notes, and where their characters were."""
        at, _, begin = stretches(self.begin[notes], self.begin[notes + 1])
        return replace(self, chars=self.chars[at], upper=self.upper[at], begin=begin, first=self.first[notes]), at

    def masked(self, start: Places, end: Places, by: int = MASKED) -> "Folded":
        """The same notes, but these stretches cannot be read."""
        hidden = stretches(start, end)[0]
        chars, upper = self.chars.copy(), self.upper.copy()
        chars[hidden], upper[hidden] = by, False
        return replace(self, chars=chars, upper=upper)

    def in_joined(self, at: Places) -> Places:
        """Where in `joined` these characters are; and what ends before them, the marks that belong to its last one included."""
        return at + np.searchsorted(self.ahead, at, side="right") if len(self.ahead) else at


def stretches(start: Places, end: Places) -> tuple[Places, Places, Places]:
    """The places of stretches one after the other, which stretch each is of, and where each begins among them; one more at the end."""
    size = end - start
    edges = np.concatenate(([0], np.cumsum(size)))
    of = np.repeat(np.arange(len(size)), size)
    return (start - edges[:-1])[of] + np.arange(edges[-1]), of, edges


def fold(texts: pl.Series) -> Folded:
    """Texts, none of them null."""
    separator, raw, ends = _joined(texts)
    joined, codes = raw.decode(), np.frombuffer(raw, np.uint8)
    if len(joined) == len(raw):
        chars, upper = _plain(raw)
        borders = ends[:-1] - 1
    else:
        heads = codes[(codes & _HIGH) != _INNER]
        chars, upper = _plain(heads.tobytes())
        wide, points = np.flatnonzero(heads >= _INNER), _points(codes)
        known = np.minimum(points, len(_table()) - 1)
        chars[wide], upper[wide] = _table()[known], _capitals()[known]
        borders = np.flatnonzero(heads == ord(separator)) if separator.isascii() else wide[points == ord(separator)]
    first = np.append(0, borders + 1) if len(texts) else borders
    chars[borders] = BORDER
    _hide_marks(joined, chars)
    if "&" in joined and "&nbsp;" in joined:
        for found in re.finditer("&nbsp;", joined):
            chars[found.start()], chars[found.start() + 1 : found.end()] = ord(" "), _DROPPED
    return _kept(joined, separator, first, chars, upper)


def _plain(raw: bytes) -> tuple[Bytes, Flags]:
    """The fold of ASCII, and which of it are capitals."""
    return np.frombuffer(bytearray(raw).translate(_ascii()), np.uint8), (
        np.frombuffer(raw, np.uint8) - np.uint8(ord("A"))
    ) < _LETTERS


def _points(codes: Bytes) -> npt.NDArray[np.uint32]:
    """The characters beyond ASCII in UTF-8."""
    return np.frombuffer(codes[codes >= _INNER].tobytes().decode().encode("utf-32-le"), np.uint32)


def fold_word(text: str) -> str:
    """One name as it stands in `chars`; what is no letter of it becomes a blank."""
    chars = fold(pl.Series([text])).chars
    return bytes(np.where((chars >= ord("a")) & (chars <= ord("z")), chars, ord(" ")).astype(np.uint8)).decode()


def _kept(joined: str, separator: str, first: Places, chars: Bytes, upper: Flags) -> Folded:
    dropped = (chars == _DROPPED) | _inner_apostrophes(chars)
    left = np.flatnonzero(dropped)
    if not len(left):
        return Folded(joined, separator, first, chars, upper, left, np.append(first, len(chars)))
    chars, upper = chars[~dropped], upper[~dropped]
    begin = np.append(first - np.searchsorted(left, first), len(chars))
    return Folded(joined, separator, first, chars, upper, left - np.arange(len(left)), begin)


def _inner_apostrophes(chars: Bytes) -> Flags:
    """The apostrophes of O'Neill and D'Arcy, which are written with and without."""
    found = np.zeros(len(chars), np.bool_)
    at = np.flatnonzero(chars == ord("'"))
    at = at[(at > 0) & (at + 2 < len(chars))]
    lead = np.isin(chars[at - 1], _LEADS) & (~is_letter(chars[np.maximum(at - 2, 0)]) | (at == 1))
    found[at[lead & is_letter(chars[at + 1]) & is_letter(chars[at + 2])]] = True
    return found


def mended(folded: Folded) -> Folded:
    """The same notes, with `1` and `0` that stand between small letters read as `l` and `o`: `Var1ey`."""
    chars, upper = folded.chars, folded.upper
    at = np.flatnonzero((chars[1:-1] == ord("1")) | (chars[1:-1] == ord("0"))) + 1
    within = is_letter(chars[at - 1]) & is_letter(chars[at + 1]) & ~upper[at + 1]
    at = at[within & (~upper[at - 1] | (at > 1) & is_letter(chars[at - 2]))]
    if not len(at):
        return folded
    chars = chars.copy()
    chars[at] = np.where(chars[at] == ord("1"), ord("l"), ord("o"))
    return replace(folded, chars=chars)


def is_letter(chars: Bytes) -> Flags:
    return ((chars - np.uint8(ord("a"))) < _LETTERS) | (chars == LETTER)


def _hide_marks(joined: str, chars: Bytes) -> None:
    if "[" in joined:
        for found in _ANY_MARK.finditer(joined):
            chars[found.start() : found.end()] = MARK


def _joined(texts: pl.Series) -> tuple[str, bytes, Places]:
    """A character that is in none of the texts, the texts joined by it, and where each ends with it; all in bytes."""
    for separator in chain(_SEPARATORS, map(chr, range(0xF0000, 0xFFFFE))):
        column = (texts + separator).alias("").to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, values = column.buffers()
        ends = np.frombuffer(offsets, np.int64)[column.offset :][: len(texts) + 1] if len(texts) else np.zeros(1, np.int64)
        mark = separator.encode()
        raw = bytes(memoryview(values)[int(ends[0]) : int(ends[-1]) - len(mark)]) if len(texts) else b""
        if _count(raw, mark) == max(len(texts) - 1, 0):
            return separator, raw, ends[1:] - ends[0]
    raise AssertionError("a chunk of notes holds every character there is")


def _count(raw: bytes, mark: bytes) -> int:
    return raw.count(mark) if len(mark) > 1 else int(np.count_nonzero(np.frombuffer(raw, np.uint8) == ord(mark)))


@cache
def _ascii() -> bytes:
    return _table()[:128].tobytes() + bytes(128)


@cache
def _table() -> Bytes:
    """The fold of every character up to the last plane in use; the last entry stands for those beyond."""
    table = np.full(0xE0200, LETTER, np.uint8)
    table[0x1F000:0x20000] = OTHER
    table[0xE000:0xF900] = OTHER
    table[0xFFF0:0x10000] = OTHER
    for start, end in ((0, 0x3100), (0xFE00, 0xFFF0), (0x1D400, 0x1D800)):
        table[start:end] = [_fold(chr(point)) for point in range(start, end)]
    table[0x1F3FB:0x1F400] = _DROPPED
    table[0xE0000:] = _DROPPED
    return table


def _fold(char: str) -> int:
    base = _SINGLE.get(char.lower()) or unicodedata.normalize("NFKD", char)[:1].lower() or char
    kind = unicodedata.category(char)
    match kind[0]:
        case _ if char == "\n":
            return ord("\n")
        case _ if char in _QUOTES or char in _HYPHENS:
            return ord("'") if char in _QUOTES else _DROPPED if char == "\u00ad" else ord("-")
        case "M":
            return _DROPPED
        case "L" | "N" | "P" | "S" if base.isascii() and base.isprintable() and base != " ":
            return ord(base)
        case "N" if kind == "Nd":
            return ord("0") + unicodedata.digit(char)
        case "L":
            return LETTER
        case "Z" | "C":
            return _DROPPED if kind == "Cf" else OTHER if char == "\0" else ord(" ")
        case _:
            return OTHER


@cache
def _capitals() -> Flags:
    table = np.zeros(len(_table()), np.bool_)
    for start, end in ((0, 0x3100), (0xFF00, 0xFFF0)):
        table[start:end] = [unicodedata.category(chr(point)) in {"Lu", "Lt"} for point in range(start, end)]
    return table
