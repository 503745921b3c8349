"""What the linker holds as it runs, over a lake of many: `python -m bench.linkrest FOLDER`, started by `bench.link`.

As `custody linker` does it, threads, rows of the identities and log of links included, but for Kafka. The folder holds
`known.parquet` and what an earlier run has left: the first run decides everything, the second goes on.
"""

import sys
import threading
import time
from pathlib import Path

import polars as pl
import psutil
import pyarrow as pa

from bench.linkspeed import most_megabytes
from custody import DATE, INT64, TEXT, Column, Dataset, Link, linker, protect
from custody.linking.models import read_model, write_model
from custody.linking.stream import LinkStream
from custody.memory import keep_little
from rules.match import learn
from rules.match.prepared import prepare_fields
from schemas.change import about as about_dataset
from schemas.change import history_schema
from schemas.identity import models_of
from sink.lake import Lake
from sink.table import FOLDED, Table
from streams.link import reading_of, records_of

READS = {
    "forename": "forename", "middle_name": "middle_name", "surname": "surname", "date_of_birth": "birth_date", "sex": "sex",
    "pnc_number": "pnc", "prison_number": "noms", "address": "address", "town": "region", "postcode": "postcode",
}  # fmt: skip
PEOPLE = Dataset(
    source="bench.public.people", owner="bench", key=("id",), subject="id", name="people",
    columns=(
        Column("id", INT64, protect=protect.keep),
        *(Column(name, DATE if kind == "birth_date" else TEXT, protect=protect.withhold) for name, kind in READS.items()),
    ),
    link=Link(model="person", register="bench", reads=READS),
)  # fmt: skip
LINKED = models_of({"people": PEOPLE})["person"]
FILE_ROWS, SAMPLE, SETTLED_SECONDS = 250_000, 50_000, 25


def lay_down(known: pl.DataFrame, lake: Lake, model: Path) -> None:
    """The rows as a sink folds them, and a model learnt from a sample of them."""
    [(name, dataset)] = LINKED.items()
    born = pl.col("date_of_birth").str.to_date(strict=False)
    rows = known.select(pl.col("id").str.slice(1).cast(pl.Int64), *(set(READS) - {"date_of_birth"}), born).sort("id")
    schema = history_schema(dataset)
    table = Table(lake.current(dataset), schema, stats=dataset.key, about=about_dataset(dataset))
    for at in range(0, len(rows), FILE_ROWS):
        part = rows[at : at + FILE_ROWS].to_arrow(compat_level=pl.CompatLevel.oldest())
        columns = [part[f.name].cast(f.type) if f.name in part.column_names else pa.nulls(len(part), f.type) for f in schema]
        table.append(pa.table(columns, schema=schema), {FOLDED: 1}, {})
    records = records_of({name: rows.sample(min(SAMPLE, len(rows)), seed=1)}, LINKED)
    reading = reading_of(records, LINKED)
    write_model(learn.learn(prepare_fields(records, reading.fields, "id"), None, reading.fields, population=len(rows)), model)


def main() -> None:
    """Print it: at rest, and at most."""
    folder = Path(sys.argv[1])
    lake, model = Lake(str(folder / "lake")), folder / "person.json"
    if len(sys.argv) > 2:
        lay_down(pl.read_parquet(folder / "known.parquet"), lake, model)
        return
    keep_little()
    assert linker.run, "all that the process loads is loaded here too"
    stream = LinkStream("person", read_model(model), "bench", LINKED, lake=lake, identities=lake, secret=b"bench",
                        publish=lambda _: None, about={})  # fmt: skip
    stop = threading.Event()
    thread = threading.Thread(target=stream.run, args=(stop,))
    thread.start()
    while thread.is_alive() and not stream.linked.said()["is_ready"]:
        time.sleep(0.1)
    seconds = time.process_time()
    time.sleep(SETTLED_SECONDS)
    held, most = psutil.Process().memory_info().rss / 1e6, most_megabytes()
    stop.set()
    thread.join()
    said = stream.linked.said()
    print(
        f"the linker over {said['records']:,} records of {said['people']:,} people: ready after {seconds:.0f} s of a core; "
        f"{held:.0f} MB at rest, {most:.0f} at most", flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
