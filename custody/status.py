"""How everything is: the stack, the connector, the worker, the sink, each dataset; for people and for machines."""

import sys
import time
from datetime import datetime
from typing import Any

import click
import psutil

from custody.child import STATUS, read_json
from custody.failures import Failures
from custody.settings import Settings
from custody.supervise import LINKER, REDACTOR
from schemas.errors import CustodyError

SHOW_SECONDS = 2.0
STALE_SECONDS = 5.0
UNSEEN_SECONDS = 20.0
"""Completeness that is older says nothing of now: not that nothing changed, but that nothing was seen."""


def status(settings: Settings) -> dict[str, Any]:
    """What is known now."""
    return {"stack": _stack(settings), **processes(settings), "connectors": _connectors(settings)}


def processes(settings: Settings) -> dict[str, Any]:
    """What the worker and the sink tell, the redactor where there is one, and which datasets are stopped."""
    said: dict[str, Any] = {}
    for kind in ("worker", "sink", LINKER, REDACTOR):
        known = read_json(settings.data / STATUS / f"{kind}.json")
        if known or kind not in {LINKER, REDACTOR}:
            said[kind] = {**known, "is_running": _is_fresh(known)} if known else {"is_running": False}
    said["stopped"] = {**said["sink"].get("stopped", {}), **Failures.of(settings.data).stopped()}
    for one in said["sink"].get("datasets", {}).values():
        one["behind_seconds"] = behind = _behind(one["complete_until"], time.time())
        one["is_seen"] = behind is not None and behind <= UNSEEN_SECONDS
    return said


def _behind(until: str | None, now: float) -> float | None:
    """How long ago the source time is that a dataset is complete up to; None where nothing is known.

    While the connector's heartbeats come it is a few seconds, whether or not anything changed.
    """
    return None if until is None else round(max(0.0, now - datetime.fromisoformat(until).timestamp()), 1)


def _is_fresh(known: dict[str, Any]) -> bool:
    return bool(time.time() - known["at"] < STALE_SECONDS and psutil.pid_exists(known["pid"]))


def _stack(settings: Settings) -> dict[str, Any]:
    from connectors.stack import pids, running  # noqa: PLC0415 - heavy

    found = running(settings.data)
    if found is None:
        return {"is_running": False}
    addresses = {"postgres": f"{found.postgres_host}:{found.postgres_port}", "kafka": found.kafka, "connect": found.connect}
    return {"is_running": True, **addresses, "registry": found.registry, "s3": found.s3, "pids": pids(settings.data)}


def _connectors(settings: Settings) -> dict[str, str]:
    from connectors import connect, http  # noqa: PLC0415 - heavy

    if not settings.connect:
        return {}
    try:
        names = http.get(f"{settings.connect}/connectors").body or []
        return {name: connect.status(settings.connect, name).state for name in names}
    except CustodyError as problem:
        return {"connect": str(problem)}


class Watcher:
    """Shows a running pipeline on standard error: one line, renewed where it is a terminal."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shown = 0.0
        self._last = ""

    def show(self) -> None:
        if time.monotonic() - self._shown < SHOW_SECONDS:
            return
        self._shown = time.monotonic()
        line = summary(self._settings)
        if line != self._last:
            click.echo(f"\r\033[K{line}" if sys.stderr.isatty() else line, nl=not sys.stderr.isatty(), err=True)
            self._last = line


def summary(settings: Settings) -> str:
    """The pipeline in one line."""
    worker, sink = (read_json(settings.data / STATUS / f"{kind}.json") for kind in ("worker", "sink"))
    datasets: Any = sink.get("datasets") or {}
    cleaned: Any = worker.get("datasets") or {}
    written = sum(one["written"] for one in datasets.values())
    quarantined = sum(one["quarantined"] for one in datasets.values())
    records = sum(one["records"] for one in cleaned.values())
    stopped: Any = {**(sink.get("stopped") or {}), **Failures.of(settings.data).stopped()}  # type: ignore[dict-item]
    until = max((sink.get("complete_until") or {}).values(), default="")  # type: ignore[attr-defined]
    parts = [
        f"raw {sink.get('raw_records', 0):,}",
        f"cleaned {records:,}",
        f"written {written:,}",
        f"quarantined {quarantined:,}",
    ]
    if until:
        parts.append(f"complete until {until[:19]}Z")
    return " · ".join([*parts, *(f"STOPPED {name}: {why}" for name, why in stopped.items())])
