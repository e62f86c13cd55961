"""Migrations: the runtime's chain in schema `thidua`, then the service's own in `public`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from thidua_runtime.consume import sqlstate
from thidua_runtime.errors import DatabaseNotReached, DatabaseTooOld, MigrationNotAllowed, SchemaBehind
from thidua_runtime.service import Service
from thidua_runtime.tables import SCHEMA

if TYPE_CHECKING:
    from alembic.config import Config

OLDEST_POSTGRESQL = 180_000
# Two instances that start together migrate one after the other; the number is arbitrary.
MIGRATION_LOCK = 7_413_209
NO_RIGHT = "42501"
"""SQLSTATE of a role without the right to do what it tries."""


async def migrate(engine: AsyncEngine, service: Service) -> None:
    """Bring the database of `service` to the newest schema; safe to repeat and to run twice at once.

    Raises DatabaseNotReached, DatabaseTooOld, and MigrationNotAllowed for a role that may not make tables.
    """
    async with _reached(service, engine.begin()) as connection:
        if await connection.run_sync(_behind, service) is None:
            return
        try:
            await connection.run_sync(_migrate, service)
        except DBAPIError as error:
            if sqlstate(error) != NO_RIGHT:
                raise
            raise MigrationNotAllowed(service=service.name, why=_told(error)) from error


def _told(error: DBAPIError) -> str:
    # SQLAlchemy puts the driver's class before its words.
    return str(error.orig).splitlines()[0].rpartition(">: ")[2]


async def check_schema(engine: AsyncEngine, service: Service) -> None:
    """Raise SchemaBehind or DatabaseTooOld if the database cannot serve this version."""
    async with _reached(service, engine.connect()) as connection:
        await connection.run_sync(_check, service)


@asynccontextmanager
async def _reached(
    service: Service, connecting: AbstractAsyncContextManager[AsyncConnection]
) -> AsyncIterator[AsyncConnection]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(connecting)
        except (OSError, TimeoutError, asyncpg.PostgresError, DBAPIError) as error:
            why = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise DatabaseNotReached(service=service.name, why=why) from error
        yield connection


def _migrate(connection: Connection, service: Service) -> None:
    from alembic import command  # noqa: PLC0415 - a third of a second that a start on a ready schema can do without

    _check_server(connection)
    connection.execute(text("set local lock_timeout = '5s'"))
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.execute(text(f"create schema if not exists {SCHEMA}"))
    for schema, versions in _chains(service):
        with as_file(versions) as folder:
            command.upgrade(_config(connection, schema, folder), "head")


def _check(connection: Connection, service: Service) -> None:
    behind = _behind(connection, service)
    if behind is not None:
        found, wanted = behind
        raise SchemaBehind(service=service.name, found=found or "nothing", wanted=wanted)


def _behind(connection: Connection, service: Service) -> tuple[str, str] | None:
    """Return the revision found and the one wanted of the first chain that is behind; None if all are there."""
    _check_server(connection)
    for schema, versions in _chains(service):
        # Revisions are numbered, and a file is named after its own.
        wanted = max(path.name.partition("_")[0] for path in versions.iterdir() if path.name[:1].isdigit())
        found = ""
        if connection.execute(text("select to_regclass(:name)"), {"name": f"{schema}.schema_version"}).scalar_one():
            found = connection.execute(text(f"select version_num from {schema}.schema_version")).scalar() or ""  # noqa: S608
        if found < wanted:
            return found, wanted
    return None


def _check_server(connection: Connection) -> None:
    found = int(connection.execute(text("show server_version_num")).scalar_one())
    if found < OLDEST_POSTGRESQL:
        raise DatabaseTooOld(found=found // 10_000)


def _chains(service: Service) -> tuple[tuple[str, Path], ...]:
    runtime = SCHEMA, Path(str(files("thidua_runtime"))) / "migrations" / "versions"
    if not service.migrations:
        return (runtime,)
    package, _, folder = service.migrations.partition(":")
    return runtime, ("public", Path(str(files(package))) / folder / "versions")


def _config(connection: Connection, schema: str, versions: Path) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(str(files("thidua_runtime"))) / "migrations"))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, schema=schema)
    return config
