"""`thidua rebuild`: drops what a service derived from the streams of others and makes it anew from the log.

What people did (closings, decisions, approvals, registrations) is in primary tables and is not touched. Replicas
are refilled and everything derived follows in one transaction, so that nobody ever scores or reviews half of the
input; what comes out as before is not published again.
"""

# ruff: noqa: S608 (table names come from the names of streams, never from values)

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import State
from thidua_runtime import replicas
from thidua_runtime.contents import PUBLISHED, Log, digest_of, read_log, unsent
from thidua_runtime.database import Database, Transaction
from thidua_runtime.jobs import run_noted
from thidua_runtime.records import Batch, Positions
from thidua_runtime.restoring import (
    FORGET_HEARTBEATS,
    FORGET_POSITIONS,
    Recovery,
    begin_again,
    raise_versions,
    require_stopped,
)

PORTION: Final = 2_000
LOOK_SECONDS: Final = 0.1

SAVE_POSITIONS: Final = text("""
insert into thidua.position (stream, partition, next_offset)
select :stream, * from unnest(cast(:partitions as integer[]), cast(:offsets as bigint[]))
""")
# While nothing was relayed a key may have changed and changed back: followers need the last of it alone.
DROP_BETWEEN: Final = text("""
with waiting as (
    select o.id, o.stream, s.*
      from thidua.outbox as o
     cross join unnest(o.keys, o.partition_keys, o.versions, o.bodies) as s (key, partition_key, version, body)
), newest as (
    select stream, key, max(version) as version from waiting group by stream, key
), kept as (
    select id, array_agg(key order by version) as keys, array_agg(partition_key order by version) as partition_keys,
           array_agg(version order by version) as versions, array_agg(body order by version) as bodies
      from waiting join newest using (stream, key, version) group by id
), gone as (
    delete from thidua.outbox as o where o.kind = 'states' and not exists (select from kept where kept.id = o.id)
)
update thidua.outbox as o
   set keys = k.keys, partition_keys = k.partition_keys, versions = k.versions, bodies = k.bodies
  from kept as k where k.id = o.id and cardinality(k.keys) < cardinality(o.keys)
""")


@dataclass(frozen=True)
class _AtWork:
    """What a service's loops need of it to work without the rest of it."""

    database: Database


async def rebuild(recovery: Recovery) -> None:
    """Make everything derived of a stopped service anew; its duration is the metric of the job `rebuild`.

    Raises StillRunning, NothingToRestore, BusAway; then nothing was changed.
    """
    await require_stopped(recovery)
    await run_noted("rebuild", recovery.database, lambda: _rebuild(recovery))


async def _rebuild(recovery: Recovery) -> None:
    service, database = recovery.service, recovery.database
    highest = max([(await read_log(recovery.bus, model)).highest_version for model in service.owns], default=0)
    async with database.transaction("rebuild") as tx:
        await raise_versions(recovery, tx, highest)
        # What came into an inbox is primary: it is read on, or from the beginning of a topic that was made anew.
        positions = [
            await _refill(recovery, tx, model) if model.owner else await begin_again(recovery, tx, model)
            for model in service.follows
        ]
        if service.derive is not None:
            await service.derive(tx)
    await _work_off(recovery)
    async with database.transaction("rebuild") as tx:
        for model in service.owns:
            await _reconcile(recovery, tx, await read_log(recovery.bus, model))
    await database.alone(DROP_BETWEEN)
    for each in positions:
        await recovery.bus.rewind(service.name, each)


async def _refill(recovery: Recovery, tx: Transaction, model: type[State]) -> Positions:
    """Empty a replica, fill it from the log, and go on following where the log ended before it was read."""
    stream = model.stream
    ends = {partition: held.stop for partition, held in (await recovery.bus.span(stream)).items()}
    arrivals = (await read_log(recovery.bus, model)).arrivals
    await tx.execute(text(f"delete from {replicas.table_name(stream)}"))
    for start in range(0, len(arrivals), PORTION):
        portion: Batch[Any] = Batch(stream, arrivals[start : start + PORTION])
        await replicas.keep(portion, tx)
    await tx.execute(FORGET_POSITIONS, stream=stream)
    await tx.execute(FORGET_HEARTBEATS, stream=stream)
    await tx.execute(SAVE_POSITIONS, stream=stream, partitions=list(ends), offsets=list(ends.values()))
    recovery.tell(f"{stream}: replica made anew from {len(arrivals)} keys")
    return Positions(stream, ends)


async def _work_off(recovery: Recovery) -> None:
    """Let the service's own loops do what the refilled replicas ask of them."""
    service, database = recovery.service, recovery.database
    if service.before_heartbeat is not None:
        await service.before_heartbeat(database)
    if not service.loops:
        return
    loops = [asyncio.ensure_future(loop(_AtWork(database))) for loop in service.loops]
    try:
        while await _is_waiting(recovery):
            done, _ = await asyncio.wait(loops, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
    finally:
        for each in loops:
            each.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def _is_waiting(recovery: Recovery) -> bool:
    waiting = recovery.service.waiting
    return waiting is not None and bool((await recovery.database.alone(waiting))[0][0])


async def _reconcile(recovery: Recovery, tx: Transaction, log: Log) -> None:
    """Publish what came out otherwise than it was published, and withdraw what did not come out again."""
    model, live, changed = log.model, log.live, 0
    in_outbox = await unsent(tx, model)
    gone = {row.key for row in await tx.rows(PUBLISHED, stream=model.stream)}
    async for portion in recovery.service.keeps[model].read(tx):
        for state in portion:
            gone.discard(state.key)
            held = live.get(state.key)
            if held is None or held.digest != digest_of(state) or state.key in in_outbox:
                tx.publish([state])
                changed += 1
        await tx.flush()
    tx.withdraw(model, gone)
    recovery.tell(f"{model.stream}: {changed} states to be published, {len(gone)} withdrawn")
