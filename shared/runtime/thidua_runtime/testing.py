"""For tests: real services on a real embedded PostgreSQL, a fresh set of databases for each test."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from thidua.contracts import State

from thidua_runtime.access import Principal, Tokens, new_token, parse_role
from thidua_runtime.clock import VIETNAM, Clock, ManualClock
from thidua_runtime.database import Transaction
from thidua_runtime.embedded import EmbeddedBus, open_embedded_bus
from thidua_runtime.postgres import prepare_server, socket_url, start_postgres
from thidua_runtime.records import TYPE_HEADER, VERSION_HEADER, Outgoing
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite, open_suite
from thidua_runtime.web import service_app

_numbers = count(1)
_versions = count(1)

# Data of a test are thrown away with it, so nothing needs to reach the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class RunningSuite:
    """Services under test, and what a test does to them."""

    suite: Suite
    bus: EmbeddedBus
    _tokens: Tokens = field(default_factory=lambda: Tokens({}))

    async def deliver(self, *states: State) -> None:
        """Put states on the bus as their owner would; a version of 0 becomes the next number."""
        await self.bus.append([outgoing_state(state) for state in states])

    async def deliver_raw(self, *records: Outgoing) -> None:
        """Put records on the bus exactly as they are."""
        await self.bus.append(list(records))

    async def settle(self) -> None:
        """Return once nothing moves any more."""
        await self.suite.settle()

    async def run_job(self, service: str, job: str) -> None:
        """Run one job of a service now."""
        await self.suite.services[service].run_job(job)

    def transaction(self, service: str, actor: str = "test") -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction on a service's database."""
        return self.suite.services[service].database.transaction(actor)

    def client(self, service: str, role: str = "office", actor: str = "Nguyễn Văn An") -> httpx2.AsyncClient:
        """Return an HTTP client of a service's API with a token of that role; use it as a context manager."""
        token = new_token()
        name, scope = parse_role(role)
        self._tokens.by_hash.update(self._tokens.with_token(token, Principal(actor, name, scope)).by_hash)
        app = service_app(self.suite.services[service], self._tokens)
        transport = httpx2.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers, timeout=60)

    async def published(self, stream: str) -> list[dict[str, Any]]:
        """Return the newest body per key of a stream, by key; keys withdrawn are left out, heartbeats too."""
        newest: dict[str, dict[str, Any] | None] = {}
        position = 0
        while records := await self.bus.read(stream, position):
            for record in records:
                if record.header(TYPE_HEADER) != "thidua.heartbeat":
                    body = None if record.body is None else orjson.loads(record.body)
                    newest[(record.key or b"").decode()] = body
            position = records[-1].offset + 1
        return [body for _, body in sorted(newest.items()) if body is not None]


SuiteFactory = Callable[..., AbstractAsyncContextManager[RunningSuite]]


def outgoing_state(state: State) -> Outgoing:
    """Return a state as its owner's relay would send it; a version of 0 becomes the next number."""
    version = state.version or next(_versions)
    body = state.model_copy(update={"version": version}).model_dump_json().encode()
    headers = ((TYPE_HEADER, f"thidua.{state.stream}".encode()), (VERSION_HEADER, str(version).encode()))
    return Outgoing(state.stream, state.key, state.partition_key, headers, body)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """Start one embedded PostgreSQL for the test session; gives the folder of its socket."""
    with tempfile.TemporaryDirectory(prefix="thidua-test-", ignore_cleanup_errors=True) as folder:
        yield start_postgres(Path(folder) / "pg")


@pytest.fixture
def suite(postgres_folder: str) -> SuiteFactory:
    """Give a function that opens a suite of services on fresh databases: `suite(SERVICE, clock=…)`."""

    @asynccontextmanager
    async def open_running(
        *services: Service, clock: Clock | None = None, **changes: Any
    ) -> AsyncIterator[RunningSuite]:
        number = next(_numbers)
        names = {service.name: f"t{number}_{service.name}" for service in services}
        bus_name = f"t{number}_bus"
        await prepare_server(postgres_folder, [*names.values(), bus_name], FAST)
        urls = {service: socket_url(postgres_folder, name) for service, name in names.items()}
        settings = Settings.model_validate({"heartbeat_seconds": 300, **changes})
        bus = await open_embedded_bus(socket_url(postgres_folder, bus_name), settings.fetch_max_records)
        used = clock or ManualClock(datetime(2022, 3, 1, 8, tzinfo=VIETNAM))
        try:
            async with open_suite(
                services, urls, bus, settings, used, migrate_first=True, jobs_by_clock=False
            ) as opened:
                await opened.wait_until_started()
                yield RunningSuite(opened, bus)
        finally:
            await bus.close()

    return open_running


async def schema_difference(running: RunningSuite, service: str) -> list[Any]:
    """Return how the migrated database differs from the service's metadata; empty when both agree."""
    one = running.suite.services[service]

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": False, "include_object": _ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, one.service.metadata))

    engine = create_async_engine(one.database.engine.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


def _ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (kind == "table" and name == "schema_version")


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio."""
    return "asyncio"


__all__ = ["RunningSuite", "SuiteFactory", "outgoing_state", "schema_difference"]
