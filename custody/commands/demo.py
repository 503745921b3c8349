"""`custody demo`: see it happen."""

import signal
import sys
from pathlib import Path

import click

from custody.output import EXIT_PROBLEM, print_json
from custody.settings import load_settings


@click.command(name="demo", epilog="Example: custody demo --changes 50000 --keep")
@click.option("--changes", type=click.IntRange(min=1), default=20_000, show_default=True, help="Row changes of the workload.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same workload.")
@click.option("--keep", is_flag=True, help="Leave the stack running, and say how to look around.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.pass_obj
def demo(settings: Path | None, changes: int, seed: int, *, keep: bool, as_json: bool) -> None:
    """Show the whole road: a workload in PostgreSQL, captured, cleaned, protected, in tables; and prove that they are equal.

    Exit code 0 only if the tables equal the source, now and at earlier moments.
    """
    from rich.console import Console  # noqa: PLC0415 - what is heavy is loaded when it is needed

    from custody.demo.report import report  # noqa: PLC0415
    from custody.demo.run import Demo  # noqa: PLC0415
    from custody.demo.show import Show, show_around, show_result  # noqa: PLC0415

    console = Console(stderr=as_json)
    show = Show(console)
    it = Demo(load_settings(settings), changes, seed, keep, show.stage, show.look)

    def finish() -> None:
        show.end()
        said = report(it)
        if as_json:
            print_json(said)
        else:
            show_result(console, it, said)
        if keep and not as_json:
            show_around(console, it)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        it.run(finish)
    finally:
        show.end()
    if it.differences:
        sys.exit(EXIT_PROBLEM)
