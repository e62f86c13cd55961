"""Migrations: the runtime's chain in schema `thidua`, then the service's own in `public`."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from thidua_runtime.errors import DatabaseTooOld, SchemaBehind
from thidua_runtime.service import Service
from thidua_runtime.tables import SCHEMA

OLDEST_POSTGRESQL = 180_000
# Two instances that start together migrate one after the other; the number is arbitrary.
MIGRATION_LOCK = 7_413_209


async def migrate(engine: AsyncEngine, service: Service) -> None:
    """Bring the database of `service` to the newest schema; safe to repeat and to run twice at once."""
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, service)


async def check_schema(engine: AsyncEngine, service: Service) -> None:
    """Raise SchemaBehind or DatabaseTooOld if the database cannot serve this version."""
    async with engine.connect() as connection:
        await connection.run_sync(_check, service)


def _migrate(connection: Connection, service: Service) -> None:
    _check_server(connection)
    connection.execute(text("set local lock_timeout = '5s'"))
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.execute(text(f"create schema if not exists {SCHEMA}"))
    for schema, versions in _chains(service):
        with as_file(versions) as folder:
            command.upgrade(_config(connection, schema, folder), "head")


def _check(connection: Connection, service: Service) -> None:
    _check_server(connection)
    for schema, versions in _chains(service):
        with as_file(versions) as folder:
            wanted = ScriptDirectory(str(folder.parent), version_locations=[str(folder)]).get_current_head()
        context = MigrationContext.configure(
            connection, opts={"version_table": "schema_version", "version_table_schema": schema}
        )
        found = context.get_current_revision()
        if (found or "") < (wanted or ""):
            raise SchemaBehind(service=service.name, found=found or "nothing", wanted=wanted)


def _check_server(connection: Connection) -> None:
    found = int(connection.execute(text("show server_version_num")).scalar_one())
    if found < OLDEST_POSTGRESQL:
        raise DatabaseTooOld(found=found // 10_000)


def _chains(service: Service) -> tuple[tuple[str, Path], ...]:
    package, _, folder = service.migrations.partition(":")
    own = Path(str(files("thidua_runtime"))) / "migrations" / "versions"
    return (SCHEMA, own), ("public", Path(str(files(package))) / folder / "versions")


def _config(connection: Connection, schema: str, versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(files("thidua_runtime"))) / "migrations"))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, schema=schema)
    return config
