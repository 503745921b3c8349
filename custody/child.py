"""What every long-running process of ours does: say how it is, end when told, and end with whoever started it."""

import json
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from schemas.errors import CustodyError

TELL_SECONDS = 0.5
STATUS = "status"
FAILED, FENCED = 1, 3
"""Exit codes: something failed and may be started again; somebody else has taken the tables."""


def write_atomically(path: Path, value: object) -> None:
    """Replace a JSON file; a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    part.write_text(json.dumps(value, default=str), encoding="utf-8")
    part.replace(path)


def read_json(path: Path) -> dict[str, object]:
    """The object in a JSON file; empty where there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def kind_of(problem: BaseException) -> str:
    """What may be told of an error: our own ones hold no values, of others only kind and place are told."""
    if isinstance(problem, CustodyError):
        return f"{problem.problem} → {problem.remedy}" if problem.remedy else problem.problem
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename and frame.filename.endswith(".py")] or frames
    return f"{type(problem).__name__} in {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else type(problem).__name__


def stop_on_signals() -> threading.Event:
    """An event that is set when this process is told to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def tell(kind: str, data: Path, said: Callable[[], Mapping[str, object]]) -> Callable[[], None]:
    """Write what `said` gives to the status file of this kind twice a second; ends this process when its parent is gone.

    Returns:
        What writes it once more, now.
    """
    parent = os.getppid()
    path = data / STATUS / f"{kind}.json"

    def write() -> None:
        write_atomically(path, {"pid": os.getpid(), "at": time.time(), **said()})

    def loop() -> None:
        while True:
            time.sleep(TELL_SECONDS)
            if os.getppid() != parent:
                os._exit(1)
            write()

    threading.Thread(target=loop, daemon=True, name="status").start()
    return write
