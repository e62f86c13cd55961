"""Consuming: one function for every transport, from fetched records to a committed transaction.

Nothing is lost: positions move in the transaction that applies the records. Nothing counts twice: what
lies before the position is skipped, versions decide the rest. A bad event becomes a dead letter in the
same transaction as its neighbours' effects.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, TypeVar

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from thidua.contracts import State
from thidua_runtime.database import Database, Transaction, refuse_record
from thidua_runtime.decoding import BadRecord, Decoded, decode
from thidua_runtime.errors import UnexpectedFailure
from thidua_runtime.records import HEARTBEAT, PARTITION, TYPE_HEADER, Arrival, Batch, Positions, Record, newest, spans
from thidua_runtime.service import Handler

T = TypeVar("T")

_HEADERS: Final = attrgetter("headers")

WORTH_SPLITTING: Final = 2_000
"""Of fewer records halves would cost more in round trips than they save."""

# Nearly always there is no letter, and nobody is asked for the identities of all that arrived. The same version counts
# as well: whoever mended an event may send it again without a new number.
SUPERSEDE: Final = text("""
update thidua.dead_letter as d set state = 'superseded', closed_at = clock_timestamp()
  from unnest(cast(:aggregates as text[]), cast(:versions as bigint[])) as a (aggregate, version)
 where d.state = 'waiting' and d.stream = :stream and d.aggregate = a.aggregate
   and coalesce(d.version, -1) <= a.version
""")
# The row lock makes two instances take turns that both believe a partition to be theirs (one of them woke up
# late): the second one then finds what the first has applied. A partition never read before gets its row here.
TAKE_POSITIONS: Final = text("""
insert into thidua.position as p (stream, partition, next_offset)
select :stream, * from unnest(cast(:partitions as integer[]), cast(:offsets as bigint[]))
    on conflict (stream, partition) do update set next_offset = greatest(p.next_offset, excluded.next_offset)
    returning partition, coalesce(old.next_offset, 0) as before,
              exists (select from thidua.dead_letter as d where d.stream = :stream and d.state = 'waiting') as letters
""")

SAVE_HEARTBEATS: Final = text("""
insert into thidua.heartbeat as h (stream, partition, departed_at)
select :stream, * from unnest(cast(:partitions as integer[]), cast(:departed as timestamptz[]))
    on conflict (stream, partition) do update set departed_at = greatest(h.departed_at, excluded.departed_at)
""")

STORED_POSITIONS: Final = text("select partition, next_offset from thidua.position where stream = :stream")

log = structlog.get_logger()


class Fault(Enum):
    """What a database error means for the batch in hand, by its SQLSTATE."""

    EVENT = auto()
    PASSING = auto()
    PROGRAM = auto()


class Flood(Exception):
    """More bad events at once than may be set aside; what was set aside before is committed, the rest untouched."""


@dataclass
class Inlet:
    """One stream on its way into one service: the handlers, and what has been applied so far.

    `waiting` is not empty while a batch is held back because the database does not answer; `bad_at_once` is how many
    events of one batch may be set aside.
    """

    database: Database
    model: type[State]
    handlers: tuple[Handler, ...]
    positions: Positions
    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: set[str] = field(default_factory=set)
    bad_at_once: int = 1_000_000
    is_split: bool = False

    @property
    def stream(self) -> str:
        """The stream's name."""
        return self.model.stream

    @property
    def waits_for_database(self) -> bool:
        """Whether a batch is held back because the database does not answer."""
        return bool(self.waiting)

    def note_waiting(self, waits: bool, half: str = "") -> None:
        """Note that a batch, or half of it, waits for the database, or does so no more."""
        (self.waiting.add if waits else self.waiting.discard)(half)


async def open_inlet(database: Database, stream: str) -> Inlet:
    """Prepare to consume `stream`, from the positions stored in the service's database."""
    model, handlers = database.service.by_stream[stream]
    positions = await stored_positions(database, stream)
    return Inlet(database, model, handlers, positions, is_split=model in database.service.side_by_side)


async def stored_positions(database: Database, stream: str) -> Positions:
    """Return how far the service has applied `stream`, in whichever instance, as its database knows it."""
    rows = await database.alone(STORED_POSITIONS, stream=stream)
    return Positions(stream, {row.partition: row.next_offset for row in rows})


