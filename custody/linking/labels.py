"""Labels: who is who, as `id,entity` rows, or as pairs of ids with 0 or 1."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from custody.linking.tables import Records, read_table
from schemas.errors import Refused

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Entities:
    """Of each record, over both files, the code of its entity; -1 where it has no label."""

    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Pairs of records, over both files, and whether they are one."""

    one: NDArray[np.int64]
    two: NDArray[np.int64]
    same: NDArray[np.bool_]


Labels = Entities | LabelledPairs


def read_labels(path: Path, records: Records, *, skip_unknown: bool = False) -> Labels:
    """The labels of these records.

    Args:
        skip_unknown: leave out labels of records that there are not, instead of refusing the file.

    Raises:
        Refused: neither form, or ids that no record has.
    """
    frame = read_table(path)
    frame = frame.select(pl.all().cast(pl.String).str.strip_chars())
    pair = _pair_columns(frame, records)
    if pair:
        return _pairs(frame, *pair, records, path, skip_unknown=skip_unknown)
    if len(frame.columns) < 2:  # noqa: PLR2004 - id and entity
        raise Refused("labels are `id,entity` or pairs of ids with 0 or 1", file=str(path))
    id_column, entity = _entity_columns(frame, records)
    rows = rows_of(frame[id_column], records)
    known = _only_known(rows >= 0, path, skip_unknown=skip_unknown)
    codes = np.full(records.count, -1, np.int64)
    values = frame[entity].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    for place in np.flatnonzero(known).tolist():
        codes[rows[place]] = values[place]
    codes[codes == 0] = -1
    _second_side(codes, frame[id_column], values, records)
    return Entities(codes)


def _second_side(codes: NDArray[np.int64], ids: pl.Series, values: NDArray[np.int64], records: Records) -> None:
    """An id that both files have means both records."""
    if records.right is None:
        return
    second = pl.DataFrame({"id": records.right.ids}).with_row_index("row").join(
        pl.DataFrame({"id": ids, "value": values}).unique("id", keep="first", maintain_order=True), on="id"
    )  # fmt: skip
    rows = second["row"].to_numpy().astype(np.int64) + len(records.left)
    fresh = codes[rows] < 0
    codes[rows[fresh]] = second["value"].to_numpy()[fresh]


def rows_of(ids: pl.Series, records: Records, *, second: bool = False) -> NDArray[np.int64]:
    """The row of each id over both files, -1 where no record has it; `second` looks in the second file first."""
    left = pl.DataFrame({"id": records.left.ids, "row": np.arange(len(records.left))})
    tables = [left]
    if records.right is not None:
        tables.append(pl.DataFrame({"id": records.right.ids, "row": np.arange(len(records.left), records.count)}))
    if second:
        tables.reverse()
    known = pl.concat(tables).unique("id", keep="first", maintain_order=True)
    return pl.DataFrame({"id": ids}).join(known, on="id", how="left", maintain_order="left")["row"].fill_null(-1).to_numpy()


def _only_known(known: NDArray[np.bool_], path: Path, *, skip_unknown: bool) -> NDArray[np.bool_]:
    unknown = int((~known).sum())
    if unknown and not skip_unknown:
        raise Refused(f"{unknown} labels name ids that no record has", file=str(path), remedy="--skip-unknown leaves them out")
    if not known.any():
        raise Refused("no label names a record", file=str(path))
    return known


def _pair_columns(frame: pl.DataFrame, records: Records) -> tuple[str, str] | None:
    """The two columns of ids, where these labels are pairs."""
    columns = frame.columns
    for one, two in ((r"_l$", r"_r$"), (r"_?1$", r"_?2$"), (r"_?a$", r"_?b$"), (r"left", r"right")):
        first = [name for name in columns if re.search(one, name.lower()) and "source" not in name.lower()]
        second = [name for name in columns if re.search(two, name.lower()) and "source" not in name.lower()]
        if first and second:
            return first[0], second[0]
    if len(columns) == 3 and not re.search("entity|cluster", columns[1].lower()):  # noqa: PLR2004 - two ids and a mark
        third = frame[columns[2]].cast(pl.Float64, strict=False)
        if not third.null_count() and third.is_between(0, 1).all() and (rows_of(frame[columns[1]], records) >= 0).any():
            return columns[0], columns[1]
    if len(columns) == 2 and (rows_of(frame[columns[1]], records, second=True) >= 0).all():  # noqa: PLR2004
        named = re.search("entity|cluster|label|truth|group|person", columns[1].lower())
        return None if named else (columns[0], columns[1])
    return None


def _entity_columns(frame: pl.DataFrame, records: Records) -> tuple[str, str]:
    own = [name for name in frame.columns if name == records.reading.id_column] or [
        name for name in frame.columns if (rows_of(frame[name], records) >= 0).any()
    ]
    first = own[0] if own else frame.columns[0]
    rest = [name for name in frame.columns if name != first]
    named = [name for name in rest if re.search("entity|cluster|truth|label|person|group", name.lower())]
    return first, (named or rest)[0]


def _pairs(frame: pl.DataFrame, one: str, two: str, records: Records, path: Path, *, skip_unknown: bool) -> LabelledPairs:
    first, second = rows_of(frame[one], records), rows_of(frame[two], records, second=True)
    known = _only_known((first >= 0) & (second >= 0), path, skip_unknown=skip_unknown)
    marks = [name for name in frame.columns if name not in {one, two} and "source" not in name.lower()]
    same = np.ones(len(frame), np.bool_)
    if marks:
        words = frame[marks[-1]].str.to_lowercase().replace({"true": "1", "false": "0", "yes": "1", "no": "0", "match": "1"})
        values = words.cast(pl.Float64, strict=False)
        if values.null_count():
            raise Refused("the mark of a pair is 0 or 1", file=str(path))
        same = (values >= HALF).to_numpy()
    return LabelledPairs(first[known], second[known], same[known])
