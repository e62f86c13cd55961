"""Commits that do not wait for the disk: what was answered is there all the same, and nobody outlives the server."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

import asyncpg
import httpx2
import pytest

from thidua_runtime.access import Principal, Tokens, new_token
from thidua_runtime.clock import SystemClock
from thidua_runtime.errors import ServerBroke
from thidua_runtime.host import embedded_suite
from thidua_runtime.postgres import begin_postgres, prepare_server, start_postgres, stop_postgres
from thidua_runtime.serving import suite_app
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite

from .small import SMALL

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

SETTINGS = Settings(shutdown_seconds=1)
# So that hardly anything but a commit that waits for the disk brings anything there.
LAZY = {"wal_writer_delay": "2s"}


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    await prepare_server(start_postgres(tmp_path / "postgres"), [], LAZY)
    yield tmp_path
    stop_postgres(tmp_path / "postgres")


def opened(folder: Path) -> AbstractAsyncContextManager[Suite]:
    return embedded_suite(folder, [SMALL], SETTINGS, SystemClock(), jobs_by_clock=False, write_behind=True)


async def ask(suite: Suite, method: str, **body: str) -> httpx2.Response:
    token = new_token()
    tokens = Tokens({}).with_token(token, Principal("Văn phòng", "office"))
    transport = httpx2.ASGITransport(app=suite_app(suite, tokens))
    async with httpx2.AsyncClient(transport=transport, base_url="http://thidua") as client:
        headers = {"authorization": f"Bearer {token}"}
        return await client.request(method, "/small/units", headers=headers, json=body or None)


def break_off(folder: Path) -> None:
    """End the server as a power cut does: nothing more is written."""
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)


async def connected(folder: Path) -> asyncpg.Connection:
    """Connect once the server answers; told to stop while it recovers, it would not."""
    async with asyncio.timeout(30):
        while True:
            with suppress(asyncpg.PostgresError, OSError):
                return await asyncpg.connect(host=begin_postgres(folder / "postgres").result(), user="postgres")
            await asyncio.sleep(0.05)


async def answered_then_broken(folder: Path) -> None:
    async with opened(folder) as suite:
        assert (await ask(suite, "POST", id="u-1", name="Vụ Đất đai")).status_code == 200
        break_off(folder)
        await suite.wait_until_ended()


async def broken_for_a_moment(folder: Path) -> None:
    async with opened(folder) as suite:
        other = await connected(folder)
        os.kill(other.get_server_pid(), signal.SIGKILL)
        await suite.wait_until_ended()


async def test_what_was_answered_is_there_after_the_server_broke_off(folder: Path) -> None:
    with pytest.raises(ServerBroke):
        await answered_then_broken(folder)
    stop_postgres(folder / "postgres")
    async with opened(folder) as suite:
        assert (await ask(suite, "GET")).json() == ["u-1"]


async def test_a_server_that_comes_back_by_itself_ends_the_suite_all_the_same(folder: Path) -> None:
    with pytest.raises(ServerBroke):
        await broken_for_a_moment(folder)
    await (await connected(folder)).close()
