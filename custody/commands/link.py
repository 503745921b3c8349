"""`custody link`: which records are of one person."""

from pathlib import Path
from typing import Any

import click
import polars as pl

from custody.commands.persons import decide, review, why
from custody.output import print_json

FILE = click.Path(path_type=Path)


class _Records(click.ParamType):
    """A file, or `identities:MODEL`."""

    name = "records"

    def convert(self, value: str, _: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).startswith("identities:"):
            return Path(value)
        from custody.linking.known import named  # noqa: PLC0415 - what is heavy is loaded when it is needed

        return named(value, ctx.find_object(Path) if ctx else None)


@click.group(name="link", epilog="Example: custody link evaluate people.csv --labels truth.csv")
def link() -> None:
    """Find the records that are of one person, and say why.

    RECORDS is a CSV or Parquet file; or identities:MODEL, the records that the lake knows.
    """


def _records(command: click.decorators.FC) -> click.decorators.FC:
    """Records, one file or two or the lake's own (`identities:MODEL`), and how they are read."""
    for option in (
        click.option("--id", "id_column", help="Column that names a record.  [default: guessed]"),
        click.option("--mapping", type=FILE, help='TOML or JSON: column = "kind".  [default: guessed from names and values]'),
        click.argument("second", metavar="[RECORDS2]", required=False, type=FILE),
        click.argument("records", type=_Records()),
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
    records: Any, second: Path | None, mapping: Path | None, id_column: str | None, labels: Path | None, model: Path | None,
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


@link.command(epilog="Example: custody link train people.csv --model model.json")
@_records
@click.option("--model", type=FILE, required=True, help="Write the model here (JSON).")
@click.option("--labels", type=FILE, help="Learn with labels: `id,entity` rows, or pairs of ids with 0 or 1.")
@click.option("--population", default=0, help="How many records the model is for, where these are a sample.  [default: these]")
@click.option("--skip-unknown", is_flag=True, help="Leave out labels that name no record, instead of refusing.")
@click.option("--seed", default=1, show_default=True, help="Of the sample of strangers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def train(
    records: Any, second: Path | None, mapping: Path | None, id_column: str | None, model: Path, labels: Path | None,
    population: int, seed: int, *, skip_unknown: bool, as_json: bool,
) -> None:  # fmt: skip
    """Learn a model from records, without labels or with. The same records and seed give the same file, to the bit."""
    from custody.linking.labels import read_labels  # noqa: PLC0415
    from custody.linking.linking import train as learn  # noqa: PLC0415
    from custody.linking.models import provenance, write_model  # noqa: PLC0415
    from custody.linking.tables import read_records  # noqa: PLC0415

    paths = (records, second) if second else (records,)
    read = read_records(paths, mapping, None, id_column)
    told = read_labels(labels, read, skip_unknown=skip_unknown) if labels else None
    made = learn(read, seed=seed, labels=told, provenance=provenance(paths), population=population)
    write_model(made, model)
    rules = [" & ".join(rule.parts) for rule in made.rules]
    if as_json:
        print_json({"model": str(model), "join": made.join, "review": made.review, "rules": rules, "provenance": made.provenance})
    else:
        click.echo(f"{model}: joins from {made.join:.3f}, review from {made.review:.3f}; {len(rules)} rules: {', '.join(rules)}")


@link.command(epilog="Example: custody link explain model.json people.csv R1 R2 --svg why.svg")
@click.argument("model", type=FILE)
@click.argument("files", metavar="RECORDS [RECORDS2] A B", nargs=-1, required=True)
@click.option("--id", "id_column", help="Column that names a record.  [default: guessed]")
@click.option("--svg", type=FILE, help="Draw the waterfall here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(model: Path, files: tuple[str, ...], id_column: str | None, svg: Path | None, *, as_json: bool) -> None:
    """Say why two records are linked, or not: every part of their weight. Shows levels of agreement, no values."""
    from custody.linking import explain as why  # noqa: PLC0415
    from custody.linking.models import read_model  # noqa: PLC0415
    from custody.linking.tables import read_records  # noqa: PLC0415

    if len(files) not in {3, 4}:
        raise click.UsageError("one or two files of records, then two ids")
    *paths, first, second = files
    known = read_model(model)
    waterfall = why.explain(
        known,
        read_records([_Records().convert(path, None, click.get_current_context()) for path in paths], None, known, id_column),
        first,
        second,
    )
    if svg:
        svg.write_text(why.as_svg(waterfall), encoding="utf-8")
    if as_json:
        print_json(waterfall.told())
    for line in () if as_json else why.as_text(waterfall):
        click.echo(line)


@link.command(epilog="Example: custody link diff old.json new.json people.csv")
@click.argument("before", metavar="MODEL1", type=FILE)
@click.argument("after", metavar="MODEL2", type=FILE)
@_records
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def diff(
    before: Path, after: Path, records: Any, second: Path | None, mapping: Path | None, id_column: str | None, *, as_json: bool
) -> None:
    """Say who would merge or split under another model, before it is published."""
    from custody.linking.diff import difference  # noqa: PLC0415
    from custody.linking.linking import link as run  # noqa: PLC0415
    from custody.linking.models import read_model  # noqa: PLC0415
    from custody.linking.tables import read_records  # noqa: PLC0415

    paths, results = (records, second) if second else (records,), []
    for path in (before, after):
        model = read_model(path)
        results.append(run(read_records(paths, mapping, model, id_column), model))
    found = difference(*results)
    if as_json:
        print_json(found.told())
        return
    click.echo(
        f"{found.merged} merge, {found.split} split, {found.dealt_anew} dealt anew; {found.records} records in another cluster"
    )
    for pair in found.deciding:
        click.echo(f"{pair['a']} {pair['b']}: {pair['before']} before, {pair['after']} after, joined {pair['joined']}")


@link.command(epilog="Example: custody link report people.csv --labels truth.csv --by sex --html report.html")
@_records
@click.option("--labels", type=FILE, help="`id,entity` rows, or pairs of ids with 0 or 1.")
@click.option("--skip-unknown", is_flag=True, help="Leave out labels that name no record, instead of refusing.")
@click.option("--model", type=FILE, help="Use this model.  [default: one is learnt from the records]")
@click.option("--threshold", type=float, help="Join from this weight on.  [default: the model's own]")
@click.option(
    "--by",
    multiple=True,
    help="Column of subgroups: sex, ethnicity, date of birth (in bands of age). May be repeated. Of the lake's own records also "
    "one that is published and not linked by.",
)
@click.option("--year", type=int, help="In which ages are counted.  [default: the latest birth year plus 18]")
@click.option("--html", "page", type=FILE, help="Write the report here as a page; JSON is printed without it.")
@click.option("--seed", default=1, show_default=True, help="Of the sample of strangers.")
@click.pass_context
def report(
    ctx: click.Context, records: Any, second: Path | None, mapping: Path | None, id_column: str | None, labels: Path | None,
    model: Path | None, threshold: float | None, by: tuple[str, ...], year: int | None, page: Path | None, seed: int, *,
    skip_unknown: bool,
) -> None:  # fmt: skip
    """Report on a run: cluster sizes, the band for review, quality with intervals and by subgroup."""
    from custody.linking.known import KnownRecords, with_published  # noqa: PLC0415
    from custody.linking.labels import read_labels  # noqa: PLC0415
    from custody.linking.linking import link as run  # noqa: PLC0415
    from custody.linking.linking import train as learn  # noqa: PLC0415
    from custody.linking.models import read_model  # noqa: PLC0415
    from custody.linking.report import as_html, report_of  # noqa: PLC0415
    from custody.linking.tables import read_records  # noqa: PLC0415

    records = with_published(records, by, ctx.find_object(Path)) if isinstance(records, KnownRecords) else records
    known = read_model(model) if model else None
    read = read_records((records, second) if second else (records,), mapping, known, id_column)
    truth = read_labels(labels, read, skip_unknown=skip_unknown) if labels else None
    linked = run(read, known or learn(read, seed=seed), threshold=threshold)
    found = report_of(linked, truth, by, year)
    if page:
        page.write_text(as_html(found), encoding="utf-8")
        click.echo(f"{page}: {found['clusters']:,} clusters, {found['edges_for_review']:,} pairs for review")
    else:
        print_json(found)


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_csv(path)


@link.command(name="compare-splink", epilog="Example: custody link compare-splink people.csv --labels truth.csv")
@_records
@click.option("--labels", type=FILE, help="`id,entity` rows, or pairs of ids with 0 or 1.")
@click.option("--seed", default=1, show_default=True, help="Of the sample of strangers.")
def compare_splink(
    records: Any, second: Path | None, mapping: Path | None, id_column: str | None, labels: Path | None, seed: int
) -> None:
    """Link the records with Splink too, where it is installed, and say where the two agree (JSON)."""
    from custody.linking.labels import read_labels  # noqa: PLC0415
    from custody.linking.linking import link as run  # noqa: PLC0415
    from custody.linking.linking import train as learn  # noqa: PLC0415
    from custody.linking.splink import compare  # noqa: PLC0415
    from custody.linking.tables import read_records  # noqa: PLC0415

    read = read_records((records, second) if second else (records,), mapping, None, id_column)
    truth = read_labels(labels, read) if labels else None
    print_json(compare(run(read, learn(read, seed=seed)), truth))


for command in (review, decide, why):
    link.add_command(command)