async def consume(inlet: Inlet, records: Sequence[Record]) -> int:
    """Apply records in one transaction; return how many of them were bad.

    Waits as long as the database is away. What another instance has applied meanwhile is left out. Raises
    UnexpectedFailure when neither an event nor the database can be blamed: nothing was committed then; Flood
    when more are bad than `bad_at_once`: give a part of the records then.
    """
    unread = inlet.positions.unread(records)
    if not unread:
        return 0
    if inlet.is_split and len(unread) >= WORTH_SPLITTING:
        halves = _halves(unread)
        if all(halves):
            return await _side_by_side(inlet, halves)
    return await _consume(inlet, unread, "")


def _halves(records: Sequence[Record]) -> list[list[Record]]:
    """Share the partitions out so that both halves have about as many records; what is fetched at once is of few."""
    found: dict[int, list[Record]] = {}
    for partition, together in groupby(records, PARTITION):
        found.setdefault(partition, []).extend(together)
    halves: list[list[Record]] = [[], []]
    for listed in sorted(found.values(), key=len, reverse=True):
        min(halves, key=len).extend(listed)
    return halves


async def _side_by_side(inlet: Inlet, halves: Sequence[Sequence[Record]]) -> int:
    """Apply two halves at the same time: while the database works on one of them, this process works on the other.

    What one of them applied stays, whatever becomes of the other, as if they were two instances.
    """
    works = [_consume(inlet, tuple(records), str(half)) for half, records in enumerate(halves)]
    found = await asyncio.gather(*works, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return sum(each for each in found if isinstance(each, int))


async def _consume(inlet: Inlet, unread: tuple[Record, ...], half: str) -> int:
    own = replace(inlet, outcomes=Counter(), positions=inlet.positions)
    try:
        await _apply_or_halve(own, unread, inlet.bad_at_once, half)
        inlet.positions = inlet.positions.after(spans(unread))
    finally:
        inlet.outcomes.update(own.outcomes)
    return own.outcomes["dead_letter"]


def fault_of(error: BaseException) -> Fault:
    """Tell by SQLSTATE whether the event, the moment or the program is at fault."""
    state = sqlstate(error)
    if state is None:
        connection_lost = isinstance(error, (InterfaceError, PoolTimeout, OSError, TimeoutError)) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        )
        return Fault.PASSING if connection_lost else Fault.PROGRAM
    if state[:2] in {"22", "23"}:
        return Fault.EVENT
    if state[:2] in {"08", "40", "53", "57", "58"} or state in {"55P03", "25006"}:
        return Fault.PASSING
    return Fault.PROGRAM


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE behind an error of SQLAlchemy or asyncpg, or None."""
    seen: BaseException | None = error
    while seen is not None:
        state = getattr(seen, "sqlstate", None) or getattr(seen, "pgcode", None)
        if state:
            return str(state)
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


async def reapply(tx: Transaction, records: Sequence[Record]) -> None:
    """Hand records that were parked or dead to their stream's handlers again, within `tx`."""
    for stream in sorted({record.stream for record in records}):
        model, handlers = tx.service.by_stream[stream]
        decoded = decode(model, tuple(record for record in records if record.stream == stream))
        await _refuse(tx, model, decoded.bad)
        await _handle(tx, stream, handlers, newest(decoded.good))


async def patiently(work: Callable[[], Awaitable[T]], waits: Callable[[bool], None] = lambda _: None) -> T:
    """Do `work`, again and again while the database is away; `waits` is told when that begins and ends."""
    delay = 0.05
    while True:
        try:
            result = await work()
        except Exception as error:
            if fault_of(error) is not Fault.PASSING:
                raise
            log.warning("waiting for the database", why=str(error).splitlines()[0][:300], seconds=delay)
        else:
            waits(False)
            return result
        waits(True)
        await asyncio.sleep(delay)
        delay = min(delay * 2, 5.0)


async def _apply_or_halve(inlet: Inlet, records: tuple[Record, ...], limit: int, half: str) -> None:
    def note(waiting: bool) -> None:
        inlet.note_waiting(waiting, half)

    try:
        await patiently(lambda: _apply(inlet, records, limit), note)
    except Flood:
        raise
    except Exception as error:
        if fault_of(error) is not Fault.EVENT:
            raise UnexpectedFailure(service=inlet.database.service.name, stream=inlet.stream, why=error) from error
        if len(records) > 1:
            middle = len(records) // 2
            await _apply_or_halve(inlet, records[:middle], limit, half)
            await _apply_or_halve(inlet, records[middle:], limit, half)
            return
        if inlet.outcomes["dead_letter"] >= limit:
            raise Flood from error
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        await patiently(lambda: _blame(inlet, records, reason), note)


