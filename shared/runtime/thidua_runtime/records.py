"""What travels on a bus, independent of the bus: records, arrivals and batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from thidua.contracts import State

S = TypeVar("S", bound=State)

VERSION_HEADER = "version"
TYPE_HEADER = "ce_type"
HEARTBEAT = "thidua.heartbeat"


# Tuples: of these three one is made for every event, and a frozen dataclass costs three times as much.
class Record(NamedTuple):
    """One record as read from a bus; a body of None is a tombstone.

    `offset` counts within `partition`; `timestamp_ms` is when the log took it, in milliseconds since 1970.
    """

    stream: str
    partition: int
    offset: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    body: bytes | None
    timestamp_ms: int

    def header(self, name: str) -> str | None:
        """Return the last header of that name, or None; bytes that are not UTF-8 are shown escaped."""
        for key, value in reversed(self.headers):
            if key == name:
                return value.decode("utf-8", "backslashreplace")
        return None


class Outgoing(NamedTuple):
    """One record on its way to a bus; `partition_key` chooses its partition unless `partition` is given."""

    stream: str
    key: str
    partition_key: str
    headers: tuple[tuple[str, bytes], ...]
    body: bytes | None
    partition: int | None = None


class Arrival(NamedTuple, Generic[S]):
    """The newest record of one identity in a batch; a state of None is a tombstone."""

    key: str
    version: int
    state: S | None
    record: Record

    @property
    def body(self) -> bytes:
        """The body as received; empty for a tombstone."""
        return self.record.body or b""


@dataclass(frozen=True)
class Batch(Generic[S]):
    """What a handler gets: one arrival per identity, sorted by key, so that two workers never deadlock."""

    stream: str
    arrivals: tuple[Arrival[S], ...]

    @property
    def states(self) -> tuple[S, ...]:
        """The states, tombstones left out."""
        return tuple(arrival.state for arrival in self.arrivals if arrival.state is not None)

    @property
    def deleted(self) -> tuple[str, ...]:
        """Keys of the tombstones."""
        return tuple(arrival.key for arrival in self.arrivals if arrival.state is None)


def newest(arrivals: Iterable[tuple[str, Arrival[S]]]) -> tuple[Arrival[S], ...]:
    """Keep the newest arrival per identity, sorted by key.

    Of equal versions the one with the larger content hash stays, so that any order of arrival ends alike.
    """
    kept: dict[str, Arrival[S]] = {}
    for identity, arrival in arrivals:
        other = kept.get(identity)
        if other is None or _is_newer(arrival, other):
            kept[identity] = arrival
    return tuple(sorted(kept.values(), key=lambda arrival: arrival.key))


def _is_newer(arrival: Arrival[S], other: Arrival[S]) -> bool:
    if arrival.version != other.version:
        return arrival.version > other.version
    return hashlib.sha256(arrival.body).digest() > hashlib.sha256(other.body).digest()


@dataclass(frozen=True)
class Positions:
    """The next offset to read per partition of one stream."""

    stream: str
    next_offset: Mapping[int, int] = field(default_factory=dict)

    def unread(self, records: Sequence[Record]) -> tuple[Record, ...]:
        """Leave out records that an earlier transaction has already applied."""
        return tuple(r for r in records if r.offset >= self.next_offset.get(r.partition, 0))

    def after(self, records: Sequence[Record]) -> Positions:
        """Return the positions once `records` are applied."""
        moved = dict(self.next_offset)
        for record in records:
            if record.offset >= moved.get(record.partition, 0):
                moved[record.partition] = record.offset + 1
        return Positions(self.stream, moved)
