"""`custody check`: are the dataset files sound?"""

from pathlib import Path

import click

from custody.output import print_json
from custody.pipeline import contract_hash
from custody.settings import load_settings
from rules.words import word
from schemas.dataset import Dataset
from schemas.notation import load_datasets


@click.command(name="check", epilog="Example: custody check --datasets examples/justice/datasets")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print the declarations as one JSON object.")
@click.pass_obj
def check(settings: Path | None, datasets: Path | None, *, as_json: bool) -> None:
    """Read the dataset files and say what they declare: each column, its protection, and what remains possible."""
    declared = load_datasets(load_settings(settings, datasets=datasets).datasets)
    if as_json:
        print_json({name: _said(dataset) for name, dataset in declared.items()})
        return
    for name, dataset in declared.items():
        click.echo(f"{name} ← {dataset.source}, owner {dataset.owner}: {dataset.purpose}")
        for column in dataset.columns:
            click.echo(f"  {column.name:24} {column.type!s:16} {column.protect!s:20} {column.protect.remains}")


def _said(dataset: Dataset) -> dict[str, object]:
    columns = [
        {
            "name": column.name, "type": str(column.type), "protect": column.protect.name,
            "clean": [word(rule) for rule in column.clean], "check": [word(rule) for rule in column.check],
        }
        for column in dataset.columns
    ]  # fmt: skip
    return {
        "source": dataset.source, "owner": dataset.owner, "key": dataset.key, "subject": dataset.subject,
        "purpose": dataset.purpose, "contract": contract_hash(dataset), "columns": columns,
    }  # fmt: skip
