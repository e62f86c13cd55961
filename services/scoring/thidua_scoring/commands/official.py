"""Asking for official scores: only of a closed period, and behind a cut that every stream must have passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson

from thidua.contracts import Campaign
from thidua.criteria.periods import period as period_of
from thidua_runtime import cuts
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Transaction
from thidua_scoring.domain.calendar import can_score
from thidua_scoring.domain.cut import storable
from thidua_scoring.errors import (
    OfficialRunNotWaiting,
    OfficialRunWaiting,
    PeriodNotClosed,
    PeriodNotScored,
    PeriodRescored,
    RescoringOpen,
)
from thidua_scoring.queries import official, rescoring
from thidua_scoring.workplace import workplace_of


async def ask(tx: Transaction, code: str, period: str | None, cut: datetime | None) -> dict[str, Any]:
    """Note that official scores of a period are wanted (None: the year); the scorer makes them behind the cut.

    Raises UnknownCampaign, PeriodNotScored, PeriodNotClosed while a month of the period is open, RescoringOpen, or
    PeriodRescored once every set of the period was scored again; one that was not is scored, the others stay. Units
    that reported nothing do not hold the others up; they are listed as missing. A cut to come is waited for; one that
    no stream will reach raises CutRefused.
    """
    campaign = await official.campaign_of(tx, code)
    cut = storable(cut, wall_clock())
    period = period or f"{campaign.year:04d}"
    _check_scored(tx, campaign, period)
    await refuse_open_months(tx, campaign, period)
    await _refuse_rescored(tx, campaign, period)
    months = [month.name for month in period_of(period).parts("month")]
    units = list(campaign.participants)
    missing = [{"unit": row.unit, "month": row.month} for row in
               await tx.rows(official.MISSING, months=months, units=units)]  # fmt: skip
    await tx.execute(
        official.ASK, campaign=campaign.id, period=period, cut=cut,
        missing=orjson.dumps(missing).decode(), actor=tx.actor,
    )  # fmt: skip
    tx.after_commit(workplace_of(tx.database).bell.set)
    return await status(tx, code, period)


async def _refuse_rescored(tx: Transaction, campaign: Campaign, period: str) -> None:
    await tx.execute(official.ONE_BY_ONE, campaign=campaign.id)
    already = await tx.row(rescoring.OPEN_ANY, campaign=campaign.id)
    if already is not None:
        raise RescoringOpen(id=already.id, set=already.set_id)
    applied = {row.set_id: row.id for row in await tx.rows(rescoring.APPLIED, campaign=campaign.id, period=period)}
    left = [one for one in _scored_sets(tx, campaign, period) if one not in applied]
    if applied and not left:
        raise PeriodRescored(code=campaign.code, period=period, id=min(applied.values()))


async def refuse_waiting_run(tx: Transaction, campaign: str) -> None:
    """Raise OfficialRunWaiting while official scores of a campaign (its id) are made; none is asked for meanwhile."""
    await tx.execute(official.ONE_BY_ONE, campaign=campaign)
    waiting = await tx.row(official.WAITING_OF, campaign=campaign)
    if waiting is not None:
        raise OfficialRunWaiting(period=waiting.period)


async def refuse_open_months(tx: Transaction, campaign: Campaign, period: str) -> None:
    """Raise PeriodNotClosed while a month of the period is open."""
    months = [month.name for month in period_of(period).parts("month")]
    states = await tx.rows(official.MONTHS, months=months, units=list(campaign.participants))
    open_months = [_in_words(row.month, row.open) for row in states if row.open or not row.known]
    if open_months:
        raise PeriodNotClosed(period=period, months="; ".join(open_months[:12]))


async def status(tx: Transaction, code: str, period: str) -> dict[str, Any]:
    """Return how far an official run is; `waits_for` names the late stream. Raises UnknownCampaign."""
    campaign = await official.campaign_of(tx, code)
    row = await tx.row(official.FIND, campaign=campaign.id, period=period)
    if row is None:
        return {"campaign": campaign.code, "period": period, "state": "not_asked"}
    answer = official.shown(row, campaign.code)
    answer["state_in_words"] = IN_WORDS.get(row.state, row.state)
    rescored = await tx.rows(rescoring.APPLIED, campaign=campaign.id, period=period)
    answer["left_to_rescorings"] = [{"set": one.set_id, "rescoring": one.id} for one in rescored]
    if row.state == "waiting":
        answer["late"] = cuts.told(await cuts.late_streams(tx, row.cut))
    return answer


async def cancel(tx: Transaction, code: str, period: str, reason: str) -> dict[str, Any]:
    """Take back the wish for official scores while it waits for a stream; no score changes.

    Raises UnknownCampaign, OfficialRunNotWaiting for one that is being made, done, cancelled or was never asked for.
    """
    campaign = await official.campaign_of(tx, code)
    await tx.execute(official.ONE_BY_ONE, campaign=campaign.id)
    named = {"campaign": campaign.id, "period": period}
    if await tx.execute(official.CANCEL, because=reason, actor=tx.actor, **named) != 1:
        row = await tx.row(official.FIND, **named)
        state = "not_asked" if row is None else row.state
        raise OfficialRunNotWaiting(period=period, state=IN_WORDS.get(state, state), state_en=state)
    return await status(tx, code, period)


IN_WORDS: Final = {
    "not_asked": "chưa có yêu cầu", "waiting": "đang chờ số liệu", "making": "đang chấm", "done": "đã chấm xong",
    "cancelled": "đã hủy",
}  # fmt: skip


def _scored_sets(tx: Transaction, campaign: Campaign, period: str) -> list[str]:
    sets = workplace_of(tx.database).sets
    known = [one for one in campaign.criteria_sets if (one.id, one.version) in sets]
    return [one.id for one in known if can_score(sets[one.id, one.version].criteria_set.manifest, period)]


def _check_scored(tx: Transaction, campaign: Campaign, period: str) -> None:
    sets = workplace_of(tx.database).sets
    manifests = [sets[one.id, one.version].criteria_set.manifest for one in campaign.criteria_sets
                 if (one.id, one.version) in sets]  # fmt: skip
    in_year = period.startswith(f"{campaign.year:04d}")
    if not in_year or not any(can_score(manifest, period) for manifest in manifests):
        kinds = sorted({kind for manifest in manifests for kind in manifest.period.scored})
        raise PeriodNotScored(
            code=campaign.code, period=period, known=", ".join(kinds) or "không có", known_en=", ".join(kinds) or "none"
        )


def _in_words(month: str, open_rows: int) -> str:
    return f"tháng {month} còn {open_rows} kết quả chưa chốt" if open_rows else f"tháng {month} chưa có kết quả nào"
