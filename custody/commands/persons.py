"""`custody link review`, `decide` and `why`: what people look at and decide of who is one person."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from custody.output import print_json
from custody.settings import Settings, load_settings
from custody.stack import for_reading
from schemas.errors import Refused

_model = click.option("--model", default="person", show_default=True, help="Name of the model that links.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_lake = click.option("--lake", help="Where the tables are.  [default: the settings']")


@click.command(epilog="Example: custody link review --most 20")
@_model
@_lake
@click.option("--most", default=50, show_default=True, help="At most so many of each kind.")
@click.option("--large", default=8, show_default=True, help="A person of more records than this is shown.")
@_json
@click.pass_obj
def review(settings: Path | None, model: str, lake: str | None, most: int, large: int, *, as_json: bool) -> None:
    """List what is doubtful: pairs just below the threshold, decisions that others contradict, large clusters.

    Values are masked: initials, year of birth, outcode. Needs what opens the identities.
    """
    from custody.linking.review import review as look  # noqa: PLC0415 - what is heavy is loaded when it is needed
    from custody.places import main_lake  # noqa: PLC0415

    known = for_reading(load_settings(settings, lake=lake))
    found = look(main_lake(known), model, most=most, large=large)
    values = _masked(known, model, found.records)
    if as_json:
        print_json({"pairs": found.pairs, "conflicts": found.conflicts, "large": found.large, "records": values})
        return
    for pair in [*found.pairs, *found.conflicts]:
        what = (
            f"{pair['weight']:+.2f}  {pair['reasons']}"
            if "weight" in pair
            else f"decided apart, and one person: {pair['person']}"
        )
        click.echo(f"{pair['one']} + {pair['two']}: {what}")
        for side in ("one", "two"):
            click.echo(f"    {pair[side]}: {values.get(str(pair[side]), 'not there now')}")
    for group in found.large:
        click.echo(f"{group['person']}: {group['size']} records")
    if not (found.pairs or found.conflicts or found.large):
        click.echo("nothing is doubtful")


def _masked(known: Settings, model: str, records: set[str]) -> dict[str, str]:
    import polars as pl  # noqa: PLC0415

    from custody.linking.known import known_records  # noqa: PLC0415
    from custody.linking.review import masked  # noqa: PLC0415
    from streams.link import kinds_of  # noqa: PLC0415

    mine = known_records(known, model)
    return masked(mine.frame.filter(pl.col("id").is_in(sorted(records))), kinds_of(mine.datasets.values()))


@click.command(epilog='Example: custody link decide --together nomis/1001 delius/7 --why "same fingerprints"')
@click.option("--together", "what", flag_value="together", help="They are one person.")
@click.option("--apart", "what", flag_value="apart", help="They are two.")
@click.option("--undo", "what", flag_value="undone", help="Take back what was decided of them.")
@click.argument("one", metavar="A")
@click.argument("two", metavar="B")
@click.option("--why", required=True, help="Kept with the decision: an audit entry.")
@_model
@_lake
@_json
@click.pass_obj
def decide(
    settings: Path | None, what: str | None, one: str, two: str, why: str, model: str, lake: str | None, *, as_json: bool
) -> None:  # fmt: skip
    """Decide that the records A and B are one person, or are not, whatever a model says; kept, and reversible.

    A record is register/subject. The linker takes a decision within seconds, and under every later model.
    """
    from custody.linking.review import contradiction  # noqa: PLC0415
    from custody.places import main_lake  # noqa: PLC0415
    from sink.links import Overrides  # noqa: PLC0415

    if what is None:
        raise click.UsageError("say --together, --apart or --undo")
    if not why.strip() or one == two:
        raise Refused("say why: it is kept with the decision" if one != two else "a record is one person with itself")
    tables = main_lake(for_reading(load_settings(settings, lake=lake)))
    if path := contradiction(tables, model, one, two, what):
        raise Refused("people have decided the contrary", by=" = ".join(path), remedy="undo one of these decisions first")
    Overrides(tables, model).add(one, two, what, datetime.now(UTC), getpass.getuser(), why)
    if as_json:
        print_json({"one": min(one, two), "two": max(one, two), "decision": what})
    else:
        click.echo(f"{min(one, two)} and {max(one, two)}: {what}")


@click.command(epilog="Example: custody link why 3f2a9c01d4e5b6a7 --at 2026-03-01T00:00:00Z")
@click.argument("person")
@click.option("--at", help="As was decided by this moment (ISO 8601; UTC without a zone).")
@_model
@_lake
@_json
@click.pass_obj
def why(settings: Path | None, person: str, at: str | None, model: str, lake: str | None, *, as_json: bool) -> None:
    """Say which records are PERSON, what holds them together, who decided on them, and what became of them."""
    from custody.lake import moment  # noqa: PLC0415
    from custody.linking import review as looking  # noqa: PLC0415
    from custody.places import main_lake  # noqa: PLC0415

    tables = main_lake(for_reading(load_settings(settings, lake=lake)))
    found: Any = looking.why(tables, model, person, None if at is None else moment(at))
    if as_json:
        print_json(found)
    for line in () if as_json else looking.told(found):
        click.echo(line)
