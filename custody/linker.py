"""The linker process: identities in, links and people out. The only one that decides who is one person."""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

import structlog

from connectors.registry import Registry
from custody.child import FAILED, FENCED, kind_of, stop_on_signals, tell
from custody.lifting import refuse_linked_behind
from custody.linking.models import read_model
from custody.linking.stream import LinkStream, Publish
from custody.memory import keep_little
from custody.places import identities_lake, main_lake
from custody.settings import Settings
from custody.version import code_version
from rules.match.model import Model
from rules.match.modelfile import missing
from schemas.dataset import Dataset
from schemas.errors import Fenced, Refused, Unavailable
from schemas.identity import models_of
from schemas.links import people_subject
from streams.link import records_of
from streams.people import encode_events
from streams.produce import Publisher

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often a model file that can't be used is looked at again."""


def model_file(settings: Settings, name: str) -> Path:
    return settings.models / f"{name}.json"


def mark_of(path: Path) -> str:
    """What names a model in the log: the beginning of its file's hash; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def _fitting(model: Model, datasets: Mapping[str, Dataset], path: Path) -> Model:
    """The model, if the datasets tell what it compares.

    Raises:
        Refused: they don't.
    """
    told = records_of({}, datasets).columns
    if lacking := missing(model, told):
        raise Refused(
            f"the model compares what no dataset tells: {', '.join(lacking)}", file=str(path),
            remedy=f"train one on these: custody link train identities:{path.stem} --model {path}",
        )  # fmt: skip
    return model


class Linkers:
    """One thread a model."""

    def __init__(self, settings: Settings, datasets: Mapping[str, Dataset]) -> None:
        self._settings, self._models, self._keys = settings, models_of(datasets), settings.keys(dict(datasets))
        self._stop = stop_on_signals()
        self._exit = 0
        self._streams: dict[str, LinkStream] = {}
        self._lacking: dict[str, str] = {}
        """Why a model links nothing."""

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
        return {"models": {name: stream.linked.said() for name, stream in self._streams.items()}, "lacking": dict(self._lacking)}

    def _guarded(self, name: str) -> None:
        try:
            while not self._stop.is_set():
                self._link(name)
        except Fenced as problem:
            log.warning("fenced", model=name, reason=str(problem))
            self._end(FENCED)
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
        """With the model that its file holds, until another one is put there, or this is told to end."""
        path = model_file(self._settings, name)
        mark = mark_of(path)
        try:
            model = _fitting(read_model(path), self._models[name], path)
        except Refused as problem:
            self._lacking[name] = str(problem)
            log.warning("no_model", model=name, reason=str(problem))
            while mark_of(path) == mark and not self._stop.wait(LOOK_SECONDS):
                pass
            return
        self._lacking.pop(name, None)
        secret = self._settings.token_secret.get_secret_value().encode() if self._settings.token_secret else b""
        self._streams[name] = LinkStream(
            name, model, mark, self._models[name], lake=main_lake(self._settings), identities=identities_lake(self._settings),
            secret=secret, publish=self._publisher(name), about={"custody.code": code_version()}, keys=self._keys,
        )  # fmt: skip
        self._streams[name].run(self._stop, lambda: mark_of(path) == mark)

    def _publisher(self, name: str) -> Publish:
        subject = people_subject()
        schema_id = Registry(self._settings.registry).register(subject.name, subject.text)
        publisher = Publisher(self._settings.kafka)
        return lambda events: publisher.publish([encode_events(events, name, schema_id)])


def run(settings: Settings, datasets: Mapping[str, Dataset]) -> int:
    """Link until told to end; the exit code."""
    keep_little()
    refuse_linked_behind(settings, datasets)
    return Linkers(settings, datasets).run()
