"""Ends the services when their owner is gone, however it went. Runs alone: imports nothing of ours.

Standard input is a pipe whose other end the owner holds. Each line on it is the id of a process group. When the pipe
closes, every group is killed.
"""

import os
import signal
import sys


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = [int(line) for line in sys.stdin]
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


if __name__ == "__main__":
    main()
