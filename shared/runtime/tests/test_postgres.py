"""The embedded server: started once, whoever asks; told nothing that it knows."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from thidua_runtime.postgres import begin_postgres, prepare_server, start_postgres, stop_postgres
from thidua_runtime.testing_databases import FAST


def test_a_server_asked_for_by_several_at_once_is_started_once(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    with ThreadPoolExecutor(3) as several:
        sockets = set(several.map(start_postgres, [folder] * 3))
    assert sockets == {begin_postgres(folder).result()}
    assert len((folder / "log").read_text().split("starting PostgreSQL")) == 2


def test_a_stopped_server_is_gone_and_can_be_started_again(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    for _ in range(2):
        start_postgres(folder)
        assert (folder / "postmaster.pid").exists()
        stop_postgres(folder)
        assert not (folder / "postmaster.pid").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from thidua_runtime.postgres import start_postgres
start_postgres(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_left_by_a_killed_process_is_taken_over_and_stopped_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = (folder / "postmaster.pid").read_text().splitlines()[0]
    start_postgres(folder)
    assert (folder / "postmaster.pid").read_text().splitlines()[0] == left
    stop_postgres(folder)
    assert not (folder / "postmaster.pid").exists()


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
        written = Path(await connection.fetchval("show data_directory")) / "postgresql.auto.conf"
        before = written.stat()
        await prepare_server(postgres_folder, [], FAST)
        assert (written.stat().st_ino, written.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        await prepare_server(postgres_folder, [], {"log_statement": "ddl"})
        assert "log_statement = 'ddl'" in written.read_text()
    finally:
        await prepare_server(postgres_folder, [], {"log_statement": "none"})
        await connection.close()
