"""What runs on a data directory: recorded where it runs, and believed only where the processes are the same ones."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from connectors.stack.endpoints import Endpoints

FILE = "stack.json"
PORTS = "ports.json"
STOP_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process as it was when it was recorded: an id may be given to another later."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        try:
            found = psutil.Process(self.pid)
            return bool(abs(found.create_time() - self.created) < 1 and found.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True, slots=True)
class State:
    """A stack that was started."""

    owner: Process
    services: Mapping[str, Process]
    endpoints: Endpoints

    def save(self, data: Path) -> None:
        part = data / f"{FILE}.part"
        part.touch(mode=0o600)
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        part.replace(data / FILE)


def load(data: Path) -> State | None:
    """The state recorded last; None where there is none that can be read."""
    try:
        said = json.loads((data / FILE).read_text(encoding="utf-8"))
        services = {name: Process(**one) for name, one in said["services"].items()}
        return State(Process(**said["owner"]), services, Endpoints(**said["endpoints"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def running(data: Path) -> Endpoints | None:
    """Where the stack on this data directory answers; None where none runs, or not all of it."""
    state = load(data)
    if state is None or not all(process.is_alive() for process in [state.owner, *state.services.values()]):
        return None
    return state.endpoints


def pids(data: Path) -> dict[str, int]:
    """The process of each service that runs on this data directory."""
    state = load(data)
    return {name: process.pid for name, process in state.services.items() if process.is_alive()} if state else {}


def stop(data: Path) -> bool:
    """End the stack on this data directory; False where nothing ran."""
    state = load(data)
    if state is None or not any(process.is_alive() for process in [state.owner, *state.services.values()]):
        return False
    if state.owner.is_alive() and state.owner.pid != os.getpid():
        os.kill(state.owner.pid, signal.SIGTERM)
    _wait([state.owner, *state.services.values()], STOP_SECONDS)
    for process in [state.owner, *state.services.values()]:
        if process.is_alive() and process.pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
    (data / FILE).unlink(missing_ok=True)
    return True


def _wait(processes: list[Process], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(process.is_alive() for process in processes) and time.monotonic() < end:
        time.sleep(0.05)


def known_ports(data: Path) -> dict[str, int]:
    """The ports of the last start."""
    try:
        said: dict[str, int] = json.loads((data / PORTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said


def save_ports(data: Path, ports: Mapping[str, int]) -> None:
    (data / PORTS).write_text(json.dumps(dict(ports)), encoding="utf-8")
