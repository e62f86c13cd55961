"""The embedded server: started once, whoever asks; told nothing that it knows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from thidua_runtime.postgres import begin_postgres, prepare_server, start_postgres
from thidua_runtime.testing import FAST

LAST_LOADED = "select pg_conf_load_time()"


def test_a_server_asked_for_by_several_at_once_is_started_once(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    with ThreadPoolExecutor(3) as several:
        sockets = set(several.map(start_postgres, [folder] * 3))
    assert sockets == {begin_postgres(folder).result()}
    assert len((folder / "log").read_text().split("starting PostgreSQL")) == 2


def test_whoever_waits_for_a_server_that_cannot_start_learns_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    begin_postgres(tmp_path / "file" / "pg")
    for _ in range(2):
        with pytest.raises(FileExistsError):
            start_postgres(tmp_path / "file" / "pg")


@pytest.mark.anyio
async def test_a_setting_that_is_in_force_is_not_written_again(postgres_folder: str) -> None:
    await prepare_server(postgres_folder, [], FAST)
    connection = await asyncpg.connect(host=postgres_folder, user="postgres", database="postgres")
    try:
        await _shows(connection, "full_page_writes", "off")
        before = await connection.fetchval(LAST_LOADED)
        await prepare_server(postgres_folder, [], FAST)
        assert await connection.fetchval(LAST_LOADED) == before
        await prepare_server(postgres_folder, [], {"log_statement": "ddl"})
        await _shows(connection, "log_statement", "ddl")
        assert await connection.fetchval(LAST_LOADED) > before
    finally:
        await prepare_server(postgres_folder, [], {"log_statement": "none"})
        await connection.close()


async def _shows(connection: asyncpg.Connection, name: str, value: str) -> None:
    # A reload reaches a session when it next has something to do.
    for _ in range(1000):
        if await connection.fetchval(f"show {name}") == value:
            return
    pytest.fail(f"{name} never became {value}")
