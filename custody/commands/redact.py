"""`custody redact`: try redaction out on text, or measure it on a corpus."""

import json
from pathlib import Path

import click

LAYERS = 3


@click.command(name="redact", epilog='Example: custody redact notes.txt --row \'{"forename": "Ada", "surname": "Nowak"}\'')
@click.argument("file", required=False)
@click.option("--row", help="What is known of the subject and of linked people, one JSON object.")
@click.option(
    "--people", type=click.Path(path_type=Path), help="JSON lines of everyone else who is known, in the shape of --row."
)
@click.option(
    "--layers", type=click.IntRange(1, LAYERS), default=LAYERS, help="1 numbers, 2 and the people we know, 3 and unknown ones."
)
@click.option(
    "--evaluate", type=click.Path(path_type=Path), help="A corpus: JSON lines with `spans`; print what was found and missed."
)
@click.option("--html", type=click.Path(path_type=Path), help="With --evaluate: write the report as a page, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: spans and redacted text.")
def redact(
    file: str | None,
    row: str | None,
    people: Path | None,
    layers: int,
    evaluate: Path | None,
    html: Path | None,
    *,
    as_json: bool,
) -> None:
    """Redact the notes of FILE, or of the standard input (-): plain text, or JSON lines {"id", "text", "row"}."""
    from custody.redaction.run import redact_notes  # noqa: PLC0415 - what is heavy is loaded when it is needed

    if (file is None) == (evaluate is None):
        raise click.UsageError("Give FILE (or -), or --evaluate CORPUS.")
    if evaluate is not None:
        _evaluate(evaluate, html, people, layers, as_json=as_json)
        return
    assert file is not None
    for line in redact_notes(file, row, people, layers, as_json=as_json):
        click.echo(line)


def _evaluate(corpus: Path, html: Path | None, people: Path | None, layers: int, *, as_json: bool) -> None:
    from custody.redaction.evaluate import evaluate  # noqa: PLC0415
    from custody.redaction.report import as_html, as_lines  # noqa: PLC0415

    report = evaluate(corpus, people, layers)
    if html is not None:
        html.write_text(as_html(report), encoding="utf-8")
    for line in [json.dumps(report)] if as_json else as_lines(report):
        click.echo(line)