async def _blame(inlet: Inlet, records: tuple[Record, ...], reason: str) -> None:
    async with inlet.database.transaction() as tx:
        unread, _ = await _take(tx, inlet, records)
        if not unread:
            return
        await _refuse(tx, inlet.model, (BadRecord(records[0], "refused", reason),))
    inlet.outcomes["dead_letter"] += 1


async def _apply(inlet: Inlet, records: tuple[Record, ...], limit: int) -> None:
    heartbeats, events = _split(records)
    decoded = decode(inlet.model, events)
    if inlet.outcomes["dead_letter"] + len(decoded.bad) > limit:
        raise Flood
    arrivals = newest(decoded.good)
    async with inlet.database.transaction() as tx:
        # Before the handlers: a letter that one of them writes now is about the newest version.
        unread, letters = await _take(tx, inlet, records)
        if len(unread) < len(records):
            heartbeats, events = _split(unread)
            decoded = decode(inlet.model, events)
            arrivals = newest(decoded.good)
        if letters:
            await tx.execute(SUPERSEDE, stream=inlet.stream, **_identities(arrivals))
        await _handle(tx, inlet.stream, inlet.handlers, arrivals)
        await _refuse(tx, inlet.model, decoded.bad)
        await _save_heartbeats(tx, inlet.stream, heartbeats)
    _count(inlet, decoded, arrivals)


def _identities(arrivals: tuple[Arrival[Any], ...]) -> dict[str, list[Any]]:
    return {"aggregates": [one.key for one in arrivals], "versions": [one.version for one in arrivals]}


async def _take(tx: Transaction, inlet: Inlet, records: tuple[Record, ...]) -> tuple[tuple[Record, ...], bool]:
    """Move the positions past `records`; return those that nobody has applied meanwhile, and if letters wait."""
    found = spans(records)
    partitions = sorted(found)
    offsets = [found[one].stop for one in partitions]
    rows = await tx.rows(TAKE_POSITIONS, stream=inlet.stream, partitions=partitions, offsets=offsets)
    applied = Positions(inlet.stream, {row.partition: row.before for row in rows})
    unread = records if applied.is_before(found) else applied.unread(records)
    return unread, any(row.letters for row in rows)


def _count(inlet: Inlet, decoded: Decoded, arrivals: tuple[Arrival[Any], ...]) -> None:
    inlet.outcomes["applied"] += len(arrivals)
    inlet.outcomes["stale"] += len(decoded.good) - len(arrivals)
    inlet.outcomes["dead_letter"] += len(decoded.bad)


async def _handle(
    tx: Transaction, stream: str, handlers: tuple[Handler, ...], arrivals: tuple[Arrival[Any], ...]
) -> None:
    if not arrivals:
        return
    batch: Batch[Any] = Batch(stream, arrivals)
    for handler in handlers:
        await handler(batch, tx)


async def _refuse(tx: Transaction, model: type[State], bad: Sequence[BadRecord]) -> None:
    for each in bad:
        aggregate, version = each.about(model)
        await refuse_record(tx, each.record, each.reason, each.sentence, aggregate=aggregate, version=version)


def _split(records: tuple[Record, ...]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    # Tasks come without headers: of them nobody is asked.
    if not any(map(_HEADERS, records)):
        return (), records
    heartbeats = tuple(r for r in records if r.headers and r.header(TYPE_HEADER) == HEARTBEAT)
    if not heartbeats:
        return (), records
    return heartbeats, tuple(r for r in records if r.header(TYPE_HEADER) != HEARTBEAT)


async def _save_heartbeats(tx: Transaction, stream: str, heartbeats: tuple[Record, ...]) -> None:
    newest_departure: dict[int, datetime] = {}
    for record in heartbeats:
        departed = _departure(record)
        if departed is not None:
            newest_departure[record.partition] = max(departed, newest_departure.get(record.partition, departed))
    if newest_departure:
        partitions = sorted(newest_departure)
        departures = [newest_departure[partition] for partition in partitions]
        await tx.execute(SAVE_HEARTBEATS, stream=stream, partitions=partitions, departed=departures)


def _departure(record: Record) -> datetime | None:
    try:
        departed = datetime.fromisoformat(orjson.loads(record.body or b"{}")["departed_at"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    return departed if departed.tzinfo else None
