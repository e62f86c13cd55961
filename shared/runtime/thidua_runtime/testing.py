"""For tests: real services on a real embedded PostgreSQL, an empty set of databases for each test.

The bus is the embedded one, or with `bus="kafka"` a real broker at THIDUA_TEST_KAFKA.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

import httpx2
import orjson
import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi import FastAPI
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.datastructures import State as AppState

from thidua.contracts import State
from thidua_runtime.access import Principal, Tokens, new_token, parse_role
from thidua_runtime.bus import Bus
from thidua_runtime.clock import VIETNAM, Clock, ManualClock
from thidua_runtime.database import Transaction
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.postgres import start_postgres, stop_postgres
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, VERSION_HEADER, Outgoing
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite, open_suite
from thidua_runtime.testing_databases import Databases
from thidua_runtime.web import service_app

_versions = count(1)


def pytest_configure() -> None:
    """Let errors be logged as the program logs them: to draw every local value takes a second an error."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@dataclass
class RunningSuite:
    """Services under test, and what a test does to them."""

    suite: Suite
    bus: Bus
    urls: dict[str, str]
    feed: Callable[[Sequence[Outgoing]], Awaitable[None]]
    _tokens: Tokens = field(default_factory=lambda: Tokens({}))
    _apps: dict[str, FastAPI] = field(default_factory=dict)

    async def deliver(self, *states: State) -> None:
        """Put states on the bus as their owner would; a version of 0 becomes the next number."""
        await self.feed([outgoing_state(state) for state in states])

    async def deliver_raw(self, *records: Outgoing) -> None:
        """Put records on the bus exactly as they are."""
        await self.feed(list(records))

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
        transport = httpx2.ASGITransport(app=self.app(service))
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers, timeout=60)

    def app(self, service: str) -> FastAPI:
        """Return the application that serves a service's doors."""
        if service not in self._apps:
            self._apps[service] = service_app(self.suite.services[service], self._tokens)
        return self._apps[service]

    def let_go(self) -> None:
        """Part the applications from their services: FastAPI remembers applications, and so all that they hold."""
        for app in self._apps.values():
            app.state = AppState()

    async def published(self, stream: str) -> list[dict[str, Any]]:
        """Return the newest body per key of a stream, by key; keys withdrawn are left out, heartbeats too."""
        newest: dict[str, dict[str, Any] | None] = {}
        for record in await self.bus.everything(stream):
            if record.header(TYPE_HEADER) != HEARTBEAT:
                body = None if record.body is None else orjson.loads(record.body)
                newest[(record.key or b"").decode()] = body
        return [body for _, body in sorted(newest.items()) if body is not None]


SuiteFactory = Callable[..., AbstractAsyncContextManager[RunningSuite]]


def outgoing_state(state: State) -> Outgoing:
    """Return a state as its owner's relay would send it; a version of 0 becomes the next number."""
    version = state.version or next(_versions)
    body = state.model_copy(update={"version": version}).model_dump_json().encode()
    headers = ((TYPE_HEADER, f"thidua.{state.stream}".encode()), (VERSION_HEADER, str(version).encode()))
    return Outgoing(state.stream, state.key, state.partition_key, headers, body)


def heartbeats(service: Service, at: datetime, *, without: str = "") -> list[Outgoing]:
    """Return what the owners of all streams that `service` follows write at `at`; one stream may stay silent."""
    body = orjson.dumps({"departed_at": at.isoformat()})
    headers = ((TYPE_HEADER, HEARTBEAT.encode()),)
    streams = [model.stream for model in service.follows if model.stream != without]
    return [Outgoing(stream, "~heartbeat/0", "", headers, body, 0) for stream in streams]


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """Start one embedded PostgreSQL for the test session; gives the folder of its socket."""
    with tempfile.TemporaryDirectory(prefix="thidua-test-", ignore_cleanup_errors=True) as folder:
        yield start_postgres(Path(folder) / "pg")
        # A server whose folder goes first would live on until it notices.
        stop_postgres(Path(folder) / "pg")


@pytest.fixture(scope="session")
def databases(postgres_folder: str) -> Databases:
    """Give the empty databases that the tests of this session use one after the other."""
    return Databases(postgres_folder)


@pytest.fixture
def suite(databases: Databases) -> SuiteFactory:
    """Give a function that opens a suite of services on empty databases: `suite(SERVICE, clock=…)`."""

    @asynccontextmanager
    async def open_running(
        *services: Service, clock: Clock | None = None, bus: Literal["embedded", "kafka"] = "embedded", **changes: Any
    ) -> AsyncIterator[RunningSuite]:
        used = clock or ManualClock(datetime(2022, 3, 1, 8, tzinfo=VIETNAM))
        streams = {model.stream for service in services for model in (*service.owns, *service.follows)}
        opening = open_kafka(streams, changes) if bus == "kafka" else open_embedded(databases, changes)
        async with (
            databases.of_services(services) as urls,
            opening as (opened_bus, feed, settings),
            open_suite(services, urls, opened_bus, settings, used, migrate_first=True, jobs_by_clock=False) as opened,
        ):
            await opened.wait_until_started()
            running = RunningSuite(opened, opened_bus, urls, feed)
            yield running
            running.let_go()

    return open_running


OpenedBus = tuple[Bus, Callable[[Sequence[Outgoing]], Awaitable[None]], Settings]


@asynccontextmanager
async def open_embedded(databases: Databases, changes: dict[str, Any]) -> AsyncIterator[OpenedBus]:
    """Open an empty embedded bus, with the function that puts records on it."""
    settings = Settings.model_validate({"heartbeat_seconds": 300, **changes})
    async with databases.of_log() as url:
        bus = await open_embedded_bus(url, settings.fetch_max_records)
        try:
            yield bus, bus.append, settings
        finally:
            await bus.close()


@asynccontextmanager
async def open_kafka(streams: Iterable[str], changes: dict[str, Any]) -> AsyncIterator[OpenedBus]:
    """Open a bus on a real broker in a province of its own; its topics are deleted afterwards."""
    # Only the tests marked `kafka` wait for its client to be imported.
    from thidua_runtime.kafka import open_kafka_bus  # noqa: PLC0415
    from thidua_runtime.kafka.trial import (  # noqa: PLC0415
        require_broker,
        send_as_foreigner,
        trial_settings,
        trial_topics,
    )

    settings = trial_settings(**changes)
    require_broker(settings)
    async with trial_topics(settings, streams):
        bus = await open_kafka_bus(settings)
        try:
            yield bus, partial(send_as_foreigner, settings), settings
        finally:
            await bus.close()


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


__all__ = ["RunningSuite", "SuiteFactory", "heartbeats", "outgoing_state", "schema_difference"]
