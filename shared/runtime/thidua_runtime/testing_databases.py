"""Databases for tests: made and migrated once, then emptied for the next test instead of being made again.

To make and migrate a database costs a third of a second, to empty one a hundredth of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.migrate import migrate
from thidua_runtime.postgres import prepare_server, socket_url
from thidua_runtime.service import Service

# Data of a test are thrown away with it, so nothing needs to reach the disk.
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# What a test left running on the server could still write, or commit, while the next test is under way.
END_OTHERS: Final = """
select bool_and(pg_terminate_backend(pid, 5000)) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""
# Every definition in a row of these catalogs is written anew by whoever changes it. Of pg_class only what has a name
# counts: emptying rewrites its rows.
SCHEMA_AS_IT_IS: Final = """
select concat_ws(' ',
    (select md5(string_agg(format('%s %s %s', oid, relname, relkind), ',' order by oid)) from pg_class
      where oid >= 16384 and relpersistence <> 't'),
    (select sum(a.xmin::text::bigint) from pg_attribute as a join pg_class as c on c.oid = a.attrelid
      where a.attrelid >= 16384 and c.relpersistence <> 't'),
    (select sum(xmin::text::bigint) from pg_constraint where oid >= 16384),
    (select sum(xmin::text::bigint) from pg_trigger where oid >= 16384),
    (select sum(xmin::text::bigint) from pg_proc where oid >= 16384)
)
"""
# A large table is truncated: deleted rows would stay in the way of the tests that follow. A small one is quicker
# to delete from. Triggers and foreign keys are left out, so the order of tables does not matter.
EMPTY: Final = """
set session_replication_role = replica;
do $$
declare
    one record;
begin
    for one in select oid::regclass as name, pg_relation_size(oid) as bytes from pg_class
                where oid >= 16384 and relkind = 'r' and relname <> 'schema_version'
                  and relnamespace not in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
    loop
        if one.bytes > 65536 then
            execute format('truncate %s cascade', one.name);
        elsif one.bytes > 0 then
            execute format('delete from %s', one.name);
        end if;
    end loop;
    perform setval(format('%I.%I', schemaname, sequencename), start_value, false)
       from pg_sequences where last_value is not null;
    perform pg_stat_reset();
end
$$
"""

Prepare = Callable[[str], Awaitable[None]]
"""Makes the tables in the empty database at a URL."""


@dataclass
class Databases:
    """The databases of one test server: those that nobody uses wait, empty, for the next test of their kind."""

    folder: str
    _waiting: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Any = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def of_services(self, services: Sequence[Service]) -> AsyncIterator[dict[str, str]]:
        """Give the URL of an empty, migrated database for each service, by its name."""
        async with AsyncExitStack() as stack:
            yield {one.name: await stack.enter_async_context(self._of_service(one)) for one in services}

    @asynccontextmanager
    async def of_log(self) -> AsyncIterator[str]:
        """Give the URL of a database for an empty embedded log."""
        async with self.prepared("log", _make_log) as url:
            yield url

    @asynccontextmanager
    async def prepared(self, kind: str, prepare: Prepare) -> AsyncIterator[str]:
        """Give the URL of a database that holds no row and that nobody else uses until the block ends.

        `prepare` is called for the first of its kind, and after a test that changed the tables themselves.
        """
        name, schema = self._waiting[kind].pop() if self._waiting[kind] else await self._make(prepare)
        try:
            yield socket_url(self.folder, name)
        finally:
            if await self._empty(name, schema):
                self._waiting[kind].append((name, schema))

    def _of_service(self, service: Service) -> AbstractAsyncContextManager[str]:
        return self.prepared(f"{service.name} {service.migrations}", partial(_migrate, service))

    async def _make(self, prepare: Prepare) -> tuple[str, str]:
        name = f"t{next(self._numbers)}"
        await prepare_server(self.folder, [name], FAST)
        await prepare(socket_url(self.folder, name))
        connection = await self._connect(name)
        try:
            return name, await connection.fetchval(SCHEMA_AS_IT_IS)
        finally:
            await connection.close()

    async def _empty(self, name: str, schema: str) -> bool:
        """Empty a database; False, and it is gone, if its tables are not what they were."""
        connection = await self._connect(name)
        try:
            await connection.execute(END_OTHERS)
            same = bool(await connection.fetchval(SCHEMA_AS_IT_IS) == schema)
            if same:
                await connection.execute(EMPTY)
        finally:
            await connection.close()
        if not same:
            await self._drop(name)
        return same

    async def _drop(self, name: str) -> None:
        connection = await self._connect("postgres")
        try:
            await connection.execute(f'drop database "{name}" with (force)')
        finally:
            await connection.close()

    async def _connect(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(host=self.folder, user="postgres", database=name)


async def _migrate(service: Service, url: str) -> None:
    engine = create_async_engine(url)
    try:
        await migrate(engine, service)
    finally:
        await engine.dispose()


async def _make_log(url: str) -> None:
    bus = await open_embedded_bus(url, fetch_max_records=1)
    await bus.close()
