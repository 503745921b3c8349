"""Defects made on purpose, one at a time: each must be caught by the tests named for it. `python -m tests.mutations.run`."""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("custody", "connectors", "streams", "sink", "schemas", "rules", "tests", "examples", "docs")
CASES = "tests/golden/test_golden.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A small change of the text of one file, and the tests that must fail with it."""

    name: str
    file: str
    old: str
    new: str
    golden: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    def applied(self, text: str) -> str:
        """The text with the defect in it.

        Raises:
            ValueError: what is to be changed does not stand there exactly once.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: its text stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)

    @property
    def asked(self) -> list[str]:
        """What pytest is asked to run."""
        return [*([CASES] if self.golden else []), *self.tests]

    @property
    def chosen(self) -> list[str]:
        """Which of those: the cases that are named, and the tests of other files."""
        others = [test.rpartition("/")[2].rpartition("::")[2].removesuffix(".py") for test in self.tests]
        return ["-k", " or ".join([*self.golden, *others])] if self.golden else []


def mutants() -> list[Mutant]:
    said = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{name: tuple(part) if isinstance(part, list) else part for name, part in one.items()}) for one in said]


def run(asked: list[str], chosen: list[str], place: Path) -> int:
    """The exit code of pytest in a copy of the tree: 0 all passed, 1 some failed, else it could not run."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *asked, *chosen]
    return subprocess.run(command, cwd=place, capture_output=True, check=False).returncode


def survivors(chosen: list[Mutant]) -> list[str]:
    """The defects that no test has noticed, or that no longer apply."""
    left = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for room in ROOMS:
            shutil.copytree(ROOT / room, place / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", place)
        for mutant in chosen:
            path = place / mutant.file
            sound = path.read_text(encoding="utf-8")
            try:
                path.write_text(mutant.applied(sound), encoding="utf-8")
                code = run(mutant.asked, mutant.chosen, place)
            except ValueError:
                code = 2
            finally:
                path.write_text(sound, encoding="utf-8")
            said = {0: "SURVIVED", 1: "killed"}.get(code, "COULD NOT BE TRIED")
            sys.stdout.write(f"{said:10} {mutant.name}\n")
            sys.stdout.flush()
            left += [mutant.name] if code != 1 else []
    return left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="those whose name holds this")
    told = parser.parse_args()
    chosen = [mutant for mutant in mutants() if told.only in mutant.name]
    left = survivors(chosen)
    sys.stdout.write(f"{len(chosen) - len(left)} of {len(chosen)} killed\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
