"""What people write instead: a careful script that keeps history and merges into a current table, 50,000 records at a time.

It keeps no raw evidence, publishes no cleaned topic, protects nothing and has no marks.
`python -m bench.peer BOOTSTRAP TOPIC RECORDS FOLDER` prints its CPU seconds, start-up apart.
"""

import sys
import time
from pathlib import Path

import polars as pl
from confluent_kafka import Consumer, TopicPartition
from deltalake import DeltaTable, write_deltalake

from bench.generate import PARTITIONS

BATCH = 50_000
KEY = "person_id"
ROW = dict.fromkeys(
    ["noms_number", "surname", "forename", "postcode", "status", "prison", "balance", "modified_at", "comment", "reference"],
    pl.String,
) | {KEY: pl.Int64, "date_of_birth": pl.Int32, "visits": pl.Int32, "is_active": pl.Boolean}
SOURCE = pl.Struct({"lsn": pl.Int64, "ts_us": pl.Int64})
ENVELOPE = pl.Struct({"before": pl.Struct({KEY: pl.Int64}), "after": pl.Struct(ROW), "source": SOURCE, "op": pl.String})


def decoded(values: list[bytes]) -> pl.DataFrame:
    """Changes with the columns of the row, `op`, `lsn` and whether it is deleted."""
    said = pl.DataFrame({"v": values}).with_columns(pl.col("v").cast(pl.String).str.json_decode(ENVELOPE)).unnest("v")
    flat = said.select(
        pl.coalesce(pl.col("after").struct.field(KEY), pl.col("before").struct.field(KEY)).alias(KEY),
        *(pl.col("after").struct.field(name) for name in ROW if name != KEY),
        pl.col("op"),
        pl.col("source").struct.field("lsn"),
    )
    return flat.with_columns(is_deleted=pl.col("op") == "d")


def merge(folder: Path, changes: pl.DataFrame) -> None:
    """The latest change of each key, if it is newer than what is there."""
    latest = changes.sort("lsn").unique(KEY, keep="last").drop("op")
    if not (folder / "current").exists():
        write_deltalake(folder / "current", latest.to_arrow())
        return
    merging = DeltaTable(folder / "current").merge(latest.to_arrow(), f"s.{KEY} = t.{KEY}", source_alias="s", target_alias="t")
    merging.when_matched_update_all("s.lsn > t.lsn").when_not_matched_insert_all().execute()


def main() -> None:
    bootstrap, topic, records, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "peer", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    began, seen, pending = time.process_time(), 0, []
    while seen < records:
        messages = consumer.consume(20_000, 1.0)
        seen += len(messages)
        pending += [value for message in messages if (value := message.value()) is not None]
        if len(pending) >= BATCH or seen >= records:
            changes = decoded(pending)
            write_deltalake(folder / "history", changes.to_arrow(), mode="append")
            merge(folder, changes)
            pending = []
    print(time.process_time() - began)
    consumer.close()


if __name__ == "__main__":
    main()
