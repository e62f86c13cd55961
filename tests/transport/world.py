"""What a test of the transports stands on: one log, one database of the echo service, processes that come and go."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs
from sqlalchemy import text

from thidua.contracts import State
from thidua_runtime.bus import Bus
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, Transaction, open_database
from thidua_runtime.embedded import EmbeddedBus, open_embedded_bus
from thidua_runtime.migrate import migrate
from thidua_runtime.records import Outgoing, Positions, Record, spans
from thidua_runtime.running import RunningService
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.settling import settle
from thidua_runtime.testing import open_embedded, open_kafka, outgoing_state
from thidua_runtime.testing_databases import Databases

from .echo import ECHO, METADATA

SEEN = text("select what, times, first_at from seen order by first_at")
LETTERS = text("""
select stream, aggregate, version, reason, sentence, state, body, body_length from thidua.dead_letter order by id
""")


@dataclass
class World:
    """One log and one database of the echo service."""

    settings: Settings
    url: str
    feed: Callable[[Sequence[Outgoing]], Awaitable[None]]
    open_bus: Callable[[], Awaitable[Bus]]
    clock: ManualClock = field(default_factory=lambda: ManualClock(datetime(2022, 3, 1, 8, tzinfo=VIETNAM)))

    async def send(self, *states: State) -> None:
        """Put states on the log as their owner would."""
        await self.feed([outgoing_state(state) for state in states])

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        """Connect to the log as another process would."""
        bus = await self.open_bus()
        try:
            yield bus
        finally:
            await bus.close()

    @asynccontextmanager
    async def process(self, url: str = "", service: Service = ECHO, **changes: Any) -> AsyncIterator[RunningService]:
        """Run the echo service as a process of its own would; it need not have begun when this begins."""
        settings = self.settings.model_copy(update=changes)
        database = open_database(url or self.url, service, settings, self.clock)
        async with self.bus() as bus:
            running = RunningService(service, database, bus)
            try:
                await running.start(jobs_by_clock=False)
                yield running
            finally:
                await running.stop()
                await database.close()

    @asynccontextmanager
    async def service(self, **changes: Any) -> AsyncIterator[RunningService]:
        """Run the echo service, started."""
        async with self.process(**changes) as running:
            await within(running.started.wait(), running)
            yield running

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Open the echo service's database."""
        database = open_database(self.url, ECHO, self.settings, self.clock)
        try:
            yield database
        finally:
            await database.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction on the echo service's database."""
        async with self.database() as database, database.transaction("test") as tx:
            yield tx

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Return the rows of a query."""
        async with self.transaction() as tx:
            return list(await tx.rows(text(statement), **parameters))

    async def seen(self) -> dict[str, int]:
        """Return how often each event was applied, in the order of first application."""
        async with self.transaction() as tx:
            return {row.what: row.times for row in await tx.rows(SEEN)}

    async def letters(self) -> list[Any]:
        """Return the dead letters."""
        async with self.transaction() as tx:
            return list(await tx.rows(LETTERS))


async def within(work: Awaitable[Any], running: RunningService, seconds: float = 30) -> None:
    """Wait for `work`, but no longer than the service lives."""
    waiting = [asyncio.ensure_future(work), asyncio.ensure_future(running.ended.wait())]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if running.failed is not None:
            raise running.failed
        assert waiting[0].done(), "it did not happen in time"
        waiting[0].result()
    finally:
        for each in waiting:
            each.cancel()


async def calm(*running: RunningService) -> None:
    """Return once nothing moves any more, whichever process wrote last."""
    async with asyncio.timeout(60):
        for _ in range(2):
            for each in running:
                for follower in each.followers.values():
                    assert follower.reading is not None
                    await within(follower.reading.reach_end(), each, 60)
            await settle(list(running))


async def until(claim: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until a claim holds."""
    async with asyncio.timeout(seconds):
        while not await claim():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@dataclass
class Store:
    """Stored positions; two readers of one service share one."""

    positions: Positions = field(default_factory=lambda: Positions("ratings"))


