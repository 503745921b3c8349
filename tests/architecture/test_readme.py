"""Every command in the README is one that there is, with options that there are; the quick ones are run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from custody.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    line.split("  #")[0].strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
]
COMMANDS = [line for line in LINES if line.startswith("custody ")]


def test_the_readme_shows_commands():
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_understood(line):
    name, *args = shlex.split(line)[1:]
    command = cli.commands[name]
    with command.make_context(name, args, resilient_parsing=False) as context:
        assert context.command is command


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("custody check")])
def test_a_quick_command_runs(line):
    done = subprocess.run([sys.executable, "-m", *shlex.split(line)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", re.findall(r"^make ([a-z-]+)$", "\n".join(LINES), re.MULTILINE))
def test_a_target_is_in_the_makefile(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_dataset_shown_is_the_example_s():
    [shown] = re.findall(r"```python\n(\"\"\"Alerts.*?)```", README, re.DOTALL)
    example = (ROOT / "examples/justice/datasets/nomis/alerts.py").read_text(encoding="utf-8").replace("  # fmt: skip", "")
    assert shown.strip() == example.strip()


def test_every_command_is_in_the_readme_and_has_an_example():
    for name, command in cli.commands.items():
        assert f"custody {name}" in README
        assert isinstance(command, click.Command)
        assert command.epilog is not None
        assert command.epilog.startswith("Example: custody")
