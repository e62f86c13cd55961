"""The relay: takes outbox rows to the bus, in order, one relay per service at a time.

Rows are deleted after their acknowledgement and never remembered by a last id: ids are given before
commit, so a gap can fill later. No transaction is open while sending. A relay that wakes up late is
fenced by its publisher, and deletes no row that another relay has to send.
"""

# ruff: noqa: S608 (statements are put together from constants of this module, never from values)

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from thidua_runtime.bus import Bus, Publisher
from thidua_runtime.clock import wall_clock
from thidua_runtime.consume import Fault, fault_of
from thidua_runtime.database import Database
from thidua_runtime.errors import BusAway, RelayFenced, TakenOver
from thidua_runtime.ids import new_id
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, VERSION_HEADER, Outgoing

LEASE_SECONDS: Final = 10
MOST_BYTES: Final = 4_000_000
"""So many bytes of bodies are taken from the outbox at once; a batch ends with the row that goes beyond."""

# Once may be a transaction that timed out at the brokers; so often is somebody who publishes as this service.
FENCED_TIMES, FENCED_WITHIN_SECONDS = 3, 120.0

_TAKE_LEASE: Final = """
insert into thidua.lease as l (name, holder, epoch, expires_at)
select :name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds) where not exists ({good})
    on conflict (name) do update
       set holder = excluded.holder, expires_at = excluded.expires_at,
           epoch = l.epoch + case when l.holder = excluded.holder then 0 else 1 end
     where l.holder = excluded.holder or l.expires_at < clock_timestamp()
returning epoch
"""
TAKE_LEASE: Final = text(_TAKE_LEASE.format(good="select where false"))
HOLDS_LEASE: Final = text("""
select 1 from thidua.lease where name = :name and holder = :holder and expires_at >= clock_timestamp()
""")
GIVE_LEASE_BACK: Final = text("delete from thidua.lease where name = :name and holder = :holder")
# What was sent goes, the lease is taken again, what waits comes back: no row at all when the lease is lost, one
# without an id when nothing waits. Only the holder of the lease deletes: a relay that woke up late may have sent
# rows which its successor sends again, some of them in its next batch only; deleted by the first, a key would end
# with the older version.
# Nobody waits for the disk: rows whose deletion a power failure takes back are sent again, before all newer ones.
# A lease that is still good for a while is only looked at: a look writes nothing. What was sent is left out as ranges:
# of thousands of ids in a row few remain to be compared with.
NEXT: Final = text(f"""
with good as (
    select 1 from thidua.lease
     where name = :name and holder = :holder
       and expires_at > clock_timestamp() + make_interval(secs => cast(:seconds as double precision) / 2)
), taken as (
    {_TAKE_LEASE.format(good="select from good")}
), held as (
    select 1 from good union all select 1 from taken
), unhurried as (
    select set_config('synchronous_commit', 'off', true)
), gone as (
    delete from thidua.outbox where id = any(cast(:sent as bigint[])) and exists (select from held)
)
select o.* from held cross join unhurried left join lateral (
    select *, coalesce(sum(pg_column_size(bodies)) over (order by id rows unbounded preceding), 0)
              - coalesce(pg_column_size(bodies), 0) as bytes_before
      from thidua.outbox
     where not id <@ (select coalesce(range_agg(int8range(s.id, s.id, '[]')), '{{}}')
                        from unnest(cast(:sent as bigint[])) as s (id))
     order by id limit :limit
) as o on o.bytes_before < :bytes order by o.id
""")
HEARTBEATS: Final = text("""
insert into thidua.outbox (stream, key, partition_key, kind, partition, version, body)
select stream, '~heartbeat/' || partition, '', 'heartbeat', partition, 0, :body
  from unnest(cast(:streams as text[]), cast(:partitions as integer[])) as h (stream, partition)
""")
# While the bus is away heartbeats must not pile up: the first one waiting stays, the newest one follows.
DROP_HEARTBEATS_BETWEEN: Final = text("""
delete from thidua.outbox as o
 where o.kind = 'heartbeat'
   and exists (select from thidua.outbox as e
                where e.kind = 'heartbeat' and e.stream = o.stream and e.partition = o.partition and e.id < o.id)
""")

log = structlog.get_logger()


