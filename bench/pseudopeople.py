"""The pseudopeople sample, read out of the installed wheel without importing it: a census and what social security knows.

Its noise is made by the package, which needs much else; without it the two still differ: married names, moves, missing values.
"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import polars as pl

CENSUS = ("first_name", "middle_initial", "last_name", "date_of_birth", "sex", "street_number", "street_name", "city", "zipcode")


def pseudopeople(out: Path) -> tuple[list[Path], Path] | None:
    """Records of two censuses ten years apart and their labels as files in `out`, or nothing where the wheel is not installed."""
    try:
        found = [part for part in files("pseudopeople") or () if part.name == "decennial_census.parquet"]
    except PackageNotFoundError:
        return None
    rows = pl.read_parquet(Path(str(found[0].locate()))).with_columns(pl.col(pl.Categorical).cast(pl.String))
    rows = rows.with_columns(id=pl.format("{}-{}", "year", "simulant_id"))
    years = rows["year"].unique().sort().to_list()[:2]
    paths = [out / f"census{year}.csv" for year in years]
    for year, path in zip(years, paths, strict=True):
        rows.filter(pl.col("year") == year).unique("id", keep="first", maintain_order=True).select("id", *CENSUS).write_csv(path)
    labels = out / "census_labels.csv"
    rows.filter(pl.col("year").is_in(years)).unique("id").select("id", entity="simulant_id").write_csv(labels)
    return paths, labels
