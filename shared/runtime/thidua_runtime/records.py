"""What travels on a bus, independent of the bus: records, arrivals and batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from thidua.contracts import State

S = TypeVar("S", bound=State)
PARTITION = attrgetter("partition")

VERSION_HEADER = "version"
TYPE_HEADER = "ce_type"
HEARTBEAT = "thidua.heartbeat"


# Of these one is made for every event. A struct costs a fifth of a tuple with names, which costs a third of a
# frozen dataclass, and the garbage collector does not look at it.
class Record(Struct, frozen=True, gc=False):
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


class Outgoing(Struct, frozen=True, gc=False):
    """One record on its way to a bus; `partition_key` chooses its partition unless `partition` is given."""

    stream: str
    key: str
    partition_key: str
    headers: tuple[tuple[str, bytes], ...]
    body: bytes | None
    partition: int | None = None


class Arrival(Struct, Generic[S], frozen=True, gc=False):
    """The newest record of one identity in a batch; a state of None is a tombstone."""

    key: str
    version: int
    state: S | None
    record: Record

    @property
    def body(self) -> bytes:
        """The body as received; empty for a tombstone."""
        return self.record.body or b""

    def with_body(self, body: bytes) -> Arrival[S]:
        """Return the same with another body."""
        return replace(self, record=replace(self.record, body=body))


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


def newest(arrivals: Sequence[Arrival[S]]) -> tuple[Arrival[S], ...]:
    """Keep the newest arrival per key, sorted by key.

    Of equal versions the one with the larger content hash stays, so that any order of arrival ends alike.
    """
    kept = {arrival.key: arrival for arrival in arrivals}
    if len(kept) < len(arrivals):
        kept = {}
        for arrival in arrivals:
            other = kept.get(arrival.key)
            if other is None or _is_newer(arrival, other):
                kept[arrival.key] = arrival
    return tuple([kept[key] for key in sorted(kept)])


def _is_newer(arrival: Arrival[S], other: Arrival[S]) -> bool:
    if arrival.version != other.version:
        return arrival.version > other.version
    return hashlib.sha256(arrival.body).digest() > hashlib.sha256(other.body).digest()


def spans(records: Iterable[Record]) -> dict[int, range]:
    """Return per partition the offsets from the first to the last of these records, whatever their order."""
    offsets: dict[int, list[int]] = {}
    for partition, together in groupby(records, PARTITION):
        offsets.setdefault(partition, []).extend([record.offset for record in together])
    return {partition: range(min(found), max(found) + 1) for partition, found in offsets.items()}


@dataclass(frozen=True)
class Positions:
    """The next offset to read per partition of one stream."""

    stream: str
    next_offset: Mapping[int, int] = field(default_factory=dict)

    def unread(self, records: Sequence[Record]) -> tuple[Record, ...]:
        """Leave out records that an earlier transaction has already applied."""
        if self.is_before(spans(records)):
            return tuple(records)
        return tuple(r for r in records if r.offset >= self.next_offset.get(r.partition, 0))

    def is_before(self, found: Mapping[int, range]) -> bool:
        """Whether nothing of what was found was applied; see `spans`."""
        return all(offsets.start >= self.next_offset.get(partition, 0) for partition, offsets in found.items())

    def after(self, found: Mapping[int, range]) -> Positions:
        """Return the positions once what was found is applied; see `spans`."""
        moved = dict(self.next_offset)
        for partition, offsets in found.items():
            moved[partition] = max(offsets.stop, moved.get(partition, 0))
        return Positions(self.stream, moved)
