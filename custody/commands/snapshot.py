"""`custody snapshot`: read a table again, beside the stream."""

from pathlib import Path

import click

from custody.output import print_json
from custody.settings import load_settings
from custody.stack import resolved
from schemas.errors import Refused
from schemas.notation import load_datasets


@click.command(name="snapshot", epilog='Example: custody snapshot offenders --where "offender_id > 1000"')
@click.argument("dataset")
@click.option("--where", default="", help="A condition in the source's SQL.  [default: all rows]")
@click.option("--blocking", is_flag=True, help="In one go, while the stream waits: sooner done, and of all rows.")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def snapshot(settings: Path | None, dataset: str, where: str, datasets: Path | None, *, blocking: bool, as_json: bool) -> None:
    """Read the rows of DATASET again, in pieces while changes stream on: what was missed is put right, what is newer stays.

    Nothing is removed by it; for that see `custody recover`.
    """
    from connectors.snapshot import take_snapshot  # noqa: PLC0415 - what is heavy is loaded when it is needed
    from custody.prepare import source_of  # noqa: PLC0415

    if where and blocking:
        raise Refused("--where and --blocking exclude each other")
    known = load_settings(settings, datasets=datasets)
    declared = load_datasets(known.datasets)
    if dataset not in declared:
        raise Refused("no such dataset is declared", dataset=dataset, remedy=f"there are: {', '.join(declared)}")
    known = resolved(known)
    source = source_of(known, declared[dataset].database)
    made = take_snapshot(
        source, known.kafka, declared[dataset], where, lambda what: click.echo(what, err=True), blocking=blocking
    )
    if as_json:
        print_json({"dataset": dataset, "snapshot": made.id, "rows": made.rows, "counted_all": made.is_whole})
    else:
        since = "" if made.is_whole else " since the connector was restarted, the others before"
        click.echo(f"{dataset}: {made.rows:,} rows were read again{since}")
