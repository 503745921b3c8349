"""`custody plan`: what would change."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from custody.output import EXIT_PROBLEM, print_json
from custody.settings import load_settings
from custody.stack import resolved
from schemas.notation import load_datasets


@click.command(name="plan", epilog="Example: custody plan --datasets datasets --json")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--lake", help="Where the tables are.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def plan(settings: Path | None, datasets: Path | None, lake: str | None, *, as_json: bool) -> None:
    """Say what `custody run` would change, and change nothing. Exit code 1 where a declaration can't be carried out."""
    from custody.planning import plan as look  # noqa: PLC0415 - what is heavy is loaded when it is needed

    known = load_settings(settings, datasets=datasets, lake=lake)
    steps = look(resolved(known), load_datasets(known.datasets))
    if as_json:
        print_json({"steps": [asdict(step) for step in steps]})
    for step in () if as_json else steps:
        click.echo(f"{step.kind:10} {step.name}: {step.act}{f' - refused: {step.refused}' if step.refused else ''}")
    if not steps and not as_json:
        click.echo("nothing would change")
    if any(step.refused for step in steps):
        sys.exit(EXIT_PROBLEM)