class Relay:
    """Publishes what one service's transactions left in its outbox."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = database
        self.bus = bus
        self.holder = new_id()
        self.idle = asyncio.Event()
        self._publisher: Publisher | None = None
        self._fenced_at: list[float] = []

    @property
    def lease(self) -> str:
        """Name of the lease row."""
        return "relay"

    @property
    def is_busy(self) -> bool:
        """Whether this relay knows of something that it has not looked for in the outbox yet."""
        return self.database.published.is_set() or not self.idle.is_set()

    async def run(self) -> None:
        """Publish until cancelled; waits while another instance holds the lease, the database or the bus is away.

        Raises TakenOver when an instance that does not share the lease publishes as this service.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beat())
                while True:
                    await self._turn()
        finally:
            await self._close_publisher()
            await self._give_back()

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
        departed_at = departed_at or wall_clock()
        if self.database.service.before_heartbeat is not None:
            await self.database.service.before_heartbeat(self.database)
        body = orjson.dumps({"departed_at": departed_at.isoformat()}).decode()
        async with self.database.transaction() as tx:
            streams, partitions = [p[0] for p in pairs], [p[1] for p in pairs]
            await tx.execute(DROP_HEARTBEATS_BETWEEN)
            await tx.execute(HEARTBEATS, streams=streams, partitions=partitions, body=body)
        self.database.published.set()

    async def _turn(self) -> None:
        self.idle.clear()
        self.database.published.clear()
        try:
            if self._publisher is not None or await self._hold_lease():
                await self._publish_all()
                await _wait(self.database.published, LEASE_SECONDS / 3)
            else:
                self.idle.set()
                await asyncio.sleep(1)
        except (RelayFenced, BusAway) as error:
            log.warning("relay begins anew", service=self.database.service.name, why=str(error))
            await self._close_publisher()
            if isinstance(error, RelayFenced):
                await self._note_fencing()
            await self._give_back()
            await asyncio.sleep(1)
        except Exception as error:
            if fault_of(error) is not Fault.PASSING:
                raise
            await asyncio.sleep(1)

    async def _note_fencing(self) -> None:
        """Raise TakenOver when fenced repeatedly while holding the lease: who fences has another database."""
        async with self.database.engine.connect() as connection:
            parameters = {"name": self.lease, "holder": self.holder}
            held = (await connection.execute(HOLDS_LEASE, parameters)).first() is not None
        now = asyncio.get_running_loop().time()
        recent = [moment for moment in self._fenced_at if now - moment < FENCED_WITHIN_SECONDS]
        self._fenced_at = [*recent, now] if held else []
        if len(self._fenced_at) >= FENCED_TIMES:
            raise TakenOver(service=self.database.service.name)

    async def _publish_all(self) -> None:
        await self._current_publisher()
        # Looked at again after the publisher has fenced others, and before every batch: whoever lost the lease
        # meanwhile must not send on.
        rows = await self._next([])
        while rows:
            await self._send(rows)
            rows = await self._next([row.id for row in rows])
        self.idle.set()

    async def _next(self, sent: list[int]) -> list[Row[Any]] | None:
        """Delete what was sent and return what waits; None when the lease is lost."""
        found = await self.database.alone(
            NEXT, name=self.lease, holder=self.holder, seconds=LEASE_SECONDS, sent=sent, bytes=MOST_BYTES,
            limit=self.database.settings.relay_batch_rows,
        )  # fmt: skip
        if not found:
            await self._close_publisher()
            return None
        return [row for row in found if row.id is not None]

    async def _send(self, rows: list[Row[Any]]) -> None:
        publisher = self._publisher
        assert publisher is not None
        await publisher.publish([record for row in rows for record in outgoing(row)])

    async def _beat(self) -> None:
        while True:
            if self._publisher is not None:
                await self._beat_once()
            await asyncio.sleep(self.database.settings.heartbeat_seconds if self._publisher else 1)

    async def _beat_once(self) -> None:
        try:
            await self.write_heartbeats()
        except (RelayFenced, BusAway):
            return
        except Exception as error:
            if fault_of(error) is not Fault.PASSING:
                raise

    async def _current_publisher(self) -> Publisher:
        if self._publisher is None:
            self._publisher = await self.bus.publisher(self.database.service.name)
        return self._publisher

    async def _hold_lease(self) -> bool:
        parameters = {"name": self.lease, "holder": self.holder, "seconds": LEASE_SECONDS}
        held = bool(await self.database.alone(TAKE_LEASE, **parameters))
        if not held:
            await self._close_publisher()
        return held

    async def _close_publisher(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.close()

    async def _give_back(self) -> None:
        try:
            await self.database.alone(GIVE_LEASE_BACK, name=self.lease, holder=self.holder)
        except (DBAPIError, OSError):
            return


def outgoing(row: Row[Any]) -> list[Outgoing]:
    """Turn an outbox row into records: CloudEvents headers, and the version in front of each body."""
    if row.kind == "heartbeat":
        identity = f"{row.stream}/{row.key}/{row.version}".encode()
        headers = (*_headers_of(HEARTBEAT), ("ce_id", identity), (VERSION_HEADER, b"%d" % row.version))
        return [Outgoing(row.stream, row.key, row.partition_key, headers, row.body.encode(), row.partition)]
    # In one place and without a call: of a burst they are as many as its events.
    stream, common = row.stream, _headers_of(f"thidua.{row.stream}")
    return [
        Outgoing(
            stream, key, partition_key,
            (*common, ("ce_id", f"{stream}/{key}/{version}".encode()), (VERSION_HEADER, b"%d" % version)),
            None if body is None else f'{{"version":{version},{body[1:]}'.encode(),
        )
        for key, partition_key, version, body in zip(
            row.keys, row.partition_keys, row.versions, row.bodies, strict=True
        )
    ]  # fmt: skip


@cache
def _headers_of(kind: str) -> tuple[tuple[str, bytes], ...]:
    return ("ce_specversion", b"1.0"), (TYPE_HEADER, kind.encode()), ("content-type", b"application/json")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


__all__ = ["Relay", "outgoing"]
