"""What runs of the simulation leave to the next one of their worker: databases, connections, compiled statements.

To connect anew, and to compile and plan every statement anew, for each run and each of its processes took most of the
time. A process that dies leaves what it left before: its transactions are rolled back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from thidua_runtime.clock import Clock, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.service import Service, installed_services, load_service
from thidua_runtime.settings import Settings
from thidua_runtime.testing_databases import EMPTY, Databases
from thidua_sample.demo import START

from .scheduler import STUCK_SECONDS
from .straight import Lines, Straight

CONNECTIONS: Final = 40
EMPTY_AND_GO_ON: Final = f"{EMPTY}; reset session_replication_role"


@dataclass(frozen=True)
class Ground:
    """The services' databases and that of the log, by their names."""

    services: Mapping[str, Service]
    lines: Mapping[str, Lines]

    def database(self, name: str, settings: Settings, clock: Clock) -> Database:
        """Return the database of a service as somebody sees it who never dies."""
        engine: Any = Straight(self.lines[name])
        return Database(engine, self.services[name], settings, clock)

    async def empty(self) -> None:
        """Forget the run before, once whoever died in it has rolled back; raises TimeoutError if somebody goes on."""
        for lines in self.lines.values():
            async with asyncio.timeout(STUCK_SECONDS):
                while len(lines.free) < lines.number:  # noqa: ASYNC110  (mostly not even once)
                    await asyncio.sleep(0.001)
            async with lines.one() as line:
                await line.driver.execute(EMPTY_AND_GO_ON)


@asynccontextmanager
async def open_ground(databases: Databases) -> AsyncIterator[Ground]:
    """Prepare the ground for runs, one after the other, in one event loop."""
    services = {name: load_service(name) for name in installed_services()}
    settings = Settings.model_validate({"database_pool_size": CONNECTIONS})
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(databases.of_services(list(services.values())))
        log_url = await stack.enter_async_context(databases.of_log())
        bus = await open_embedded_bus(log_url, fetch_max_records=1)
        stack.push_async_callback(bus.close)
        lines = {"log": Lines(bus.engine)}
        for name, service in services.items():
            opened = open_database(urls[name], service, settings, ManualClock(START))
            stack.push_async_callback(opened.close)
            lines[name] = Lines(opened.engine)
        for one in lines.values():
            stack.push_async_callback(one.close)
        yield Ground(services, lines)
