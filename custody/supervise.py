"""Keeps the worker and the sink running: what ends is started again, with back-off; what was fenced is not."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import structlog

from custody.child import FENCED
from custody.memory import SPARING
from custody.output import EXIT_REFUSED
from custody.settings import Settings
from schemas.dataset import Dataset
from schemas.errors import Refused

log = structlog.get_logger()

KINDS = ("worker", "sink")
LINKER, REDACTOR = "linker", "redactor"
LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A process that ran so long had started well: the next wait is short again."""
STOP_SECONDS = 15.0


def kinds_for(datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """The kinds of process that these datasets need."""
    if not any(dataset.link for dataset in datasets.values()):
        return KINDS
    return (*KINDS, LINKER, REDACTOR) if any(dataset.redacted for dataset in datasets.values()) else (*KINDS, LINKER)


@dataclass(slots=True)
class _Child:
    kind: str
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = None
    """When it is started again."""


@dataclass(slots=True)
class Supervisor:
    """The processes of one pipeline on this machine."""

    settings: Settings
    kinds: Sequence[str] = KINDS
    _children: dict[str, _Child] = field(default_factory=dict)
    is_fenced: bool = False
    """Somebody else has taken the tables."""

    def start(self) -> None:
        for kind in self.kinds:
            self._children[kind] = _Child(kind, self._spawn(kind), time.monotonic())

    def _spawn(self, kind: str) -> subprocess.Popen[bytes]:
        path = self.log_of(kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CUSTODY_")}
        inherited = {**SPARING, **inherited} if kind == LINKER else inherited
        with path.open("ab") as file:
            return subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "custody", kind], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={**inherited, **self.settings.environment()}, start_new_session=True,
            )  # fmt: skip

    def log_of(self, kind: str) -> Path:
        return self.settings.data / "logs" / f"{kind}.log"

    def _last_line(self, kind: str) -> str:
        lines = self.log_of(kind).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].removeprefix("custody: ") if lines else "its log is empty"

    def pids(self) -> Mapping[str, int]:
        """The process of each kind that runs."""
        return {kind: child.process.pid for kind, child in self._children.items() if child.process.poll() is None}

    def watch(self) -> None:
        """Look once whether all run; start again what has waited long enough.

        Raises:
            Refused: a process refuses to start; to start it again would not help.
        """
        now = time.monotonic()
        for child in self._children.values():
            code = child.process.poll()
            if code is None:
                continue
            if code == FENCED:
                self.is_fenced = True
            elif code == EXIT_REFUSED:
                raise Refused(
                    f"the {child.kind} refuses to start: {self._last_line(child.kind)}", log=str(self.log_of(child.kind))
                )
            elif child.due is None:
                child.failures = 1 if now - child.started > STEADY_SECONDS else child.failures + 1
                wait = min(LONGEST_WAIT_SECONDS, 0.25 * 2 ** (child.failures - 1))
                child.due = now + wait
                log.warning("process_ended", kind=child.kind, code=code, starts_again_in_seconds=wait)
            elif now >= child.due:
                child.process, child.started, child.due = self._spawn(child.kind), now, None

    def run(self, stop: Event, on_look: Callable[[], None] = lambda: None, every_seconds: float = 0.2) -> None:
        """Watch until told to stop, or until fenced; then end all."""
        try:
            while not stop.wait(every_seconds) and not self.is_fenced:
                self.watch()
                on_look()
        finally:
            self.stop()

    def stop(self) -> None:
        """End all: the worker first, so that the sink takes in what it still sent."""
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.terminate()
                try:
                    child.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
