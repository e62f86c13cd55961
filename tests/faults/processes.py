"""Processes that may die between any two steps: the real services, with a point before and after all they do."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Executable, Row

from thidua_runtime.bus import Deliver, Stored
from thidua_runtime.clock import Clock
from thidua_runtime.database import Database, Transaction
from thidua_runtime.embedded import EmbeddedBus, EmbeddedPublisher
from thidua_runtime.errors import RelayFenced
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Outgoing, Positions, Record
from thidua_runtime.running import RunningService
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_scoring.commands.sets import register_installed
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.scoring import Order, score_order
from thidua_scoring.scorer.loop import _drain
from thidua_scoring.scorer.turn import Scorer
from thidua_scoring.scorer.workers import Stopped, Workers, never
from thidua_scoring.workplace import workplace_of

from .scheduler import Killed, Scheduler
from .straight import Lines, Straight

PARTITIONS: Final = 3
SCORED_BY: Final = "scoring"
"""The service whose loop takes marks; that of monitoring only hastens what a heartbeat brings about."""
LONGEST_FUSE: Final = 14
"""So many statements of a transaction may run before its process dies; fewer than the longest transaction has."""


class SharedLog(EmbeddedBus):
    """The embedded log, seen by its readers as partitions: so keys overtake each other, and no key itself."""

    def __init__(self, engine: Any, fetch_max_records: int, ends: dict[str, int]) -> None:
        super().__init__(engine, fetch_max_records, ends)
        self.partitions: dict[str, list[list[Record]]] = {}
        self.lengths: Counter[str] = Counter()
        self.newest_epoch: dict[str, int] = {}
        self.fenced = 0
        self.unfenced: list[str] = []

    async def publisher(self, service: str) -> EmbeddedPublisher:
        opened = await super().publisher(service)
        self.newest_epoch[service] = opened.epoch
        return WatchedPublisher(self, service, opened.epoch)

    def of(self, stream: str) -> list[list[Record]]:
        """Return the partitions of a stream."""
        return self.partitions.setdefault(stream, [[] for _ in range(PARTITIONS)])

    def _remember(self, written: Sequence[Record]) -> None:
        super()._remember(written)
        for one in written:
            rows = self.of(one.stream)[_partition(one)]
            numbered = (one.stream, _partition(one), len(rows), one.key, one.headers, one.body, one.timestamp_ms)
            rows.append(Record(*numbered))
            self.lengths[one.stream] += 1


class WatchedPublisher(EmbeddedPublisher):
    """A publisher of the log: one that a newer one has followed, and that publishes all the same, is noted."""

    bus: SharedLog

    async def publish(self, records: Sequence[Outgoing]) -> None:
        is_late = self.epoch < self.bus.newest_epoch[self.service]
        try:
            await super().publish(records)
        except RelayFenced:
            self.bus.fenced += 1
            raise
        if is_late and records:
            keys = ", ".join(one.key for one in records[:3])
            self.bus.unfenced.append(f"{self.service}: a relay that another one has followed published {keys} …")


def _partition(one: Record) -> int:
    key = one.key or b""
    if one.header(TYPE_HEADER) == HEARTBEAT:
        return int(key.rpartition(b"/")[2])
    return zlib.crc32(key) % PARTITIONS


class Process:
    """One process of one service, until it dies."""

    def __init__(self, service: Service, number: int, world: Any) -> None:
        self.service = service
        self.name = f"{service.name}-{number}"
        self.scheduler: Scheduler = world.scheduler
        self.log: SharedLog = world.log
        self.is_dead = False
        self.frozen_until = 0
        self.fuse: int | None = None
        self.look = True
        self.within: set[asyncio.Task[Any] | None] = set()
        self.database = FragileDatabase(self, world.ground.lines[service.name], world.settings, world.clock)
        self.running = RunningService(service, self.database, Gate(self))
        self.tasks: list[asyncio.Task[Any]] = []

    def start(self) -> None:
        """Begin all that a process does by itself."""
        works = {f"follow {stream}": self._follow(stream) for stream in self.running.followers}
        works["relay"] = self._relay()
        if self.service.name == SCORED_BY:
            works["scorer"] = self._score()
        self.tasks = [self.scheduler.spawn(self._until_killed(work), name) for name, work in works.items()]

    async def point(self, where: str, is_ready: Any = None) -> None:
        """Wait to be let go on, unless a transaction is open: nobody else could then go on either."""
        if self.is_dead:
            raise Killed
        if asyncio.current_task() not in self.within:
            await self.scheduler.point(where, self, is_ready)

    def burn(self) -> None:
        """Die here if it was so decided; called before every statement."""
        if self.is_dead:
            raise Killed
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.is_dead = True
                raise Killed

    async def _until_killed(self, work: Any) -> None:
        try:
            await work
        except BaseException as error:
            if not self.is_dead:
                self.scheduler.note(f"{self.name}: FAILED, {error!r}")
                raise
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _follow(self, stream: str) -> None:
        follower = self.running.followers[stream]
        reading = await follower.open(self.running.bus)
        assert isinstance(reading, Desk)
        while True:
            await self.point(f"deliver {stream}", reading.has_news)
            await reading.deliver_some()

    async def _relay(self) -> None:
        while True:
            await self.point("relay", lambda: self.look or self.database.published.is_set())
            self.look = False
            await self.running.relay._turn()

    async def _score(self) -> None:
        await register_installed(self.database)
        workers = InlineWorkers(self.database.settings)
        scorer, bell = Scorer(self.database, workers), workplace_of(self.database).bell
        bell.set()
        while True:
            await self.point("scorer", bell.is_set)
            bell.clear()
            await _drain(scorer)

    def wake(self) -> None:
        """Let it look at its database as it would after a while without news."""
        self.look = True
        if self.service.name == SCORED_BY:
            workplace_of(self.database).bell.set()


class InlineWorkers(Workers):
    """Scores in this thread; worker processes have faults of their own, tested with the service."""

    async def score(self, order: Order, *, has_code: bool, stopped: Stopped = never) -> list[Outcome]:
        return score_order(order)


class FragileDatabase(Database):
    """A database whose process may die before, within and after every transaction."""

    def __init__(self, process: Process, lines: Lines, settings: Settings, clock: Clock) -> None:
        engine: Any = Straight(lines, process.burn)
        super().__init__(engine, process.service, settings, clock)
        self.process = process

    @asynccontextmanager
    async def transaction(self, actor: str = "") -> AsyncIterator[Transaction]:
        await self._begin("transaction")
        task = asyncio.current_task()
        nested = task in self.process.within
        self.process.within.add(task)
        try:
            async with super().transaction(actor) as tx:
                yield tx
        finally:
            if not nested:
                self.process.within.discard(task)
        # Committed, and nobody knows it yet.
        await self._end("committed")

    async def alone(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        await self._begin("statement")
        found = await super().alone(statement, **parameters)
        await self._end("executed")
        return found

    async def _begin(self, where: str) -> None:
        await self.process.point(where)
        if self.process.scheduler.decides_to_kill():
            self.process.fuse = self.process.scheduler.rng.randrange(LONGEST_FUSE)

    async def _end(self, where: str) -> None:
        if self.process.fuse is not None:
            # The transaction was shorter than the fuse.
            self.process.is_dead = True
            raise Killed
        await self.process.point(where)


class Gate:
    """The bus as one process sees it."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.log = process.log

    async def publisher(self, service: str) -> GatedPublisher:
        await self.process.point("new publisher")
        return GatedPublisher(self.process, await self.log.publisher(service))

    async def reading(self, service: str, stream: str, stored: Stored, deliver: Deliver) -> Desk:
        return Desk(self.process, stream, await stored(), deliver)

    async def everything(self, stream: str) -> list[Record]:
        return await self.log.everything(stream)

    async def check(self, service: str, streams: Sequence[str]) -> None:
        """Nothing to check."""

    async def close(self) -> None:
        """Nothing to close."""


