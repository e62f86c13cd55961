"""`thidua restore`: a service whose database came from a backup gets back in front of what it has published.

Its followers hold versions that it would give out a second time, and states that it knows nothing of any more.
So its versions are raised above everything on its streams, every state is published anew, and what its tables
lack is withdrawn. All of it is one transaction: interrupted, it has not happened; repeated, it wins again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import State, TaskReport
from thidua_runtime import replicas
from thidua_runtime.bus import Bus
from thidua_runtime.clock import wall_clock
from thidua_runtime.contents import PUBLISHED, Log, read_log
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import NothingToRestore, StillRunning
from thidua_runtime.jobs import run_noted
from thidua_runtime.records import Arrival, Batch, Positions, Record
from thidua_runtime.service import Service

EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)

Tell = Callable[[str], None]
"""Gets a sentence about each thing that was done."""

LEASED: Final = text("select 1 from thidua.lease where name = 'relay' and expires_at > clock_timestamp()")
# A sequence is no part of the transaction; raised for nothing it does no harm.
RAISE: Final = text("""
select setval('thidua.version', greatest(cast(:wanted as bigint), last_value + 1)) as version from thidua.version
""")
KNOWN: Final = text("select key, version from thidua.published where stream = :stream")
# Whatever waits there is published anew with everything else.
FORGET_OUTBOX: Final = text("delete from thidua.outbox")
POSITIONS: Final = text("select partition, next_offset from thidua.position where stream = :stream")
FORGET_POSITIONS: Final = text("delete from thidua.position where stream = :stream")
FORGET_HEARTBEATS: Final = text("delete from thidua.heartbeat where stream = :stream")
GHOSTS: Final = "select key, version from {table} where not deleted and key <> all(cast(:keys as text[])) order by key"


@dataclass(frozen=True)
class Recovery:
    """A stopped service, its database, and the bus; `tell` gets a sentence about each thing that is done."""

    service: Service
    database: Database
    bus: Bus
    tell: Tell


async def restore(recovery: Recovery, *, adopt: bool) -> None:
    """Bring a service back whose database came from a backup; `adopt` takes over what was published since.

    Without `adopt` the backup is the truth. Raises StillRunning, NothingToRestore, BusAway.
    """
    await require_stopped(recovery)
    await run_noted("restore", recovery.database, lambda: _restore(recovery, adopt))


async def republish(recovery: Recovery) -> None:
    """Publish every state of a service anew, with tombstones for what its tables lack: after Kafka was lost."""
    await require_stopped(recovery)
    await run_noted("republish", recovery.database, lambda: _republish(recovery))


async def _republish(recovery: Recovery) -> None:
    async with recovery.database.transaction("republish") as tx:
        await _come_back(recovery, tx, adopt=False)


async def require_stopped(recovery: Recovery) -> None:
    """Raise StillRunning while somebody holds the service's relay; fence whoever has another database.

    Raises NothingToRestore for a service that cannot read out what it publishes.
    """
    service = recovery.service
    for model in service.owns:
        if model not in service.keeps:
            raise NothingToRestore(service=service.name, stream=model.stream)
    if await recovery.database.alone(LEASED):
        raise StillRunning(service=service.name)
    await (await recovery.bus.publisher(service.name)).close()


async def raise_versions(recovery: Recovery, tx: Transaction, highest: int) -> None:
    """Let the next version exceed every version on the service's own streams.

    A value kept in the database would be restored with it: seconds since 2020 in the upper half are not.
    """
    seconds = int((wall_clock() - EPOCH).total_seconds())
    row = await tx.row(RAISE, wanted=max(seconds << 32, highest + 1))
    assert row is not None
    recovery.tell(f"versions go on from {row.version}; the highest one published was {highest}")


async def _restore(recovery: Recovery, adopt: bool) -> None:
    async with recovery.database.transaction("restore") as tx:
        await _come_back(recovery, tx, adopt=adopt)
        positions = [await begin_again(recovery, tx, model) for model in recovery.service.follows]
    for each in positions:
        await recovery.bus.rewind(recovery.service.name, each)
    recovery.tell(f"start it: thidua run {recovery.service.name}; then compare: thidua verify")


async def _come_back(recovery: Recovery, tx: Transaction, *, adopt: bool) -> None:
    """Publish everything under versions above all that was published; holds one stream in memory at a time."""
    highest = 0
    published: dict[type[State], frozenset[str]] = {}
    for model in recovery.service.owns:
        log = await read_log(recovery.bus, model)
        highest = max(highest, log.highest_version)
        published[model] = log.live_keys
        if adopt:
            await _adopt(recovery, tx, log)
    await raise_versions(recovery, tx, highest)
    await tx.execute(FORGET_OUTBOX)
    # What one stream says may rest on what was adopted from another.
    for model in recovery.service.owns:
        await _publish_all(recovery, tx, model, published[model])


async def _adopt(recovery: Recovery, tx: Transaction, log: Log) -> None:
    known = {row.key: row.version for row in await tx.rows(KNOWN, stream=log.model.stream)}
    newer = [one for one in log.arrivals if one.version > known.get(one.key, -1)]
    states = [one.state for one in newer if one.state is not None]
    gone = [one.key for one in newer if one.state is None and one.key in known]
    if states or gone:
        await recovery.service.keeps[log.model].take(tx, states, gone)
        recovery.tell(f"{log.model.stream}: {len(states)} states and {len(gone)} withdrawals later than the backup")


async def _publish_all(recovery: Recovery, tx: Transaction, model: type[State], published: frozenset[str]) -> None:
    count = 0
    ghosts = published | {row.key for row in await tx.rows(PUBLISHED, stream=model.stream)}
    async for portion in recovery.service.keeps[model].read(tx):
        tx.publish(portion)
        ghosts -= {state.key for state in portion}
        count += len(portion)
        await tx.publish_anew()
    tx.withdraw(model, ghosts)
    await tx.publish_anew()
    recovery.tell(f"{model.stream}: {count} states published anew, {len(ghosts)} withdrawn that the tables lack")


async def begin_again(recovery: Recovery, tx: Transaction, model: type[State]) -> Positions:
    """Set a followed stream back to its beginning; the inbox goes on where the database stands, if its log does."""
    span = await recovery.bus.span(model.stream)
    stored = {row.partition: row.next_offset for row in await tx.rows(POSITIONS, stream=model.stream)}
    is_same_log = all(offset <= span.get(partition, range(0)).stop for partition, offset in stored.items())
    if model is TaskReport and is_same_log:
        _tell_of_gaps(recovery, model.stream, span, stored)
        return Positions(model.stream, stored)
    await tx.execute(FORGET_POSITIONS, stream=model.stream)
    await tx.execute(FORGET_HEARTBEATS, stream=model.stream)
    if model.owner and is_same_log:
        await _drop_ghosts(recovery, tx, await read_log(recovery.bus, model))
    return Positions(model.stream)


def _tell_of_gaps(recovery: Recovery, stream: str, span: Mapping[int, range], stored: Mapping[int, int]) -> None:
    """Say what the inbox no longer holds of the time since the backup."""
    lost = Counter({p: held.start - stored.get(p, 0) for p, held in span.items() if held.start > stored.get(p, 0)})
    if stored and lost.total():
        recovery.tell(f"{stream}: {lost.total()} records since the backup are no longer kept; have the sources resend")


async def _drop_ghosts(recovery: Recovery, tx: Transaction, log: Log) -> None:
    """Hand tombstones to the handlers for what the replica still holds and the log has forgotten.

    A tombstone stays on the log for thirty days: whoever comes back from an older backup would never read it.
    """
    model = log.model
    statement = text(GHOSTS.format(table=replicas.table_name(model.stream)))
    rows = await tx.rows(statement, keys=[one.key for one in log.arrivals])
    if not rows:
        return
    arrivals: tuple[Arrival[Any], ...] = tuple(_tombstone(model.stream, row.key, row.version + 1) for row in rows)
    for handler in recovery.service.follows[model]:
        await handler(Batch(model.stream, arrivals), tx)
    recovery.tell(f"{model.stream}: {len(arrivals)} states were withdrawn so long ago that the log has forgotten it")


def _tombstone(stream: str, key: str, version: int) -> Arrival[Any]:
    return Arrival(key, version, None, Record(stream, 0, 0, key.encode(), (), None, 0))
