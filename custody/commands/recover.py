"""`custody recover`: begin a new epoch of a source."""

from pathlib import Path

import click

from custody.output import print_json
from custody.settings import load_settings
from custody.stack import resolved
from schemas.notation import load_datasets


@click.command(name="recover", epilog="Example: custody recover nomis")
@click.argument("database")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def recover(settings: Path | None, database: str, datasets: Path | None, *, as_json: bool) -> None:
    """Capture DATABASE anew: after it was restored or failed over, or when its slot, the connector's offsets, or records of its
    topics were lost. End the pipeline first where topics were made again or cut short, and start it again afterwards.

    A new slot, and a new snapshot. Readers see the new epoch when the snapshot is complete; a row that it no longer holds is
    deleted then, with the reason "found by absence".
    """
    from custody.prepare import recover as begin  # noqa: PLC0415 - what is heavy is loaded when it is needed

    known = load_settings(settings, datasets=datasets)
    declared = load_datasets(known.datasets)
    epoch = begin(resolved(known), declared, database, lambda what: click.echo(what, err=True))
    if as_json:
        print_json({"database": database, "epoch": epoch})
    else:
        click.echo(f"{database}: epoch {epoch} has begun; custody status says when its snapshot is complete")
