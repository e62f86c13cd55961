"""A burst of events, a slow database: what monitoring's memory and lag do meanwhile.

`python -m tests.faults.flood --events 5000000 --seconds 120 --delay 0.02`
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from aiokafka import AIOKafkaProducer

from thidua_runtime.kafka.access import client_options, topic_name

from .drill import APPLIED, Drill
from .tally import Tally
from .town import Town, open_town

UNITS: Final = 100
BATCH: Final = 2_000
LAG: Final = re.compile(rb'^thidua_consumer_lag_events\{[^}]*stream="tasks"[^}]*\} ([0-9.e+]+)', re.MULTILINE)
WARM_SECONDS: Final = 15.0
"""Until then a process grows: it meets every kind of event, and its pools fill."""
MOST_GROWTH: Final = 1.25
MOST_MEGABYTES: Final = 300.0


@dataclass(frozen=True)
class Look:
    """The service at one moment: seconds since the burst began, its memory, the lag it tells, what it has applied."""

    at: float
    megabytes: float
    lag: int
    applied: int


@dataclass
class Flood:
    """What a run showed, look by look."""

    looks: list[Look] = field(default_factory=list)

    def wrong(self) -> list[str]:
        """Return what contradicts flat memory and visible lag."""
        warm = [one for one in self.looks if one.at >= WARM_SECONDS] or self.looks
        begun, most = warm[0].megabytes, max(one.megabytes for one in self.looks)
        found = []
        if most > MOST_MEGABYTES:
            found.append(f"{most:.0f} MB are more than {MOST_MEGABYTES:.0f}")
        if most > MOST_GROWTH * begun:
            found.append(f"memory grew from {begun:.0f} to {most:.0f} MB")
        if not any(one.lag > BATCH for one in self.looks):
            found.append("no lag was told")
        if self.looks[-1].applied <= self.looks[0].applied:
            found.append("nothing was applied")
        return found


async def pour(town: Town, events: int) -> None:
    """Send so many events as fast as the broker takes them, past the wire."""
    options = {**client_options(town.settings), "bootstrap_servers": f"127.0.0.1:{town.ports['to_kafka']}"}
    tally, topic = Tally(UNITS, random.Random(2022)), topic_name(town.settings, "tasks")
    async with AIOKafkaProducer(**options, linger_ms=20, max_batch_size=262_144, compression_type="lz4") as producer:
        for _ in range(0, events, BATCH):
            for _ in range(BATCH - 1):
                key, body = tally.draw()
                await producer.send(topic, body, key)
            key, body = tally.draw()
            await producer.send_and_wait(topic, body, key)


async def watch(town: Town, seconds: float, every: float, tell: Callable[[str], None]) -> Flood:
    """Look at the service until the time is over."""
    flood, begun = Flood(), time.monotonic()
    while (at := time.monotonic() - begun) < seconds:
        applied = int(await town.ask("monitoring", APPLIED))
        lag = await asyncio.to_thread(_lag_told, town.ports["metrics"])
        flood.looks.append(Look(at, _megabytes(town), lag, applied))
        one = flood.looks[-1]
        tell(f"{one.at:6.0f} s  {one.megabytes:6.0f} MB  lag told {one.lag:9,}  applied {one.applied:9,}")
        await asyncio.sleep(every)
    return flood


async def flood(events: int, seconds: float, delay: float, every: float, tell: Callable[[str], None]) -> Flood:
    """Let monitoring alone read a burst over a line to its database that is `delay` seconds slow."""
    async with open_town(("monitoring",), instances=1) as town:
        await Drill(town, 2022, UNITS, 0).publish_units()
        await _until_it_answers(town)
        town.to_postgres.delay_seconds = delay
        async with _pouring(town, events):
            found = await watch(town, seconds, every, tell)
    return found


@asynccontextmanager
async def _pouring(town: Town, events: int) -> AsyncIterator[None]:
    pouring = asyncio.create_task(pour(town, events))
    try:
        yield
        if pouring.done():
            pouring.result()
    finally:
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)


async def _until_it_answers(town: Town) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await asyncio.to_thread(_lag_told, town.ports["metrics"])
            except OSError:
                await asyncio.sleep(0.2)
            else:
                return


def _lag_told(port: int) -> int:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found = LAG.search(answer.read())
    return int(float(found[1])) if found else 0


def _megabytes(town: Town) -> float:
    process = town.services[0].process
    assert process is not None
    told = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Print a line per look, and what is wrong at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that the line to the database holds back")
    given = parser.parse_args()
    # It asks for the broker before that is there.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    found = asyncio.run(flood(given.events, given.seconds, given.delay, 5, print))
    sys.exit("\n".join(found.wrong()) or 0)


if __name__ == "__main__":
    main()