@dataclass
class Shelf:
    """What a reading delivered; `broken` makes it raise before it has stored, `broken_after` right after."""

    stream: str = "ratings"
    records: list[Record] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    broken: Exception | None = None
    broken_after: Exception | None = None
    seconds: float = 0

    async def stored(self) -> Positions:
        """Return the stored positions."""
        return self.store.positions

    async def deliver(self, records: Sequence[Record]) -> None:
        """Store records with their positions."""
        await asyncio.sleep(self.seconds)
        if self.broken:
            raise self.broken
        unread = self.store.positions.unread(records)
        self.records += unread
        self.store.positions = self.store.positions.after(spans(unread))
        if self.broken_after:
            raise self.broken_after

    def keys(self) -> list[str]:
        """Return the keys as they came."""
        return [(record.key or b"").decode() for record in self.records]

    @asynccontextmanager
    async def read(self, bus: Bus, service: str = "echo", to_end: bool = True) -> AsyncIterator[Any]:
        """Read with a bus until the block ends; at its beginning, up to the end of the stream."""
        reading = await bus.reading(service, self.stream, self.stored, self.deliver)
        running = asyncio.create_task(reading.run())
        try:
            if to_end:
                async with asyncio.timeout(30):
                    await reading.reach_end()
            yield reading
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class Line:
    """The way to the database server, which a test can cut."""

    def __init__(self, real: str, folder: str) -> None:
        self.real = f"{real}/.s.PGSQL.5432"
        self.path = f"{folder}/.s.PGSQL.5432"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_unix_server(self._connect, self.path)

    async def cut(self) -> None:
        """Drop all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
            Path(self.path).unlink(missing_ok=True)  # noqa: ASYNC240
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self.real)
        self._open |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def cuttable(url: str) -> AsyncIterator[tuple[Line, str]]:
    """Give a line to the database of `url` that can be cut, and the URL that goes through it."""
    base, _, folder = url.partition("?host=")
    with tempfile.TemporaryDirectory(prefix="thidua-line-") as own:
        line = Line(folder, own)
        await line.mend()
        try:
            yield line, f"{base}?host={own}"
        finally:
            await line.cut()


async def make_echo(url: str) -> None:
    """Make the tables of the echo service."""
    database = open_database(url, ECHO, Settings.model_validate({}), ManualClock(datetime.now(VIETNAM)))
    try:
        await migrate(database.engine, ECHO)
        async with database.engine.begin() as connection:
            await connection.execute(text("create sequence seen_order"))
            await connection.run_sync(METADATA.create_all)
    finally:
        await database.close()


def record(key: str, body: bytes | None, stream: str = "ratings", version: int | str = 1, **changes: Any) -> Outgoing:
    """Return a record as anybody might send it."""
    headers = (("version", str(version).encode()),)
    return structs.replace(Outgoing(stream, key, key.split("/", 1)[0], headers, body), **changes)


@asynccontextmanager
async def embedded_world(databases: Databases, **changes: Any) -> AsyncIterator[World]:
    """Make a world on the embedded log."""
    async with (
        databases.prepared("echo", make_echo) as url,
        open_embedded(databases, changes) as (bus, feed, settings),
    ):
        assert isinstance(bus, EmbeddedBus)
        log = bus.engine.url.render_as_string(hide_password=False)
        opened: list[EmbeddedBus] = []

        async def open_bus() -> Bus:
            opened.append(await open_embedded_bus(log, settings.fetch_max_records))
            return opened[-1]

        async def send(records: Sequence[Outgoing]) -> None:
            # Followers of the embedded log are woken by writers of their own process: the feed is one of these.
            await (opened[-1].append if opened else feed)(records)

        yield World(settings, url, send, open_bus)


@asynccontextmanager
async def kafka_world(databases: Databases, **changes: Any) -> AsyncIterator[World]:
    """Make a world on the real broker, with the topics of the echo service."""
    from thidua_runtime.kafka import open_kafka_bus

    async with (
        databases.prepared("echo", make_echo) as url,
        open_kafka(("units", "ratings", "tasks", "reminders"), changes) as (_, feed, settings),
    ):
        yield World(settings, url, feed, partial(open_kafka_bus, settings))


WorldFactory = Callable[..., AbstractAsyncContextManager[World]]
