"""CPU seconds of the demonstration's processes, by kind."""

from collections.abc import Mapping

import psutil


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """User and system seconds of each process, its living children included; 0 where it is gone."""
    return {kind: _of_tree(pid) for kind, pid in pids.items()}


def _of_tree(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for member in family:
        try:
            times = member.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def memory_mb(pids: Mapping[str, int]) -> dict[str, int]:
    """Resident memory of each process, in MB."""
    sizes = {}
    for kind, pid in pids.items():
        try:
            sizes[kind] = psutil.Process(pid).memory_info().rss >> 20
        except psutil.NoSuchProcess:
            continue
    return sizes
