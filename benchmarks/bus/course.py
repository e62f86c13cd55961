"""From a contestant and a mix to one run: topics, database, processes, the gate, and the latency afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer

from benchmarks.bus import latency
from benchmarks.bus.broker import TASKS, Batches, Watch, encode, fresh_settings, fresh_topics, gate
from benchmarks.bus.contestants import Contestant, Place, Running
from benchmarks.bus.events import Totals, Workload
from benchmarks.bus.organisation import prepare
from benchmarks.bus.postgres import Server
from benchmarks.bus.processes import Group
from benchmarks.bus.race import Judge, Race, Seen
from thidua_runtime.kafka.access import topic_name

READY_SECONDS: Final = 120
SETTLE_SECONDS: Final = 2
"""Between the last member's joining and the opening of the gate, so that no start-up is measured."""

FAR_NUMBER: Final = 10_000_000
"""Tasks of the latency have numbers from here on: none of them is among the events before."""


@dataclass(frozen=True)
class Options:
    """What is run, and where."""

    servers: str
    events: int
    latency_seconds: int
    broker_pid: int
    folder: Path


@dataclass(frozen=True)
class Run:
    """One run's figures; p50 and p99 in milliseconds, None where the latency was not measured."""

    contestant: Contestant
    mix: str
    race: Race
    p50_ms: float | None = None
    p99_ms: float | None = None


@dataclass
class Course:
    """Runs contestants one after another on the same broker, PostgreSQL and events."""

    options: Options
    server: Server
    runs: list[Run] = field(default_factory=list)

    async def run(self, contestant: Contestant, mix: str) -> None:
        """Run one contestant once, and say how it went."""
        count = min(self.options.events, contestant.most_events or self.options.events)
        events, wanted = _events(mix, count)
        settings = fresh_settings(self.options.servers)
        name = settings.province.replace("-", "_")
        async with fresh_topics(settings), self.server.fresh_database(name) as database:
            place = Place(settings, database, self.options.folder / name)
            if contestant.is_thidua:
                await prepare(place)
            running, seen = Running(contestant, place), Seen()
            async with gate(settings, events.records()) as producer, started(running) as watch:
                race = await run_race(running, watch, producer, self._groups(running), seen, events, wanted)
                found = await self._latency(running, watch, mix, race, wanted, seen)
        self.runs.append(Run(contestant, mix, race, *found))
        say(f"{contestant.name} ×{contestant.processes}, {mix}", race)

    def _groups(self, running: Running) -> Sequence[Group]:
        return groups(running, self.options.broker_pid, self.server.pid if running.contestant.needs_postgres else None)

    async def _latency(
        self, running: Running, watch: Watch, mix: str, race: Race, known: Totals, seen: Seen
    ) -> tuple[float, float] | tuple[None, None]:
        seconds = self.options.latency_seconds
        # Whoever can't keep the pace would only show how long the queue gets.
        if mix != "new" or race.wrong or not seconds or race.events_per_s < latency.RATE:
            return None, None
        more = Workload("new", FAR_NUMBER)
        tasks = list(more.events((latency.WARM_UP_SECONDS + seconds) * latency.RATE))
        topic = topic_name(running.place.settings, TASKS)
        if running.contestant.needs_postgres:
            await self.server.recycle()
        stopwatch = await latency.measure(self.options.servers, topic, watch, tasks, known, seen)
        return stopwatch.percentiles() or (None, None)


@cache
def _events(mix: str, count: int) -> tuple[Batches, Totals]:
    workload = Workload(mix)
    return encode(workload.events(count)), workload.totals()


def groups(running: Running, broker_pid: int, postgres_pid: int | None) -> Sequence[Group]:
    """Return whose cost is counted."""
    found = [Group("contestant", running.pids), Group("broker", [broker_pid])]
    return found if postgres_pid is None else [*found, Group("postgresql", [postgres_pid])]


@asynccontextmanager
async def started(running: Running) -> AsyncIterator[Watch]:
    """Run a contestant until the block ends; it begins when all members are ready."""
    watch = Watch(running.place.settings, running.place.group)
    await watch.open()
    try:
        with running:
            await _until_ready(running, watch)
            yield watch
    finally:
        await watch.close()


async def run_race(
    running: Running,
    watch: Watch,
    producer: AIOKafkaProducer,
    costs: Sequence[Group],
    seen: Seen,
    events: Batches,
    wanted: Totals,
) -> Race:
    """Open the gate and judge what the contestant makes of the events; `seen`: results published before."""
    judge = Judge(running, watch, costs, seen)
    judge.start()
    await producer.commit_transaction()
    return await judge.judge(events, wanted)


async def _until_ready(running: Running, watch: Watch) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        running.check_alive()
        ready = await watch.members() if running.contestant.joins else running.say_ready()
        if ready >= running.contestant.processes:
            break
        if time.monotonic() > until:
            raise TimeoutError(f"{running.contestant.name} was not ready after {READY_SECONDS} s")
        await asyncio.sleep(0.2)
    await asyncio.sleep(SETTLE_SECONDS)


def say(what: str, race: Race) -> None:
    """Print how a race went."""
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in race.cpu.items())
    peaks = ", ".join(f"{name} {all_:.0f} (largest process {one:.0f})" for name, (all_, one) in race.peaks_mb.items())
    wrong = "; ".join(race.wrong) or "right"
    print(
        f"{what}: {race.events} events in {race.seconds:.1f} s, {race.results} results, totals {wrong}\n"
        f"  CPU s: {parts}\n  MB: {peaks}",
        flush=True,
    )
