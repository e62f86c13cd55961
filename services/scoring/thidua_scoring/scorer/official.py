"""Official scores: made in one look behind the cut, once every stream passed it.

They read what the streams said and the official scores of members, never a running score: marks may wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.criteria.periods import period as period_of
from thidua_runtime import cuts
from thidua_runtime.database import Transaction
from thidua_scoring import handlers
from thidua_scoring.domain import reads
from thidua_scoring.domain.calendar import can_score
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import NOT_SCORED
from thidua_scoring.queries import official, rescoring
from thidua_scoring.queries.gathering import ONE_LOOK, Wish, gather
from thidua_scoring.queries.uses import Use, uses
from thidua_scoring.queries.writing import mark_of, store_cases, write_scores
from thidua_scoring.scorer.turn import Scorer, band_orders, report_failures, score_all

PORTION_SUBJECTS: Final = 1_000
# A run fills the table it looks up members in, so that nothing the planner knows of it is true any more.
BY_INDEX: Final = text("set local enable_seqscan = off")


async def advance(scorer: Scorer) -> int:
    """Make the official scores of every run that waits for nothing any more; return how many runs that were."""
    finished = 0
    for run in await scorer.database.alone(official.WAITING):
        finished += await _advance(scorer, run)
    return finished


async def _advance(scorer: Scorer, run: Row[Any]) -> bool:
    # Heads and units count how their members were judged, so members come first.
    for is_head in (False, True):
        async with scorer.database.transaction("scorer") as tx:
            number = (await tx.rows(official.NUMBER))[0].number
        async with scorer.database.transaction("scorer") as look:
            await look.execute(ONE_LOOK)
            await look.execute(BY_INDEX)
            why = await _waits_for(look, run)
            if not why and not await _begin(scorer, run):
                return False
            if not why:
                wishes = await _wishes(look, scorer, run, is_head=is_head)
                await _in_portions(scorer, run, number, look, wishes)
        if why:
            await _hold_back(scorer, run, why)
            return False
    async with scorer.database.transaction(run.changed_by) as tx:
        await _finish(tx, run)
    return True


async def _begin(scorer: Scorer, run: Row[Any]) -> bool:
    """Take the run into hand; False if somebody cancelled it or asked anew meanwhile."""
    async with scorer.database.transaction(run.changed_by) as tx:
        changed = await tx.execute(official.BEGIN, campaign=run.campaign, period=run.period, revision=run.revision)
    return changed == 1


async def _waits_for(tx: Transaction, run: Row[Any]) -> str:
    late = await cuts.late_streams(tx, run.cut)
    return f"Chờ số liệu đến mốc chốt về {cuts.in_words(late)}." if late else ""


async def _wishes(tx: Transaction, scorer: Scorer, run: Row[Any], *, is_head: bool) -> list[Wish]:
    """Return who is scored: those whose members are counted, or all others."""
    wishes: list[Wish] = []
    rescored = {row.set_id for row in await tx.rows(rescoring.APPLIED, campaign=run.campaign, period=run.period)}
    for use in await uses(tx):
        # What a re-scoring put in place is replaced by another re-scoring only.
        if use.campaign.id == run.campaign and use.set_id not in rescored and _is_scored(scorer, use, run.period):
            rows = await tx.rows(official.TAKING_PART, kind=use.kind.value, units=list(use.campaign.participants))
            counts_members = use.may_read(reads.MEMBERS)
            wishes += [Wish(row.subject, use) for row in rows if (counts_members and row.leads) is is_head]
    return wishes


def _is_scored(scorer: Scorer, use: Use, period: str) -> bool:
    loaded = scorer.workplace.sets.get((use.set_id, use.version))
    return loaded is None or can_score(loaded.criteria_set.manifest, period)


async def _in_portions(scorer: Scorer, run: Row[Any], number: int, look: Transaction, wishes: Sequence[Wish]) -> None:
    """Read, score and write one portion beside the next: memory holds a few of them, whatever their number."""
    orders = band_orders(scorer.workplace)
    in_hand = asyncio.Semaphore(scorer.workers.processes + 1)
    try:
        async with asyncio.TaskGroup() as going:
            for first in range(0, len(wishes), PORTION_SUBJECTS):
                await in_hand.acquire()
                found = await gather(
                    look, wishes[first : first + PORTION_SUBJECTS], orders, parts=_is_made_of_parts(run)
                )
                portion = going.create_task(_score_and_write(scorer, run, number, found))
                portion.add_done_callback(lambda _: in_hand.release())
    except ExceptionGroup as several:
        # Whoever waits for the database to come back looks at what went wrong, not at how many did.
        raise several.exceptions[0] from several


def _is_made_of_parts(run: Row[Any]) -> bool:
    return period_of(run.period).kind != "month"


async def _score_and_write(scorer: Scorer, run: Row[Any], number: int, found: Mapping[Wish, Material]) -> None:
    outcomes = await score_all(scorer, found, "official", run.period, run.cut)
    async with scorer.database.transaction(run.changed_by) as tx:
        await write_scores(tx, outcomes, {mark_of(one.row): number for one in outcomes})
        await store_cases(tx, outcomes)
        report_failures(tx, outcomes)


async def _hold_back(scorer: Scorer, run: Row[Any], why: str) -> None:
    async with scorer.database.transaction(run.changed_by) as tx:
        await tx.execute(
            official.HOLD_BACK, campaign=run.campaign, period=run.period, revision=run.revision, waits_for=why
        )


async def _finish(tx: Transaction, run: Row[Any]) -> None:
    count = (await tx.rows(official.COUNT, campaign=run.campaign, period=run.period, not_scored=NOT_SCORED))[0]
    await tx.execute(
        official.FINISH, campaign=run.campaign, period=run.period, revision=run.revision,
        scored=count.scored, not_scored=count.not_scored,
    )  # fmt: skip
    # A running year is made of official parts, and heads count the bands their members now have.
    moved = [use for use in await uses(tx) if use.campaign.id == run.campaign]
    await handlers.mark_everybody(tx, (use for use in moved if use.may_read(reads.PARTS) and not _is_year(run.period)))
    for use in moved:
        await handlers.mark_heads(tx, [use], use.campaign.participants)


def _is_year(period: str) -> bool:
    return period_of(period).kind == "year"
