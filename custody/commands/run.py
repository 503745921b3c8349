"""`custody run`: the pipeline; `custody worker`, `sink`, `linker` and `redactor`: its kinds of process, each on its own."""

import sys
from pathlib import Path

import click

from custody.output import EXIT_PROBLEM
from custody.settings import load_settings
from custody.stack import resolved
from schemas.notation import load_datasets

_datasets = click.option("--datasets", type=click.Path(path_type=Path), help="Folder of dataset files.  [default: the settings']")
_lake = click.option("--lake", help="Where the tables go: a folder, or s3://bucket/prefix.  [default: the settings']")


@click.command(name="run", epilog="Example: custody up && CUSTODY_TOKEN_SECRET=… custody run --datasets datasets")
@_datasets
@_lake
@click.pass_obj
def run(settings: Path | None, datasets: Path | None, lake: str | None) -> None:
    """Capture the declared tables and keep their tables in the lake, until Ctrl-C.

    Makes topics, publication and connector where they are not there yet; runs a worker, a sink, a linker where datasets
    are linked, a redactor where they publish free text besides, and starts again what ends.
    """
    from custody.child import stop_on_signals  # noqa: PLC0415 - what is heavy is loaded when it is needed
    from custody.failures import Failures  # noqa: PLC0415
    from custody.metrics import serve  # noqa: PLC0415
    from custody.prepare import prepare  # noqa: PLC0415
    from custody.status import Watcher, processes  # noqa: PLC0415
    from custody.supervise import Supervisor, kinds_for  # noqa: PLC0415

    known = load_settings(settings, datasets=datasets, lake=lake)
    declared = load_datasets(known.datasets)
    known = resolved(known)
    known = known.but(key=known.keys(declared).version)  # what ends is started again with the key that this began with
    stop = stop_on_signals()
    if known.metrics_port:
        serve(known.metrics_port, lambda: processes(known))
    prepare(known, declared, lambda what: click.echo(what, err=True))
    Failures.of(known.data).forget()
    supervisor = Supervisor(known, kinds_for(declared))
    supervisor.start()
    supervisor.run(stop, Watcher(known).show)
    if supervisor.is_fenced:
        click.echo("custody: another sink has taken the tables; this one has ended", err=True)
        sys.exit(EXIT_PROBLEM)


@click.command(name="worker", epilog="Example: custody worker --name worker-2")
@_datasets
@click.option("--name", default="worker", show_default=True, help="A name that no other worker has.")
@click.pass_obj
def worker(settings: Path | None, datasets: Path | None, name: str) -> None:
    """Clean and protect raw records: one process of a group. `custody run` starts one."""
    from custody.worker import run as run_worker  # noqa: PLC0415

    known = load_settings(settings, datasets=datasets)
    sys.exit(run_worker(resolved(known), load_datasets(known.datasets), name))


@click.command(name="sink", epilog="Example: custody sink --lake s3://bucket/prefix")
@_datasets
@_lake
@click.pass_obj
def sink(settings: Path | None, datasets: Path | None, lake: str | None) -> None:
    """Lay topics down as tables. `custody run` starts one; a second one takes the tables over from the first."""
    from custody.sinking import run as run_sink  # noqa: PLC0415

    known = load_settings(settings, datasets=datasets, lake=lake)
    sys.exit(run_sink(resolved(known), load_datasets(known.datasets)))


@click.command(name="linker", epilog="Example: custody linker --datasets datasets")
@_datasets
@_lake
@click.pass_obj
def linker(settings: Path | None, datasets: Path | None, lake: str | None) -> None:
    """Find who is one person. `custody run` starts one; a second one takes over from the first."""
    from custody.linker import run as run_linker  # noqa: PLC0415

    known = load_settings(settings, datasets=datasets, lake=lake)
    sys.exit(run_linker(resolved(known), load_datasets(known.datasets)))


@click.command(name="redactor", epilog="Example: custody redactor --datasets datasets")
@_datasets
@_lake
@click.pass_obj
def redactor(settings: Path | None, datasets: Path | None, lake: str | None) -> None:
    """Publish free text without the people in it, as soon as they are known. `custody run` starts one; two do no harm."""
    from custody.redactor import run as run_redactor  # noqa: PLC0415

    known = load_settings(settings, datasets=datasets, lake=lake)
    sys.exit(run_redactor(resolved(known), load_datasets(known.datasets)))
