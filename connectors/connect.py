"""Kafka Connect's REST interface: a connector is registered, watched, removed (Kafka 4.3 documentation, "Connect REST API")."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors import http
from schemas.errors import Refused, Unavailable

CONFLICT, NOT_FOUND, BAD_REQUEST = 409, 404, 400
WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """What Connect says of a connector: of itself and of its one task, the worse of the two."""

    state: str
    """RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING; ABSENT where there is none."""
    problem: str = ""
    """The kind of error and its place; never a value."""


def register(url: str, name: str, configuration: Mapping[str, str]) -> None:
    """Create the connector, or change it, and wait until it runs.

    Raises:
        Refused: Connect does not take the configuration, or the connector fails with it.
        Unavailable: Connect does not answer, or the connector does not start in time.
    """
    configure(url, name, configuration)
    for attempt in _patience():
        with attempt:
            said = status(url, name)
            if said.state == "FAILED":
                raise Refused(f"the connector failed: {said.problem}", connector=name, remedy="see the log of Kafka Connect")
            if said.state != "RUNNING":
                raise Unavailable(f"the connector is {said.state}", connector=name)


def configure(url: str, name: str, configuration: Mapping[str, str]) -> None:
    """Create the connector, or change it; one that is stopped stays so.

    Raises:
        Refused: Connect does not take the configuration.
        Unavailable: Connect does not answer.
    """
    for attempt in _patience():
        with attempt:
            answer = http.put(f"{url}/connectors/{name}/config", dict(configuration), timeout_seconds=60)
            if answer.status == BAD_REQUEST:
                raise Refused(f"Kafka Connect does not take the configuration: {_message(answer.body)}", connector=name)
            if not answer.is_good:
                raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)


def create_stopped(url: str, name: str, configuration: Mapping[str, str]) -> None:
    """Create a connector that does nothing until it is resumed.

    Raises:
        Unavailable: Connect does not answer, or does not take it.
    """
    body = {"name": name, "config": dict(configuration), "initial_state": "STOPPED"}
    answer = http.post(f"{url}/connectors", body, timeout_seconds=60)
    if not answer.is_good:
        raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)


def status(url: str, name: str) -> ConnectorStatus:
    """How a connector is.

    Raises:
        Unavailable: Connect does not answer.
    """
    answer = http.get(f"{url}/connectors/{name}/status")
    if answer.status == NOT_FOUND:
        return ConnectorStatus("ABSENT")
    if not answer.is_good:
        raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)
    parts = [answer.body["connector"], *answer.body["tasks"]]
    if len(parts) == 1 and parts[0]["state"] == "RUNNING":
        return ConnectorStatus("UNASSIGNED")
    worst = next((part for part in parts if part["state"] != "RUNNING"), parts[0])
    return ConnectorStatus(worst["state"], _first_line(worst.get("trace", "")))


def configuration_of(url: str, name: str) -> dict[str, str] | None:
    """What a connector was registered with; None where there is no such connector.

    Raises:
        Unavailable: Connect does not answer.
    """
    answer = http.get(f"{url}/connectors/{name}/config")
    if answer.status == NOT_FOUND:
        return None
    if not answer.is_good:
        raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)
    return dict(answer.body)


def has_offsets(url: str, name: str) -> bool:
    """Whether Connect keeps a position of this connector.

    Raises:
        Unavailable: Connect does not answer.
    """
    answer = http.get(f"{url}/connectors/{name}/offsets")
    if answer.status == NOT_FOUND:
        return False
    if not answer.is_good:
        raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)
    return any(one.get("offset") for one in answer.body["offsets"])


def stop(url: str, name: str) -> None:
    """Stop a connector, and wait until it has; its position is kept.

    Raises:
        Unavailable: Connect does not answer, or does not stop it in time.
    """
    http.put(f"{url}/connectors/{name}/stop")
    for attempt in _patience():
        with attempt:
            if status(url, name).state != "STOPPED":
                raise Unavailable("the connector does not stop", connector=name)


def forget_position(url: str, name: str) -> None:
    """Stop a connector, and forget where it was; it stays stopped until it is resumed.

    Raises:
        Unavailable: Connect does not answer, or does not stop it in time.
    """
    stop(url, name)
    for attempt in _patience():
        with attempt:
            answer = http.delete(f"{url}/connectors/{name}/offsets")
            if not answer.is_good:
                raise Unavailable(f"Kafka Connect answered {answer.status}", connector=name)


def resume(url: str, name: str) -> None:
    """Let a stopped connector go on."""
    http.put(f"{url}/connectors/{name}/resume")


def restart(url: str, name: str) -> None:
    """Start a failed connector and its task again."""
    http.post(f"{url}/connectors/{name}/restart?includeTasks=true&onlyFailed=true")


def remove(url: str, name: str) -> None:
    """Remove a connector; its slot stays in the database."""
    http.delete(f"{url}/connectors/{name}")


def _patience() -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(Unavailable), wait=wait_fixed(0.2), stop=stop_after_delay(WAIT_SECONDS), reraise=True
    )


def _message(body: object) -> str:
    text = str(body.get("message", "")) if isinstance(body, dict) else ""
    return " ".join(text.split())[:500]


def _first_line(trace: str) -> str:
    """The kind of the innermost error: its text may hold what it stumbled on."""
    causes = [line for line in trace.splitlines() if line.startswith("Caused by: ")] or trace.splitlines()[:1]
    return causes[-1].removeprefix("Caused by: ").split(":", 1)[0] if causes else ""
