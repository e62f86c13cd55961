"""Several services in one process on one bus: what `thidua run`, `thidua up`, the sample and tests share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from thidua_runtime.bus import Bus
from thidua_runtime.clock import Clock
from thidua_runtime.database import open_database
from thidua_runtime.migrate import check_schema, migrate
from thidua_runtime.running import RunningService
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.settling import settle


@dataclass(frozen=True)
class Suite:
    """The services of this process while they run."""

    services: Mapping[str, RunningService]
    bus: Bus
    clock: Clock
    settings: Settings

    async def settle(self, *names: str, loops: bool = True) -> None:
        """Return once nothing moves any more between these services, or those named; `loops`: nor inside them."""
        await settle([self.services[name] for name in names or self.services], loops=loops)

    async def beat(self) -> None:
        """Let every service write its heartbeats now, behind all it has put off."""
        for running in self.services.values():
            await running.relay.write_heartbeats()

    async def reach_disk(self) -> None:
        """Return once all that the services committed is on the disk; those that write behind share one server."""
        await next(iter(self.services.values())).database.reach_disk()

    async def wait_until_started(self) -> None:
        """Return once every service has read its reference streams; raises what ended a service."""
        for running in self.services.values():
            started = asyncio.create_task(running.started.wait())
            ended = asyncio.create_task(running.ended.wait())
            await asyncio.wait((started, ended), return_when=asyncio.FIRST_COMPLETED)
            started.cancel()
            ended.cancel()
            if running.failed is not None:
                raise running.failed

    async def wait_until_ended(self) -> None:
        """Return when the first service ends; raises what ended it."""
        waits = [asyncio.create_task(running.ended.wait()) for running in self.services.values()]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for running in self.services.values():
            if running.failed is not None:
                raise running.failed


@asynccontextmanager
async def open_suite(
    services: Sequence[Service],
    urls: Mapping[str, str],
    bus: Bus,
    settings: Settings,
    clock: Clock,
    *,
    migrate_first: bool = False,
    jobs_by_clock: bool = True,
    write_behind: bool = False,
) -> AsyncIterator[Suite]:
    """Run services until the block ends; `urls` names the database of each, `write_behind` as in `open_database`.

    Raises SchemaBehind, DatabaseTooOld or TopicsWrong before anything is consumed.
    """
    async with AsyncExitStack() as stack:
        running: dict[str, RunningService] = {}
        for service in services:
            database = open_database(urls[service.name], service, settings, clock, write_behind=write_behind)
            stack.push_async_callback(database.close)
            running[service.name] = RunningService(service, database, bus)
        for one in running.values():
            # One after the other: Alembic runs one migration at a time in a process.
            await _prepare(one, migrate_first)
        stack.push_async_callback(_stop_all, list(running.values()))
        await _together(one.start(jobs_by_clock=jobs_by_clock) for one in running.values())
        yield Suite(running, bus, clock, settings)


async def _stop_all(services: Sequence[RunningService]) -> None:
    # Together: each may finish what it has in hand, and the process has one time limit.
    await asyncio.gather(*(service.stop() for service in services))


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all; what one raises is raised once the others have ended, so that nothing goes on behind it."""
    results = await asyncio.gather(*works, return_exceptions=True)
    for found in results:
        if isinstance(found, BaseException):
            raise found


async def _prepare(running: RunningService, migrate_first: bool) -> None:
    act = migrate if migrate_first else check_schema
    await act(running.database.engine, running.service)
