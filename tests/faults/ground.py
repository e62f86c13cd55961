"""What runs of the simulation leave to the next one of their worker: databases, connections, compiled statements.

To connect anew, and to compile and plan every statement anew, for each run and each of its processes took most of the
time. A process that dies leaves what it left before: its transactions are rolled back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from thidua_runtime.clock import Clock, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.service import Service, installed_services, load_service
from thidua_runtime.settings import Settings
from thidua_runtime.testing_databases import EMPTY, Databases
from thidua_sample.demo import START

# More than a service has, so that each is prepared once per connection.
STATEMENTS: Final = "prepared_statement_cache_size=2000"
# A run must not depend on how often the connection that it got has run a statement before: a plan made for its
# parameters may find rows in another order than the one made for all.
SAME_PLANS: Final = "set plan_cache_mode = force_generic_plan"
CONNECTIONS: Final = 40
EMPTY_AND_GO_ON: Final = f"{EMPTY}; reset session_replication_role"


@dataclass(frozen=True)
class Ground:
    """The services' databases and the log's."""

    services: Mapping[str, Service]
    engines: Mapping[str, AsyncEngine]
    log: AsyncEngine

    def database(self, name: str, settings: Settings, clock: Clock) -> Database:
        """Return the database of a service as somebody sees it who never dies."""
        return Database(self.engines[name], self.services[name], settings, clock)

    async def empty(self) -> None:
        """Forget the run before; raises AssertionError if somebody of it still works."""
        for engine in (*self.engines.values(), self.log):
            pool: Any = engine.pool
            assert pool.checkedout() == 0, "somebody of the run before is still at work"
            async with engine.connect() as connection:
                raw: Any = await connection.get_raw_connection()
                await raw.driver_connection.execute(EMPTY_AND_GO_ON)


@asynccontextmanager
async def open_ground(databases: Databases) -> AsyncIterator[Ground]:
    """Prepare the ground for runs, one after the other, in one event loop."""
    services = {name: load_service(name) for name in installed_services()}
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(databases.of_services(list(services.values())))
        log_url = await stack.enter_async_context(databases.of_log())
        settings = Settings.model_validate({"database_pool_size": CONNECTIONS})
        engines = {}
        for name, service in services.items():
            opened = open_database(f"{urls[name]}&{STATEMENTS}", service, settings, ManualClock(START))
            stack.push_async_callback(opened.close)
            engines[name] = opened.engine
        bus = await open_embedded_bus(f"{log_url}&{STATEMENTS}", fetch_max_records=1)
        stack.push_async_callback(bus.close)
        for engine in (*engines.values(), bus.engine):
            event.listen(engine.sync_engine, "connect", _plan_alike)
        yield Ground(services, engines, bus.engine)


def _plan_alike(connection: Any, _: object) -> None:
    connection.run_async(lambda driver: driver.execute(SAME_PLANS))
