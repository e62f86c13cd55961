"""Publishing monthly results, and finding what differs from a closed one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Row

from thidua.contracts import MonthlyResult, SubjectKind, TaskReport
from thidua.contracts.work import MonthState, WeightByCount, WorkItems
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.queries import months as queries
from thidua_monitoring.queries import periods, publishing, set_aside
from thidua_monitoring.queries.months import Pair
from thidua_monitoring.queries.set_aside import LANES
from thidua_runtime.consume import Fault, fault_of
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import BusAway
from thidua_runtime.ids import new_id
from thidua_runtime.service import Running

T = TypeVar("T")

CLOSED: Final = "closed"
PEOPLE_PER_TURN: Final = 5_000
CALM_SECONDS: Final = 0.05
MANY_PUT_OFF: Final = 5_000
"""So many months of people that wait are the end of a burst, for which nobody should wait until the next heartbeat."""
LONGEST_ASIDE_SECONDS: Final = 2.0
"""While a burst goes on, what it comes to for units is set aside for so long; then it is counted and published."""
LONGEST_BURST_SECONDS: Final = 30.0
"""For so long a heartbeat, and with it people's figures, waits for the end of a burst."""
FIGURES: Final = ("due", "on_time", "late", "open", "overdue", "excluded")


async def publish_months(tx: Transaction, pairs: Iterable[Pair], as_of: date) -> None:
    """Publish the figures of these months and subjects as they stand.

    A closed month shows its closed result; what moved since becomes a pending correction. A running
    month in which nothing is known of a subject, or a person had no task, has no row: "missing" is not zero.
    Months of many people at once follow before the next heartbeat (`publish_people`), and a person's month once
    it has begun.
    """
    wanted = list(pairs)
    if wanted:
        publish_at_end(tx, await queries.sort_out(tx, wanted, as_of))


def publish_at_end(tx: Transaction, pairs: Iterable[Pair]) -> None:
    """Publish these months and subjects as they stand when the transaction commits, whoever they belong to.

    Their counters are held already: moved by this transaction, or taken by it.
    """
    tx.at_end(_publish, pairs)


async def publish_put_off(database: Database) -> None:
    """Publish everything that was put off until now, or set aside; in a burst, once it is over if that is soon."""
    await _wait_for_calm(database)
    while await publish_units(database):
        pass
    await publish_people(database)


async def publish_units(database: Database) -> bool:
    """Move units' counters by what was set aside, and publish their months; return whether there is more at once.

    What another change moves meanwhile may have moved by a report whose earlier one was set aside after this looked.
    """
    async with database.transaction("monitoring") as tx:
        await set_aside.take_turns(tx)
        await periods.hold_as_of(tx)
        counted = await set_aside.count_units(tx)
        later = await set_aside.moved_meanwhile(tx)
        tx.at_end(_publish_all, [pair for pair in counted if pair not in later])
    return bool(later)


async def publish_people(database: Database) -> None:
    """Publish the months of people that were put off or set aside until now; later ones may come later."""
    left = await _publish_lanes(database)
    while left:
        left &= await _publish_lanes(database)


async def beside(*works: Awaitable[T]) -> list[T]:
    """Do works at the same time, each to its end; raises what one of them raised."""
    done: list[T] = []
    for found in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(found, BaseException):
            raise found
        done.append(found)
    return done


async def _publish_lanes(database: Database) -> set[Pair]:
    """Publish what is set aside and noted; return whose months were taken, and moved meanwhile."""
    await _note_what_is_not_counted_by_month(database)
    return set().union(*await beside(*[_publish_lane(database, lane) for lane in LANES]))


async def _note_what_is_not_counted_by_month(database: Database) -> None:
    async with database.transaction("monitoring") as tx:
        for lane in LANES:
            await queries.take_turns(tx, lane)
        await set_aside.note_people(tx, month_of(await periods.hold_as_of(tx)))


async def _publish_lane(database: Database, lane: int) -> set[Pair]:
    left: set[Pair] = set()
    for month in await set_aside.months_of_people(database, lane):
        left |= await _count_and_publish(database, lane, month)
    last: Pair | None = ("", "")
    while last is not None:
        last, late = await _publish_portion(database, last, lane)
        left |= late
    return left


async def _count_and_publish(database: Database, lane: int, month: str) -> set[Pair]:
    async with database.transaction("monitoring") as tx:
        await queries.take_turns(tx, lane)
        await periods.hold_as_of(tx)
        counted = await set_aside.count_people(tx, month)
        late = await set_aside.people_moved_meanwhile(tx, [month])
        tx.at_end(_publish_all, [pair for pair in counted if pair not in late])
    return late.intersection(counted)


