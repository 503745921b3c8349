"""From PostgreSQL to the reader, on the real parts."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka import Consumer, TopicPartition

from sink.read import Reader
from sink.snapshot import Snapshot
from tests.e2e.road import Road

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

CHANGES = 5_000


def test_a_workload_of_concurrent_writers_arrives_row_by_row(open_road):
    with open_road() as road:
        supervisor, workload = road.supervisor(), road.workload(CHANGES, seed=11)
        supervisor.start()
        try:
            workload.start()
            road.until(lambda: workload.is_over, 120, supervisor.watch)
            road.drain(supervisor, workload.moments[-1].at)
        finally:
            supervisor.stop()
        road.assert_equal(workload)
        assert len(workload.moments) == 6
        _other_readers_see_the_same(road)
        _the_command_reads_the_same(road)
        _nothing_personal_left_the_evidence(road, workload.moments[-1].tables["offenders"])
        _raw_holds_every_record(road)


def _other_readers_see_the_same(road: Road) -> None:
    """Any Delta reader: polars, and DuckDB's delta extension."""
    import duckdb
    import duckdb_extension_delta
    import duckdb_extension_httpfs

    expected = Reader(road.lake, "offenders").now()
    place, store = road.lake.place("current", "offenders"), road.settings.store
    plain = pl.read_delta(place.address, storage_options=dict(store)).sort("offender_id")
    assert plain.equals(expected)
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for package in (duckdb_extension_httpfs, duckdb_extension_delta):
        [extension] = Path(package.__file__).parent.rglob("*.duckdb_extension")
        con.load_extension(str(extension))
    endpoint = road.settings.s3_endpoint.removeprefix("http://")
    con.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID '{store['aws_access_key_id']}', SECRET '{store['aws_secret_access_key']}', "
        f"ENDPOINT '{endpoint}', USE_SSL false, URL_STYLE 'path', REGION 'us-east-1')"
    )
    counted = con.execute(f"SELECT count(*), sum(offender_id) FROM delta_scan('{place.address}')").fetchone()
    assert counted == (len(expected), expected["offender_id"].sum())


def _the_command_reads_the_same(road: Road) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "custody", "read", "alerts", "--format", "jsonl", "--columns", "alert_id,alert_code"],
        env={"PATH": "", **road.settings.environment()}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows == Reader(road.lake, "alerts").now().select("alert_id", "alert_code").to_dicts()


def _nothing_personal_left_the_evidence(road: Road, offenders: pl.DataFrame) -> None:
    """Names, numbers and addresses of people are in no cleaned topic, no table but raw/, no log."""
    personal = {f"Person.{key}@example.org" for key in offenders["offender_id"].to_list()}
    personal |= {text.strip().upper() for text in offenders["noms_number"].drop_nulls()} | {"SAMPLE"}
    needles = [text.encode() for text in personal]
    said = b"\n".join([*_cleaned_values(road), *(path.read_bytes() for path in (road.settings.data / "logs").iterdir())])
    tables = [Reader(road.lake, name).history() for name in road.datasets]
    said += "\n".join(table.select(pl.all().cast(pl.String, strict=False)).write_csv() for table in map(_flat, tables)).encode()
    said = said.upper()
    assert [needle for needle in needles if needle.upper() in said] == []


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    return table.drop([name for name, kind in table.schema.items() if isinstance(kind, pl.List) or kind == pl.Binary])


def _cleaned_values(road: Road) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": road.settings.kafka, "group.id": "look", "enable.partition.eof": True})
    places = [TopicPartition(d.cleaned_topic, p, 0) for d in road.datasets.values() for p in range(road.settings.partitions)]
    consumer.assign(places)
    values, ended = [], 0
    while ended < len(places):
        for message in consumer.consume(10_000, 5):
            if message.error() is not None:
                ended += 1
            else:
                values += [message.value() or b"", message.key() or b""]
    consumer.close()
    assert values
    return values


def _raw_holds_every_record(road: Road) -> None:
    raw = Snapshot.load(road.lake.raw(road.database)).scan().select("_topic", "_partition", "_offset").collect()
    assert not raw.is_duplicated().any()
    for name, dataset in road.datasets.items():
        positions = raw.filter(pl.col("_topic") == dataset.raw_topic).select("_partition", "_offset")
        history = Reader(road.lake, name).history().select("_partition", "_offset")
        assert len(history.join(positions, on=["_partition", "_offset"], how="anti")) == 0
