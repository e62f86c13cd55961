"""The relay: takes outbox rows to the bus, in order, one relay per service at a time.

Rows are deleted after their acknowledgement and never remembered by a last id: ids are given before
commit, so a gap can fill later. No transaction is open while sending. A relay that wakes up late is
fenced by its publisher.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from thidua_runtime.bus import Bus, Publisher
from thidua_runtime.clock import wall_clock
from thidua_runtime.consume import Fault, fault_of
from thidua_runtime.database import Database
from thidua_runtime.ids import new_id
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, VERSION_HEADER, Outgoing

LEASE_SECONDS: Final = 10

TAKE_LEASE: Final = text("""
insert into thidua.lease as l (name, holder, epoch, expires_at)
values (:name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds))
    on conflict (name) do update
       set holder = excluded.holder, expires_at = excluded.expires_at,
           epoch = l.epoch + case when l.holder = excluded.holder then 0 else 1 end
     where l.holder = excluded.holder or l.expires_at < clock_timestamp()
returning epoch
""")
GIVE_LEASE_BACK: Final = text("delete from thidua.lease where name = :name and holder = :holder")
WAITING: Final = text("""
select id, stream, key, partition_key, kind, partition, version, body
  from thidua.outbox order by id limit :limit
""")
DELETE: Final = text("delete from thidua.outbox where id = any(cast(:ids as bigint[]))")
HEARTBEATS: Final = text("""
insert into thidua.outbox (stream, key, partition_key, kind, partition, version, body)
select stream, '~heartbeat/' || partition, '', 'heartbeat', partition, 0, :body
  from unnest(cast(:streams as text[]), cast(:partitions as integer[])) as h (stream, partition)
""")


class Relay:
    """Publishes what one service's transactions left in its outbox."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = database
        self.bus = bus
        self.holder = new_id()
        self.idle = asyncio.Event()
        self._publisher: Publisher | None = None

    @property
    def lease(self) -> str:
        """Name of the lease row."""
        return "relay"

    async def run(self) -> None:
        """Publish until cancelled; waits while another instance holds the lease or the database is away."""
        beat = asyncio.create_task(self._beat())
        try:
            while True:
                await self._turn()
        finally:
            beat.cancel()
            await self._give_back()

    async def publish_waiting(self) -> int:
        """Publish one batch of waiting rows; return how many there were."""
        async with self.database.engine.connect() as connection:
            rows = (await connection.execute(WAITING, {"limit": self.database.settings.relay_batch_rows})).fetchall()
        if rows:
            assert self._publisher is not None
            await self._publisher.publish([outgoing(row) for row in rows])
            async with self.database.engine.begin() as connection:
                await connection.execute(DELETE, {"ids": [row.id for row in rows]})
        return len(rows)

    async def write_heartbeats(self, departed_at: datetime | None = None) -> None:
        """Put a heartbeat for every partition of every owned stream behind what is already in the outbox."""
        publisher = await self._current_publisher()
        pairs = [
            (model.stream, partition)
            for model in self.database.service.owns
            for partition in range(await publisher.partitions(model.stream))
        ]
        if not pairs:
            return
        body = orjson.dumps({"departed_at": (departed_at or wall_clock()).isoformat()}).decode()
        async with self.database.transaction() as tx:
            streams, partitions = [p[0] for p in pairs], [p[1] for p in pairs]
            await tx.execute(HEARTBEATS, streams=streams, partitions=partitions, body=body)
        self.database.published.set()

    async def _turn(self) -> None:
        published = self.database.published
        published.clear()
        try:
            if not await self._hold_lease():
                self.idle.set()
                await asyncio.sleep(1)
                return
            await self._current_publisher()
            self.idle.clear()
            while await self.publish_waiting():
                await self._hold_lease()
            self.idle.set()
            await _wait(published, LEASE_SECONDS / 3)
        except (DBAPIError, OSError, TimeoutError) as error:
            if fault_of(error) is not Fault.PASSING:
                raise
            await asyncio.sleep(1)

    async def _beat(self) -> None:
        while True:
            if self._publisher is not None:
                await self._beat_once()
            await asyncio.sleep(self.database.settings.heartbeat_seconds)

    async def _beat_once(self) -> None:
        try:
            await self.write_heartbeats()
        except (DBAPIError, OSError, TimeoutError) as error:
            if fault_of(error) is not Fault.PASSING:
                raise

    async def _current_publisher(self) -> Publisher:
        if self._publisher is None:
            self._publisher = await self.bus.publisher(self.database.service.name)
        return self._publisher

    async def _hold_lease(self) -> bool:
        parameters = {"name": self.lease, "holder": self.holder, "seconds": LEASE_SECONDS}
        async with self.database.engine.begin() as connection:
            held = (await connection.execute(TAKE_LEASE, parameters)).first() is not None
        if not held and self._publisher is not None:
            await self._publisher.close()
            self._publisher = None
        return held

    async def _give_back(self) -> None:
        if self._publisher is not None:
            await self._publisher.close()
            self._publisher = None
        try:
            async with self.database.engine.begin() as connection:
                await connection.execute(GIVE_LEASE_BACK, {"name": self.lease, "holder": self.holder})
        except (DBAPIError, OSError):
            return


def outgoing(row: Row[Any]) -> Outgoing:
    """Turn an outbox row into a record: CloudEvents headers, and the version in front of the body."""
    kind = HEARTBEAT if row.kind == "heartbeat" else f"thidua.{row.stream}"
    headers = (
        ("ce_specversion", b"1.0"),
        (TYPE_HEADER, kind.encode()),
        ("ce_id", f"{row.stream}/{row.key}/{row.version}".encode()),
        ("content-type", b"application/json"),
        (VERSION_HEADER, str(row.version).encode()),
    )
    body = _versioned(row.body, row.version) if row.kind == "state" else row.body.encode()
    return Outgoing(row.stream, row.key, row.partition_key, headers, body, row.partition)


def _versioned(body: str | None, version: int) -> bytes | None:
    return None if body is None else f'{{"version":{version},{body[1:]}'.encode()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


__all__ = ["Relay", "outgoing"]
