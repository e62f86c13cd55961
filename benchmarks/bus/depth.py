"""What an event costs when a ledger holds millions of tasks already, beside what it costs when it holds fewer.

    python -m benchmarks.bus.depth [--stored N]… [--events N] [--times N] [--recount] [--statements N] [--json FILE]

For each depth a fresh database is filled by SQL with so many tasks in the shape in which the service stores them,
counted and published, then vacuumed, and a checkpoint written. The service as it ships takes events of the mix
`updates`: half of them new tasks, half of them changes of tasks among the newest tenth of all. The same gate and the
same judge as in `benchmarks.bus`: a wrong counter ends the run. Depths take turns, `--times` rounds, in one server.

What is warm: nothing was read since the checkpoint; the file cache of the machine holds what the filling left there
(all of it where memory suffices), shared buffers what the vacuum touched last. The service has read units and people,
nothing else. Prints events a second, CPU seconds per million events by group and the ratio to the first depth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.bus.broker import encode, fresh_settings, fresh_topics, gate
from benchmarks.bus.contestants import CONTESTANTS, ROOT, Place, Running
from benchmarks.bus.course import groups, run_race, say, started
from benchmarks.bus.filling import Deep, fill, recount
from benchmarks.bus.organisation import prepare
from benchmarks.bus.postgres import PROFILE, SETTINGS, Server, start_server
from benchmarks.bus.race import Race, Seen

DEPTHS: Final = (1_000_000, 20_000_000)
EVENTS: Final = 1_000_000
BAR: Final = 1.3
WAL: Final = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"


@dataclass(frozen=True)
class Depth:
    """One run: tasks stored before, how it went, and bytes written to the write-ahead log meanwhile."""

    stored: int
    race: Race
    wal_bytes: int

    def figures(self) -> dict[str, Any]:
        """Return what is kept of it."""
        million = 1_000_000 / self.race.events
        return {
            "stored": self.stored,
            "events": self.race.events,
            "events_per_s": round(self.race.events_per_s),
            "cpu_s_per_million": round(self.race.cpu_s_per_million, 1),
            **{f"{name}_cpu_s_per_million": round(used * million, 1) for name, used in self.race.cpu.items()},
            "wal_bytes_per_event": round(self.wal_bytes / self.race.events),
            "peak_mb": round(self.race.peak_mb),
        }


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, action="append", help="tasks stored before; the first is the yardstick")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--times", type=int, default=1, help="rounds; figures are medians")
    parser.add_argument("--recount", action="store_true", help="let the service recount each ledger after its run")
    parser.add_argument("--statements", type=int, default=0, help="show so many statements of each run")
    parser.add_argument("--servers", default=f"127.0.0.1:{os.environ.get('KAFKA_PORT', '19092')}")
    parser.add_argument("--json", type=Path, help="keep the figures of every run, and the ratios")
    return parser.parse_args()


async def run(chosen: argparse.Namespace) -> bool:
    """Run every depth as often as wanted, and report; returns whether every ratio keeps to the bar."""
    depths: Sequence[int] = chosen.stored or DEPTHS
    broker_pid = int((Path(os.environ.get("KAFKA_FOLDER", ROOT / ".kafka")) / "pid").read_text())
    runs: list[Depth] = []
    with tempfile.TemporaryDirectory(prefix="thidua-bench-", ignore_cleanup_errors=True) as folder:
        server = await start_server(Path(folder) / "postgres", PROFILE if chosen.statements else {})
        for _ in range(chosen.times):
            for stored in depths:
                runs.append(await _run(chosen, server, Path(folder), stored, broker_pid))
    found = ratios(runs)
    _show(runs, found)
    if chosen.json:
        kept = {"bar": BAR, "ratios": found, "runs": [one.figures() for one in runs]}
        chosen.json.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    return all(each["cpu"] <= BAR for each in found)


async def _run(chosen: argparse.Namespace, server: Server, folder: Path, stored: int, broker_pid: int) -> Depth:
    thidua = next(one for one in CONTESTANTS if one.is_thidua)
    settings = fresh_settings(chosen.servers)
    name = settings.province.replace("-", "_")
    async with fresh_topics(settings), server.fresh_database(name) as database:
        place = Place(settings, database, folder / name)
        await prepare(place)
        before = await fill(database, stored, lambda told: print(told, flush=True))
        workload = Deep(stored, before)
        events = encode(workload.events(chosen.events))
        wanted = workload.totals()
        running, seen = Running(thidua, place), Seen(totals=dict(before))
        async with gate(settings, events.records()) as producer, started(running) as watch:
            costs = groups(running, broker_pid, server.pid)
            begun = await _wal(database)
            if chosen.statements:
                await server.statements(0)
            race = await run_race(running, watch, producer, costs, seen, events, wanted)
            written = await _wal(database) - begun
            statements = await server.statements(chosen.statements) if chosen.statements else ()
        say(f"{stored:,} tasks stored before", race)
        print("".join(f"  {one}\n" for one in statements), end="", flush=True)
        if race.wrong:
            raise SystemExit(f"with {stored:,} tasks stored before: {'; '.join(race.wrong)}")
        if chosen.recount and (wrong := await recount(database)):
            raise SystemExit(f"with {stored:,} tasks stored before, a recount finds other figures: {wrong}")
    return Depth(stored, race, written)


async def _wal(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return int(await connection.fetchval(WAL))
    finally:
        await connection.close()


def ratios(runs: Sequence[Depth]) -> list[dict[str, Any]]:
    """Return, for each depth but the first, the median over all rounds of its cost by that of the first one."""
    first = [one for one in runs if one.stored == runs[0].stored]
    found = []
    for stored in dict.fromkeys(one.stored for one in runs if one.stored != runs[0].stored):
        pairs = list(zip(first, [one for one in runs if one.stored == stored], strict=True))
        cpu = median(deep.race.cpu_s_per_million / flat.race.cpu_s_per_million for flat, deep in pairs)
        seconds = median(flat.race.events_per_s / deep.race.events_per_s for flat, deep in pairs)
        found.append({"stored": stored, "beside": runs[0].stored, "cpu": round(cpu, 2), "seconds": round(seconds, 2)})
    return found


def _show(runs: Sequence[Depth], found: Sequence[dict[str, Any]]) -> None:
    console = Console(width=120)
    console.print("PostgreSQL: " + ", ".join(f"{name}={value}" for name, value in SETTINGS.items()))
    table = Table(title=f"mix updates, {runs[0].race.events:,} events")
    lines = [one.figures() for one in runs]
    for heading in lines[0]:
        table.add_column(heading.removesuffix("_cpu_s_per_million").replace("_", " "), justify="right")
    for line in lines:
        table.add_row(*(f"{value:,}" for value in line.values()))
    console.print(table)
    for each in found:
        verdict = "kept" if each["cpu"] <= BAR else "missed"
        console.print(
            f"an event on {each['stored']:,} stored tasks costs {each['cpu']:.2f} × the CPU time and "
            f"{each['seconds']:.2f} × the time of one on {each['beside']:,}; the aim is {BAR} ({verdict})"
        )


if __name__ == "__main__":
    # Ended from outside, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    sys.exit(0 if asyncio.run(run(options())) else 1)
