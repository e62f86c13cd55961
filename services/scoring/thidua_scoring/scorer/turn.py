"""One turn of the scorer: lease marks, gather in one look, score without a transaction, write what is newer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Database, Transaction
from thidua_scoring.commands.sets import quarantine_dangerous
from thidua_scoring.commands.stored import have_stored
from thidua_scoring.domain.calendar import scored_periods
from thidua_scoring.domain.cases import LaneName, Wanted
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import Outcome, SetUsed, not_scored, row_of
from thidua_scoring.domain.scoring import Order
from thidua_scoring.queries import marks, shadows
from thidua_scoring.queries.gathering import ONE_LOOK, Wish, gather
from thidua_scoring.queries.marks import Lease, Mark
from thidua_scoring.queries.uses import Use, uses
from thidua_scoring.queries.writing import mark_of, remove_others, write_scores
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.workplace import LoadedSet, Workplace, workplace_of

LEASE_ROWS: Final = 200
# After it another instance, or the next start, takes the marks of one that died. A turn that lasts longer is
# scored twice and nothing worse: numbers decide which score stands.
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
    """What a turn needs."""

    database: Database
    workers: Workers

    @property
    def workplace(self) -> Workplace:
        """The loaded sets and the bell."""
        return workplace_of(self.database)


async def turn(scorer: Scorer, limit: int = LEASE_ROWS, until: datetime | None = None) -> int:
    """Score up to `limit` marked subjects (marked up to `until`); return how many marks were in hand."""
    leases = await marks.lease(scorer.database, limit, LEASE_SECONDS, until)
    if not leases:
        return 0
    async with scorer.database.transaction("scorer") as tx:
        await tx.execute(ONE_LOOK)
        found = await look(tx, scorer.workplace, [one.mark for one in leases])
        followed = await look_for_shadows(tx, scorer.workplace, found)
    outcomes = await score_all(scorer, found, "running")
    # Before the marks are done with: a set is not found enabled by who sees that nobody waits for a score any more.
    await quarantine_dangerous(scorer.database, outcomes)
    async with scorer.database.transaction("scorer") as tx:
        await _write(tx, leases, found, outcomes)
        if not followed:
            await marks.done(tx, leases)
    if followed:
        await _turn_beside(scorer, leases, followed, outcomes)
    return len(leases)


async def _turn_beside(
    scorer: Scorer, leases: Sequence[Lease], followed: Mapping[Wish, Material], running: Sequence[Outcome]
) -> None:
    """Score what only follows along, once what counts is written; the marks stay for a process that ends here."""
    beside = await score_all(scorer, followed, "running")
    await quarantine_dangerous(scorer.database, beside)
    async with scorer.database.transaction("scorer") as tx:
        held = await marks.hold(tx, leases)
        await shadows.write(tx, beside, running, {one.mark: one.generation for one in leases if one.mark in held})
        await marks.done(tx, leases)
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
        for order in _orders(use, loaded, materials, lane, period, scorer.workers.processes):
            tasks.append(scorer.workers.score(replace(order, cut=cut), has_code=loaded.has_code))
    for scored in await asyncio.gather(*tasks):
        outcomes += scored
    return outcomes


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
