"""How fast the linker is, and how large, against many who are known: `python -m bench.linkspeed FOLDER`, started by `bench.link`.

A process of its own, with one thread, so that what it takes is the linker's alone. The folder holds `known.parquet`,
`fresh.parquet` and `model.json`; the first run leaves `links-*.parquet` there for the second.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import psutil

from custody.memory import give_back, keep_little
from rules.match import modelfile
from rules.match.prepared import prepare
from rules.match.stream import Linker
from schemas.links import ASSIGNED, EDGE
from sink.links import PAIR
from streams.deciding import Decided, Decider, Pair

PIECE = 100_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY: frozenset[Pair] = frozenset()
Result = TypeVar("Result")


def most_megabytes() -> float:
    """The most that this process has held; what `getrusage` tells begins with what its parent held."""
    said = Path("/proc/self/status").read_text(encoding="utf-8").split("VmHWM:")[1]
    return int(said.split()[0]) * 1024 / 1e6


def megabytes() -> float:
    """What the process holds at rest."""
    gc.collect()
    time.sleep(2)
    return psutil.Process().memory_info().rss / 1e6


def timed(what: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the one core, so that what else runs beside does not count; and what came of it."""
    began = time.process_time()
    result = what()
    return time.process_time() - began, result


class Log:
    """The log of links, a file a decision."""

    def __init__(self, folder: Path) -> None:
        self._files = sorted(folder.glob("links-*.parquet"))

    def assignments(self) -> Iterator[pl.DataFrame]:
        names = {"one": "record", "person": "person", "at": "at", "two": "former"}
        for file in self._files:
            yield pl.scan_parquet(file).filter(pl.col("kind") == ASSIGNED).select(list(names)).rename(names).collect()

    def pairs(self) -> Iterator[pl.DataFrame]:
        for file in self._files:
            yield pl.scan_parquet(file).filter(pl.col("kind") == EDGE).select(PAIR).collect()


def pieces(path: Path) -> Iterator[pl.DataFrame]:
    """Everyone, so many at a time."""
    frame = pl.scan_parquet(path)
    for at in range(0, frame.select(pl.len()).collect().item(), PIECE):
        yield frame.slice(at, PIECE).collect()


def ready(decider: Decider, folder: Path) -> int:
    """Begin with everyone and the log there is, and write what is decided; how many decisions that was."""
    log, made = Log(folder), 0
    for made, rows in enumerate(decider.begin(pieces(folder / "known.parquet"), Decided(NOBODY, NOBODY), log, BEGAN), 1):
        rows.write_parquet(folder / f"links-{made:03}.parquet")
    give_back()
    return made


def steps(decider: Decider, known: pl.DataFrame, size: int) -> dict[str, float]:
    """Known records that have changed, in batches: looked for, clustered, given ids, told."""
    seconds = []
    for place, at in enumerate(range(0, len(known), size)):
        changed = known[at : at + size].with_columns(pl.col("postcode").reverse(), address=None)
        seconds.append(timed(partial(decider.step, changed, (), {}, None, BEGAN + timedelta(seconds=place + 1)))[0])
    return {
        "changed": size, "p50_ms": round(1000 * float(np.median(seconds)), 1),
        "p99_ms": round(1000 * float(np.quantile(seconds, 0.99)), 1), "most_ms": round(1000 * max(seconds), 1),
    }  # fmt: skip


def batches(linker: Linker, fresh: pl.DataFrame, size: int) -> dict[str, float]:
    """New records in batches: made ready, looked for, taken in."""
    alone, whole, scored = [], [], []
    for at in range(0, len(fresh), size):
        first, records = timed(partial(prepare, fresh[at : at + size], linker.model, "id"))
        second, _ = timed(partial(linker.known.find, records))
        third, _ = timed(partial(linker.apply, records))
        alone.append(second)
        scored.append(first + second)
        whole.append(first + third)
    return {
        "batch": size, "scored_a_second": round(len(fresh) / sum(alone)), "with_prepare": round(len(fresh) / sum(scored)),
        "taken_in_a_second": round(len(fresh) / sum(whole)),
        "p50_ms": round(1000 * float(np.median(whole)), 1), "p99_ms": round(1000 * float(np.quantile(whole, 0.99)), 1),
    }  # fmt: skip


def main() -> None:
    """Print it line by line: of who decides for the first time, or of who goes on from the log that this one left."""
    keep_little()
    folder = Path(sys.argv[1])
    model = modelfile.loads((folder / "model.json").read_text(encoding="utf-8"))
    fresh = pl.read_parquet(folder / "fresh.parquet")
    prepare(fresh[:100], model, "id")
    before = megabytes()
    decider = Decider(model, "bench", b"secret")
    seconds, made = timed(partial(ready, decider, folder))
    known, people = decider.linker.known, decider.people
    most = most_megabytes()
    print(
        f"{people.records:,} known as {people.persons:,} people, ready in {seconds:.1f} s with {made} decisions; "
        f"{megabytes():.0f} MB at rest, {most:.0f} at most, {before:.0f} of them before there was any record; "
        f"{known.index_bytes / len(known):.0f} bytes a record in the index", flush=True,
    )  # fmt: skip
    if made:
        return
    print(json.dumps(steps(decider, pl.read_parquet(folder / "known.parquet").sample(20_000, seed=1), 100)), flush=True)
    print(json.dumps(batches(decider.linker, fresh[:20_000], 100)), flush=True)
    print(json.dumps(batches(decider.linker, fresh[20_000:], 10_000)), flush=True)
    known.remove(known.all()[: len(known) // 15])
    seconds, is_due = timed(decider.rest)
    print(f"rows written together in {seconds:.1f} s while it rests" if is_due else "nothing was to be written together")


if __name__ == "__main__":
    main()
