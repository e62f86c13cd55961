"""One run of one contestant: how fast it goes through the events, what that costs, and whether it counted right."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.bus.broker import Batches, Record, Watch
from benchmarks.bus.contestants import Running
from benchmarks.bus.events import Totals, differences
from benchmarks.bus.processes import Group

LOOK_SECONDS: Final = 0.1
QUIET_SECONDS: Final = 1.0
STALLED_SECONDS: Final = 60.0
"""A contestant that commits and publishes nothing for so long is given up."""

HEARTBEAT: Final = "thidua.heartbeat"
TYPE_HEADER: Final = "ce_type"


@dataclass(frozen=True)
class Look:
    """What was seen at one moment: seconds since the start, offsets committed and readable, CPU and memory so far."""

    at: float
    committed: Sequence[int]
    published: Sequence[int]
    cpu: Mapping[str, float]
    memory_mb: float


@dataclass
class Seen:
    """The newest result of every counter, and where each partition's last result stands."""

    totals: Totals = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    results: int = 0

    def take(self, records: Sequence[Record]) -> None:
        """Note results; heartbeats are none."""
        for record in records:
            if any(name == TYPE_HEADER and value == HEARTBEAT.encode() for name, value in record.headers):
                continue
            self.results += 1
            self.last[record.partition] = record.offset
            if record.value is None:
                # A tombstone: nothing is known of this month any more, its counters are zero.
                subject, _, month = record.key.decode().rpartition("/")
                self.totals.pop((subject, month), None)
            else:
                found = json.loads(record.value)
                self.totals[found["subject"], found["month"]] = (found["due"], found["on_time"], found["late"])


@dataclass(frozen=True)
class Race:
    """How a run ended. `cpu`: seconds by group of processes; `wrong`: why it does not count."""

    seconds: float
    events: int
    cpu: Mapping[str, float]
    peak_mb: float
    peaks_mb: Mapping[str, tuple[float, float]]
    results: int
    wrong: Sequence[str]

    @property
    def events_per_s(self) -> float:
        """Events a second, from the moment they could be read until the last result could be read."""
        return self.events / self.seconds

    @property
    def cpu_s_per_million(self) -> float:
        """CPU seconds of all groups for a million events."""
        return sum(self.cpu.values()) * 1_000_000 / self.events


class Judge:
    """Watches a contestant from the opening of the gate until its results come to what they must."""

    def __init__(self, running: Running, watch: Watch, groups: Sequence[Group], seen: Seen) -> None:
        self.running, self.watch, self.groups, self.seen = running, watch, groups, seen
        self.looks: list[Look] = []
        self._begun = 0.0
        self._before: dict[str, float] = {}

    def start(self) -> None:
        """Start the clock: the gate opens now."""
        self._before = {group.name: group.look()[0] for group in self.groups}
        self._begun = time.monotonic()

    async def judge(self, events: Batches, wanted: Totals) -> Race:
        """Return how it went, once everything is committed and published, or nothing moves any more."""
        counts = [len(records) for records in events.by_partition]
        wrong = ["nothing was published"]
        moved = time.monotonic()
        while wrong and time.monotonic() - moved < STALLED_SECONDS:
            before = self.seen.results, self.looks[-1].committed if self.looks else ()
            await self._until_quiet(counts)
            async for records in self.watch.read_results(self.looks[-1].published):
                self.seen.take(records)
            # Heartbeats go on for ever: only results and offsets show that something moves.
            if before != (self.seen.results, self.looks[-1].committed):
                moved = time.monotonic()
            wrong = differences(self.seen.totals, wanted)
        end = next((look for look in self.looks if self._has_all(look, counts)), self.looks[-1])
        cpu = {name: end.cpu[name] - before for name, before in self._before.items()}
        peaks = {group.name: (group.peak_mb, group.peak_of_one_mb) for group in self.groups}
        peak = max(look.memory_mb for look in self.looks)
        return Race(end.at, events.count, cpu, peak, peaks, self.seen.results, wrong)

    async def _until_quiet(self, counts: Sequence[int]) -> None:
        moved = time.monotonic()
        is_through = False
        while not (is_through and time.monotonic() - moved > QUIET_SECONDS):
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()
            self.running.check_alive()
            newest, past = self.looks[-1], self.looks[-2:][0]
            if newest.published != past.published or newest.committed != past.committed:
                moved = time.monotonic()
            is_through = all(map(int.__ge__, newest.committed, counts)) or time.monotonic() - moved > STALLED_SECONDS

    async def _look(self) -> None:
        committed, published = await self.watch.committed(), await self.watch.published()
        at = time.monotonic() - self._begun
        costs = {group.name: group.look() for group in self.groups}
        cpu = {name: used for name, (used, _) in costs.items()}
        self.looks.append(Look(at, committed, published, cpu, sum(memory for _, memory in costs.values())))

    def _has_all(self, look: Look, counts: Sequence[int]) -> bool:
        is_committed = all(map(int.__ge__, look.committed, counts))
        return is_committed and all(look.published[p] > last for p, last in self.seen.last.items())
