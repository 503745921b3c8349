"""The gate: inside it nobody writes, also when it closes again at once."""

import asyncio

from custody.demo.gate import Gate


def test_nobody_writes_inside_however_quickly_it_closes_again():
    seen = []

    async def write(gate, log):
        for number in range(50):
            log.append(number)
            await asyncio.sleep(0)
            log.append(number)
            await gate.passing()
        gate.leave()

    async def look(gate, log):
        for _ in range(12):
            async with gate.closed():
                before = len(log)
                await asyncio.sleep(0.001)
                seen.append((before, len(log)))

    async def both():
        gate, log = Gate(3), []
        await asyncio.gather(*(write(gate, log) for _ in range(3)), look(gate, log))

    asyncio.run(both())
    assert len(seen) == 12
    assert all(before == after and before % 2 == 0 for before, after in seen)
