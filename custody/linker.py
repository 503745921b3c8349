"""The linker process: identities in, links and people out. The only one that decides who is one person."""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

import click
import structlog

from connectors.registry import Registry
from custody.child import stop_on_signals, tell
from custody.linking.models import read_model
from custody.linking.stream import LinkStream, Publish
from custody.output import EXIT_REFUSED
from custody.pipeline import code_version
from custody.places import identities_lake, main_lake
from custody.settings import Settings
from custody.sinking import FAILED, FENCED
from custody.worker import kind_of
from schemas.dataset import Dataset
from schemas.errors import Fenced, Refused, Unavailable
from schemas.identity import models_of
from schemas.links import people_subject
from streams.people import encode_events
from streams.produce import Publisher

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often a model file that is not there yet is looked for."""


def model_file(settings: Settings, name: str) -> Path:
    return settings.models / f"{name}.json"


def mark_of(path: Path) -> str:
    """What names a model in the log: the beginning of its file's hash."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


class Linkers:
    """One thread a model."""

    def __init__(self, settings: Settings, datasets: Mapping[str, Dataset]) -> None:
        self._settings, self._models = settings, models_of(datasets)
        self._stop = stop_on_signals()
        self._exit = 0
        self._streams: dict[str, LinkStream] = {}

    def run(self) -> int:
        """Until told to end, or until something fails; the exit code."""
        tell_now = tell("linker", self._settings.data, self._said)
        threads = [threading.Thread(target=self._guarded, args=(name,), name=name) for name in self._models]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell_now()
        return self._exit

    def _said(self) -> dict[str, object]:
        lacking = sorted(name for name in self._models if name not in self._streams)
        return {"models": {name: stream.linked.said() for name, stream in self._streams.items()}, "lacking": lacking}

    def _guarded(self, name: str) -> None:
        try:
            self._link(name)
        except Fenced as problem:
            log.warning("fenced", model=name, reason=str(problem))
            self._end(FENCED)
        except Refused as problem:
            click.echo(f"custody: {problem}", err=True)
            self._end(EXIT_REFUSED)
        except Unavailable as problem:
            log.warning("unavailable", model=name, reason=str(problem))
            self._end(FAILED)
        except BaseException as problem:  # noqa: BLE001 - native code panics with one; only kind and place are told, no value
            log.error("linker_failed", model=name, kind=kind_of(problem))  # noqa: TRY400 - a trace may hold values
            self._end(FAILED)

    def _end(self, code: int) -> None:
        self._exit = max(self._exit, code)
        self._stop.set()

    def _link(self, name: str) -> None:
        path = model_file(self._settings, name)
        if not path.exists():
            log.warning("no_model", model=name, file=str(path), remedy="custody link train --identities")
        while not path.exists():
            if self._stop.wait(LOOK_SECONDS):
                return
        secret = self._settings.token_secret.get_secret_value().encode() if self._settings.token_secret else b""
        self._streams[name] = LinkStream(
            name, read_model(path), mark_of(path), self._models[name], lake=main_lake(self._settings),
            identities=identities_lake(self._settings), secret=secret, publish=self._publisher(name),
            about={"custody.code": code_version()},
        )  # fmt: skip
        self._streams[name].run(self._stop)

    def _publisher(self, name: str) -> Publish:
        subject = people_subject()
        schema_id = Registry(self._settings.registry).register(subject.name, subject.text)
        publisher = Publisher(self._settings.kafka)
        return lambda events: publisher.publish([encode_events(events, name, schema_id)])


def run(settings: Settings, datasets: Mapping[str, Dataset]) -> int:
    """Link until told to end; the exit code."""
    return Linkers(settings, datasets).run()
