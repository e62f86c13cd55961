"""The databases of tests: whoever takes one finds it as if it had just been made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from thidua_runtime.testing_databases import Databases

pytestmark = pytest.mark.anyio

TABLES = """
create table parent (name text primary key);
create table child (parent text references parent on delete cascade, number bigint generated always as identity);
create sequence place start 7;
"""
FILL = "insert into parent values ('a'); insert into child values ('a'); select nextval('place')"


async def make_tables(url: str) -> None:
    async with connected(url) as connection:
        await connection.execute(TABLES)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def look(connection: Any) -> tuple[list[str], int, int]:
    """Return the rows of both tables, and the next number of both sequences."""
    rows = [str(tuple(row)) for row in await connection.fetch("table parent union all select parent from child")]
    await connection.execute("insert into parent values ('look') on conflict do nothing")
    number = await connection.fetchval("insert into child values ('look') returning number")
    return rows, number, await connection.fetchval("select nextval('place')")


AS_MADE = ([], 1, 7)


@pytest.mark.parametrize("rows", [1, 20_000])
async def test_the_next_user_of_a_database_finds_no_row_and_sequences_at_their_start(
    databases: Databases, rows: int
) -> None:
    seen = []
    for _ in range(2):
        async with databases.prepared("trial", make_tables) as url, connected(url) as connection:
            seen.append((url, await look(connection)))
            await connection.execute(FILL)
            await connection.execute("insert into parent select 'row ' || n from generate_series(1, $1) as n", rows)
    assert seen[0] == seen[1]
    assert seen[0][1] == AS_MADE


async def test_two_users_at_once_never_share_a_database_and_two_kinds_never_do(databases: Databases) -> None:
    async with (
        databases.prepared("trial", make_tables) as one,
        databases.prepared("trial", make_tables) as two,
        databases.prepared("another", make_tables) as three,
    ):
        assert len({one, two, three}) == 3


@pytest.mark.parametrize(
    "change",
    [
        "alter table parent rename to elder",
        "alter table child alter column parent set not null",
        "alter table child alter column parent set default 'a'",
        "alter table child add check (number > 0)",
        "create index more on child (parent)",
        "create function more() returns int language sql return 1",
        "alter table child disable trigger all",
    ],
)
async def test_a_database_whose_tables_were_changed_is_never_used_again(databases: Databases, change: str) -> None:
    async with databases.prepared("trial", make_tables) as changed, connected(changed) as connection:
        await connection.execute(change)
    async with databases.prepared("trial", make_tables) as fresh, connected(fresh) as connection:
        assert fresh != changed
        assert await look(connection) == AS_MADE


async def test_what_a_user_left_running_can_write_nothing_for_the_next_one(databases: Databases) -> None:
    async with databases.prepared("trial", make_tables) as url:
        left = await asyncpg.connect(url.replace("+asyncpg", ""))
        late = asyncio.create_task(left.execute("select pg_sleep(1); insert into parent values ('late')"))
        await asyncio.sleep(0.1)
    with pytest.raises(asyncpg.PostgresError):
        await late
    left.terminate()
    async with databases.prepared("trial", make_tables) as same, connected(same) as connection:
        assert same == url
        assert await look(connection) == AS_MADE
