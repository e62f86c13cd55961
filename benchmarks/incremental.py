"""Latency of scoring alone: from a changed fact on the stream `facts` to the new score, stored and on the stream.

    python -m benchmarks.incremental [--seconds 20] [--rate 200] [--people 6000] [--json FILE]

The scoring service runs on the embedded PostgreSQL with generated people of decree 335/2025, all of them scored
before. Then so many people a second get another mark from their appraiser, each person once, one event each, at a
steady pace. "stored" ends with the statement that writes the score (its commit follows at once), "streamed" when a
score with the new mark can be read on the stream `scores`, behind commit and relay. Each change makes the scores of
two months, the quarter and the year anew. A checkpoint before the clock starts lets the write-ahead log use its files
again, as on any server that has run for some minutes. The first three seconds warm up and are not counted; with less
than 99 % answered no figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from benchmarks.officials import AS_OF, MARKS, PERIOD, SET, Official, common_to, fact, officials
from benchmarks.payroll import fill
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.collector import spare_collector
from thidua_runtime.embedded import EmbeddedBus
from thidua_runtime.host import embedded_suite
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Outgoing, Positions, Record
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_scoring.handlers import mark_everybody
from thidua_scoring.queries.uses import changed_uses
from thidua_scoring.service import SERVICE

WARM_UP_SECONDS: Final = 3
LATEST_SECONDS: Final = 10.0
RECYCLE: Final = text("checkpoint")
ENOUGH_PERCENT: Final = 99
LINE: Final = "C.a"
STORED: Final = text("""
select subject, extract(epoch from scored_at) as stored_at from score
 where lane = 'running' and period = :period and subject = any(cast(:subjects as text[]))
""")


@dataclass
class Stopwatch:
    """Changes that wait for their score: by person the new mark, when it was sent, and whether it counts."""

    sent: int = 0
    milliseconds: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    sent_at: dict[str, float] = field(default_factory=dict)
    """Since 1970, of those that count."""

    waiting: dict[str, tuple[str, float, bool]] = field(default_factory=dict)

    async def take(self, records: Sequence[Record]) -> None:
        """Note the scores that came out."""
        now = time.perf_counter()
        for record in records:
            if record.header(TYPE_HEADER) != HEARTBEAT and record.body is not None:
                self._answer(json.loads(record.body), now)

    def _answer(self, score: dict[str, Any], now: float) -> None:
        wanted, sent_at, is_counted = self.waiting.get(score["subject"], ("", 0.0, False))
        if wanted and score["period"] == PERIOD and any(_is_new(line, wanted) for line in score["lines"]):
            del self.waiting[score["subject"]]
            if is_counted:
                self.milliseconds.append((now - sent_at) * 1000)


def _is_new(line: dict[str, Any], points: str) -> bool:
    return bool(line["code"] == LINE and line["points"] == points)


def change(one: Official, version: int) -> tuple[Outgoing, str]:
    """Return the event of another mark than the person had, and the points that the line then shows."""
    (body,) = (body for key, body in one.facts if key.endswith(f"/{MARKS[0]}/appraiser"))
    before = json.loads(body)["entries"][0]["value"]
    after = "6.5" if before != "6.5" else "7.5"
    key, changed = fact(common_to(one), MARKS[0], "appraiser", {PERIOD: after}, version)
    return Outgoing("facts", key, one.id, (), changed.encode()), f"{after}0"


async def measure(suite: Suite, people: int, seconds: int, rate: int) -> Stopwatch:
    """Score everybody once, then change marks at a steady pace and watch the scores."""
    running, bus = suite.services["scoring"], suite.bus
    assert isinstance(bus, EmbeddedBus)
    await fill(running.database, people)
    async with running.database.transaction() as tx:
        await mark_everybody(tx, await changed_uses(tx))
    while (await running.database.alone(text("select count(*) as number from dirty")))[0].number:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    await suite.settle()
    await running.database.alone(RECYCLE)
    spare_collector()
    watch = Stopwatch()
    end = await bus.end("scores")

    async def stored() -> Positions:
        return Positions("scores", {0: end})

    watching = asyncio.create_task((await bus.reading("bench", "scores", stored, watch.take)).run())
    await _at_a_steady_rate(bus, watch, list(officials(people))[: (WARM_UP_SECONDS + seconds) * rate], rate)
    give_up = time.perf_counter() + LATEST_SECONDS
    while watch.waiting and time.perf_counter() < give_up:  # noqa: ASYNC110  (nobody sets an event at the last one)
        await asyncio.sleep(0.05)
    watching.cancel()
    for row in await running.database.alone(STORED, period=PERIOD, subjects=list(watch.sent_at)):
        watch.stored.append((float(row.stored_at) - watch.sent_at[row.subject]) * 1000)
    return watch


async def _at_a_steady_rate(bus: EmbeddedBus, watch: Stopwatch, changed: Sequence[Official], rate: int) -> None:
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number, one in enumerate(changed):
            due = number / rate
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            event, points = change(one, version=2)
            is_counted = due >= WARM_UP_SECONDS
            watch.sent += is_counted
            if is_counted:
                watch.sent_at[one.id] = time.time()
            watch.waiting[one.id] = (points, time.perf_counter(), is_counted)
            sending.create_task(bus.append([event]))


async def run(people: int, seconds: int, rate: int) -> Stopwatch:
    """Measure once."""
    clock = ManualClock(datetime(AS_OF.year, AS_OF.month, AS_OF.day, 8, tzinfo=VIETNAM))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with embedded_suite(Path(folder), [SERVICE], Settings(), clock, jobs_by_clock=False) as suite:
            return await measure(suite, people, seconds, rate)


def figures(watch: Stopwatch) -> dict[str, Any]:
    """Return what was sent, answered, and how long both ways took, in whole milliseconds."""
    ways = {"stored": watch.stored, "streamed": watch.milliseconds}
    found: dict[str, Any] = {"sent": watch.sent, "answered": len(watch.milliseconds)}
    return found | {name: _spread(sorted(times)) for name, times in ways.items() if times}


def _spread(times: Sequence[float]) -> dict[str, int]:
    found = {f"p{percent}": round(times[len(times) * percent // 100]) for percent in (50, 95, 99)}
    return {**found, "max": round(times[-1])}


def main() -> None:
    """Read the options, run, and print; ends with an error when too few changes were answered."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--rate", type=int, default=200)
    options.add_argument("--people", type=int, default=6_000)
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = options.parse_args()
    if (WARM_UP_SECONDS + chosen.seconds) * chosen.rate > chosen.people:
        options.error(f"--people: each person changes once, so have {(WARM_UP_SECONDS + chosen.seconds) * chosen.rate}")
    found = figures(asyncio.run(run(chosen.people, chosen.seconds, chosen.rate)))
    if found["answered"] * 100 < found["sent"] * ENOUGH_PERCENT:
        sys.exit(f"Only {found['answered']} of {found['sent']} changes led to a new score: no figure.")
    print(
        f"{chosen.rate} changed facts/s for {chosen.seconds} s, set {SET}: {found['answered']} of {found['sent']}, ms"
    )
    for name in ("stored", "streamed"):
        print(f"{name:>8}  " + "  ".join(f"{mark} {figure:>5}" for mark, figure in found[name].items()))
    if chosen.json:
        chosen.json.write_text(json.dumps({"rate": chosen.rate, "seconds": chosen.seconds, **found}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
