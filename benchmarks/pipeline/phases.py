"""What each phase of a run took: time, CPU time by process, statements of PostgreSQL, states published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.bus.postgres import Server, Statement
from benchmarks.bus.processes import Group

TOLD_EVERY_SECONDS: Final = 5.0
PLAYER: Final = "player"
"""This process: it stands in for officials and e-offices."""

Reached = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Phase:
    """One phase. `cpu`: seconds by group; `published`: states that each service has published."""

    name: str
    seconds: float
    cpu: Mapping[str, float]
    published: Mapping[str, int]
    taken: Mapping[str, int]
    statements: Sequence[Statement]

    def figures(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "phase": self.name,
            "seconds": round(self.seconds, 1),
            "cpu_s": {name: round(used, 1) for name, used in self.cpu.items()},
            "published": dict(self.published),
            "taken": dict(self.taken),
            "statements": [
                {"service": service_of(one.database), "seconds": round(one.seconds, 2), "calls": one.calls,
                 "rows": one.rows, "query": one.query}
                for one in self.statements
            ],
        }  # fmt: skip


def service_of(database: str) -> str:
    """Return the service whose database it is."""
    return database.rpartition("_")[2]


@dataclass
class Phases:
    """Measures phase after phase, and tells how each gets on."""

    groups: Sequence[Group]
    reached: Callable[[], Any]
    server: Server
    most_statements: int
    found: list[Phase] = field(default_factory=list)
    _name: str = ""
    _begun: float = 0.0
    _told: float = 0.0

    @asynccontextmanager
    async def measure(self, name: str) -> AsyncIterator[None]:
        """Measure what the block does."""
        self._name, self._begun = name, time.monotonic()
        self._told = self._begun
        before: Reached = await self.reached()
        used = self._used()
        await self.server.statements(0)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        after: Reached = await self.reached()
        cpu = {name: seconds - used[name] for name, seconds in self._used().items()}
        seconds = time.monotonic() - self._begun
        published, taken = (
            {service: after[service][what] - before[service][what] for service in after}
            for what in ("version", "taken")
        )
        self.found.append(
            Phase(name, seconds, cpu, published, taken, await self.server.statements(self.most_statements))
        )
        print(f"{name}: {seconds:.1f} s; CPU s: " + ", ".join(f"{n} {c:.1f}" for n, c in cpu.items()), flush=True)

    def tell(self, what: str, done: int, total: int) -> None:
        """Print how far something has come, not more often than every few seconds."""
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY_SECONDS:
            self._told = now
            print(f"  {self._name}, {now - self._begun:.0f} s: {what} {done:,} of {total:,}", flush=True)

    def _used(self) -> dict[str, float]:
        return {**{group.name: group.look()[0] for group in self.groups}, PLAYER: time.process_time()}

    async def _watch(self) -> None:
        """Note memory, and the CPU time of workers that end before the phase does."""
        while True:
            await asyncio.sleep(1)
            for group in self.groups:
                group.look()
