"""One turn of the scorer: lease marks, gather in one look, score without a transaction, write what is newer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog

from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Database, Transaction
from thidua_scoring.commands.sets import quarantine_dangerous
from thidua_scoring.commands.stored import have_stored
from thidua_scoring.domain.calendar import scored_periods
from thidua_scoring.domain.cases import LaneName, Wanted
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import Outcome, SetUsed, not_scored, row_of
from thidua_scoring.domain.scoring import Order, withheld
from thidua_scoring.queries import marks, sets, shadows
from thidua_scoring.queries.gathering import ONE_LOOK, Wish, gather
from thidua_scoring.queries.marks import Lease, Mark
from thidua_scoring.queries.uses import Use, uses
from thidua_scoring.queries.writing import mark_of, remove_others, write_scores
from thidua_scoring.scorer.asides import SET, SHADOW, Asides
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.workplace import LoadedSet, Workplace, workplace_of

LEASE_ROWS: Final = 200
# After it another instance, or the next start, takes the marks of one that died; who lives renews them. What is scored
# twice all the same does nothing worse: numbers decide which score stands.
LEASE_SECONDS: Final = 30
ORDER_CASES: Final = 50
# A few cases are shared among the processes, so that whoever waits for a score waits for a part of them only.
LEAST_ORDER_CASES: Final = 8
_NOT_COUNTING: Final = {
    "evaluation": "đang được đánh giá thử, chưa được bật",
    "quarantined": "bị cách ly",
    "disabled": "đang tạm dừng",
    "withdrawn": "đã bị thu hồi",
}

log = structlog.get_logger()


@dataclass(frozen=True)
class Scorer:
    """What a turn needs. `asides`: where sets with code are scored, so that one that hangs keeps no other waiting;
    without it they are waited for.
    """

    database: Database
    workers: Workers
    asides: Asides | None = None

    @property
    def workplace(self) -> Workplace:
        """The loaded sets and the bell."""
        return workplace_of(self.database)


@dataclass(frozen=True)
class _Batch:
    """Marks in hand and what was gathered for them, by versions that count and those that follow."""

    leases: Sequence[Lease]
    found: Mapping[Wish, Material]
    followed: Mapping[Wish, Material]


async def turn(scorer: Scorer, limit: int = LEASE_ROWS, until: datetime | None = None) -> int:
    """Score up to `limit` marked subjects (marked up to `until`); return how many marks were in hand."""
    without = () if scorer.asides is None else scorer.asides.sets
    leases = await marks.lease(scorer.database, limit, LEASE_SECONDS, until, without=without)
    if leases:
        async with _kept(scorer, leases):
            batch = await _looked(scorer, leases)
            if scorer.asides is not None:
                batch = await _set_aside(scorer, scorer.asides, batch, until)
            await _finish(scorer, batch)
    return len(leases)


async def _looked(scorer: Scorer, leases: Sequence[Lease]) -> _Batch:
    async with scorer.database.transaction("scorer") as tx:
        await tx.execute(ONE_LOOK)
        found = await look(tx, scorer.workplace, [one.mark for one in leases])
        followed = await look_for_shadows(tx, scorer.workplace, found)
    for use in {wish.use for wish in (*found, *followed)}:
        await have_stored(scorer.database, use)
    return _Batch(leases, found, followed)


@asynccontextmanager
async def _kept(scorer: Scorer, leases: Sequence[Lease]) -> AsyncIterator[None]:
    """Keep marks in hand for as long as it takes."""
    renewing = asyncio.create_task(_renew(scorer.database, leases))
    try:
        yield
    finally:
        renewing.cancel()
        # Why it could not be renewed is told by what else needs the database.
        await asyncio.gather(renewing, return_exceptions=True)


async def _renew(database: Database, leases: Sequence[Lease]) -> None:
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        await marks.renew(database, leases, LEASE_SECONDS)


async def _set_aside(scorer: Scorer, asides: Asides, batch: _Batch, until: datetime | None) -> _Batch:
    """Begin what code may hold up in tasks of its own, one per set, and return the rest of the batch."""
    coded = {wish.use.set_id for wish in batch.found if _has_code(scorer, wish.use)}
    for set_id in sorted(coded):
        part = _of_sets(batch, {set_id})
        if asides.has(SET, set_id):
            # Another turn was quicker; the bell rings when that is through.
            await marks.give_back(scorer.database, part.leases)
        else:
            asides.begin(_score_aside(scorer, set_id, part, until), SET, set_id)
    return _of_sets(batch, {one.mark.set_id for one in batch.leases} - coded) if coded else batch


async def _score_aside(scorer: Scorer, set_id: str, batch: _Batch, until: datetime | None) -> None:
    async with _kept(scorer, batch.leases):
        await _finish(scorer, batch)
    # Of many marks, those that waited at the same time: nobody else takes marks of this set meanwhile.
    while until is not None:
        leases = await marks.lease(scorer.database, LEASE_ROWS, LEASE_SECONDS, until, only=set_id)
        if not leases:
            return
        async with _kept(scorer, leases):
            await _finish(scorer, await _looked(scorer, leases))


def _of_sets(batch: _Batch, sets: Set[str]) -> _Batch:
    return _Batch(
        [one for one in batch.leases if one.mark.set_id in sets],
        {wish: one for wish, one in batch.found.items() if wish.use.set_id in sets},
        {wish: one for wish, one in batch.followed.items() if wish.use.set_id in sets},
    )


def _has_code(scorer: Scorer, use: Use) -> bool:
    """Whether scoring with a set runs code of its own: one that is stopped runs nothing."""
    loaded = scorer.workplace.sets.get((use.set_id, use.version))
    return loaded is not None and loaded.has_code and not why_not(use, loaded)


async def _finish(scorer: Scorer, batch: _Batch) -> None:
    if not batch.leases:
        return
    outcomes = await score_all(scorer, batch.found, "running")
    async with scorer.database.transaction("scorer") as tx:
        await _write(tx, batch.leases, batch.found, outcomes)
        if not batch.followed:
            await marks.done(tx, batch.leases)
    if batch.followed:
        await _finish_beside(scorer, batch, outcomes)


async def _finish_beside(scorer: Scorer, batch: _Batch, running: Sequence[Outcome]) -> None:
    """Score what only follows along, once what counts is written; the marks stay for a process that ends here."""
    asides, coded = scorer.asides, {wish.use.set_id for wish in batch.followed if _has_code(scorer, wish.use)}
    if asides is not None:
        # Where what counts is scored aside, what follows it is as well.
        coded = {one for one in coded if not asides.has(SET, one)}
        for set_id in sorted(coded):
            part = _of_sets(batch, {set_id})
            if asides.has(SHADOW, set_id):
                # They are scored again when the task of this name ends: what counts waits for no version beside it.
                asides.left.setdefault((SHADOW, set_id), []).extend(part.leases)
            else:
                asides.begin(_shadow_aside(scorer, asides, set_id, part, running), SHADOW, set_id)
        batch = _of_sets(batch, {one.mark.set_id for one in batch.leases} - coded)
    if batch.leases:
        await _shadow(scorer, batch, running)


async def _shadow_aside(scorer: Scorer, asides: Asides, set_id: str, batch: _Batch, running: Sequence[Outcome]) -> None:
    async with _kept(scorer, batch.leases):
        await _shadow(scorer, batch, running)
    left = asides.left.pop((SHADOW, set_id), [])
    await marks.give_back(scorer.database, left)


async def _shadow(scorer: Scorer, batch: _Batch, running: Sequence[Outcome]) -> None:
    beside = await score_all(scorer, batch.followed, "running")
    async with scorer.database.transaction("scorer") as tx:
        held = await marks.hold(tx, batch.leases)
        generations = {one.mark: one.generation for one in batch.leases if one.mark in held}
        await shadows.write(tx, beside, running, generations)
        await marks.done(tx, batch.leases)
        report_failures(tx, beside)


async def look(tx: Transaction, workplace: Workplace, wanted: Iterable[Mark]) -> dict[Wish, Material]:
    """Gather the material of marked subjects; marks of nobody who takes part are left out."""
    by_use = {(use.campaign.id, use.set_id): use for use in await uses(tx)}
    listed = [(mark, by_use.get((mark.campaign, mark.set_id))) for mark in wanted]
    wishes = [Wish(mark.subject, use) for mark, use in listed if use is not None]
    return await gather(tx, wishes, band_orders(workplace)) if wishes else {}


async def look_for_shadows(
    tx: Transaction, workplace: Workplace, found: Mapping[Wish, Material]
) -> dict[Wish, Material]:
    """Gather the material again for versions that follow along; each may read something else."""
    followers = {use: use.as_shadows() for use in {wish.use for wish in found}}
    wishes = [Wish(wish.subject, one) for wish in found for one in followers[wish.use]]
    return await gather(tx, wishes, band_orders(workplace)) if wishes else {}


def band_orders(workplace: Workplace) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the bands of every loaded set from best to worst, for sets that count the members of another."""
    sets = sorted(workplace.sets.items())
    return tuple((key[0], tuple(band.code for band in one.criteria_set.manifest.bands)) for key, one in sets)


