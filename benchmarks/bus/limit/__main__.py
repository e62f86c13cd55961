"""The contestant `limit`: what a program of the same guarantees can reach that does nothing else.

Three stages work at the same time: fetching and decoding, the database, publishing. It knows no names, decisions,
dead references or secrets, and takes for granted that a person works for one unit; what it is told is in the
environment (see benchmarks/bus/contestants.py).
"""

from __future__ import annotations

import asyncio
import gc
import os

import uvloop

from benchmarks.bus.limit.bus import Intake, Outlet
from benchmarks.bus.limit.events import Batch, decode
from benchmarks.bus.limit.ledger import Counters, Ledger, open_ledger

BATCHES_BETWEEN_COLLECTIONS = 100


class Pipeline:
    """The stages and the two places between them, each with room for one batch."""

    def __init__(self, intake: Intake, ledger: Ledger, outlet: Outlet) -> None:
        self.intake, self.ledger, self.outlet = intake, ledger, outlet
        self._decoded: asyncio.Queue[Batch] = asyncio.Queue(1)
        self._stored: asyncio.Queue[tuple[Batch, Counters, int]] = asyncio.Queue(1)
        self._storing = False

    async def run(self) -> None:
        """Go on until something fails; then everything ends, and the next start goes on from the database."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._store())
            group.create_task(self._publish())

    async def _read(self) -> None:
        while True:
            fetched = await self.intake.fetch(lambda: not self._storing and self._decoded.empty())
            await self._decoded.put(await asyncio.to_thread(decode, fetched))

    async def _store(self) -> None:
        while True:
            batch = await self._decoded.get()
            self._storing = True
            counters = await self.ledger.apply(batch)
            self._storing = False
            await self._stored.put((batch, counters, self.ledger.batch))

    async def _publish(self) -> None:
        while True:
            batch, counters, number = await self._stored.get()
            await self.outlet.publish(counters, number)
            self.ledger.published = number
            await self.intake.commit(batch.ends)
            if number % BATCHES_BETWEEN_COLLECTIONS == 0:
                gc.collect()


async def main() -> None:
    """Own the partitions of this instance, publish what a crash left unpublished, and go on."""
    told = {name.removeprefix("BENCH_").lower(): value for name, value in os.environ.items()}
    number, count = int(told["instance"]), int(told["instances"])
    partitions = [p for p in range(int(told["partitions"])) if p % count == number]
    ledger = await open_ledger(told["database"], partitions)
    outlet = Outlet(told["servers"], told["results"], f"{told['group']}-{number}")
    intake = Intake(told["servers"], told["tasks"], told["group"])
    await outlet.begin()
    positions, waiting = await ledger.begin()
    await outlet.publish(waiting, ledger.batch)
    await intake.begin(positions)
    gc.collect()
    gc.freeze()
    # What is decoded holds no circles: looking for them would cost a fifth of the time.
    gc.disable()
    print("ready", flush=True)
    await Pipeline(intake, ledger, outlet).run()


if __name__ == "__main__":
    uvloop.run(main())
