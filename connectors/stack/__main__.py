"""Holds a detached stack: `python -m connectors.stack DATA CACHE DATABASE PORTS` says how it goes, in JSON lines."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from connectors.stack.stack import Stack
from schemas.errors import CustodyError

ENDING = (signal.SIGTERM, signal.SIGINT)

LOOK_SECONDS = 1.0
"""How soon a service that ended by itself is started again. One that does not come back ends the stack."""


def main() -> int:
    data, cache, database, ports = sys.argv[1:5]
    stack = Stack(
        Path(data), Path(cache), database=database, ports=json.loads(ports),
        on_progress=lambda service, what: _say(service=service, happens=what),
    )  # fmt: skip
    for number in ENDING:
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        stack.start()
    except CustodyError as problem:
        # Who reads the refusal ends this too, and a signal while it ends by itself would be told as a fault.
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        _say(refused=str(problem), kind=type(problem).__name__)
        return 2
    with stack:
        _say(ready=True)
        _close_output()
        while True:
            time.sleep(LOOK_SECONDS)
            stack.mend()


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _close_output() -> None:
    """Whoever started this reads no more."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.dup2(nothing, sys.stderr.fileno())


if __name__ == "__main__":
    sys.exit(main())
