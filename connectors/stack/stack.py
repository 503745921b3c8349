"""The stack as a whole: everything starts side by side, is asked until it answers, and ends together."""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Self, TextIO

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from connectors.stack import ports as free_ports
from connectors.stack.endpoints import Endpoints
from connectors.stack.parts import Progress, fetch
from connectors.stack.postgres import USER, remove_elsewhere
from connectors.stack.processes import Processes
from connectors.stack.services import PORTS, Service, services
from connectors.stack.state import FILE, Process, State, known_ports, running, save_ports, stop
from schemas.errors import Refused, Unavailable

READY_SECONDS = 90
POLL_SECONDS = 0.05
SECRETS = "stack.secrets"
KEPT_SECRETS = ("postgres", "s3_access", "s3", "identities_access", "identities")


class Stack:
    """PostgreSQL, Kafka, Connect, registry and S3 on one data directory, for as long as this object is open."""

    def __init__(
        self, data: Path, cache: Path, *, database: str = "nomis", ports: Mapping[str, int] | None = None,
        on_progress: Progress = lambda *_: None,
    ) -> None:  # fmt: skip
        """Args:
        data: everything the services keep.
        cache: where their programs are kept once fetched.
        database: the database that is made.
        ports: ports that must be, by service; the others are chosen free.
        on_progress: told the service and what happens to it.
        """
        self._data, self._cache, self._database = data.absolute(), cache, database
        self._given, self._tell = dict(ports or {}), on_progress
        self._processes: Processes | None = None
        self._services: dict[str, Service] = {}
        self._endpoints: Endpoints | None = None
        self._lock_file: TextIO | None = None
        self._starting = Lock()
        self._failed = Event()
        self.seconds_to_ready: dict[str, float] = {}

    def start(self) -> Endpoints:
        """Start everything, and return when every service has answered.

        Raises:
            Refused: a port is taken, a part is not what its checksum says, or the data directory is in use.
            Unavailable: a service has not started; its log is named. Nothing is left running.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        self._lock_file = _locked(self._data)
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> Endpoints:
        parts = fetch(self._cache, self._tell)
        ports = free_ports.choose(PORTS, known_ports(self._data), self._given)
        save_ports(self._data, ports)
        endpoints = _endpoints(self._data, ports, self._database)
        self._services = services(self._data, ports, endpoints, parts, _weed())
        self._processes = Processes()
        self._bring_all_up(list(self._services))
        self._save(endpoints)
        return endpoints

    def mend(self) -> list[str]:
        """Start again what has ended by itself, on the same ports and data, and wait until it answers; the services' names.

        Raises:
            Unavailable: a service has not started; its log is named.
        """
        assert self._processes is not None
        assert self._endpoints is not None
        ended = [name for name in self._services if self._processes.has_ended(name)]
        if ended:
            self._bring_all_up(ended)
            self._save(self._endpoints)
        return ended

    def _save(self, endpoints: Endpoints) -> None:
        assert self._processes is not None
        self._endpoints = endpoints
        state = {name: Process.of(pid) for name, pid in self._processes.pids().items()}
        State(Process.of(os.getpid()), state, endpoints).save(self._data)

    def _bring_all_up(self, names: Sequence[str]) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(len(names)) as pool:
            waits = [pool.submit(self._bring_up, name, self._services[name], began) for name in names]
        for wait in waits:
            wait.result()

    def _bring_up(self, name: str, service: Service, began: float) -> None:
        assert self._processes is not None
        try:
            command = service.command()
            with self._starting:
                if self._failed.is_set():
                    return
                self._tell(name, "starting")
                self._processes.start(name, command)
            self._await(name, service, command.log)
        except BaseException:
            self._failed.set()
            raise
        self.seconds_to_ready[name] = round(time.monotonic() - began, 2)
        self._tell(name, f"ready after {self.seconds_to_ready[name]:.1f} s")

    def _await(self, name: str, service: Service, log: Path) -> None:
        assert self._processes is not None
        processes = self._processes

        def is_settled() -> bool:
            return processes.has_ended(name) or self._failed.is_set() or service.is_ready()

        is_over = Retrying(
            retry=retry_if_result(lambda settled: not settled), wait=wait_fixed(POLL_SECONDS),
            stop=stop_after_delay(READY_SECONDS), retry_error_callback=lambda _: False,
        )(is_settled)  # fmt: skip
        if processes.has_ended(name) or not is_over:
            said = "has ended" if processes.has_ended(name) else f"has not answered in {READY_SECONDS} s"
            raise Unavailable(f"{name} {said}: {_last_line(log)}", log=str(log))

    def stop(self) -> None:
        """End everything; may be called again."""
        if self._processes is not None:
            self._processes.stop()
            self._processes = None
            (self._data / FILE).unlink(missing_ok=True)
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def pids(self) -> dict[str, int]:
        """The process of each service."""
        return self._processes.pids() if self._processes else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start_detached(
    data: Path, cache: Path, *, database: str = "nomis", ports: Mapping[str, int] | None = None,
    on_progress: Progress = lambda *_: None,
) -> Endpoints:  # fmt: skip
    """Start a stack that goes on when this process ends: a process of its own holds it.

    Raises:
        Refused: as `Stack.start`.
        Unavailable: as `Stack.start`.
    """
    data = data.absolute()
    if (found := running(data)) is not None:
        return found
    argv = [sys.executable, "-m", "connectors.stack", str(data), str(cache), database, json.dumps(dict(ports or {}))]
    with subprocess.Popen(  # noqa: S603 - ourselves
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as holder:
        try:
            _await_ready(holder, on_progress)
        except BaseException:
            holder.terminate()
            raise
        holder.returncode = 0  # it goes on without us, and nobody waits for it
    found = running(data)
    if found is None:
        raise Unavailable("the stack has not started", data=str(data))
    return found


def _await_ready(holder: "subprocess.Popen[str]", on_progress: Progress) -> None:
    assert holder.stdout is not None
    for line in holder.stdout:
        said = json.loads(line)
        if "refused" in said:
            raise (Refused if said["kind"] == "Refused" else Unavailable)(said["refused"])
        if said.get("ready"):
            return
        on_progress(said["service"], said["happens"])


def remove(data: Path) -> None:
    """End the stack on this data directory, and remove everything it kept."""
    data = data.absolute()
    stop(data)
    remove_elsewhere(data)
    shutil.rmtree(data, ignore_errors=True)


def _locked(data: Path) -> TextIO:
    file = (data / "stack.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        file.close()
        raise Refused(
            "a stack runs on this data directory already", data=str(data), remedy="custody down ends it; custody status shows it"
        ) from problem
    return file


def _endpoints(data: Path, ports: Mapping[str, int], database: str) -> Endpoints:
    path = data / SECRETS
    path.touch(mode=0o600)
    known = json.loads(path.read_text(encoding="utf-8") or "{}")
    lacking = [name for name in KEPT_SECRETS if name not in known]
    if lacking:
        known |= {name: secrets.token_hex(16) for name in lacking}
        path.write_text(json.dumps(known), encoding="utf-8")
    host = free_ports.HOST
    return Endpoints(
        postgres_host=host, postgres_port=ports["postgres"], user=USER, password=known["postgres"], database=database,
        kafka=f"{host}:{ports['kafka']}", connect=f"http://{host}:{ports['connect']}",
        registry=f"http://{host}:{ports['registry']}/apis/ccompat/v7", s3=f"http://{host}:{ports['s3']}",
        s3_access_key=known["s3_access"], s3_secret_key=known["s3"],
        identities_access_key=known["identities_access"], identities_secret_key=known["identities"],
    )  # fmt: skip


def _weed() -> Path:
    beside = Path(sys.executable).with_name("weed")
    found = beside if beside.exists() else shutil.which("weed")
    if found is None:
        raise Refused("the embedded S3 store is not installed", remedy="pip install 'custody[stack]'")
    return Path(found)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return "no log"
    return lines[-1][:300] if lines else "its log is empty"
