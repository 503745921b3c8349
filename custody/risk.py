"""How easily somebody is singled out: k-anonymity of what is published. Counts and columns' names only, never a value.

k-anonymity: each row shares its quasi-identifying values with at least k - 1 others (L. Sweeney, "k-anonymity: a model
for protecting privacy", 2002).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Risk:
    """What the rows of a table tell together."""

    dataset: str
    columns: tuple[str, ...]
    counted: str
    """What a group's size counts: `rows`, or the persons of a subject's column."""
    k: int
    rows: int
    groups: int
    smallest_group: int
    """0 where the table is empty."""
    small_groups: int
    """Groups smaller than k."""
    rows_in_small_groups: int
    without: dict[str, int]
    """For each column, how many rows were still in small groups if it were withheld: the most that making it coarser can do."""

    @property
    def share(self) -> float:
        return self.rows_in_small_groups / self.rows if self.rows else 0.0

    @property
    def helps_most(self) -> str | None:
        """The column to make coarser first; None where nobody is singled out, or no column helps."""
        best = min(self.without, key=self.without.__getitem__, default=None)
        return best if best is not None and self.without[best] < self.rows_in_small_groups else None

    def said(self) -> dict[str, object]:
        return {**asdict(self), "share_of_rows": round(self.share, 6), "helps_most": self.helps_most}


def risk(rows: pl.DataFrame, dataset: str, columns: Sequence[str], k: int, subject: str | None = None) -> Risk:
    """The k-anonymity of some columns.

    Args:
        rows: the living rows, as published; null is a value like any other.
        subject: the column that says whose data a row is: then a group of many rows of one person has the size 1.
    """
    sizes = _sizes(rows, columns, subject)
    small = sizes.filter(pl.col("size") < k)
    without = {
        name: int(left.filter(pl.col("size") < k)["rows"].sum())
        for name in columns
        for left in [_sizes(rows, [other for other in columns if other != name], subject)]
    }
    smallest = sizes["size"].min()
    return Risk(
        dataset=dataset,
        columns=tuple(columns),
        counted=f"persons ({subject})" if subject else "rows",
        k=k,
        rows=len(rows),
        groups=len(sizes),
        smallest_group=smallest if isinstance(smallest, int) else 0,
        small_groups=len(small),
        rows_in_small_groups=int(small["rows"].sum()),
        without=without,
    )


def _sizes(rows: pl.DataFrame, columns: Sequence[str], subject: str | None) -> pl.DataFrame:
    """Of each group of equal values, `size` (persons or rows) and `rows`; without columns all rows are one group."""
    counted = pl.col(subject).n_unique() if subject else pl.len()
    counts = [counted.cast(pl.Int64).alias("size"), pl.len().cast(pl.Int64).alias("rows")]
    if not columns or rows.is_empty():
        return rows.select(counts).filter(pl.col("rows") > 0)
    keys = [pl.col(name).alias(f"_key{place}") for place, name in enumerate(columns)]
    return rows.group_by(keys).agg(counts).select("size", "rows")
