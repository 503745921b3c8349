"""`custody up`, `down` and `status`: the embedded stack, and how everything is."""

import sys
from pathlib import Path

import click

from custody.output import EXIT_PROBLEM, print_json
from custody.settings import load_settings
from custody.stack import resolved
from schemas.errors import Refused

SERVICES = ("postgres", "kafka", "connect", "registry", "s3")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command(name="up", epilog="Example: custody up && custody status")
@click.option("--database", default="nomis", show_default=True, help="The source database that is made in it.")
@click.option(
    "--port", "ports", multiple=True, metavar="SERVICE=PORT", help="A port that must be: kafka=9092. Others are free ones."
)
@_json
@click.pass_obj
def up(settings: Path | None, database: str, ports: tuple[str, ...], *, as_json: bool) -> None:
    """Start the embedded stack and leave it running: PostgreSQL, Kafka, Connect, registry, S3."""
    from connectors.stack import start_detached  # noqa: PLC0415 - what is heavy is loaded when it is needed

    known = load_settings(settings)

    def tell(service: str, what: str) -> None:
        click.echo(f"{service:9} {what}", err=True)

    found = start_detached(known.data, known.cache.expanduser(), database=database, ports=_ports(ports), on_progress=tell)
    where = {
        "postgres": f"postgresql://{found.user}:{found.password}@{found.postgres_host}:{found.postgres_port}/{found.database}",
        "kafka": found.kafka, "connect": found.connect, "registry": found.registry, "s3": found.s3,
    }  # fmt: skip
    if as_json:
        print_json(where)
    else:
        for name, address in where.items():
            click.echo(f"{name:9} {address}")


def _ports(given: tuple[str, ...]) -> dict[str, int]:
    chosen = {}
    for one in given:
        name, _, port = one.partition("=")
        if name not in SERVICES or not port.isdigit() or not 0 < int(port) < 1 << 16:
            raise Refused(f"not a service and its port: {one}", remedy=f"write it as kafka=9092; services: {', '.join(SERVICES)}")
        chosen[name] = int(port)
    return chosen


@click.command(name="down", epilog="Example: custody down")
@click.pass_obj
def down(settings: Path | None) -> None:
    """Stop the embedded stack; its data stay."""
    from connectors.stack import stop  # noqa: PLC0415

    known = load_settings(settings)
    click.echo("stopped" if stop(known.data.absolute()) else "nothing was running")


@click.command(name="status", epilog="Example: custody status --json")
@_json
@click.option("--metrics", "as_metrics", is_flag=True, help="Print the metrics of worker and sink in Prometheus' text format.")
@click.pass_obj
def status(settings: Path | None, *, as_json: bool, as_metrics: bool) -> None:
    """Say how everything is: stack, connector, worker, sink, datasets. Exit code 1 where something is stopped or failed."""
    from custody.metrics import text  # noqa: PLC0415
    from custody.status import processes, summary  # noqa: PLC0415
    from custody.status import status as look  # noqa: PLC0415

    known = load_settings(settings)
    if as_metrics:
        click.echo(text(lambda: processes(known)), nl=False)
        return
    try:
        known = resolved(known)
    except Refused:
        known = known.but(kafka="")
    said = look(known)
    if as_json:
        print_json(said)
    else:
        _show(said, summary(known))
    failed = [state for state in said["connectors"].values() if state != "RUNNING"]
    if said["stopped"] or failed:
        sys.exit(EXIT_PROBLEM)


def _show(said: dict[str, object], line: str) -> None:
    stack = said["stack"]
    assert isinstance(stack, dict)
    click.echo(
        f"stack     {'running: kafka ' + stack['kafka'] + ', s3 ' + stack['s3'] if stack['is_running'] else 'not running'}"
    )
    for kind in ("worker", "sink", "redactor"):
        one = said.get(kind)
        if one is None:
            continue
        assert isinstance(one, dict)
        click.echo(f"{kind:9} {'running' if one['is_running'] else 'not running'}")
    connectors = said["connectors"]
    assert isinstance(connectors, dict)
    for name, state in connectors.items():
        click.echo(f"connector {name}: {state}")
    sink, worker = said["sink"], said["worker"]
    assert isinstance(sink, dict)
    assert isinstance(worker, dict)
    for name, one in sink.get("datasets", {}).items():
        _show_dataset(name, one)
        if withheld := worker.get("datasets", {}).get(name, {}).get("undeclared"):
            click.echo(f"{'':20} arrive undeclared, and are withheld: {', '.join(withheld)}")
    _show_linker(said.get("linker"))
    _show_texts(said.get("redactor"))
    click.echo(line)


def _show_linker(linker: object) -> None:
    """Who is linked, model by model."""
    if not isinstance(linker, dict):
        return
    click.echo(f"{'linker':9} {'running' if linker['is_running'] else 'not running'}")
    for name, one in linker.get("models", {}).items():
        conflicts = f" · {one['conflicts']} decisions contradicted: custody link review" if one["conflicts"] else ""
        large = f" · {one['blocks_too_large']} records in blocks too large to compare" if one["blocks_too_large"] else ""
        click.echo(f"{name:20} {one['people']} people of {one['records']} records{conflicts}{large}")
    for name, reason in linker.get("lacking", {}).items():
        click.echo(f"{name:20} {reason}")


def _show_texts(redactor: object) -> None:
    """What of free text is published, and what is withheld, and why."""
    datasets = redactor.get("datasets", {}) if isinstance(redactor, dict) else {}
    for name, one in datasets.items():
        withheld = [f"{count:,} withheld: {reason}" for reason, count in one["withheld"].items() if count]
        parts = [
            f"{one['revised']:,} texts redacted since the redactor began",
            *withheld,
            *([one["waits"]] if one["waits"] else []),
        ]
        click.echo(f"{name:20} {' · '.join(parts)}")


def _show_dataset(name: str, one: dict[str, object]) -> None:
    """What a dataset holds, how far it is known to be complete, and what waits in it."""
    until = str(one["complete_until"] or "")[:19]
    known = f"complete until {until}Z" if until else "nothing known to be complete yet"
    unseen = f" · what came in the {one['behind_seconds']} s since is not seen yet" if until and not one["is_seen"] else ""
    weaker = " · in the topic's order only" if one["order"] == "arrival" else ""
    pending = " · a later epoch waits for the end of its snapshot" if one["epoch_pending"] else ""
    click.echo(f"{name:20} {known}{unseen}{weaker}{pending}")
    waiting = one["waiting"]
    assert isinstance(waiting, dict)
    for reason, count in waiting.items():
        click.echo(f"{'':20} {count} wait: {reason}")
    if absent := one.get("found_by_absence"):
        click.echo(f"{'':20} {absent} rows deleted, found by absence in a new snapshot")
