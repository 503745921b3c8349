"""Writers that can be stopped for a moment: what is read meanwhile belongs to one moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Writers pass it between their transactions; while it is closed they wait before it."""

    def __init__(self, writers: int) -> None:
        self._writers, self._waiting = writers, 0
        self._open, self._all_wait = asyncio.Event(), asyncio.Event()
        self._open.set()

    async def passing(self) -> None:
        while not self._open.is_set():  # it may be closed again before a writer that waited has gone on
            self._waiting += 1
            self._note()
            await self._open.wait()

    def leave(self) -> None:
        """A writer has done all it had to do."""
        self._writers -= 1
        self._note()

    def _note(self) -> None:
        if self._waiting >= self._writers:
            self._all_wait.set()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Nobody writes inside."""
        self._all_wait.clear()
        self._open.clear()
        self._note()
        await self._all_wait.wait()
        try:
            yield
        finally:
            self._waiting = 0
            self._open.set()
