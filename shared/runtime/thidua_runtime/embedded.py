"""The embedded transport: one table as the log of all streams, in a PostgreSQL that comes from a wheel."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from thidua_runtime.bus import Deliver, Stored
from thidua_runtime.clock import wall_clock
from thidua_runtime.connections import close_engine, commits, open_engine
from thidua_runtime.database import headers_json, headers_of
from thidua_runtime.errors import RelayFenced, TopicRecreated
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Outgoing, Positions, Record

SCHEMA: Final = (
    """create table if not exists log (
        stream text collate "C" not null, position bigint not null, key text, headers jsonb not null, body bytea,
        taken_at timestamptz not null default clock_timestamp(), primary key (stream, position))""",
    # The row lock makes writers of one stream take turns, so that a position is never seen before a lower one.
    """create table if not exists log_end (
        stream text primary key, next_position bigint not null, heartbeat_position bigint)""",
    "create table if not exists publisher (service text primary key, epoch bigint not null)",
)

POLL_SECONDS: Final = 2.0

TAIL_RECORDS: Final = 5_000
"""So many of the newest records of a stream stay at hand: the services of this process read them without asking."""

NEW_EPOCH: Final = text("""
insert into publisher as p (service, epoch) values (:service, 1)
    on conflict (service) do update set epoch = p.epoch + 1
returning epoch
""")
# A log of whole states needs only the newest heartbeat; a compacted topic does the same in its own time.
FORGET_HEARTBEATS: Final = text("""
delete from log as l using log_end as e
 where e.stream = any(cast(:streams as text[])) and l.stream = e.stream and l.position = e.heartbeat_position
""")
NOTE_HEARTBEATS: Final = text("""
update log_end as e set heartbeat_position = h.position
  from unnest(cast(:streams as text[]), cast(:positions as bigint[])) as h (stream, position)
 where e.stream = h.stream
""")
# The row of a stream's end is taken in one order of streams, so that two publishers never wait for each other.
# Nothing is written, and nothing comes back, unless the publisher is the current one of its service.
APPEND: Final = text("""
with current as (
    select 1 from publisher where service = :service and epoch = :epoch for share
), sent as (
    select r.*, row_number() over (partition by stream order by n) as place
      from unnest(cast(:streams as text[]), cast(:keys as text[]), cast(:headers as jsonb[]), cast(:bodies as bytea[]))
           with ordinality as r (stream, key, headers, body, n)
     where cast(:unguarded as boolean) or exists (select from current)
), ends as (
    insert into log_end as e (stream, next_position)
    select stream, count(*) from sent group by stream order by stream
        on conflict (stream) do update set next_position = e.next_position + excluded.next_position
    returning e.stream, e.next_position
), firsts as (
    select stream, next_position - (select count(*) from sent where sent.stream = ends.stream) as first from ends
), written as (
    insert into log (stream, position, key, headers, body, taken_at)
    select stream, first + place - 1, key, headers, body, to_timestamp(:taken_ms / 1000.0)
      from sent join firsts using (stream)
)
select stream, first from firsts
""")
READ: Final = text("""
select position, key, headers, body, cast(extract(epoch from taken_at) * 1000 as bigint) as taken_ms
  from log where stream = :stream and position >= :first order by position limit :limit
""")
END: Final = text("select next_position from log_end where stream = :stream")
ENDS: Final = text("select stream, next_position from log_end")
# What was published last has the highest versions, but for a few that were relayed out of their order.
AHEAD: Final = text("""
select exists (
    select from unnest(cast(:streams as text[])) as s (stream)
     cross join lateral (select headers from log where log.stream = s.stream order by position desc limit 100) as l
     cross join lateral jsonb_array_elements(l.headers) as h
     where h->>0 = 'version' and h->>1 ~ '^[0-9]{1,18}$' and cast(h->>1 as bigint) > :version)
