"""Which heartbeats must reach whom while versions are mixed, and how long somebody went without."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ..faults.town import Town

# As the services themselves ask before anything official: a partition that was read and never beat is silent.
HEARD: Final = """
select p.stream, case when count(h.stream) = count(*) then min(h.departed_at) end as heard
  from thidua.position as p left join thidua.heartbeat as h on h.stream = p.stream and h.partition = p.partition
 group by p.stream
"""
TELL_STREAMS: Final = """
import json
from importlib.metadata import entry_points
services = [point.load() for point in entry_points(group="thidua.services")]
print(json.dumps({one.name: [[m.stream for m in one.owns], [m.stream for m in one.follows]] for one in services}))
"""
LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams that a service owns and follows in one version."""

    owned: frozenset[str]
    followed: frozenset[str]


@dataclass
class Heartbeats:
    """Whose heartbeats the services of a town have to hear, by the versions they run in."""

    town: Town
    streams: Mapping[str, Mapping[str, Streams]]
    """By version, then by service."""
    versions: dict[str, str] = field(default_factory=dict)
    """By service; of one that is being replaced the version it had."""
    longest_seconds: float = 0.0
    longest: str = ""
    _due: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def due_at(self, service: str) -> frozenset[str]:
        """Return the streams a service follows which their owner's version has: another one cannot beat on them."""
        owned = [self.streams[version][owner].owned for owner, version in self.versions.items()]
        return self.streams[self.versions[service]][service].followed & frozenset().union(*owned)

    async def missing(self, service: str, since: datetime) -> list[str]:
        """Return what a service has not heard since a moment, and what it has heard though nobody may say it."""
        known = await self._known(service)
        heard = frozenset(stream for stream, moment in known.items() if moment is not None and moment >= since)
        due = self.due_at(service)
        return [
            *(f"{service} misses a heartbeat of {stream}" for stream in sorted(due - heard)),
            *(f"{service} hears {stream}, which nobody who runs owns" for stream in sorted(heard - due)),
        ]

    async def listen(self) -> None:
        """Note the longest time that a service was without a heartbeat due to it, its own absence included."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = datetime.now(UTC)
            pairs = [(service, stream) for service in self.versions for stream in self.due_at(service)]
            self._due = {pair: self._due.get(pair, now) for pair in pairs}
            for service in list(self.versions):
                known = await self._known(service)
                for stream in self.due_at(service):
                    self._note(service, stream, now, known.get(stream))

    def _note(self, service: str, stream: str, now: datetime, heard: datetime | None) -> None:
        # A stream that its owner's version did not have has not been late before: it is due from now on.
        begun = self._due.get((service, stream), now)
        seconds = (now - max(heard or begun, begun)).total_seconds()
        if seconds > self.longest_seconds:
            self.longest_seconds, self.longest = seconds, f"{stream} at {service}, {self.versions}"

    async def _known(self, service: str) -> dict[str, datetime | None]:
        return {row["stream"]: row["heard"] for row in await self.town.rows(service, HEARD)}


@asynccontextmanager
async def listening(heartbeats: Heartbeats) -> AsyncIterator[None]:
    """Listen meanwhile."""
    ear = asyncio.create_task(heartbeats.listen())
    try:
        yield
    finally:
        ear.cancel()
        found = (await asyncio.gather(ear, return_exceptions=True))[0]
    assert isinstance(found, asyncio.CancelledError), found


def streams_of(command: Path) -> dict[str, Streams]:
    """Return the streams of every service, as the version that a command belongs to has them."""
    asked = [str(command.with_name("python")), "-c", TELL_STREAMS]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return {
        name: Streams(frozenset(owned), frozenset(followed))
        for name, (owned, followed) in json.loads(done.stdout).items()
    }
