"""A large transaction passes in bounded memory, and is seen whole or not at all."""

import os
from pathlib import Path

import polars as pl
import pytest

from sink.read import Reader
from tests.e2e.hazards import Hazards

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(900)]

ROWS = int(os.environ.get("CUSTODY_LARGE_ROWS", "60000"))
PEAK_MB = 1_300
"""Of the worker, and of the sink, whatever the size of the transaction."""


def peak_mb(pid: int) -> float:
    """The most memory that a process has had (proc(5), VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux's proc")
def test_a_large_transaction_passes_in_bounded_memory_and_is_never_seen_in_part(open_road):
    with open_road(kind=Hazards) as road:
        supervisor = road.supervisor()
        supervisor.start()
        try:
            road.execute("INSERT INTO people VALUES (0, 'before')")
            road.settle(supervisor)
            road.execute(
                f"BEGIN; INSERT INTO people SELECT n, 'n' || n, repeat('x', 80) FROM generate_series(1, {ROWS}) n;"
                f" UPDATE people SET name = 'twice' WHERE id % 4 = 1; COMMIT"
            )
            road.settle(supervisor, seconds=600)
            peaks = {kind: peak_mb(pid) for kind, pid in supervisor.pids().items()}
        finally:
            supervisor.stop()
        assert road.differences() == []
        history = Reader(road.lake, "people").history()
        assert len(history) == 1 + ROWS + ROWS // 4 + (ROWS % 4 >= 1)
        for moment in history["_source_at"].unique().sort().tail(2):
            assert len(Reader(road.lake, "people").at(moment)) in {1, ROWS + 1}
        large = history.filter(pl.col("id") > 0)
        assert large["_tx"].n_unique() == 1
        print(peaks)  # noqa: T201 - shown when it fails, or asked for
        assert all(peak < PEAK_MB for peak in peaks.values()), peaks
