"""Files of records: CSV or Parquet, one or two, and the mapping that says what their columns mean."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from custody.linking.known import KnownRecords, Source
from rules.match import guess, modelfile
from rules.match.guess import Reading
from rules.match.kinds import AUXILIARY, KINDS
from rules.match.model import Model
from rules.match.prepared import Prepared, prepare, prepare_fields
from schemas.errors import Refused


@dataclass(frozen=True, slots=True)
class Records:
    """One set of records, or two that are to be linked with each other."""

    left: Prepared
    right: Prepared | None
    reading: Reading
    columns: tuple[str, ...]
    frames: tuple[pl.DataFrame, ...]

    @property
    def count(self) -> int:
        return len(self.left) + (0 if self.right is None else len(self.right))


def read_records(paths: Sequence[Source], mapping: Path | None, model: Model | None, id_column: str | None = None) -> Records:
    """Records as the model reads them; without a model as the mapping tells, and the rest as is guessed.

    Raises:
        Refused: a file can't be read, has no id, or lacks what the model needs.
    """
    if isinstance(paths[0], KnownRecords):
        return _of_lake(paths[0], model)
    files = [path for path in paths if isinstance(path, Path)]
    if len(files) < len(paths):
        raise Refused("the lake's own records stand for themselves, not beside a file")
    frames = [read_table(path) for path in files]
    told = read_mapping(mapping) if mapping else {}
    _known_columns(told, frames, mapping)
    ids = [_id_column(frame, path, told, id_column) for frame, path in zip(frames, files, strict=True)]
    columns = tuple(dict.fromkeys(name for frame in frames for name in frame.columns))
    reading = guess.reading(frames, told, ids)
    if model is None:
        made = [prepare_fields(frame, reading.fields, one, reading.organisation) for frame, one in zip(frames, ids, strict=True)]
    else:
        lacking = modelfile.missing(model, columns)
        if lacking:
            raise Refused(f"the model needs what these records don't have: {', '.join(lacking)}",
                          remedy="use a model trained on records with the same columns, or name the columns alike")  # fmt: skip
        made = [prepare(frame, model, one, reading.organisation) for frame, one in zip(frames, ids, strict=True)]
    return Records(made[0], made[1] if len(made) > 1 else None, reading, columns, tuple(frames))


def _of_lake(known: KnownRecords, model: Model | None) -> Records:
    reading, frame = known.reading, known.frame
    if model is None:
        made = prepare_fields(frame, reading.fields, "id", reading.organisation)
    else:
        made = prepare(frame, model, "id", reading.organisation)
    return Records(made, None, reading, tuple(frame.columns), (frame,))


def read_table(path: Path) -> pl.DataFrame:
    """A CSV file, every column as text, or a Parquet file as it is."""
    if not path.is_file():
        raise Refused("no such file of records", file=str(path))
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            frame = pl.read_parquet(path)
        else:
            with path.open("rb") as lines:
                header = lines.readline().decode("utf-8", "replace")
            separator = max(",\t;|", key=header.count)
            frame = pl.read_csv(path, infer_schema=False, separator=separator, encoding="utf8-lossy")
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise Refused("the file can't be read as CSV or Parquet", file=str(path)) from problem
    frame = frame.rename({name: name.strip().lstrip("\ufeff") for name in frame.columns})
    if not len(frame):
        raise Refused("the file has no records", file=str(path))
    return frame


def read_mapping(path: Path) -> dict[str, str]:
    """What columns mean, TOML or JSON: `column = "kind"`, at the top or under `columns`; `id` names the id column.

    Raises:
        Refused: it can't be read, or a kind is none.
    """
    if not path.is_file():
        raise Refused("no such mapping file", file=str(path))
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, OSError) as problem:
        raise Refused("the mapping is neither TOML nor JSON", file=str(path)) from problem
    if not isinstance(content, dict):
        raise Refused("the mapping must be a table of column = kind", file=str(path))
    named = content.pop("id", None)
    told = content.pop("columns", content)
    if not isinstance(told, dict) or not all(isinstance(kind, str) for kind in told.values()):
        raise Refused("the mapping must be a table of column = kind", file=str(path))
    wrong = sorted({kind for kind in told.values() if kind not in KINDS and kind not in AUXILIARY})
    if wrong:
        raise Refused(
            f"no such kind: {', '.join(wrong)}", file=str(path), remedy=f"kinds are {', '.join([*KINDS, *sorted(AUXILIARY)])}"
        )
    return {**told, **({named: "id"} if isinstance(named, str) else {})}


def _known_columns(told: Mapping[str, str], frames: Sequence[pl.DataFrame], path: Path | None) -> None:
    unknown = [name for name in told if not any(name in frame.columns for frame in frames)]
    if unknown:
        raise Refused(f"the mapping names columns that the records don't have: {', '.join(unknown)}", file=str(path))


def _id_column(frame: pl.DataFrame, path: Path, told: Mapping[str, str], wanted: str | None) -> str:
    named = wanted or next((name for name, kind in told.items() if kind == "id" and name in frame.columns), None)
    found = named or guess.id_of(frame)
    if found is None:
        raise Refused(
            "no column tells the records apart", file=str(path), remedy='name it with --id, or `id = "…"` in the mapping'
        )
    if found not in frame.columns:
        raise Refused(f"no column {found!r}", file=str(path), remedy="name the id column with --id")
    ids = frame[found]
    doubled = len(ids) - ids.n_unique()
    if doubled or ids.null_count():
        raise Refused(f"the id column {found!r} has {doubled} repeated and {ids.null_count()} empty values", file=str(path))
    return found
