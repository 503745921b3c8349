"""`custody risk`: how easily somebody is singled out in a table."""

from pathlib import Path

import click

from custody.output import print_json
from custody.risk import Risk
from custody.risk import risk as risk_of
from custody.settings import load_settings
from custody.stack import for_reading
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.notation import load_datasets
from sink.lake import Lake
from sink.read import Reader

DEFAULT_K = 5


@click.command(name="risk", epilog="Example: custody risk offenders --lake lake --columns date_of_birth,postcode,sex")
@click.argument("dataset")
@click.option("--lake", help="Where the tables are: a folder, or s3://bucket/prefix.  [default: the settings']")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--columns", help="These, separated by commas.  [default: what is published and may help to single a person out]")
@click.option("--k", type=click.IntRange(2), default=DEFAULT_K, show_default=True, help="Smaller groups are counted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def risk(
    settings: Path | None, dataset: str, lake: str | None, datasets: Path | None, columns: str | None, *, k: int, as_json: bool
) -> None:
    """Say how small the groups are that share all of what may single a person out (k-anonymity). No value is shown.

    Groups are counted in persons where the dataset's subject is published, else in rows.
    """
    known = load_settings(settings, lake=lake, datasets=datasets)
    declared = load_datasets(known.datasets).get(dataset)
    if declared is None:
        raise Refused("no such dataset is declared", dataset=dataset, folder=str(known.datasets), remedy="give --datasets")
    rows_of = for_reading(known)
    rows = Reader(Lake(rows_of.lake, rows_of.store), dataset).now()
    subject = declared.subject if declared.subject in rows.columns else None
    found = risk_of(rows, dataset, _columns(columns, declared, rows.columns), k, subject)
    if as_json:
        print_json(found.said())
        return
    for line in _lines(found):
        click.echo(line)


def _columns(asked: str | None, dataset: Dataset, there: list[str]) -> list[str]:
    """The columns that are asked for, else those that may single a person out.

    Raises:
        Refused: there is no such column, or none to count by.
    """
    names = [name.strip() for name in asked.split(",") if name.strip()] if asked else list(dataset.singling)
    for name in names:
        if name not in dataset.published or name not in there:
            raise Refused(f"no such column: {name}", remedy=f"there are: {', '.join(n for n in dataset.published if n in there)}")
    if not names:
        raise Refused("no published column suggests that it singles a person out", dataset=dataset.name, remedy="give --columns")
    return list(dict.fromkeys(names))


def _lines(found: Risk) -> list[str]:
    if not found.rows:
        return [f"{found.dataset}: no rows"]
    lines = [
        f"{found.dataset}: {found.rows:,} rows in {found.groups:,} groups by {', '.join(found.columns)}",
        f"smallest group: {found.smallest_group:,}, counted in {found.counted}",
        f"in {found.small_groups:,} groups below {found.k}: {found.rows_in_small_groups:,} rows, {found.share:.1%}",
    ]
    if found.rows_in_small_groups:
        most = found.helps_most
        lines += [f"  without {name}: {rows:,}, {rows / found.rows:.1%}" for name, rows in found.without.items()]
        lines.append(f"to make coarser first: {most}" if most else "no single column helps")
    return lines
