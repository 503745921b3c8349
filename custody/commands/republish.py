"""`custody republish`: what was declared later is published for all of history."""

from dataclasses import asdict
from pathlib import Path

import click

from custody.commands.quarantine import opened
from custody.output import print_json
from schemas.errors import Refused


@click.command(name="republish", epilog="Example: custody republish offenders --columns nationality")
@click.argument("dataset")
@click.option("--columns", default="", help="Only these, separated by commas.  [default: all that are published]")
@click.option("--why", default="", help="Kept with the commit.")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--lake", help="Where the tables are.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def republish(
    settings: Path | None, dataset: str, columns: str, why: str, datasets: Path | None, lake: str | None, *, as_json: bool
) -> None:
    """Make the changes of DATASET again from raw/, under today's declaration; what comes out otherwise is a new revision.

    For a column that was declared later, or a rule that was corrected. May be ended and begun again; twice changes nothing.
    """
    from custody.decide import Desk  # noqa: PLC0415 - what is heavy is loaded when it is needed
    from custody.republish import republish as make  # noqa: PLC0415

    known, declared = opened(settings, {"datasets": datasets, "lake": lake, "dataset": None})
    if dataset not in declared:
        raise Refused("no such dataset is declared", dataset=dataset, remedy=f"there are: {', '.join(declared)}")
    desk = Desk(known, declared[dataset], declared)
    names = [name.strip() for name in columns.split(",") if name.strip()]
    made = make(desk, names, why, lambda done, total: click.echo(f"{done:,} of {total:,} records", err=True))
    if as_json:
        print_json(asdict(made))
        return
    stay = f"; {made.refused:,} do not pass, and stay as they are" if made.refused else ""
    click.echo(f"{dataset}: {made.revised:,} of {made.looked_at:,} changes have a new revision{stay}")
