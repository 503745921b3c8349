"""`custody play`: recorded events into tables, without Kafka."""

import sys
from pathlib import Path

import click

from custody.output import EXIT_PROBLEM, print_json
from custody.settings import load_settings
from schemas.notation import load_datasets
from sink.lake import Lake


@click.command(name="play", epilog="Example: custody play events.jsonl --datasets examples/justice/datasets --lake lake --json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--lake", help="Where the tables go: a folder, or s3://bucket/prefix.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@click.pass_obj
def play(settings: Path | None, file: Path, datasets: Path | None, lake: str | None, *, as_json: bool) -> None:
    """Put the recorded events of FILE through the pipeline; playing them again changes nothing."""
    from custody.play import play as play_file  # noqa: PLC0415 - what is heavy is loaded when it is needed

    known = load_settings(settings, lake=lake, datasets=datasets)
    declared = load_datasets(known.datasets)
    summary = play_file(file, declared, Lake(known.lake or "lake", known.store), known, _progress)
    if as_json:
        print_json(summary)
    else:
        _show(summary)
    made = summary["datasets"]
    assert isinstance(made, dict)
    if any("stopped" in one for one in made.values()):
        sys.exit(EXIT_PROBLEM)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,} events", nl=done == total, err=True)


def _show(summary: dict[str, object]) -> None:
    made = summary["datasets"]
    assert isinstance(made, dict)
    click.echo(f"{'dataset':24} {'events':>10} {'written':>10} {'suppressed':>10} {'quarantined':>11}")
    for name, one in [*made.items(), ("all", summary)]:
        click.echo(f"{name:24} {one['events']:>10,} {one['written']:>10,} {one['suppressed']:>10,} {one['quarantined']:>11,}")
    for name, one in made.items():
        if "undeclared" in one:
            click.echo(f"{name}: withheld, not declared: {', '.join(one['undeclared'])}")
        if "absent" in one:
            click.echo(f"{name}: epoch {one['epoch']} is complete; {one['absent']} rows were found by absence")
        if "stopped" in one:
            click.echo(f"{name}: stopped: {one['stopped']}", err=True)
        if "waiting" in one:
            click.echo(f"{name}: {one['waiting']} events wait for a person: see custody quarantine")
