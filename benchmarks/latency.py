"""Latency of the embedded suite: from a task event on the `tasks` stream to the changed score on `scores`.

    python benchmarks/latency.py [--seconds 30] [--rate 100]

All four services run in one process on the embedded PostgreSQL, with the 90 units of the sample year.
Each event completes a new task of the next unit in turn, so that a unit's events lie about a second apart
and its next score can only be due to the last of them. Prints p50, p99 and the largest, in milliseconds,
and how many events led to no score within five seconds (must be 0).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import httpx2

from thidua.contracts import TaskReport
from thidua_runtime.canonical import read_streams
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.embedded import EmbeddedBus
from thidua_runtime.host import embedded_suite
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Outgoing, Positions, Record
from thidua_runtime.service import installed_services, load_service
from thidua_runtime.serving import suite_app
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_sample.demo import RoleTokens
from thidua_sample.generate import generate
from thidua_sample.play.doors import Doors
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.stage import Stage

TODAY = datetime(2022, 3, 20, 8, tzinfo=VIETNAM)
DEADLINE = date(2022, 3, 10)
LATEST_SECONDS = 5.0


class Stopwatch:
    """Sent events by unit, and how long each took to reach a score."""

    def __init__(self) -> None:
        self.waiting: dict[str, float] = {}
        self.milliseconds: list[float] = []
        self.unanswered = 0

    def sent(self, unit: str) -> None:
        """Note that an event of a unit is on the stream; an earlier one without a score counts as unanswered."""
        self.unanswered += unit in self.waiting
        self.waiting[unit] = time.perf_counter()

    async def take(self, records: Sequence[Record]) -> None:
        """Note the scores that came out."""
        now = time.perf_counter()
        for record in records:
            if record.header(TYPE_HEADER) != HEARTBEAT and record.body is not None:
                sent = self.waiting.pop(json.loads(record.body)["subject"], None)
                if sent is not None:
                    self.milliseconds.append((now - sent) * 1000)


def task(number: int, unit_code: str) -> Outgoing:
    """Return a completed task as its source would send it."""
    report = TaskReport(
        source="bench", source_id=str(number), version=1, unit=unit_code, title="Nhiệm vụ đo độ trễ",
        deadline=DEADLINE, completed_at=datetime(2022, 3, 9, 10, tzinfo=VIETNAM),
    )  # fmt: skip
    return Outgoing("tasks", report.key, report.partition_key, (), report.model_dump_json().encode())


async def enter(suite: Suite, clock: ManualClock) -> None:
    """Enter units, people and the campaign, and bring the as-of date to today."""

    async def advance(to: datetime) -> None:
        clock.set(to)

    roles = RoleTokens()
    transport = httpx2.ASGITransport(app=suite_app(suite, roles.tokens))
    async with httpx2.AsyncClient(transport=transport, base_url="http://thidua", timeout=60) as client:
        stage = Stage(generate(), Doors(client, roles.of), advance, lambda phase, done, total: None)
        await enter_organisation(stage)
    await suite.settle()
    for running in suite.services.values():
        await running.run_jobs_of_the_day()
    await suite.settle()


async def measure(suite: Suite, seconds: int, rate: int) -> Stopwatch:
    """Send events at a steady rate and watch the scores."""
    bus = suite.bus
    assert isinstance(bus, EmbeddedBus)
    units = (await read_streams(bus, ["units"]))["units"].values()
    ids = {unit["codes"][0]["code"]: unit["id"] for unit in units if unit["parent"]}
    codes = sorted(ids)
    watch = Stopwatch()
    end = await bus.end("scores")

    async def stored() -> Positions:
        return Positions("scores", {0: end})

    reading = await bus.reading("bench", "scores", stored, watch.take)
    watching = asyncio.create_task(reading.run())
    begun = time.perf_counter()
    for number in range(seconds * rate):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        code = codes[number % len(codes)]
        await bus.append([task(number, code)])
        watch.sent(ids[code])
    give_up = time.perf_counter() + LATEST_SECONDS
    while watch.waiting and time.perf_counter() < give_up:  # noqa: ASYNC110  (nobody sets an event for the last one)
        await asyncio.sleep(0.05)
    watching.cancel()
    watch.unanswered += len(watch.waiting)
    return watch


async def run(seconds: int, rate: int) -> None:
    """Measure once and print the figures."""
    clock = ManualClock(TODAY)
    services = [load_service(name) for name in installed_services()]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with embedded_suite(Path(folder), services, Settings(), clock, jobs_by_clock=False) as suite:
            await enter(suite, clock)
            watch = await measure(suite, seconds, rate)
    times = sorted(watch.milliseconds)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{len(times)} events at {rate}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms, largest {times[-1]:.0f} ms")
    print(f"events without a score of their own: {watch.unanswered}")


def main() -> None:
    """Read the options and run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--rate", type=int, default=100)
    chosen = options.parse_args()
    asyncio.run(run(chosen.seconds, chosen.rate))


if __name__ == "__main__":
    main()
