"""The redactor process: identities, links and withheld texts in, revisions out. Only here are texts and names together."""

from collections.abc import Mapping

import structlog

from custody.child import FAILED, kind_of, stop_on_signals, tell
from custody.decide import Desk
from custody.pipeline import way
from custody.places import identities_lake, main_lake
from custody.redaction.known import KnownPeople
from custody.redaction.stream import RedactStream, Texts, with_texts
from custody.settings import PREFIX, Settings
from rules.protect import MIN_SECRET_BYTES
from rules.redact import rules_version
from schemas.dataset import Dataset
from schemas.errors import Refused, Unavailable
from streams.redact import in_clear

log = structlog.get_logger()


def stream_of(settings: Settings, datasets: Mapping[str, Dataset]) -> RedactStream:
    """The stream that redacts what these datasets publish, with who is known of the linked ones.

    Raises:
        Refused: there is no secret: the version of what is known of somebody is made with it.
    """
    keys = settings.keys(dict(datasets))
    if len(keys.secret) < MIN_SECRET_BYTES:
        raise Refused(
            f"redaction needs a secret of at least {MIN_SECRET_BYTES} bytes",
            remedy=f"set {PREFIX}TOKEN_SECRET to a long random text",
        )
    texts = {
        name: Texts(Desk(settings, one, datasets), way(in_clear(one), settings.unavailable, keys), rules_version())
        for name, one in with_texts(datasets).items()
    }
    return RedactStream(KnownPeople.follow(main_lake(settings), identities_lake(settings), datasets, keys), texts)


def run(settings: Settings, datasets: Mapping[str, Dataset]) -> int:
    """Redact until told to end; the exit code.

    Raises:
        Refused: there is no secret.
    """
    stream, stop = stream_of(settings, datasets), stop_on_signals()
    tell_now = tell("redactor", settings.data, stream.told.said)
    try:
        stream.run(stop)
    except Unavailable as problem:
        log.warning("unavailable", reason=str(problem))
        return FAILED
    except BaseException as problem:  # noqa: BLE001 - native code panics with one; only kind and place are told, no value
        log.error("redactor_failed", kind=kind_of(problem))  # noqa: TRY400 - a trace may hold values
        return FAILED
    tell_now()
    return 0
