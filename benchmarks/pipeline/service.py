"""One service in a process of its own, as `thidua run` runs it, but for its clock: that is told what day it is.

    python -m benchmarks.pipeline.service NAME SOCKET

Settings come from the environment. A line on the socket is a command, its answer a line of JSON: `clock MOMENT` sets
the clock, `jobs` runs the jobs of that day, `settle` and `settle-loops` return once nothing moves any more in this
service, `beat` writes its heartbeats, `tell` does nothing. Every answer tells how far the service has come.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import uvloop
from sqlalchemy import text

from thidua_runtime.clock import ManualClock
from thidua_runtime.host import Host, until_signal
from thidua_runtime.kafka_host import kafka_host
from thidua_runtime.logs import configure_logs
from thidua_runtime.service import load_service
from thidua_runtime.settings import read_settings
from thidua_sample.demo import START

REACHED: Final = text("""
select (select last_value from thidua.version) as version,
       (select coalesce(sum(next_offset), 0)::bigint from thidua.position) as taken
""")


async def serve(name: str, socket: Path) -> None:
    """Serve until a signal ends it."""
    settings = read_settings()
    configure_logs(settings)
    clock = ManualClock(START)
    async with kafka_host([load_service(name)], settings, clock, jobs_by_clock=False) as host:
        for running in host.suite.services.values():
            running.start_watches()
        listening = await asyncio.start_unix_server(partial(_obey, host, clock), socket)
        async with listening:
            await until_signal(host)


async def _obey(host: Host, clock: ManualClock, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        answer: dict[str, int | str]
        try:
            answer = await _do(host, clock, line.decode().strip())
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


async def _do(host: Host, clock: ManualClock, command: str) -> dict[str, int | str]:
    word, _, moment = command.partition(" ")
    (running,) = host.suite.services.values()
    if word == "clock":
        clock.set(datetime.fromisoformat(moment))
    elif word == "jobs":
        await running.run_jobs_of_the_day()
    elif word in ("settle", "settle-loops"):
        await host.suite.settle(loops=word == "settle-loops")
    elif word == "beat":
        await host.suite.beat()
    elif word != "tell":
        raise ValueError(command)
    (reached,) = await running.database.alone(REACHED)
    return {"version": reached.version, "taken": reached.taken}


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2])))
