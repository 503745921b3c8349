"""`custody link`: which records are of one person."""

from pathlib import Path

import click
import polars as pl

from custody.output import print_json

FILE = click.Path(path_type=Path)


@click.group(name="link", epilog="Example: custody link evaluate people.csv --labels truth.csv")
def link() -> None:
    """Find the records that are of one person, and say why."""


def _records(command: click.decorators.FC) -> click.decorators.FC:
    """Records, one file or two, and how they are read."""
    for option in (
        click.option("--id", "id_column", help="Column that names a record.  [default: guessed]"),
        click.option("--mapping", type=FILE, help='TOML or JSON: column = "kind".  [default: guessed from names and values]'),
        click.argument("second", metavar="[RECORDS2]", required=False, type=FILE),
        click.argument("records", type=FILE),
    ):
        command = option(command)
    return command


@link.command(epilog="Example: custody link evaluate people.csv --labels truth.csv --clusters clusters.csv")
@_records
@click.option("--labels", type=FILE, help="`id,entity` rows, or pairs of ids with 0 or 1.")
@click.option("--skip-unknown", is_flag=True, help="Leave out labels that name no record, instead of refusing.")
@click.option("--model", type=FILE, help="Use this model.  [default: one is learnt from the records]")
@click.option("--threshold", type=float, help="Join from this weight on.  [default: the model's own, chosen without labels]")
@click.option("--clusters", type=FILE, help="Write `id,cluster` here (CSV).")
@click.option("--seed", default=1, show_default=True, help="Of the sample of strangers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    records: Path, second: Path | None, mapping: Path | None, id_column: str | None, labels: Path | None, model: Path | None,
    threshold: float | None, clusters: Path | None, seed: int, *, skip_unknown: bool, as_json: bool,
) -> None:  # fmt: skip
    """Link records, and measure the result against labels where there are some."""
    from custody.linking.evaluate import evaluated  # noqa: PLC0415 - what is heavy is loaded when it is needed
    from custody.linking.models import read_model  # noqa: PLC0415
    from custody.linking.text import lines_of  # noqa: PLC0415

    linked, summary = evaluated(
        (records, second) if second else (records,), labels=labels, mapping=mapping, model=read_model(model) if model else None,
        threshold=threshold, id_column=id_column, seed=seed, skip_unknown=skip_unknown,
    )  # fmt: skip
    if clusters:
        _write(linked.named(), clusters)
    if as_json:
        print_json(summary)
    for line in () if as_json else lines_of(summary):
        click.echo(line)


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_csv(path)
