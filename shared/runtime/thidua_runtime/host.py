"""A process that hosts services: embedded from one folder; its doors are those of any host."""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from thidua_runtime.access import Principal, new_token, read_tokens
from thidua_runtime.clock import Clock, SystemClock
from thidua_runtime.collector import spare_collector
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.errors import FolderInUse
from thidua_runtime.exposition import serve_metrics
from thidua_runtime.jobs import free_unfinished
from thidua_runtime.postgres import (
    BUS_DATABASE,
    database_name,
    end_with_server,
    prepare_server,
    socket_url,
    start_postgres,
)
from thidua_runtime.service import Service
from thidua_runtime.serving import serve, suite_app
from thidua_runtime.settings import Settings, check_doors
from thidua_runtime.suite import Suite, open_suite

SERVER_SETTINGS = {"max_wal_size": "2GB", "min_wal_size": "512MB"}
"""A commit that must have a new file of the write-ahead log made waits 50 ms and more; kept files are used again."""
CLOCK_FILE = "clock.json"
LOCK_FILE = "served"
SPARE_AFTER_SECONDS = 2.0
"""The collector's last full look takes a tenth of a second, which whoever waits for the start need not wait for."""


@dataclass(frozen=True)
class Host:
    """A process that serves: where, and the token of its start-up link (empty on Kafka)."""

    suite: Suite
    address: str
    metrics_port: int
    token: str


@asynccontextmanager
async def embedded_suite(
    folder: Path,
    services: Sequence[Service],
    settings: Settings,
    clock: Clock,
    *,
    jobs_by_clock: bool,
    write_behind: bool = False,
) -> AsyncIterator[Suite]:
    """Run services from one folder: PostgreSQL, one database each, and the log; raises FolderInUse.

    `write_behind`: only what is answered at a door waits for the disk; the block then ends with the server, by
    ServerBroke.
    """
    options = {"jobs_by_clock": jobs_by_clock, "write_behind": write_behind}
    with hold_folder(folder):
        socket_folder = await asyncio.to_thread(start_postgres, folder / "postgres")
        async with (
            end_with_server(socket_folder) if write_behind else nullcontext(),
            _suite_on(socket_folder, services, settings, clock, **options) as suite,
        ):
            yield suite


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep other processes from serving a folder; raises FolderInUse. A lock ends with its process, however it ends."""
    # The embedded log has one reader and one writer per stream: two processes would each miss what the other does.
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(folder=folder) from None
        yield


@asynccontextmanager
async def _suite_on(
    socket_folder: str, services: Sequence[Service], settings: Settings, clock: Clock, **options: bool
) -> AsyncIterator[Suite]:
    names = {service.name: database_name(service.name) for service in services}
    await prepare_server(socket_folder, [*names.values(), BUS_DATABASE], SERVER_SETTINGS)
    urls = {service: socket_url(socket_folder, name) for service, name in names.items()}
    bus = await open_embedded_bus(
        socket_url(socket_folder, BUS_DATABASE), settings.fetch_max_records, write_behind=options["write_behind"]
    )
    try:
        async with open_suite(services, urls, bus, settings, clock, migrate_first=True, **options) as suite:
            await suite.wait_until_started()
            # One folder is served by one process: whoever ran before it is gone.
            await asyncio.gather(*(free_unfinished(running.database) for running in suite.services.values()))
            yield suite
    finally:
        await bus.close()


@asynccontextmanager
async def embedded_host(folder: Path, services: Sequence[Service], settings: Settings) -> AsyncIterator[Host]:
    """Serve services from one folder until the block ends."""
    check_doors(settings)
    async with (
        embedded_suite(folder, services, settings, stored_clock(folder), jobs_by_clock=True) as suite,
        open_doors(suite, settings) as host,
    ):
        yield host


@asynccontextmanager
async def open_doors(suite: Suite, settings: Settings, *, link: bool = True) -> AsyncIterator[Host]:
    """Serve API and metrics of a running suite; `link` makes a token for the person who started it."""
    tokens = read_tokens(settings.api_tokens_file)
    token = ""
    if link:
        token = new_token()
        tokens = tokens.with_token(token, Principal("người khởi động hệ thống", "operator"))
    meters = [running.meters for running in suite.services.values()]
    port, metrics_server = serve_metrics(meters, settings.http_host, settings.metrics_port)
    try:
        app = suite_app(suite, tokens, settings.http_root_path)
        where = (settings.http_host, settings.http_port, settings.http_root_path)
        async with serve(app, *where, settings.shutdown_seconds) as address:
            yield Host(suite, address, port, token)
    finally:
        metrics_server.shutdown()
        metrics_server.server_close()


def stored_clock(folder: Path) -> SystemClock:
    """Return the clock of a data folder: the machine's, or shifted where a sample year lives in its own time."""
    path = folder / CLOCK_FILE
    seconds = json.loads(path.read_text())["offset_seconds"] if path.exists() else 0
    return SystemClock(timedelta(seconds=seconds))


def store_clock(folder: Path, offset: timedelta) -> None:
    """Let the data in `folder` live in a time of their own from now on."""
    (folder / CLOCK_FILE).write_text(json.dumps({"offset_seconds": int(offset.total_seconds())}) + "\n")


async def until_signal(host: Host) -> None:
    """Serve until SIGINT or SIGTERM; raises what ended a service before."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.call_later(SPARE_AFTER_SECONDS, spare_collector)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(host.suite.wait_until_ended())]
    done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for task in done:
        task.result()
