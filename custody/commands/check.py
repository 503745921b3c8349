"""`custody check`: are the dataset files sound, and what do they let be read?"""

from pathlib import Path

import click

from custody.output import print_json
from custody.settings import load_settings
from custody.version import contract_hash
from rules.words import word
from schemas.dataset import Column, Dataset
from schemas.notation import load_datasets

HEADINGS = ("column", "type", "protection", "published as", "what remains", "kept in clear")


@click.command(name="check", epilog="Example: custody check --datasets examples/justice/datasets")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
@click.option("--json", "as_json", is_flag=True, help="Print the declarations as one JSON object.")
@click.pass_obj
def check(settings: Path | None, datasets: Path | None, *, as_json: bool) -> None:
    """Read the dataset files and say what they declare: each column, its protection, and what remains possible.

    A column that is published as it is, and whose name suggests that it helps to single a person out, is marked "kept in
    clear", with what it may tell: for a data protection officer to agree to, or not.
    """
    declared = load_datasets(load_settings(settings, datasets=datasets).datasets)
    if as_json:
        print_json({name: _said(dataset) for name, dataset in declared.items()})
        return
    for name, dataset in declared.items():
        click.echo(f"{name} ← {dataset.source}, owner {dataset.owner}: {dataset.purpose}")
        for line in _table(dataset):
            click.echo(f"  {line}")


def _table(dataset: Dataset) -> list[str]:
    """The declaration as aligned lines, headings first; what is kept in clear once more at the end."""
    rows = [HEADINGS, *(_row(column, dataset) for column in dataset.columns)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    kept = dataset.kept_in_clear
    return [*lines, f"kept in clear: {', '.join(f'{name} ({kind})' for name, kind in kept.items())}"] if kept else lines


def _row(column: Column, dataset: Dataset) -> tuple[str, ...]:
    kind = dataset.kept_in_clear.get(column.name)
    flag = f"kept in clear: {kind}" if kind else ""
    return (column.name, str(column.type), str(column.protect), str(column.published or "-"), column.protect.remains, flag)


def _said(dataset: Dataset) -> dict[str, object]:
    columns = [
        {
            "name": column.name, "type": str(column.type), "protect": column.protect.name,
            "published": str(column.published) if column.published else None, "remains": column.protect.remains,
            "kept_in_clear": dataset.kept_in_clear.get(column.name),
            "clean": [word(rule) for rule in column.clean], "check": [word(rule) for rule in column.check],
        }
        for column in dataset.columns
    ]  # fmt: skip
    return {
        "source": dataset.source, "owner": dataset.owner, "key": dataset.key, "subject": dataset.subject,
        "relates": dataset.relates or None,
        "purpose": dataset.purpose, "contract": contract_hash(dataset), "kept_in_clear": dataset.kept_in_clear,
        "columns": columns,
    }  # fmt: skip