async def score_all(
    scorer: Scorer,
    found: Mapping[Wish, Material],
    lane: LaneName,
    period: str | None = None,
    cut: datetime | None = None,
) -> list[Outcome]:
    """Score material in orders of one set each, side by side; `period`: one, else all that have begun.

    `cut`: of official scores.
    """
    groups: dict[Use, list[Material]] = defaultdict(list)
    for wish, material in found.items():
        groups[wish.use].append(material)
    tasks = []
    outcomes: list[Outcome] = []
    for use, materials in groups.items():
        await have_stored(scorer.database, use)
        loaded = scorer.workplace.sets.get((use.set_id, use.version))
        reason = why_not(use, loaded)
        if reason or loaded is None:
            outcomes += _without_score(use, materials, lane, period, reason, cut)
            continue
        # Of code no more orders are in hand than processes: between them it is seen whether the set still counts.
        in_hand = asyncio.Semaphore(scorer.workers.processes) if loaded.has_code else nullcontext()
        for order in _orders(use, loaded, materials, lane, period, scorer.workers.processes):
            tasks.append(_score(scorer, use, replace(order, cut=cut), in_hand, has_code=loaded.has_code))
    for scored in await asyncio.gather(*tasks):
        outcomes += scored
    return outcomes


async def _score(
    scorer: Scorer, use: Use, order: Order, in_hand: AbstractAsyncContextManager[Any], *, has_code: bool
) -> list[Outcome]:
    stopped = partial(_why_stopped, scorer.database, use)
    async with in_hand:
        if has_code and (why := await stopped()):
            return withheld(order, why)
        outcomes = await scorer.workers.score(order, has_code=has_code, stopped=stopped)
        await quarantine_dangerous(scorer.database, outcomes)
    return outcomes