async def _publish_portion(database: Database, after: Pair, lane: int) -> tuple[Pair | None, set[Pair]]:
    """Publish noted months of a lane behind this one.

    Returns the last of them, or None where there was none, and those of which something is set aside.
    """
    async with database.transaction("monitoring") as tx:
        await queries.take_turns(tx, lane)
        as_of = await periods.hold_as_of(tx)
        pairs = await queries.take_put_off(tx, month_of(as_of), PEOPLE_PER_TURN, after, lane)
        late = await set_aside.people_moved_meanwhile(tx, [month for month, _ in pairs])
        tx.at_end(_publish_all, [pair for pair in pairs if pair not in late])
    return (pairs[-1] if pairs else None), late.intersection(pairs)


_moved: WeakKeyDictionary[Database, asyncio.Event] = WeakKeyDictionary()


def moved(database: Database) -> asyncio.Event:
    """Return what tells that this process has moved many months; at first it may have, before it started."""
    event = _moved.get(database)
    if event is None:
        event = _moved[database] = asyncio.Event()
        event.set()
    return event


async def publish_after_bursts(running: Running) -> None:
    """Publish what a burst has put off as soon as it is over, long before the next heartbeat; runs until cancelled.

    Months of units are published while it goes on as well.
    """
    database, burst = running.database, moved(running.database)
    while True:
        await burst.wait()
        burst.clear()
        await asyncio.sleep(CALM_SECONDS)
        try:
            is_over = not burst.is_set() and await _is_over(database)
            if await set_aside.is_due(database, 0 if is_over else LONGEST_ASIDE_SECONDS):
                await publish_units(database)
            if not is_over or await set_aside.is_due(database, 0):
                burst.set()
            elif await queries.has_put_off(database, MANY_PUT_OFF):
                await publish_people(database)
        except Exception as error:
            if not isinstance(error, BusAway) and fault_of(error) is not Fault.PASSING:
                raise
            burst.set()


async def _wait_for_calm(database: Database) -> None:
    """Wait for the end of a burst, but not for long: until then every batch sets aside what must be counted before."""
    until = asyncio.get_running_loop().time() + LONGEST_BURST_SECONDS
    while asyncio.get_running_loop().time() < until:
        if await set_aside.is_empty(database) or await _is_over(database):
            return
        await asyncio.sleep(CALM_SECONDS)


async def _is_over(database: Database) -> bool:
    return database.lag is None or await database.lag([TaskReport.stream]) == 0


async def _publish(tx: Transaction, pairs: Sequence[Pair]) -> None:
    now = await set_aside.put_off(tx, pairs)
    if len(now) < len(pairs):
        tx.after_commit(moved(tx.database).set)
    await _publish_all(tx, now)


async def _publish_all(tx: Transaction, pairs: Sequence[Pair]) -> None:
    as_of = await periods.hold_as_of(tx)
    wanted = await publishing.publish_counted(tx, pairs, as_of)
    if not wanted:
        return
    rows = await queries.figures(tx, wanted)
    work = await queries.work(tx, wanted)
    states = [state_of(row, work.get((row.month, row.subject), ()), as_of) for row in rows]
    tx.publish(state for row, state in zip(rows, states, strict=True) if _is_known(row))
    tx.withdraw(MonthlyResult, [f"{row.subject}/{row.month}" for row in rows if not _is_known(row)])
    closed = [(row, state) for row, state in zip(rows, states, strict=True) if row.month_state == CLOSED]
    if closed:
        live = [(row, live_state(row, work.get((row.month, row.subject), ()), as_of)) for row, _ in closed]
        await _note_corrections(tx, live)


async def known_states(tx: Transaction, pairs: Sequence[Pair], as_of: date) -> list[MonthlyResult]:
    """Return what is to be published of these months and subjects; of whom nothing is known, nothing."""
    rows = await queries.figures(tx, pairs)
    work = await queries.work(tx, pairs)
    return [state_of(row, work.get((row.month, row.subject), ()), as_of) for row in rows if _is_known(row)]


def state_of(row: Row[Any], work: Sequence[Row[Any]], as_of: date) -> MonthlyResult:
    """Return the state to publish: the closed result where there is one, else the live figures."""
    return _closed_state(row) if row.has_result else live_state(row, work, as_of)


def live_state(row: Row[Any], work: Sequence[Row[Any]], as_of: date) -> MonthlyResult:
    """Return the figures as the ledger, or the unit's own declaration, has them now."""
    state = MonthState(row.month_state)
    if row.objected and state is MonthState.PUBLISHED:
        state = MonthState.OBJECTION
    return MonthlyResult(
        subject=row.subject,
        subject_kind=_kind(row),
        unit=row.unit or row.subject,
        month=row.month,
        state=state,
        reported=row.reported,
        declared=row.declared,
        work=_work_items(row, work),
        as_of=as_of,
        closed_on=row.month_closed_on,
        forced_because=row.forced_because or "",
        **_live_figures(row),
    )


