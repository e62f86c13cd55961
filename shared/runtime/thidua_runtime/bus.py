"""What every transport owes: publish durably, read in order, say where a stream ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from thidua_runtime.records import Outgoing, Positions, Record

Deliver = Callable[[Sequence[Record]], Awaitable[None]]
"""Applies fetched records in a committed transaction before it returns."""

Stored = Callable[[], Awaitable[Positions]]
"""Reads the stored positions of one stream; asked again whenever a transport hands over partitions."""


class Publisher(Protocol):
    """The sending side of one service's relay; of two with the same name only the newest may send."""

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Make the records durable, in order per key, before returning; raises RelayFenced or BusAway.

        After BusAway a record may have been taken or not; whoever sends it again does no harm.
        """
        ...

    async def partitions(self, stream: str) -> int:
        """Return the number of partitions of a stream."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


class Reading(Protocol):
    """One service reading one stream."""

    async def run(self) -> None:
        """Deliver records until cancelled; each delivery is complete before the next begins.

        Raises what `deliver` raised, with nothing of that delivery remembered as read; OffsetsBehind or
        TopicRecreated if the stored positions do not fit what the transport holds.
        """
        ...

    async def reach_end(self) -> None:
        """Return once everything that was on the stream when this was called has been delivered."""
        ...

    async def is_behind(self) -> bool:
        """Return whether anything this process knows of is undelivered; cheaper than `lag`."""
        ...

    async def lag(self) -> int:
        """Return how many records lie between what was delivered and the end of the stream."""
        ...


class Bus(Protocol):
    """A transport of streams."""

    async def publisher(self, service: str) -> Publisher:
        """Return the publisher of a service, fencing any older one."""
        ...

    async def reading(self, service: str, stream: str, stored: Stored, deliver: Deliver) -> Reading:
        """Return a reading of `stream` for a service, starting at its stored positions."""
        ...

    async def everything(self, stream: str) -> list[Record]:
        """Return all committed records of a stream as it is now, moving nobody's position."""
        ...

    async def span(self, stream: str) -> Mapping[int, range]:
        """Return per partition the offsets that the log still holds, from its first to its end; empty: none yet."""
        ...

    async def rewind(self, service: str, positions: Positions) -> None:
        """Let whatever the transport itself remembers of a service's reading agree with these positions.

        A partition not named goes back to its beginning. Raises StillRunning while the service reads.
        """
        ...

    async def is_ahead(self, streams: Sequence[str], version: int) -> bool:
        """Whether the newest records of these streams carry a version above `version`, as far as that is known.

        A transport that remembers by itself how far each service has read need not look.
        """
        ...

    async def check(self, service: str, streams: Sequence[str]) -> None:
        """Raise TopicsWrong if streams the service needs are missing or configured otherwise, or BusAway."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...
