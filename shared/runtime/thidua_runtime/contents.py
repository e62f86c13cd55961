"""What a stream holds per key: as the log has it, as its owner's tables have it, as a follower's replica has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import ValidationError
from sqlalchemy import text

from thidua.contracts import State
from thidua_runtime import replicas
from thidua_runtime.bus import Bus
from thidua_runtime.database import Transaction
from thidua_runtime.decoding import decode, whole_number
from thidua_runtime.keeping import Keeping
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, VERSION_HEADER, Arrival, Record, newest

PORTION: Final = 2_000
"""So many records are decoded at once: decoded states are many times as large as their records."""

PUBLISHED: Final = text("select key, version from thidua.published where stream = :stream and not deleted")
UNSENT: Final = text("select distinct unnest(keys) as key from thidua.outbox where stream = :stream")
REPLICA: Final = "select key, version, body::text as body from {table} where not deleted order by key"


@dataclass(frozen=True, slots=True)
class Content:
    """What one key holds: its version (0: never published) and digests of its content and of its stamps.

    Stamps say when the rest was looked at; an owner's tables hold them for the last look, not for the last
    published one, so that theirs are empty here and not compared.
    """

    version: int
    digest: bytes
    stamps: bytes = b""

    def agrees_with(self, other: Content) -> bool:
        """Whether both say the same, as far as both say anything."""
        alike = (self.version, self.digest) == (other.version, other.digest)
        return alike and (not self.stamps or not other.stamps or self.stamps == other.stamps)


Contents = Mapping[str, Content]


@dataclass(frozen=True)
class Log:
    """A stream as the log has it: the newest record of each key, tombstones among them."""

    model: type[State]
    arrivals: tuple[Arrival[Any], ...]

    @property
    def live(self) -> dict[str, Content]:
        """What each key holds that was not withdrawn."""
        return {one.key: _content(one.version, one.state) for one in self.arrivals if one.state is not None}

    @property
    def live_keys(self) -> frozenset[str]:
        """The keys that were not withdrawn."""
        return frozenset(one.key for one in self.arrivals if one.state is not None)

    @property
    def highest_version(self) -> int:
        """The highest version of any record; 0 for an empty stream."""
        return max((one.version for one in self.arrivals), default=0)

    def unread(self, next_offset: Mapping[int, int]) -> frozenset[str]:
        """Return the keys whose newest record lies behind these positions."""
        records = ((one.key, one.record) for one in self.arrivals)
        return frozenset(key for key, record in records if record.offset >= next_offset.get(record.partition, 0))


async def read_log(bus: Bus, model: type[State]) -> Log:
    """Read a stream from its beginning to its end; records that nobody can read are left out."""
    records = [r for r in await bus.everything(model.stream) if r.header(TYPE_HEADER) != HEARTBEAT]
    found: dict[str, Arrival[Any]] = {}
    for portion in _portions(_newest_records(records)):
        for arrival in newest(decode(model, portion).good):
            found[arrival.key] = arrival
    return Log(model, tuple(found[key] for key in sorted(found)))


async def at_owner(tx: Transaction, model: type[State], keeping: Keeping) -> dict[str, Content]:
    """Return what the owner's tables hold, with the version under which it was published."""
    versions = {row.key: row.version for row in await tx.rows(PUBLISHED, stream=model.stream)}
    found: dict[str, Content] = {}
    async for portion in keeping.read(tx):
        for state in portion:
            found[state.key] = Content(versions.pop(state.key, 0), digest_of(state))
    # Published, and in no table any more: a ghost.
    return {**{key: Content(version, b"") for key, version in versions.items()}, **found}


async def at_follower(tx: Transaction, model: type[State]) -> dict[str, Content]:
    """Return what a follower's replica holds."""
    statement = text(REPLICA.format(table=replicas.table_name(model.stream)))
    found: dict[str, Content] = {}
    async for portion in tx.portions(statement, PORTION):
        found.update({row.key: _content(row.version, _read(model, row.body), row.body) for row in portion})
    return found


async def unsent(tx: Transaction, model: type[State]) -> frozenset[str]:
    """Return the keys whose newest state is still in the owner's outbox."""
    return frozenset(row.key for row in await tx.rows(UNSENT, stream=model.stream))


def digest_of_all(contents: Contents) -> str:
    """Return one hash over keys, versions and contents; equal for who holds the same."""
    whole = hashlib.sha256()
    for key, content in sorted(contents.items()):
        whole.update(f"{key}\x00{content.version}\x00".encode() + content.digest)
    return whole.hexdigest()[:16]


def _content(version: int, state: State | None, body: str = "") -> Content:
    if state is None:
        return Content(version, hashlib.sha256(body.encode()).digest())
    stamps = _stamps(state)
    stamped = _digest(state.model_dump(mode="json", include=stamps)) if stamps else b""
    return Content(version, digest_of(state), stamped)


def digest_of(state: State) -> bytes:
    """Digest what a state says, without version and stamps; a database may give its fields back in another order."""
    return _digest(state.model_dump(mode="json", exclude={"version", *_stamps(state)}))


def _stamps(state: State) -> set[str]:
    # A month that has not begun is published when its figures move, not whenever the as-of day does.
    return {*state.stamps, *({"as_of"} & type(state).model_fields.keys())}


def _digest(said: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _read(model: type[State], body: str) -> State | None:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


def _newest_records(records: Sequence[Record]) -> tuple[Record, ...]:
    """Leave out records that a later one of the same key replaces, before anything is decoded."""
    kept: dict[bytes | None, Record] = {}
    for record in records:
        other = kept.get(record.key)
        if other is None or _version(record) >= _version(other):
            kept[record.key] = record
    return tuple(kept.values())


def _portions(records: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
    for start in range(0, len(records), PORTION):
        yield records[start : start + PORTION]


def _version(record: Record) -> int:
    return whole_number(record.header(VERSION_HEADER)) or 0
