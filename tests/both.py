"""The tests on the stack, which mostly wait, and beside them the others: `python -m tests.both [options of pytest]`."""

import subprocess
import sys
import tempfile

HALVES = ("stack and not long", "not stack and not long")
NONE_CHOSEN = 5
"""Pytest's exit code where its options leave no test."""


def command(half: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "--durations", "8", "-m", half, *sys.argv[1:]]


def main() -> int:
    """Run both halves, show one after the other; the worse exit code."""
    with tempfile.TemporaryFile() as kept:
        beside = subprocess.Popen(command(HALVES[1]), stdout=kept, stderr=subprocess.STDOUT)
        try:
            shown = subprocess.run(command(HALVES[0]), check=False).returncode
        finally:
            hidden = beside.wait()
        kept.seek(0)
        sys.stdout.write(kept.read().decode(errors="replace"))
    codes = {shown, hidden}
    return NONE_CHOSEN if codes == {NONE_CHOSEN} else max(codes - {NONE_CHOSEN})


if __name__ == "__main__":
    sys.exit(main())
