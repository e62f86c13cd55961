"""Latency of the embedded suite: from a task handed to its door to the changed score on the stream `scores`.

    python benchmarks/latency.py [--seconds 30] [--rate 100] [--batch 5] [--through door|stream] [--json FILE]

All four services run in one process on the embedded PostgreSQL, with the 90 units and 3,000 people of the
sample year. Every task is open and overdue, so that each one raises the count of overdue tasks of its unit by
one and changes its score; units take turns. A task is answered by the first score of its unit that counts it:
the score names the count, so a score that came for an earlier task is not mistaken for it. Batches are handed
over at a steady pace whether or not earlier ones were answered. The first three seconds warm up and are not
counted. Prints p50, p95, p99 and the largest in milliseconds, and how many tasks were sent and answered; with
fewer than 99 % answered it prints no figure and ends with an error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import httpx2

from thidua.contracts import TaskReport
from thidua_runtime.canonical import read_streams
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.embedded import EmbeddedBus
from thidua_runtime.host import embedded_suite
from thidua_runtime.installed import installed_services
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Outgoing, Positions, Record
from thidua_runtime.service import load_service
from thidua_runtime.serving import suite_app
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_sample.demo import RoleTokens
from thidua_sample.generate import generate
from thidua_sample.play.doors import Doors, json_list
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.stage import Stage, heartbeats_of_the_clock

TODAY: Final = datetime(2022, 1, 20, 8, tzinfo=VIETNAM)
DEADLINE: Final = date(2022, 1, 10)
WARM_UP_SECONDS: Final = 3
LATEST_SECONDS: Final = 10.0
"""So long after the last task an answer still counts."""

ENOUGH_PERCENT: Final = 99
SET: Final = "tnmt-2022-tap-the"
NO_TASK_OVERDUE: Final = "T5.2"

HandOver = Callable[[Sequence[TaskReport]], Awaitable[None]]


@dataclass(frozen=True)
class Options:
    """What is measured: so many tasks a second for so long, in batches, through a door or the stream."""

    seconds: int
    rate: int
    batch: int
    through: str


@dataclass
class Stopwatch:
    """Tasks that wait for their score, by unit, and how long the answered ones took."""

    sent: int = 0
    milliseconds: list[float] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, deque[tuple[int, float, bool]]] = field(default_factory=lambda: defaultdict(deque))

    def hand_over(self, unit: str, at: float, *, is_counted: bool) -> None:
        """Note that a task of a unit was handed over."""
        self.sent += is_counted
        self._counts[unit] += 1
        self._waiting[unit].append((self._counts[unit], at, is_counted))

    async def take(self, records: Sequence[Record]) -> None:
        """Note the scores that came out: each answers all tasks of its unit that it counts."""
        now = time.perf_counter()
        for record in records:
            if record.header(TYPE_HEADER) != HEARTBEAT and record.body is not None:
                score = json.loads(record.body)
                waiting = self._waiting.get(score["subject"])
                if waiting and score["criteria_set"] == SET:
                    self._answer(waiting, _tasks_counted(score), now)

    def is_done(self) -> bool:
        """Whether no task waits."""
        return not any(self._waiting.values())

    def _answer(self, waiting: deque[tuple[int, float, bool]], counted: int, now: float) -> None:
        while waiting and waiting[0][0] <= counted:
            _, at, is_counted = waiting.popleft()
            if is_counted:
                self.milliseconds.append((now - at) * 1000)


def _tasks_counted(score: dict[str, Any]) -> int:
    lines = {line["code"]: line for line in score["lines"]}
    _, _, count = lines[NO_TASK_OVERDUE]["sentence"].partition(": ")
    return int(count.partition(";")[0].replace(".", ""))


@dataclass(frozen=True)
class Sender:
    """Hands tasks over; `units`: code and id of each unit, in turn."""

    hand_over: HandOver
    units: Sequence[tuple[str, str]]
    watch: Stopwatch

    async def send(self, first: int, size: int, *, is_counted: bool) -> None:
        """Hand over the tasks from number `first` on."""
        chosen = [self.units[number % len(self.units)] for number in range(first, first + size)]
        reports = [_report(first + place, code) for place, (code, _) in enumerate(chosen)]
        now = time.perf_counter()
        for _, unit in chosen:
            self.watch.hand_over(unit, now, is_counted=is_counted)
        await self.hand_over(reports)


def _report(number: int, unit_code: str) -> TaskReport:
    return TaskReport(
        source="bench", source_id=str(number), version=1, unit=unit_code, title="Nhiệm vụ đo độ trễ", deadline=DEADLINE
    )


@asynccontextmanager
async def opened(suite: Suite) -> AsyncIterator[Doors]:
    """Open the doors of a suite in this process."""
    roles = RoleTokens()
    transport = httpx2.ASGITransport(app=suite_app(suite, roles.tokens))
    async with httpx2.AsyncClient(transport=transport, base_url="http://thidua", timeout=60) as client:
        yield Doors(client, roles.of)


async def enter(suite: Suite, doors: Doors, clock: ManualClock) -> None:
    """Enter units, people and the campaign, and bring the as-of date to today."""

    async def advance(to: datetime) -> None:
        clock.set(to)

    await enter_organisation(
        Stage(generate(), doors, advance, lambda phase, done, total: None, heartbeats_of_the_clock)
    )
    await suite.settle()
    for running in suite.services.values():
        await running.run_jobs_of_the_day()
    await suite.settle()


def log_of(suite: Suite) -> EmbeddedBus:
    """Return the embedded log of a suite."""
    assert isinstance(suite.bus, EmbeddedBus)
    return suite.bus


def way_in(suite: Suite, doors: Doors, through: str) -> HandOver:
    """Return how tasks get in: the HTTP door of monitoring, or the stream `tasks`."""

    async def to_the_door(reports: Sequence[TaskReport]) -> None:
        await doors.post("/monitoring/tasks", json_list(reports), "source:bench")

    async def to_the_stream(reports: Sequence[TaskReport]) -> None:
        records = [Outgoing("tasks", one.key, one.partition_key, (), one.model_dump_json().encode()) for one in reports]
        await log_of(suite).append(records)

    return to_the_door if through == "door" else to_the_stream


async def measure(suite: Suite, doors: Doors, options: Options) -> Stopwatch:
    """Hand over tasks at a steady rate and watch the scores."""
    bus = log_of(suite)
    known = (await read_streams(bus, ["units"]))["units"].values()
    units = sorted((unit["codes"][0]["code"], unit["id"]) for unit in known if unit["parent"])
    watch = Stopwatch()
    sender = Sender(way_in(suite, doors, options.through), units, watch)
    end = await bus.end("scores")

    async def stored() -> Positions:
        return Positions("scores", {0: end})

    watching = asyncio.create_task((await bus.reading("bench", "scores", stored, watch.take)).run())
    # The first result of a month moves the as-of date and with it everybody: that is no answer to a task.
    await sender.send(0, len(units), is_counted=False)
    await suite.settle()
    await _at_a_steady_rate(sender, options)
    give_up = time.perf_counter() + LATEST_SECONDS
    while not watch.is_done() and time.perf_counter() < give_up:  # noqa: ASYNC110  (nobody sets an event at the last one)
        await asyncio.sleep(0.05)
    watching.cancel()
    return watch


async def _at_a_steady_rate(sender: Sender, options: Options) -> None:
    first = len(sender.units)
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number in range(0, (WARM_UP_SECONDS + options.seconds) * options.rate, options.batch):
            due = number / options.rate
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            is_counted = due >= WARM_UP_SECONDS
            sending.create_task(sender.send(first + number, options.batch, is_counted=is_counted))


async def run(options: Options) -> Stopwatch:
    """Measure once."""
    clock = ManualClock(TODAY)
    services = [load_service(name) for name in installed_services()]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        starting = embedded_suite(Path(folder), services, Settings(), clock, jobs_by_clock=False)
        async with starting as suite, opened(suite) as doors:
            await enter(suite, doors, clock)
            return await measure(suite, doors, options)


def figures(watch: Stopwatch) -> dict[str, int]:
    """Return what was sent, answered, and how long it took, in whole milliseconds."""
    times = sorted(watch.milliseconds)
    found = {"sent": watch.sent, "answered": len(times)}
    if times:
        found |= {f"p{percent}": round(times[len(times) * percent // 100]) for percent in (50, 95, 99)}
        found["max"] = round(times[-1])
    return found


def main() -> None:
    """Read the options, run, and print; ends with an error when too few tasks were answered."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--rate", type=int, default=100)
    options.add_argument("--batch", type=int, default=5)
    options.add_argument("--through", choices=("door", "stream"), default="door")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    measured = Options(chosen.seconds, chosen.rate, chosen.batch, chosen.through)
    found = figures(asyncio.run(run(measured)))
    if found["answered"] * 100 < found["sent"] * ENOUGH_PERCENT:
        sys.exit(f"Only {found['answered']} of {found['sent']} tasks changed their unit's score: no figure.")
    print(f"{measured.rate} tasks/s for {measured.seconds} s in batches of {measured.batch} ({measured.through}), ms")
    print("  ".join(f"{name:>8}" for name in found))
    print("  ".join(f"{number:>8}" for number in found.values()))
    if chosen.json:
        chosen.json.write_text(json.dumps({**vars(measured), **found}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