""")


class EmbeddedBus:
    """The bus of one process; the log itself survives the process."""

    def __init__(self, engine: AsyncEngine, fetch_max_records: int, ends: dict[str, int]) -> None:
        self.engine = engine
        self.fetch_max_records = fetch_max_records
        # Reading needs no transaction: without one a look costs one round trip instead of three.
        self._looking = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._ends = ends
        self._listeners: dict[str, list[asyncio.Event]] = {}
        self._tails: dict[str, deque[Record]] = {}

    async def publisher(self, service: str) -> EmbeddedPublisher:
        """Return the publisher of a service; an older one is fenced from now on."""
        async with self.engine.begin() as connection:
            epoch = (await connection.execute(NEW_EPOCH, {"service": service})).scalar_one()
        return EmbeddedPublisher(self, service, epoch)

    async def reading(self, service: str, stream: str, stored: Stored, deliver: Deliver) -> EmbeddedReading:
        """Return a reading that starts at the stored position; raises TopicRecreated if the log ends before it."""
        first = (await stored()).next_offset.get(0, 0)
        if first > self.known_end(stream):
            end = await self.end(stream)
            if first > end:
                raise TopicRecreated(service=service, stream=stream, stored=first, end=end)
        return EmbeddedReading(self, stream, first, deliver)

    async def everything(self, stream: str) -> list[Record]:
        """Return all records of a stream as it is now."""
        found: list[Record] = []
        while records := await self.read(stream, found[-1].offset + 1 if found else 0):
            found += records
        return found

    async def span(self, stream: str) -> dict[int, range]:
        """Return the positions of a stream; the embedded log keeps all from the first on."""
        return {0: range(await self.end(stream))}

    async def rewind(self, service: str, positions: Positions) -> None:
        """The embedded log remembers no reader: the positions in the service's database alone decide."""

    async def is_ahead(self, streams: Sequence[str], version: int) -> bool:
        """Whether one of the newest records of these streams carries a version above `version`."""
        async with self._looking.connect() as connection:
            found = await connection.execute(AHEAD, {"streams": list(streams), "version": version})
            return bool(found.scalar_one())

    async def check(self, service: str, streams: Sequence[str]) -> None:
        """The embedded log needs no topics: a stream exists once something is written to it."""

    async def append(self, records: Sequence[Outgoing], guard: tuple[str, int] | None = None) -> None:
        """Append records in one transaction; `guard` is the publisher (service, epoch) that must be current."""
        taken_ms = int(wall_clock().timestamp() * 1000)
        sent = {**_columns(records), "taken_ms": taken_ms}
        sent["service"], sent["epoch"] = guard or ("", 0)
        sent["unguarded"] = guard is None
        beats = [record for record in records if (TYPE_HEADER, HEARTBEAT.encode()) in record.headers]
        engine = self.engine if beats else self._looking
        async with engine.connect() as connection:
            rows = (await connection.execute(APPEND, sent)).fetchall()
            if records and guard is not None and not rows:
                raise RelayFenced(service=guard[0])
            written = _numbered(records, {row.stream: row.first for row in rows}, taken_ms)
            if beats:
                await _keep_newest_heartbeats(connection, written)
                await connection.commit()
        self._remember(written)

    def _remember(self, written: Sequence[Record]) -> None:
        """Keep what was written at hand for the readers of this process, and wake them."""
        for record in written:
            tail = self._tails.setdefault(record.stream, deque(maxlen=TAIL_RECORDS))
            if tail and tail[-1].offset + 1 != record.offset:
                tail.clear()
            tail.append(record)
            self._ends[record.stream] = max(record.offset + 1, self.known_end(record.stream))
        for stream in {record.stream for record in written}:
            for listener in self._listeners.get(stream, ()):
                listener.set()

    def listen(self, stream: str) -> asyncio.Event:
        """Return a new event, the caller's own, that is set whenever this process appended to `stream`."""
        listener = asyncio.Event()
        self._listeners.setdefault(stream, []).append(listener)
        return listener

    def known_end(self, stream: str) -> int:
        """Return the end of `stream` as far as this process has written or read it, without asking the log."""
        return self._ends.get(stream, 0)

    async def read(self, stream: str, first: int) -> list[Record]:
        """Return up to `fetch_max_records` records from position `first` on."""
        tail = self._tails.get(stream)
        if tail and tail[0].offset <= first <= tail[-1].offset:
            start = first - tail[0].offset
            return list(islice(tail, start, start + self.fetch_max_records))
        parameters = {"stream": stream, "first": first, "limit": self.fetch_max_records}
        async with self._looking.connect() as connection:
            rows = (await connection.execute(READ, parameters)).fetchall()
        return [_record(stream, row) for row in rows]

    async def end(self, stream: str) -> int:
        """Return the position that the next record of `stream` will get."""
        async with self._looking.connect() as connection:
            return (await connection.execute(END, {"stream": stream})).scalar_one_or_none() or 0

    async def close(self) -> None:
        """Close the connections of the log."""
        await close_engine(self.engine)


