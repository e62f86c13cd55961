"""The benchmark of the bus: thidua, other stream processors and the limit of this machine at the same job.

    python -m benchmarks.bus [--events N] [--times N] [--mix MIX]… [--contestant NAME]… [--json FILE] [--servers …]

N task events lie on a topic of a real Apache Kafka. The job: keep every task durably (a version not newer than the
stored one is ignored), count per unit and month and per person and month, publish the counters that changed, commit
the offsets. All contestants run one after another on the same events; a wrong total disqualifies a run. Measured
from the moment the events can be read until the last result can be read: events a second, CPU seconds per million
events (contestant, PostgreSQL and broker together) and memory; then, with the mix `new`, the latency at 500 events/s.
`make bench` prepares everything and runs it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from itertools import product
from pathlib import Path

from benchmarks.bus import report
from benchmarks.bus.contestants import CONTESTANTS, ROOT
from benchmarks.bus.course import Course, Options
from benchmarks.bus.events import MIXES
from benchmarks.bus.postgres import start_server

EVENTS = 1_000_000
NAMES = tuple(dict.fromkeys(contestant.name for contestant in CONTESTANTS))


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--times", type=int, default=1, help="rounds; figures are medians")
    parser.add_argument("--mix", action="append", choices=MIXES)
    parser.add_argument("--contestant", action="append", choices=NAMES)
    parser.add_argument("--processes", type=int, choices=(1, 2), help="only contestants of so many processes")
    parser.add_argument("--latency-seconds", type=int, default=20, help="0: no latency")
    parser.add_argument("--servers", default=f"127.0.0.1:{os.environ.get('KAFKA_PORT', '19092')}")
    parser.add_argument("--json", type=Path, help="keep the figures as a list of objects")
    return parser.parse_args()


async def run(chosen: argparse.Namespace) -> None:
    """Run every chosen contestant with every chosen mix, as often as wanted, and report."""
    broker_pid = int((Path(os.environ.get("KAFKA_FOLDER", ROOT / ".kafka")) / "pid").read_text())
    names, mixes = chosen.contestant or NAMES, chosen.mix or MIXES
    contestants = [one for one in CONTESTANTS if one.name in names and chosen.processes in (None, one.processes)]
    with tempfile.TemporaryDirectory(prefix="thidua-bench-", ignore_cleanup_errors=True) as folder:
        server = await start_server(Path(folder) / "postgres")
        wanted = Options(chosen.servers, chosen.events, chosen.latency_seconds, broker_pid, Path(folder))
        course = Course(wanted, server)
        for mix, _, contestant in product(mixes, range(chosen.times), contestants):
            await course.run(contestant, mix)
        report.show(course.runs, chosen.events)
        if chosen.json:
            report.keep(course.runs, chosen.json)


if __name__ == "__main__":
    # Ended from outside, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    asyncio.run(run(options()))