class GatedPublisher:
    """Sends through the log's own publisher, which fences; the process may die on either side of it."""

    def __init__(self, process: Process, real: EmbeddedPublisher) -> None:
        self.process = process
        self.real = real

    async def publish(self, records: Sequence[Outgoing]) -> None:
        await self.process.point("send")
        try:
            await self.real.publish(records)
        except RelayFenced:
            self.process.scheduler.note(f"{self.process.name}: FENCED")
            raise
        await self.process.point("sent")

    async def partitions(self, stream: str) -> int:
        return PARTITIONS

    async def close(self) -> None:
        await self.real.close()


class Desk:
    """A stream's records in front of one process: some at a time, some of them again."""

    def __init__(self, process: Process, stream: str, stored: Positions, deliver: Deliver) -> None:
        self.process = process
        self.deliver = deliver
        self.stream = stream
        self.rows = process.log.of(stream)
        self.lengths = process.log.lengths
        self.next = [stored.next_offset.get(number, 0) for number in range(PARTITIONS)]
        self.taken = sum(self.next)

    def has_news(self) -> bool:
        # Asked before every step, for every reader: lengths are counted instead of looked up.
        return self.taken < self.lengths[self.stream]

    async def deliver_some(self) -> None:
        """Hand over a few records of some partitions, perhaps beginning with some that were handed over before."""
        rng, weather = self.process.scheduler.rng, self.process.scheduler.weather
        batch: list[Record] = []
        ends = list(self.next)
        for number, rows in enumerate(self.rows):
            if weather.is_calm:
                first, ends[number] = self.next[number], len(rows)
            else:
                back = rng.randrange(6) if rng.random() < weather.repeat else 0
                first = max(0, self.next[number] - back)
                ends[number] = min(len(rows), self.next[number] + rng.choice((0, 1, 2, 5, 500)))
            batch += rows[first : ends[number]]
        if batch:
            await self.deliver(batch)
        self.next, self.taken = ends, sum(ends)

    async def run(self) -> None:
        """Delivering is the scheduler's."""

    async def reach_end(self) -> None:
        await self.process.point("reach end", lambda: not self.has_news())

    async def is_behind(self) -> bool:
        return self.has_news()

    async def lag(self) -> int:
        return sum(len(rows) - at for at, rows in zip(self.next, self.rows, strict=True))