async def _why_stopped(database: Database, use: Use) -> str:
    """Return why a set that was asked to score must not go on; one in evaluation may be scored with on purpose."""
    async with database.transaction("scorer") as tx:
        row = await sets.row_of(tx, use.set_id, use.version)
    if row is None or row.state in ("enabled", "evaluation"):
        return ""
    return f"bộ tiêu chí {use.set_id} {use.version} {_NOT_COUNTING[row.state]}"


def why_not(use: Use, loaded: LoadedSet | None) -> str:
    """Return why a campaign's set scores nobody, as a piece of a Vietnamese sentence; "" if it does."""
    name = f"bộ tiêu chí {use.set_id} {use.version}"
    if use.row is None:
        return f"{name} chưa được cài đặt"
    if use.row.state in _NOT_COUNTING:
        return f"{name} {_NOT_COUNTING[use.row.state]}"
    if loaded is None:
        return f"{name} chưa nạp được"
    return ""


def _without_score(
    use: Use, materials: Sequence[Material], lane: LaneName, period: str | None, why: str, cut: datetime | None
) -> list[Outcome]:
    used = SetUsed(use.set_id, use.version)
    name = period or f"{use.campaign.year:04d}"
    return [Outcome(row_of(not_scored(material, used, name, lane, why, cut))) for material in materials]


def _orders(
    use: Use, loaded: LoadedSet, materials: Sequence[Material], lane: LaneName, period: str | None, processes: int
) -> Iterator[Order]:
    manifest = loaded.criteria_set.manifest
    periods = (period,) if period else scored_periods(manifest, use.campaign.year, use.as_of)
    known = frozenset(loaded.criteria_set.parameters)
    used = SetUsed(use.set_id, use.version, loaded.criteria_set.artefact)
    # One for all, so that an order names it once.
    wanted = [Wanted(name, lane, loaded.reads, known) for name in periods]
    items = [(one, each) for one in materials for each in wanted]
    size = min(ORDER_CASES, max(LEAST_ORDER_CASES, -(-len(items) // processes)))
    for first in range(0, len(items), size):
        yield Order(loaded.place, used, tuple(items[first : first + size]))


async def _write(
    tx: Transaction, leases: Sequence[Lease], found: Mapping[Wish, Material], outcomes: Sequence[Outcome]
) -> None:
    held = await marks.hold(tx, leases)
    generations = {one.mark: one.generation for one in leases if one.mark in held}
    mine = [one for one in outcomes if mark_of(one.row) in generations]
    await write_scores(tx, mine, generations)
    await remove_others(tx, generations, (one.row for one in mine))
    stayed = {Mark(wish.subject, wish.use.campaign.id, wish.use.set_id) for wish in found}
    await shadows.remove(tx, generations.keys() - stayed)
    report_failures(tx, outcomes)
    _measure(tx, leases, mine)


def report_failures(tx: Transaction, outcomes: Iterable[Outcome]) -> None:
    """Count what sets did wrong and log it for their authors; no subject and no name goes into the log."""
    for one in outcomes:
        if one.failure is not None:
            name = one.row.set_id
            tx.count("thidua_criteria_set_failures_total", criteria_set=name, reason=one.failure)
            log.warning("criteria set failed", criteria_set=name, reason=one.failure, why=one.detail)


def _measure(tx: Transaction, leases: Sequence[Lease], outcomes: Sequence[Outcome]) -> None:
    meters = tx.database.meters
    if meters is None:
        return
    now = wall_clock().timestamp()
    marked = {one.mark: one.marked_at for one in leases}
    for one in outcomes:
        waited = max(0.0, now - marked[mark_of(one.row)])
        meters.observe("thidua_score_duration_seconds", waited, criteria_set=one.row.set_id)
