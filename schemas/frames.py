"""Between Arrow's types and Polars' frames."""

from collections.abc import Mapping

import polars as pl
import pyarrow as pa


def polars_type(arrow: pa.DataType) -> pl.DataType:
    """The Polars type of an Arrow type."""
    series = pl.from_arrow(pa.array([], arrow))
    assert isinstance(series, pl.Series)
    return series.dtype


def empty(columns: Mapping[str, pa.DataType]) -> pl.DataFrame:
    """A frame without rows."""
    return pl.DataFrame(schema={name: polars_type(arrow) for name, arrow in columns.items()})
