from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from thidua_runtime.clock import SystemClock
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.migrate import migrate
from thidua_runtime.postgres import socket_url
from thidua_runtime.roles import database_of, roles_sql
from thidua_runtime.suite import open_suite
from thidua_runtime.testing_databases import Databases

from .year import SETTINGS, program, services

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.xdist_group("recovery")]

PROVINCE = "thu-vai-tro"
TWO = ("monitoring", "registration")


@pytest.fixture
def server(postgres_folder: str, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "roles.sql").write_text(roles_sql(PROVINCE, TWO))
    program(postgres_folder, "psql", "-qd", "postgres", "-v", "ON_ERROR_STOP=1", "-f", str(tmp_path / "roles.sql"))
    yield postgres_folder
    names = [database_of(PROVINCE, each) for each in TWO]
    dropped = [f"drop database {name} with (force)" for name in names]
    roles = [*names, *(f"{name}_owner" for name in names), database_of(PROVINCE, "reader")]
    for statement in (*dropped, *(f"drop role {role}" for role in roles)):
        program(postgres_folder, "psql", "-qd", "postgres", "-c", statement)


async def _connect(server: str, role: str, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=server, user=role, database=database)


async def _migrate_as_owner(server: str, service: str) -> None:
    name = database_of(PROVINCE, service)
    engine = create_async_engine(socket_url(server, name).replace("postgres@", f"{name}_owner@"))
    await migrate(engine, services()[service])
    await engine.dispose()


async def test_a_service_runs_in_its_role_and_neither_makes_tables_nor_reads_a_neighbour(
    server: str, databases: Databases
) -> None:
    urls = {}
    for service in TWO:
        await _migrate_as_owner(server, service)
        name = database_of(PROVINCE, service)
        urls[service] = socket_url(server, name).replace("postgres@", f"{name}@")
    async with databases.of_log() as log:
        bus = await open_embedded_bus(log, SETTINGS.fetch_max_records)
        known = [services()[name] for name in TWO]
        async with open_suite(known, urls, bus, SETTINGS, SystemClock(), jobs_by_clock=False) as suite:
            await suite.wait_until_started()
            await suite.beat()
            await suite.settle()
        await bus.close()
    one, other = (database_of(PROVINCE, each) for each in TWO)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f'permission denied for database "{other}"'):
        await _connect(server, one, other)
    own = await _connect(server, one, one)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for schema public"):
        await own.execute("create table a_table_of_my_own (id int)")
    await own.close()
    reader = await _connect(server, database_of(PROVINCE, "reader"), other)
    assert await reader.fetchval("select count(*) from unit") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table unit"):
        await reader.execute("delete from unit")
    await reader.close()