def _live_figures(row: Row[Any]) -> dict[str, int]:
    if row.declared:
        declared = {name: getattr(row, f"declared_{name}") for name in ("due", "on_time", "late", "overdue")}
        return {**declared, "open": 0, "excluded": 0}
    return {name: getattr(row, name) for name in FIGURES}


def _closed_state(row: Row[Any]) -> MonthlyResult:
    return MonthlyResult(
        subject=row.subject,
        subject_kind=_kind(row),
        unit=row.result_unit,
        month=row.month,
        state=MonthState(row.result_state),
        reported=row.result_reported,
        declared=row.result_declared,
        work=None if row.result_work is None else WorkItems.model_validate(row.result_work),
        as_of=row.result_as_of,
        closed_on=row.result_closed_on,
        forced_because=row.forced_because or "",
        **{name: getattr(row, f"result_{name}") for name in FIGURES},
    )


def _kind(row: Row[Any]) -> SubjectKind:
    return SubjectKind.INDIVIDUAL if row.individual else SubjectKind.COLLECTIVE


def has_figures(row: Row[Any]) -> bool:
    """Whether the ledger or the unit itself says anything about this subject and month."""
    return bool(row.declared or row.due or row.open or row.excluded)


def _is_known(row: Row[Any]) -> bool:
    if row.month_state == CLOSED:
        return bool(row.has_result)
    # That a unit reported says that it had nothing due; of its people a month without tasks tells at its closing,
    # or it would matter whether a task once stood in it.
    return has_figures(row) or (bool(row.reported) and not row.individual)


def _work_items(row: Row[Any], work: Sequence[Row[Any]]) -> WorkItems | None:
    if not work and not row.without_weight:
        return None
    failures: dict[int, Decimal] = {}
    delays: dict[int, Decimal] = {}
    for part in work:
        failures[part.failures] = failures.get(part.failures, Decimal()) + part.done
        delays[part.delays] = delays.get(part.delays, Decimal()) + part.done
    assigned = None if row.without_weight else sum((part.assigned for part in work), Decimal())
    return WorkItems(
        assigned=None if assigned is None else _plain(assigned),
        done=_plain(sum((part.done for part in work), Decimal())),
        by_failures=_by_count(failures),
        by_delays=_by_count(delays),
        without_weight=row.without_weight,
    )


def _by_count(weights: dict[int, Decimal]) -> tuple[WeightByCount, ...]:
    return tuple(WeightByCount(count=n, weight=_plain(w)) for n, w in sorted(weights.items()) if w)


def _plain(number: Decimal) -> Decimal:
    # 1.500000 and 1.5 are one figure: the text must not depend on the order of additions.
    whole = number.normalize()
    return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole


async def _note_corrections(tx: Transaction, live: Sequence[tuple[Row[Any], MonthlyResult]]) -> None:
    differing = [(row, state) for row, state in live if _differs(row, state)]
    settled = [row for row, state in live if not _differs(row, state)]
    if settled:
        await tx.execute(
            queries.VOID_CORRECTIONS, months=[r.month for r in settled], subjects=[r.subject for r in settled],
            actor=tx.actor,
        )  # fmt: skip
    if differing:
        found = [{"id": new_id(), **_stored(state)} for _, state in differing]
        await tx.execute(
            queries.SAVE_CORRECTIONS, corrections=orjson.dumps(found).decode(), found_on=tx.clock.today(),
            actor=tx.actor,
        )  # fmt: skip


def _differs(row: Row[Any], live: MonthlyResult) -> bool:
    if row.declared or row.result_declared:
        return False
    if not row.has_result:
        return has_figures(row)
    closed = _closed_state(row)
    return any(getattr(closed, name) != getattr(live, name) for name in FIGURES) or closed.work != live.work


def _stored(state: MonthlyResult) -> dict[str, Any]:
    work = None if state.work is None else state.work.model_dump(mode="json")
    return {"month": state.month, "subject": state.subject, "work": work, **{n: getattr(state, n) for n in FIGURES}}


def stored_result(state: MonthlyResult) -> dict[str, Any]:
    """Return a closed state as the columns of `month_result`."""
    return {
        **_stored(state), "individual": state.subject_kind is SubjectKind.INDIVIDUAL, "unit": state.unit,
        "declared": state.declared, "reported": state.reported, "state": CLOSED, "as_of": state.as_of,
        "closed_on": state.closed_on,
    }  # fmt: skip
