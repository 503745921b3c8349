"""Starting and ending the services' processes, so that none outlives its owner."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WATCHDOG = Path(__file__).with_name("watchdog.py")
STOP_SECONDS = 3.5
"""How long services may take to end by themselves."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a service is started."""

    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    """The user id it runs as; None: ours."""
    stop_signal: int = signal.SIGTERM


class Processes:
    """The processes of one stack, watched over from their first instruction."""

    def __init__(self) -> None:
        read, self._pipe = os.pipe()
        os.set_inheritable(self._pipe, False)
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, "-I", "-S", str(WATCHDOG)], stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(read)
        self._started: dict[str, tuple[subprocess.Popen[bytes], Command]] = {}

    def start(self, name: str, command: Command) -> None:
        command.log.parent.mkdir(parents=True, exist_ok=True)
        pipe = self._pipe

        def announce() -> None:
            os.write(pipe, f"{os.getpid()}\n".encode())

        with command.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the services' own programs
                command.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**_environment(), **command.environment}, start_new_session=True, user=command.user, group=command.user,
                extra_groups=[] if command.user is not None else None, cwd="/", preexec_fn=announce,  # noqa: PLW1509 - one write; the watchdog must know before the program runs
            )  # fmt: skip
        self._started[name] = process, command

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, (process, _) in self._started.items()}

    def has_ended(self, name: str) -> bool:
        return self._started[name][0].poll() is not None

    def stop(self) -> None:
        """End all, at once and by their own ways; what has not ended in time is killed. May be called again."""
        for process, command in self._started.values():
            if process.poll() is None:
                process.send_signal(command.stop_signal)
        end = time.monotonic() + STOP_SECONDS
        for process, _ in self._started.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill(process.pid)
                process.wait()
        for process, _ in self._started.values():
            _kill(process.pid)
        self._dismiss()

    def _dismiss(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
            self._watchdog.wait()


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _environment() -> dict[str, str]:
    """What services need of ours; no setting and no secret."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
