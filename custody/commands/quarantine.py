"""`custody quarantine`, `release` and `discard`: what waits for a person, and what the person decides."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from custody.output import print_json
from custody.settings import Settings, load_settings
from custody.stack import for_reading, resolved
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.identity import with_identities
from schemas.notation import load_datasets

_OPTIONS = [
    click.option("--dataset", help="Only of this dataset."),
    click.option("--reason", default="", help="Only what was refused for this reason, or a part of it."),
    click.option("--key", default="", help="Only of this key: its token, or the beginning of it."),
    click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']"),
    click.option("--lake", help="Where the tables are.  [default: the settings']"),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
]


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(name="quarantine", epilog="Example: custody quarantine --dataset offenders --json")
@_options
@click.pass_obj
def quarantine(settings: Path | None, /, *, reason: str, key: str, as_json: bool, **where: Any) -> None:
    """List what waits, by dataset, reason and key token: how many events, and since when."""
    from custody.decide import Filter, summary  # noqa: PLC0415 - what is heavy is loaded when it is needed

    known = for_reading(load_settings(settings, datasets=where["datasets"], lake=where["lake"]))
    rows = summary(known, _declared(known, where["dataset"]), Filter(reason, key)).to_dicts()
    now = datetime.now(UTC)
    for row in rows:
        row["age_seconds"] = round((now - row.pop("since")).total_seconds())
    if as_json:
        print_json({"waiting": sum(row["events"] for row in rows), "groups": rows})
        return
    for row in rows:
        place = f"{row['dataset']}.{row['column']}" if row["column"] else row["dataset"]
        click.echo(f"{place:32} {row['events']:>8,} {row['age_seconds']:>8} s  {row['key_token'] or '-':32}  {row['reason']}")
    if not rows:
        click.echo("nothing waits")


@click.command(name="release", epilog='Example: custody release --dataset offenders --reason "check pnc failed"')
@_options
@click.option("--why", default="", help="Kept with the decision.")
@click.pass_obj
def release(settings: Path | None, /, *, reason: str, key: str, why: str, as_json: bool, **where: Any) -> None:
    """Run what waits again, from raw/, in order, under today's declarations; a truncate that waited is applied.

    Of each key all that waits is run, up to the first event that fails again.
    """
    from custody.decide import Filter  # noqa: PLC0415

    known, declared = opened(settings, where)
    made = [desk.release(Filter(reason, key), why) for desk in _desks(known, declared)]
    _say(made, "released", as_json=as_json)


@click.command(name="discard", epilog='Example: custody discard --dataset offenders --reason "not JSON" --why "test data"')
@_options
@click.option("--why", required=True, help="Kept with the decision: an audit entry.")
@click.option("--behind", is_flag=True, help="Also what waits behind the refusals.")
@click.pass_obj
def discard(
    settings: Path | None, /, *, reason: str, key: str, why: str, behind: bool, as_json: bool, **where: Any
) -> None:  # fmt: skip
    """Drop what was refused, for good; the record stays in raw/. What waited behind it can then be released."""
    from custody.decide import Filter  # noqa: PLC0415

    if not why.strip():
        raise Refused("say why: it is kept with the decision")
    known, declared = opened(settings, where)
    made = [desk.discard(Filter(reason, key), why, behind=behind) for desk in _desks(known, declared)]
    _say(made, "discarded", as_json=as_json)


def opened(settings: Path | None, where: dict[str, Any]) -> tuple[Settings, dict[str, Dataset]]:
    """The settings with which decisions reach the tables: a folder is written to, a stack's tables through its sink."""
    known = load_settings(settings, datasets=where["datasets"], lake=where["lake"])
    is_folder = known.lake and not known.lake.startswith("s3://")
    known = known.but(kafka="") if is_folder else resolved(known)
    return known, _declared(known, where["dataset"])


def _declared(known: Settings, name: str | None) -> dict[str, Dataset]:
    declared = with_identities(load_datasets(known.datasets))
    if name is not None and name not in declared:
        raise Refused("no such dataset is declared", dataset=name, remedy=f"there are: {', '.join(declared)}")
    return {name: declared[name]} if name is not None else declared


def _desks(known: Settings, declared: dict[str, Dataset]) -> list[Any]:
    from custody.decide import Desk  # noqa: PLC0415

    return [Desk(known, dataset, declared) for dataset in declared.values()]


def _say(made: list[Any], what: str, *, as_json: bool) -> None:
    if as_json:
        said = {one.dataset: {what: one.decided, "waiting": one.waiting} for one in made if one.decided or one.waiting}
        print_json({what: sum(one.decided for one in made), "waiting": sum(one.waiting for one in made), "datasets": said})
        return
    for one in made:
        if one.decided or one.waiting:
            click.echo(f"{one.dataset}: {one.decided} {what}, {one.waiting} wait")
    if not any(one.decided or one.waiting for one in made):
        click.echo("nothing waits")
