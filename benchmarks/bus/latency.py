"""How long a task takes from being produced until a result that counts it can be read, at a steady pace."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaProducer

from benchmarks.bus.broker import Record, Watch, partition_of
from benchmarks.bus.events import Task, Totals
from benchmarks.bus.race import Seen

RATE: Final = 500
WARM_UP_SECONDS: Final = 3
ENOUGH_PERCENT: Final = 99
LATEST_SECONDS: Final = 20.0


@dataclass
class Stopwatch:
    """Tasks that wait for the result of their unit and month: the result that counts so many answers them."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    sent: int = 0
    _waiting: dict[tuple[str, str], deque[tuple[int, float, bool]]] = field(default_factory=lambda: defaultdict(deque))

    def send(self, task: Task, *, is_counted: bool) -> None:
        """Note that a new task is handed to the producer now."""
        place = task.subjects[0], str(task.deadline)[:7]
        self.counts[place] += 1
        self.sent += is_counted
        self._waiting[place].append((self.counts[place], time.perf_counter(), is_counted))

    def take(self, records: Sequence[Record]) -> None:
        """Note results that can be read now."""
        now = time.perf_counter()
        for record in records:
            found = json.loads(record.value or b"{}")
            waiting = self._waiting.get((found.get("subject", ""), found.get("month", "")))
            while waiting and waiting[0][0] <= found["due"]:
                _, at, is_counted = waiting.popleft()
                if is_counted:
                    self.milliseconds.append((now - at) * 1000)

    @property
    def is_done(self) -> bool:
        """Whether no task waits."""
        return not any(self._waiting.values())

    def percentiles(self) -> tuple[float, float] | None:
        """Return p50 and p99 in milliseconds; None when too few tasks were answered."""
        times = sorted(self.milliseconds)
        if not times or len(times) * 100 < self.sent * ENOUGH_PERCENT:
            return None
        return times[len(times) // 2], times[len(times) * 99 // 100]


async def measure(
    servers: str, topic: str, watch: Watch, tasks: Sequence[Task], known: Totals, seen: Seen
) -> Stopwatch:
    """Produce new tasks one by one at the steady pace, and time the answers; `known` counts what went before."""
    stopwatch = Stopwatch(Counter({place: total[0] for place, total in known.items()}))
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", linger_ms=0)
    await producer.start()
    reading = asyncio.create_task(_read(watch, stopwatch, seen))
    try:
        await _produce(producer, topic, tasks, stopwatch)
        give_up = time.perf_counter() + LATEST_SECONDS
        while not stopwatch.is_done and time.perf_counter() < give_up:  # noqa: ASYNC110  (nobody sets an event)
            await asyncio.sleep(0.05)
    finally:
        reading.cancel()
        await producer.stop()
    return stopwatch


async def _produce(producer: AIOKafkaProducer, topic: str, tasks: Sequence[Task], stopwatch: Stopwatch) -> None:
    begun = time.perf_counter()
    for number, task in enumerate(tasks):
        due = number / RATE
        if (early := begun + due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        stopwatch.send(task, is_counted=due >= WARM_UP_SECONDS)
        unit = task.subjects[0]
        await producer.send(topic, task.body(), unit.encode(), partition_of(unit))


async def _read(watch: Watch, stopwatch: Stopwatch, seen: Seen) -> None:
    while True:
        records = await watch.next_results()
        stopwatch.take(records)
        seen.take(records)
