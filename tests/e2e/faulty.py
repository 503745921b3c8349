"""A worker or a sink that dies at the worst place: `python faulty.py KIND PLACE`. All but the fault is the real thing."""

import os
import sys
from collections.abc import Callable
from typing import Any

import sink.table
from custody.cli import main
from sink.current import Current
from sink.table import Table
from streams.produce import Publisher

DEAD = 9


def die(*_: Any, **__: Any) -> None:
    os._exit(DEAD)


def after(times: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """Carries out the call, and dies right after it has been carried out so often: its answer is never heard."""
    done = 0

    def counted(*args: Any, **named: Any) -> Any:
        nonlocal done
        result = call(*args, **named)
        done += 1
        if done >= times:
            die()
        return result

    return counted


def half_a_produce() -> None:
    """Half the records of a batch are on the topic, the rest never."""
    send = Publisher._send

    def half(self: Publisher, outgoing: Any) -> None:
        middle = max(1, len(outgoing.values) // 2)
        send(self, type(outgoing)(outgoing.topic, outgoing.partition, outgoing.keys[:middle], outgoing.values[:middle]))
        if len(outgoing.values) > 1:
            self._producer.flush(10)
            die()
        send(self, type(outgoing)(outgoing.topic, outgoing.partition, outgoing.keys[middle:], outgoing.values[middle:]))

    Publisher._send = half  # type: ignore[method-assign]


def flushed_and_not_committed() -> None:
    """Everything is on the topic, and no offset is committed."""
    Publisher.publish = after(3, Publisher.publish)  # type: ignore[method-assign]


def commit_sent_but_unanswered() -> None:
    """A commit with rows has landed, and the sink does not know it."""
    sink.table.write_deltalake = after(2, sink.table.write_deltalake)  # type: ignore[attr-defined]


def between_history_and_current() -> None:
    Current.fold = die  # type: ignore[assignment,method-assign]


def between_quarantine_and_history() -> None:
    append = Table.append

    def counted(self: Table, *args: Any, **named: Any) -> None:
        append(self, *args, **named)
        if "/quarantine/" in self.place.address:
            die()

    Table.append = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    kind, place = sys.argv[1:3]
    globals()[place]()
    sys.argv = ["custody", kind]
    main()
