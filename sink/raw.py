"""raw/: the evidence. One row a Kafka record, its bytes as they came; one table a source database."""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from schemas.batch import Batch, Headers
from schemas.change import RAW
from sink.lake import Lake
from sink.table import Table

RAW_STATS = ("_topic", "_partition", "_offset", "_received_at")


class Raw:
    """The raw table of a source database, owned by this process."""

    def __init__(self, lake: Lake, database: str, about: Mapping[str, str]) -> None:
        self.table = Table(lake.raw(database), RAW, stats=RAW_STATS, compression="ZSTD")
        self._about = about

    def append(self, records: pa.Table, marks: Mapping[str, int]) -> None:
        """Add records, with the marks they reach, in one commit."""
        self.table.append(records, marks, {**self._about, "custody.records": str(records.num_rows)})

    def new_positions(self, topic: str, partition: int, offsets: pa.Int64Array) -> pa.BooleanArray:
        """Whether raw/ lacks the record at each of these positions."""
        asked = pl.Series("_offset", offsets)
        here = (pl.col("_topic") == topic) & (pl.col("_partition") == partition)
        span = pl.col("_offset").is_between(asked.min(), asked.max())
        known = self.table.scan().filter(here & span).select("_offset").collect()["_offset"]
        return (~asked.is_in(known.implode())).to_arrow()


def raw_rows(batch: Batch) -> pa.Table:
    """A batch as rows of raw/."""
    count = len(batch)
    return pa.table(
        {
            "_topic": pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int8()), pa.array([batch.topic])).cast(pa.string()),
            "_partition": pa.array([batch.partition] * count, pa.int32()),
            "_offset": batch.offsets,
            "_received_at": batch.received_at.cast(pa.timestamp("us", "UTC")),
            "key": batch.keys,
            "value": batch.values.cast(pa.binary()),
            "headers": headers_column(batch.headers),
        },
        schema=RAW,
    )


def headers_column(records: Sequence[Headers]) -> pa.Array:
    """One list of headers a record: the few distinct ones are built once and taken by number."""
    number = {record: index for index, record in enumerate(dict.fromkeys(records))}
    values = [[{"name": name, "value": value} for name, value in record] for record in number]
    return pa.array(values, RAW.field("headers").type).take(pa.array([number[record] for record in records], pa.int32()))
