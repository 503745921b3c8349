"""Ports on 127.0.0.1: those of the last start where they are still free, others where not."""

import socket
from collections.abc import Mapping, Sequence

from schemas.errors import Refused

HOST = "127.0.0.1"


def choose(names: Sequence[str], known: Mapping[str, int], given: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name.

    Args:
        known: what was chosen before.
        given: what must be.

    Raises:
        Refused: a given port is taken.
    """
    for name, port in given.items():
        if not _is_free(port):
            raise Refused("the port is taken", service=name, port=port, remedy="end what uses it, or give another")
    held = []
    chosen = dict(given)
    for name in names:
        port = known.get(name, 0)
        if name not in chosen:
            chosen[name], keeper = _hold(port if port not in chosen.values() and _is_free(port) else 0)
            held.append(keeper)
    for keeper in held:
        keeper.close()
    return chosen


def _is_free(port: int) -> bool:
    try:
        keeper = _hold(port)[1]
    except OSError:
        return False
    keeper.close()
    return True


def _hold(port: int) -> tuple[int, socket.socket]:
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        keeper.bind((HOST, port))
        keeper.listen(1)
    except OSError:
        keeper.close()
        raise
    return int(keeper.getsockname()[1]), keeper
