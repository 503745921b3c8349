"""How fast the linker is, and how large, against many who are known: `python -m bench.linkspeed FOLDER`, started by `bench.link`.

A process of its own, with one thread, so that what it takes is the linker's alone. The folder holds `known.parquet`,
`fresh.parquet` and `model.json`.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import psutil

from rules.match import modelfile
from rules.match.assign import People, assign
from rules.match.prepared import prepare
from rules.match.stream import Linker

PIECE = 100_000
Result = TypeVar("Result")


def megabytes() -> float:
    """What the process holds now."""
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def timed(what: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the one core, so that what else runs beside does not count; and what came of it."""
    began = time.process_time()
    result = what()
    return time.process_time() - began, result


def ready(linker: Linker, path: Path) -> int:
    """Take everyone in, a piece after the other; how many clusters there are."""
    frame = pl.scan_parquet(path)
    for at in range(0, frame.select(pl.len()).collect().item(), PIECE):
        linker.apply(prepare(frame.slice(at, PIECE).collect(), linker.model, "id"))
    return len(linker.clusters().clusters)


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
    """Print it line by line."""
    folder = Path(sys.argv[1])
    model = modelfile.loads((folder / "model.json").read_text(encoding="utf-8"))
    fresh = pl.read_parquet(folder / "fresh.parquet")
    prepare(fresh[:100], model, "id")
    empty = megabytes()
    linker = Linker(model)
    seconds, clusters = timed(lambda: ready(linker, folder / "known.parquet"))
    each = linker.known.index_bytes / len(linker.known)
    print(f"{len(linker.known):,} known in {clusters:,} clusters, ready in {seconds:.1f} s", flush=True)
    print(f"{each:.0f} bytes a record in the index, {megabytes() - empty:.0f} MB in all", flush=True)
    print(json.dumps(batches(linker, fresh[:20_000], 100)), flush=True)
    print(json.dumps(batches(linker, fresh[20_000:], 10_000)), flush=True)
    state = linker.export()
    del linker
    seconds, linker = timed(partial(Linker.load, model, state))
    del state
    print(f"loaded in {seconds:.1f} s", flush=True)
    people, at = People(), datetime(2026, 1, 1, tzinfo=UTC)
    before = megabytes()
    seconds, decision = timed(lambda: assign(people, linker.clusters().clusters, (), at))
    more, _ = timed(partial(people.take, decision.log))
    del decision
    print(f"all given ids in {seconds:.1f} s, folded in {more:.1f} s; {megabytes() - before:.0f} MB more", flush=True)


if __name__ == "__main__":
    main()
