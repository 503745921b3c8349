"""Writers that go on beside everything else, each on keys of its own, their transactions open for a while."""

import asyncio
import threading
from dataclasses import dataclass, field
from random import Random
from typing import Self

import asyncpg

from connectors.debezium import Source
from connectors.reading import connect

PATIENCE_SECONDS = 60
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)
"""What a writer is told when the server is shut down under it: nothing of its transaction was committed, or all of it."""
INSERT = "INSERT INTO people VALUES ($1, 'w' || $2, NULL, 'a', 1)"
UPDATE = "UPDATE people SET name = 'u' || $2 WHERE id = $1"


@dataclass(slots=True)
class Writers:
    """Rows of `people` and `accounts` are made, changed, moved to other keys and deleted, until told to stop."""

    source: Source
    count: int = 4
    hold_seconds: float = 0.3
    """How long a transaction stays open at most."""
    seed: int = 1
    keys: int = 400
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _failed: list[BaseException] = field(default_factory=list)
    transactions: int = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True, name="writers")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let each finish what it has open."""
        self._stop.set()
        assert self._thread is not None
        self._thread.join(PATIENCE_SECONDS)
        if self._failed:
            raise self._failed[0]

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except Exception as problem:  # noqa: BLE001 - raised again where it is waited for
            self._failed.append(problem)

    async def _work(self) -> None:
        await asyncio.gather(*(self._write(number, Random(self.seed * 1000 + number)) for number in range(self.count)))

    async def _write(self, number: int, random: Random) -> None:
        connection = await connect(self.source)
        while not self._stop.is_set():
            try:
                async with connection.transaction():
                    for _ in range(random.randrange(1, 5)):
                        await self._change(connection, number, random)
                    await asyncio.sleep(random.random() * self.hold_seconds)
                self.transactions += 1
            except AWAY:
                connection = await self._again()
        await connection.close()

    async def _again(self) -> "asyncpg.Connection[asyncpg.Record]":
        end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                return await connect(self.source)
            except AWAY:
                assert asyncio.get_running_loop().time() < end, "the source does not come back"
                await asyncio.sleep(0.1)

    async def _change(self, connection: "asyncpg.Connection[asyncpg.Record]", number: int, random: Random) -> None:
        """Keys are taken by writer, so that none waits for another."""
        key, other = (1_000_000 + random.randrange(self.keys) * self.count + number for _ in range(2))
        there = await connection.fetchval("SELECT true FROM people WHERE id = $1", key)
        if not there:
            await connection.execute(INSERT, key, str(random.randrange(1000)))
        elif random.random() < 0.25:
            await connection.execute("DELETE FROM people WHERE id = $1", key)
        elif random.random() < 0.2 and not await connection.fetchval("SELECT true FROM people WHERE id = $1", other):
            await connection.execute("UPDATE people SET id = $2 WHERE id = $1", key, other)
        else:
            await connection.execute(UPDATE, key, str(random.randrange(1000)))
        account = number + self.count * random.randrange(5)
        await connection.execute(
            "INSERT INTO accounts VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET balance = accounts.balance + 1", account
        )
