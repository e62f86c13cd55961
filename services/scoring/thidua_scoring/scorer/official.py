"""Official scores: made in one look behind the cut, once every stream passed it.

They read what the streams said and the official scores of members, never a running score: marks may wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from thidua.criteria.periods import period as period_of
from thidua_runtime import cuts
from thidua_runtime.database import Transaction
from thidua_scoring import handlers
from thidua_scoring.domain import reads
from thidua_scoring.domain.calendar import can_score
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import NOT_SCORED, Outcome
from thidua_scoring.queries import marks, official
from thidua_scoring.queries.gathering import ONE_LOOK, Wish, gather
from thidua_scoring.queries.uses import Use, uses
from thidua_scoring.queries.writing import mark_of, store_cases, write_scores
from thidua_scoring.scorer.turn import Scorer, band_orders, report_failures, score_all


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
        async with scorer.database.transaction("scorer") as tx:
            await tx.execute(ONE_LOOK)
            why = await _waits_for(tx, run)
            found = {} if why else await _everybody(tx, scorer, run, is_head=is_head)
        if why:
            await _hold_back(scorer, run, why)
            return False
        group = {wish: one for wish, one in found.items() if _counts_members(wish, one) is is_head}
        outcomes = await score_all(scorer, group, "official", run.period)
        async with scorer.database.transaction(run.changed_by) as tx:
            await _write(tx, outcomes, number, run.cut)
    async with scorer.database.transaction(run.changed_by) as tx:
        await _finish(tx, run)
    return True


async def _waits_for(tx: Transaction, run: Row[Any]) -> str:
    late = await cuts.late_streams(tx, run.cut)
    return "Chờ số liệu đến mốc chốt của luồng: " + ", ".join(row.stream for row in late) + "." if late else ""


async def _everybody(tx: Transaction, scorer: Scorer, run: Row[Any], *, is_head: bool) -> Mapping[Wish, Material]:
    in_use = [
        use
        for use in await uses(tx)
        if use.campaign.id == run.campaign
        and _is_scored(scorer, use, run.period)
        and (not is_head or use.may_read(reads.MEMBERS))
    ]
    wishes: list[Wish] = []
    for use in in_use:
        rows = await tx.rows(
            marks.SUBJECTS, campaign=run.campaign, set_id=use.set_id, kind=use.kind.value,
            units=list(use.campaign.participants), is_whole=False,
        )  # fmt: skip
        wishes += [Wish(row.subject, use) for row in rows]
    return await gather(tx, wishes, band_orders(scorer.workplace)) if wishes else {}


def _is_scored(scorer: Scorer, use: Use, period: str) -> bool:
    loaded = scorer.workplace.sets.get((use.set_id, use.version))
    return loaded is None or can_score(loaded.criteria_set.manifest, period)


def _counts_members(wish: Wish, material: Material) -> bool:
    if not wish.use.may_read(reads.MEMBERS):
        return False
    return material.person is None or bool(orjson.loads(material.person).get("leads_unit"))


async def _write(tx: Transaction, outcomes: list[Outcome], number: int, cut: datetime) -> None:
    await write_scores(tx, outcomes, {mark_of(one.state): number for one in outcomes}, cut)
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
