"""manifest/: what was readable when, as a table of cuts.

One row a dataset and cut: the last transaction of the source that is accounted for (null where a file was played), the
dataset's version, and the source time it is complete up to.
"""

from collections.abc import Mapping
from datetime import datetime

import polars as pl
import pyarrow as pa

from schemas.frames import empty
from sink.lake import Lake
from sink.snapshot import Snapshot, Watched
from sink.table import Table

MANIFEST = pa.schema(
    [
        pa.field("cut", pa.int64()),
        pa.field("known_at", pa.timestamp("us", "UTC")),
        pa.field("dataset", pa.string()),
        pa.field("version", pa.int64()),
        pa.field("complete_until", pa.timestamp("us", "UTC")),
        pa.field("transaction", pa.int64()),
    ]
)


class Manifest:
    """The manifest of one source database, owned by this process."""

    def __init__(self, lake: Lake, database: str) -> None:
        self.database = database
        self._table = Table(lake.manifest(database), MANIFEST, stats=("cut", "complete_until"))
        self._last = newest(self._table.scan())
        self.complete_until: datetime | None = self._last["complete_until"].max()  # type: ignore[assignment]

    def publish(
        self, versions: Mapping[str, int], complete_until: datetime, known_at: datetime, transaction: int | None = None
    ) -> None:
        """Record a cut: the versions of history/ now readable, complete up to a source time; time never goes back."""
        until = max(complete_until, self.complete_until or complete_until)
        cut = int(self._last["cut"].max() or 0) + 1  # type: ignore[arg-type]
        rows = pl.DataFrame(
            [(cut, known_at, dataset, version, until, transaction) for dataset, version in sorted(versions.items())],
            schema=empty({field.name: field.type for field in MANIFEST}).schema, orient="row",
        )  # fmt: skip
        if len(rows) and not self._says(versions, until):
            self._table.append(rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(MANIFEST), {}, {})
            others = self._last.filter(~pl.col("dataset").is_in(list(versions)))
            self._last, self.complete_until = pl.concat([others, rows]), until

    def _says(self, versions: Mapping[str, int], until: datetime) -> bool:
        return self.holds(versions) and self.complete_until == until

    def holds(self, versions: Mapping[str, int]) -> bool:
        """Whether the newest cut of these datasets has these versions."""
        said = dict(self._last.select("dataset", "version").iter_rows())
        return all(said.get(dataset) == version for dataset, version in versions.items())


def newest(rows: pl.LazyFrame) -> pl.DataFrame:
    """The newest row of each dataset."""
    return rows.sort("cut").unique("dataset", keep="last").collect()


class Cuts:
    """The manifest of one source database, as it is looked at again and again."""

    def __init__(self, lake: Lake, database: str) -> None:
        self._table = Watched(lake.manifest(database))
        self._read: Snapshot | None = None
        self._newest = empty({field.name: field.type for field in MANIFEST})

    def look(self) -> pl.DataFrame:
        """The newest row of each dataset; none where nothing was published yet.

        Raises:
            Unavailable: the store is away.
        """
        now = self._table.look()
        if now is not None and now is not self._read:
            self._read, self._newest = now, newest(now.scan())
        return self._newest


def read_manifest(lake: Lake, database: str) -> pl.DataFrame:
    """The newest row of each dataset of a source database; none where nothing was published yet."""
    return Cuts(lake, database).look()
