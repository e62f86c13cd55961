"""A running scoring service on a port of this machine, and the command line that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from typer.testing import CliRunner

from thidua.cli import load_commands
from thidua_runtime.testing import RunningSuite

_APP = load_commands()


@dataclass(frozen=True)
class Asked:
    """The command line of somebody with a token."""

    url: str
    token: str

    async def run(self, *arguments: str, fails: bool = False, columns: int = 200) -> str:
        """Run `thidua …` and return what it printed, or the sentence it failed with."""
        settings = {"THIDUA_URL": self.url, "THIDUA_TOKEN": self.token, "COLUMNS": str(columns)}
        done = await asyncio.to_thread(CliRunner(env=settings).invoke, _APP, arguments)
        assert (done.exception is not None) is fails, (done.output, done.exception)
        return f"{done.output}{done.exception or ''}"


@asynccontextmanager
async def command_line(running: RunningSuite, role: str = "operator") -> AsyncIterator[Asked]:
    """Serve the doors of scoring on a free port for as long as the block lasts."""
    async with running.client("scoring", role=role, actor="vận hành") as client:
        app = running.app("scoring")
        server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  (the server tells nobody)
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield Asked(f"http://127.0.0.1:{port}", client.headers["Authorization"].removeprefix("Bearer "))
        finally:
            server.should_exit = True
            await serving