class EmbeddedPublisher:
    """Publisher of one service on the embedded log."""

    def __init__(self, bus: EmbeddedBus, service: str, epoch: int) -> None:
        self.bus = bus
        self.service = service
        self.epoch = epoch

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Append the records; raises RelayFenced once a newer publisher of the service exists."""
        await self.bus.append(records, (self.service, self.epoch))

    async def partitions(self, stream: str) -> int:
        """The embedded log has one partition per stream."""
        return 1

    async def close(self) -> None:
        """Nothing to release."""


class EmbeddedReading:
    """One service reading one stream of the embedded log; its own loop, its own position."""

    def __init__(self, bus: EmbeddedBus, stream: str, first: int, deliver: Deliver) -> None:
        self.bus = bus
        self.stream = stream
        self.next_position = first
        self.deliver = deliver
        self._moved = asyncio.Condition()

    async def run(self) -> None:
        """Deliver batches until cancelled; other processes' records are noticed within two seconds."""
        changed = self.bus.listen(self.stream)
        # The bus has just read where every stream ends: one without news is not asked for.
        woken = True
        while True:
            changed.clear()
            if not woken or await self.is_behind():
                while await self._deliver_next() == self.bus.fetch_max_records or await self.is_behind():
                    pass
            woken = await _rings(changed, POLL_SECONDS)

    async def reach_end(self) -> None:
        """Wait until what was on the stream at the call is delivered."""
        end = await self.bus.end(self.stream)
        async with self._moved:
            await self._moved.wait_for(lambda: self.next_position >= end)

    async def is_behind(self) -> bool:
        """Whether this process knows of records that are not delivered yet."""
        return self.next_position < self.bus.known_end(self.stream)

    async def lag(self) -> int:
        """Return the number of undelivered records."""
        return max(0, await self.bus.end(self.stream) - self.next_position)

    async def _deliver_next(self) -> int:
        records = await self.bus.read(self.stream, self.next_position)
        if not records:
            return 0
        await self.deliver(records)
        self.next_position = records[-1].offset + 1
        async with self._moved:
            self._moved.notify_all()
        return len(records)


async def open_embedded_bus(url: str, fetch_max_records: int, *, write_behind: bool = False) -> EmbeddedBus:
    """Open the log in the database at `url`, making its tables at first use; `write_behind` as in `open_database`."""
    settings = {"server_settings": commits(write_behind)}
    engine = open_engine(url, pool_size=12, max_overflow=8, json_deserializer=str, connect_args=settings)
    async with engine.begin() as connection:
        for statement in SCHEMA:
            await connection.execute(text(statement))
        ends = {row.stream: row.next_position for row in await connection.execute(ENDS)}
    return EmbeddedBus(engine, fetch_max_records, ends)


async def _rings(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _keep_newest_heartbeats(connection: AsyncConnection, written: Sequence[Record]) -> None:
    newest = {record.stream: record.offset for record in written if record.header(TYPE_HEADER) == HEARTBEAT}
    await connection.execute(FORGET_HEARTBEATS, {"streams": list(newest)})
    await connection.execute(NOTE_HEARTBEATS, {"streams": list(newest), "positions": list(newest.values())})


def _columns(records: Sequence[Outgoing]) -> dict[str, Any]:
    return {
        "streams": [record.stream for record in records],
        "keys": [record.key for record in records],
        "headers": [headers_json(record) for record in records],
        "bodies": [record.body for record in records],
    }


def _numbered(records: Sequence[Outgoing], firsts: Mapping[str, int], taken_ms: int) -> list[Record]:
    """Return what was sent as the records it became."""
    following = dict(firsts)
    written = []
    for sent in records:
        position = following[sent.stream]
        following[sent.stream] = position + 1
        written.append(Record(sent.stream, 0, position, sent.key.encode(), sent.headers, sent.body, taken_ms))
    return written


def _record(stream: str, row: Any) -> Record:
    key = None if row.key is None else row.key.encode()
    return Record(stream, 0, row.position, key, headers_of(row.headers), row.body, row.taken_ms)
