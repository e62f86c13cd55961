"""How long the newest migrations hold up whoever reads and writes the hot tables meanwhile."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import pytest

from thidua_runtime.postgres import prepare_server

from ..flows.thidua_command import THIDUA, environment
from .fleet import SERVICES
from .versions import packages_in, previous, source_of

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.timeout(300)]

ROWS: Final = int(os.environ.get("ROWS", "20000"))
HOTTEST: Final = ("monitoring", "scoring")
"""The others are left to the run of all tests."""
LONGEST_STALL_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.002
# What every batch, request or publication touches: the tables of the runtime, the replicas, monitoring's ledger and
# counters, scoring's marks and scores, the recommendations of awards.
HOT: Final = """
select oid::regclass::text from pg_class
 where relkind = 'r' and relnamespace in ('public'::regnamespace, 'thidua'::regnamespace)
   and (relnamespace = 'thidua'::regnamespace and relname in ('outbox', 'position', 'published', 'heartbeat', 'lease')
        or relname like 'replica\\_%' or relname in ('task', 'task_counter', 'dirty', 'score', 'recommendation'))
 order by 1
"""
PEOPLE: Final = """
insert into replica_people (key, version, deleted, body)
select 'stnmt-01/' || n, n, false, jsonb_build_object('id', n::text, 'code', 'nv-' || n, 'name', repeat('đ', 200),
                                                      'unit', 'stnmt-01')
  from generate_series(1, $1) as n
"""
PUBLISHED: Final = """
insert into thidua.published (stream, key, version, deleted, digest)
select 'scores', 'k/' || n, n, false, decode(md5(n::text), 'hex') from generate_series(1, $1) as n
"""


@pytest.mark.parametrize(
    "service", [pytest.param(one, marks=() if one in HOTTEST else (pytest.mark.slow,)) for one in SERVICES]
)
async def test_migrations_hold_up_nobody_who_works_with_a_hot_table_for_a_second(
    service: str, postgres_folder: str
) -> None:
    name = f"migrated_{service}"
    await prepare_server(postgres_folder, [name], {})
    url = f"postgresql://postgres@/{name}?host={postgres_folder}"
    await asyncio.to_thread(migrate, service, url, PYTHONPATH=packages_in(source_of(previous())))
    await fill(url)
    async with working_with_hot_tables(url) as stalls:
        await asyncio.to_thread(migrate, service, url)
    worst = max(stalls, key=lambda table: stalls[table])
    print(f"{service}: {len(stalls)} hot tables, {ROWS} rows; longest stall {stalls[worst] * 1000:.0f} ms, at {worst}")
    assert stalls[worst] < LONGEST_STALL_SECONDS


def migrate(service: str, url: str, **more: str) -> None:
    told = environment(THIDUA_PROVINCE="thu", THIDUA_DATABASE_URL=url, **more)
    done = subprocess.run([THIDUA, "migrate", service], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def fill(url: str) -> None:
    """Put rows where a service has many; what a service lacks is left out."""
    connection = await asyncpg.connect(url)
    try:
        for table, statement in (("replica_people", PEOPLE), ("thidua.published", PUBLISHED)):
            if await connection.fetchval("select to_regclass($1)", table):
                await connection.execute(statement, ROWS)
    finally:
        await connection.close()


@asynccontextmanager
async def working_with_hot_tables(url: str) -> AsyncIterator[dict[str, float]]:
    """Let a writer go to each hot table again and again; gives the longest time that each had to wait."""
    connection = await asyncpg.connect(url)
    tables = [row[0] for row in await connection.fetch(HOT)]
    await connection.close()
    stalls = dict.fromkeys(tables, 0.0)
    writers = [asyncio.create_task(_write(url, table, stalls)) for table in tables]
    await asyncio.sleep(0.3)
    try:
        yield stalls
        await asyncio.sleep(0.1)
    finally:
        for each in writers:
            each.cancel()
        found = await asyncio.gather(*writers, return_exceptions=True)
    assert [one for one in found if not isinstance(one, asyncio.CancelledError)] == []


async def _write(url: str, table: str, stalls: dict[str, float]) -> None:
    # A delete that finds no row takes the same lock as one that does.
    connection = await asyncpg.connect(url)
    try:
        while True:
            begun = time.monotonic()
            await connection.execute(f"delete from {table} where ctid = '(0,0)'::tid")
            stalls[table] = max(stalls[table], time.monotonic() - begun)
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        connection.terminate()
