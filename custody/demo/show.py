"""What a person sees of a demonstration: how it goes, and what came of it."""

import time
from typing import Any

import polars as pl
from rich.console import Console
from rich.live import Live
from rich.table import Table as Grid

from custody.demo.people import across_services
from custody.demo.run import Demo
from custody.demo.workload import example
from custody.output import as_text
from sink.read import Reader
from sink.snapshot import Snapshot

SUBJECT, NOTES = "offenders", "case_notes"
SAY_SECONDS = 3.0
SHOWN = ["offender_id", "noms_number", "date_of_birth", "postcode", "status", "risk_score"]


class Show:
    """The live picture of the hops: how many changes have come so far, how fast, and how many are still behind."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._before: dict[str, tuple[float, int]] = {}
        self._said = 0.0

    def stage(self, what: str) -> None:
        self._console.print(f"  {what}", highlight=False)

    def look(self, demo: Demo) -> None:
        """Draw the hops anew; where nobody watches a terminal, say them in a line now and then."""
        if not self._console.is_terminal:
            self._say(demo)
            return
        if self._live is None:
            self._live = Live(console=self._console, refresh_per_second=4)
            self._live.start()
        self._live.update(self._grid(demo))

    def _say(self, demo: Demo) -> None:
        if time.monotonic() - self._said > SAY_SECONDS:
            self._said = time.monotonic()
            self.stage(" · ".join(f"{name} {count:,}" for name, count in _hops(demo).items()))

    def end(self) -> None:
        if self._live is not None:
            self._live.stop()

    def _grid(self, demo: Demo) -> Grid:
        grid = Grid("hop", "changes", "a second", "behind")
        for name, count in _hops(demo).items():
            grid.add_row(name, f"{count:,}", f"{self._rate(name, count):,.0f}", f"{max(0, demo.committed - count):,}")
        return grid

    def _rate(self, name: str, count: int) -> float:
        now = time.monotonic()
        then, before = self._before.setdefault(name, (now, count))
        if now - then > 2:  # noqa: PLR2004 - seconds a rate is taken over
            self._before[name] = (now, count)
        return (count - before) / (now - then) if now > then else 0.0


def _hops(demo: Demo) -> dict[str, int]:
    """Changes that have come to each hop; tombstones are none."""
    done = demo.worker.get("datasets", {}).values()
    tombstones = sum(one["tombstones"] for one in done)
    return {
        "committed in PostgreSQL": demo.committed,
        "raw/ (evidence)": max(0, int(demo.sink.get("raw_records", 0)) - tombstones),
        "cleaned and protected": sum(one["records"] for one in done) - tombstones,
        "history/ and quarantine/": demo.written + demo.quarantined,
    }


def show_result(console: Console, demo: Demo, said: dict[str, Any]) -> None:
    """One person's correction, the table in the middle, the evidence of a row, a person across services, notes, and the proof."""
    reader, person = Reader(demo.lake, SUBJECT), example().CORRECTED_ID
    middle = demo.moments[len(demo.moments) // 2].at
    now, then = reader.now(), reader.at(middle)
    corrected = pl.concat([then, now]).filter(pl.col("offender_id") == person)
    console.rule("One person, before and after a correction")
    console.print(_grid(corrected.select(SHOWN), {"as of": [f"{middle:%H:%M:%S.%f}", "now"][-len(corrected) :]}))
    console.rule(f"The table as of {middle.isoformat()}")
    console.print(f"{len(then):,} rows then, {len(now):,} now")
    console.print(_grid(then.select(SHOWN).head(3), {}))
    console.rule("The raw event that the person's row came from")
    _show_evidence(console, demo, now.filter(pl.col("offender_id") == person))
    console.rule("One person across services")
    for line in across_services(demo.lake, demo.model):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.rule("What staff wrote, without the people in it")
    for text in _some_notes(demo):
        console.print(text, highlight=False, markup=False, soft_wrap=True)
    texts = said["texts"]
    console.print(f"{texts['revisions']:,} revisions; {texts['withheld']:,} texts are withheld: nobody knows whom they are about")
    console.rule("The proof")
    moments = len(demo.moments)
    verdict = "equal" if said["equal"] else f"DIFFERENT in {said['differences']} places"
    rows = sum(said["rows"].values())
    console.print(
        f"{said['changes']:,} changes, {rows:,} rows in {len(said['rows'])} tables, {said['quarantined']} in quarantine"
    )
    console.print(f"Compared with PostgreSQL row by row, now and at {moments} moments: [bold]{verdict}[/bold]")
    for one in said["different"]:
        console.print(f"  {one}")
    linked = said["people"]
    console.print(
        f"{linked['people']:,} people of {linked['records']:,} records:"
        f" precision {linked['precision']:.3f}, recall {linked['recall']:.3f}"
    )
    p50, p99 = said["latency_seconds"].get("p50") or 0, said["latency_seconds"].get("p99") or 0
    console.print(
        f"{said['changes_per_second']:,} changes a second; from commit to table {p50:.1f} s (half), {p99:.1f} s (99 in 100)"
    )


def _some_notes(demo: Demo) -> list[str]:
    """The first line of notes in which somebody is hidden, each once, the most usual first."""
    lines = Reader(demo.lake, NOTES).now()["note"].str.split("\n").list.first().drop_nulls()
    hidden = lines.filter(lines.str.contains("[PERSON", literal=True))
    return hidden.value_counts(sort=True).sort("count", "note", descending=[True, False])["note"].head(3).to_list()


def _grid(frame: pl.DataFrame, extra: dict[str, list[str]]) -> Grid:
    grid = Grid(*extra, *frame.columns)
    for number, row in enumerate(as_text(frame).iter_rows()):
        grid.add_row(*(values[number] for values in extra.values()), *("" if value is None else str(value) for value in row))
    return grid


def _show_evidence(console: Console, demo: Demo, row: pl.DataFrame) -> None:
    partition, offset = row.select("_partition", "_offset").row(0)
    topic = demo.datasets[SUBJECT].raw_topic
    place = (pl.col("_topic") == topic) & (pl.col("_partition") == partition) & (pl.col("_offset") == offset)
    raw = Snapshot.load(demo.lake.raw(demo.datasets[SUBJECT].database)).scan().filter(place).collect()
    console.print(f"{topic}, partition {partition}, offset {offset}:", highlight=False)
    console.print(raw["value"][0].decode()[:900], highlight=False, markup=False, soft_wrap=True)


def show_around(console: Console, demo: Demo) -> None:
    """How to look around in a stack that was kept."""
    settings, store = demo.settings, demo.settings.store
    console.rule("Look around")
    data = f"CUSTODY_DATA={settings.data}"
    lines = [
        f"{data} custody read offenders --format table",
        f"{data} custody status",
        f"psql {settings.postgres.get_secret_value()}",
        f"kcat -b {settings.kafka} -t {demo.datasets[SUBJECT].cleaned_topic} -C -c 1   # any Kafka client",
        f"curl {settings.registry}/subjects",
        f"aws --endpoint-url {settings.s3_endpoint} s3 ls {settings.lake} --recursive   # key {store['aws_access_key_id']}",
        f"duckdb: CREATE SECRET (TYPE s3, KEY_ID '{store['aws_access_key_id']}', SECRET '{store['aws_secret_access_key']}',",
        f"        ENDPOINT '{settings.s3_endpoint.removeprefix('http://')}', USE_SSL false, URL_STYLE 'path');",
        f"        FROM delta_scan('{settings.lake}/current/offenders');",
        f"{data} custody down   # ends it",
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
