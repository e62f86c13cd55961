"""The four services in processes of their own: started, told what day it is, waited for."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx2

from benchmarks.bus.contestants import FIRST_PORT, ROOT
from benchmarks.bus.postgres import Server
from thidua_runtime.postgres import prepare_server
from thidua_runtime.settings import Settings
from thidua_sample.demo import RoleTokens
from thidua_sample.play.doors import Doors

SERVICES: Final = ("registration", "monitoring", "scoring", "awards")
READY_SECONDS: Final = 120
REQUEST_SECONDS: Final = 3_600
LINE_BYTES: Final = 2**20


class ServiceEnded(Exception):
    """A service has ended, or could not do what it was told; its last words."""


@dataclass
class Room:
    """One service's process, and the line on which it is told what to do."""

    name: str
    port: int
    database: str
    process: subprocess.Popen[bytes]
    log: Path
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tell(self, command: str) -> Mapping[str, int]:
        """Give a command; returns how far the service has come."""
        assert self.reader is not None
        assert self.writer is not None
        async with self.turn:
            self.writer.write(command.encode() + b"\n")
            line = await self.reader.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "it has ended"}
        if "error" in answer:
            words = self.log.read_text("utf-8", "replace")[-2000:]
            raise ServiceEnded(f"{self.name}, told to {command}: {answer['error']}\n{words}")
        return answer


@dataclass(frozen=True)
class House:
    """The running services."""

    rooms: Mapping[str, Room]
    doors: Doors
    folder: Path

    async def all(self, command: str) -> dict[str, Mapping[str, int]]:
        """Tell every service the same; returns how far each has come."""
        answers = await asyncio.gather(*(room.tell(command) for room in self.rooms.values()))
        return dict(zip(self.rooms, answers, strict=True))

    async def set_clock(self, moment: datetime) -> None:
        """Let it be another moment in all services."""
        await self.all(f"clock {moment.isoformat()}")

    async def settle(self, *names: str, loops: bool = True) -> None:
        """Return once nothing moves any more in these services, or in all of them."""
        rooms = [self.rooms[name] for name in names or self.rooms]
        command = "settle-loops" if loops else "settle"
        before: list[Mapping[str, int]] = []
        while True:
            # Whoever is settled may get something from one that is not.
            reached = await asyncio.gather(*(room.tell(command) for room in rooms))
            if reached == before:
                return
            before = reached


@asynccontextmanager
async def open_house(
    folder: Path, server: Server, settings: Settings, units: Sequence[str], sources: Sequence[str]
) -> AsyncIterator[House]:
    """Migrate and start all services on fresh databases of a server; `units`, `sources`: who has tokens."""
    names = {name: f"{settings.province.replace('-', '_')}_{name}" for name in SERVICES}
    await prepare_server(server.socket, names.values(), {})
    roles = RoleTokens()
    for role in ("office", "appraiser", "operator", "reader", *units, *sources):
        roles.of(role)
    tokens = folder / "tokens"
    tokens.write_text("".join(_line(hashed, one) for hashed, one in roles.tokens.by_hash.items()), "utf-8")
    async with AsyncExitStack() as stack:
        rooms = {}
        for number, (name, database) in enumerate(names.items()):
            told = _told(settings, server.url(database), FIRST_PORT + 2 * number, tokens)
            await _run(str(Path(sys.executable).with_name("thidua")), "migrate", name, told=told)
            rooms[name] = _start(stack, folder, name, told, FIRST_PORT + 2 * number, database)
        for room in rooms.values():
            await _connect(stack, folder, room)
        transport = _Corridor({room.name: room.port for room in rooms.values()})
        client = await stack.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=REQUEST_SECONDS)
        )
        yield House(rooms, Doors(client, roles.of), folder)


def _line(hashed: str, one: Any) -> str:
    role = one.role if one.scope is None else f"{one.role}:{one.scope}"
    return f"{one.actor.replace(' ', '_')} {role} {hashed}\n"


def _told(settings: Settings, database: str, port: int, tokens: Path) -> dict[str, str]:
    """Only where things are, and who may do what: every other setting is the one that thidua ships with."""
    return {
        "THIDUA_PROVINCE": settings.province,
        "THIDUA_KAFKA_SERVERS": settings.kafka_servers,
        "THIDUA_KAFKA_REPLICATION": "1",
        "THIDUA_DATABASE_URL": database,
        "THIDUA_HTTP_PORT": str(port),
        "THIDUA_METRICS_PORT": str(port + 1),
        "THIDUA_API_TOKENS_FILE": str(tokens),
    }


async def _run(*command: str, told: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **told})
    if await process.wait():
        raise ServiceEnded(" ".join(command))


def _start(stack: AsyncExitStack, folder: Path, name: str, told: Mapping[str, str], port: int, database: str) -> Room:
    log = folder / f"{name}.log"
    command = (sys.executable, "-m", "benchmarks.pipeline.service", name, str(folder / f"{name}.socket"))
    out = stack.enter_context(log.open("wb"))
    process = subprocess.Popen(command, env={**os.environ, **told}, cwd=ROOT, stdout=out, stderr=out)
    stack.callback(_end, process)
    return Room(name, port, database, process, log)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _connect(stack: AsyncExitStack, folder: Path, room: Room) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            path = folder / f"{room.name}.socket"
            room.reader, room.writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES)
        except OSError:
            if room.process.poll() is not None or time.monotonic() > until:
                words = room.log.read_text("utf-8", "replace")[-2000:]
                raise ServiceEnded(f"{room.name} did not start:\n{words}") from None
            await asyncio.sleep(0.1)
        else:
            stack.callback(room.writer.close)
            return


class _Corridor(httpx2.AsyncBaseTransport):
    """Leads to the service that the first part of a path names."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports
        self._real = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.split("/")[1]
        request.url = request.url.copy_with(port=self._ports[name])
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        await self._real.aclose()


async def connect(server: Server, database: str) -> asyncpg.Connection:
    """Connect to one service's database."""
    return await asyncpg.connect(server.url(database))
