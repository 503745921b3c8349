"""The command line. Exit codes: 0 done, 1 found a problem, 2 misused or refused, 70 a bug."""

import errno
import logging
import sys
from pathlib import Path
from typing import NoReturn

import click
import structlog

from custody.commands import COMMANDS
from custody.output import EXIT_BUG, EXIT_PROBLEM, EXIT_REFUSED
from custody.version import code_version
from schemas.errors import CustodyError, Refused


class _Group(click.Group):
    """Commands in the order in which a person needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(code_version(), prog_name="custody")
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help="File of settings (TOML); default ./custody.toml where there is one.",
)
@click.option("--verbose", is_flag=True, help="Log everything that happens, not only what may need a person.")
@click.pass_context
def cli(ctx: click.Context, settings: Path | None, *, verbose: bool) -> None:
    """Keep an unbroken chain of custody from a database's log to the analyst's table."""
    ctx.obj = settings
    level = logging.INFO if verbose else logging.WARNING
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if not sys.stderr.isatty() else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run a command; every refusal is one message and an exit code, never a traceback."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(EXIT_REFUSED)
    except Refused as problem:
        click.echo(f"custody: {problem}", err=True)
        sys.exit(EXIT_REFUSED)
    except CustodyError as problem:
        click.echo(f"custody: {problem}", err=True)
        sys.exit(EXIT_PROBLEM)
    except OSError as problem:
        if problem.errno != errno.EPIPE and "roken pipe" not in str(problem):
            _report(problem)
        sys.exit(0)
    except Exception as problem:  # noqa: BLE001 - a bug: its message may hold a value, so only its kind and place are told
        _report(problem)


def _report(problem: Exception) -> NoReturn:
    click.echo(f"custody: a bug: {type(problem).__name__} at {_place(problem)}; please report it", err=True)
    sys.exit(EXIT_BUG)


def _place(problem: BaseException) -> str:
    frame = problem.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
