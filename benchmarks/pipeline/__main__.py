"""A year of many provinces from `tasks` to `recommendations`: what it takes, and where that goes.

    python -m benchmarks.pipeline [--tasks N] [--people N] [--provinces N] [--statements N] [--json FILE]

The four services run in processes of their own, as `thidua run` runs them, on a real Apache Kafka (`make kafka`) and
PostgreSQL; only their clock is set by the benchmark. Units, people, registrations, facts, reports and tasks are copies
of those of the sample year (`thidua_sample.enlarge`). What people enter in the year is entered first, through the
doors; then all task events of the year are put on the stream `tasks` at once, the days are rolled, the months closed,
official scores made and everybody reviewed. Tells of each phase its time, CPU seconds of every service, PostgreSQL,
broker and of the player (who stands in for officials), the states published, and the statements that took longest.
A run in which an event is lost, a counter differs from the recount, or a subject lacks its score, ends with an error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bus.broker import fresh_settings, fresh_topics
from benchmarks.bus.contestants import ROOT
from benchmarks.bus.postgres import PROFILE, start_server
from benchmarks.bus.processes import Group
from benchmarks.pipeline import report
from benchmarks.pipeline.course import Course
from benchmarks.pipeline.house import open_house
from benchmarks.pipeline.phases import Phases
from thidua_sample.enlarge import enlarge
from thidua_sample.generate import generate
from thidua_sample.generate.tasks import SOURCES


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=2_000_000, help="at least so many tasks")
    parser.add_argument("--people", type=int, default=60_000, help="at least so many people")
    parser.add_argument("--provinces", type=int, default=63, help="departments that units are below of")
    parser.add_argument("--statements", type=int, default=5, help="so many statements are shown of each phase")
    parser.add_argument("--servers", default=f"127.0.0.1:{os.environ.get('KAFKA_PORT', '19092')}")
    parser.add_argument("--json", type=Path, help="keep the figures")
    return parser.parse_args()


async def run(chosen: argparse.Namespace) -> None:
    """Make the year, take it through the services, and report."""
    begun = time.monotonic()
    larger = enlarge(generate(), chosen.provinces, chosen.people, chosen.tasks)
    year = larger.year
    size = f"{len(year.units):,} units, {len(year.people):,} people, {larger.tasks:,} tasks"
    print(f"{size}; made in {time.monotonic() - begun:.0f} s", flush=True)
    broker_pid = int((Path(os.environ.get("KAFKA_FOLDER", ROOT / ".kafka")) / "pid").read_text())
    settings = fresh_settings(chosen.servers)
    units, sources = [f"unit:{unit.code}" for unit in year.units], [f"source:{name}" for name in SOURCES]
    with tempfile.TemporaryDirectory(prefix="thidua-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = await start_server(folder / "postgres", PROFILE)
        async with fresh_topics(settings), open_house(folder, server, settings, units, sources) as house:
            groups = [Group(room.name, [room.process.pid]) for room in house.rooms.values()]
            groups += [Group("postgresql", [server.pid]), Group("broker", [broker_pid])]
            phases = Phases(groups, lambda: house.all("tell"), server, chosen.statements)
            course = Course(larger, house, settings, phases)
            await course.run()
            found = report.figures(course, await report.check(course, server))
            report.show(course, found)
            if chosen.json:
                report.keep(found, chosen.json)


if __name__ == "__main__":
    # Ended from outside, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    asyncio.run(run(options()))
