"""Re-scoring official scores as a set: opened with a reason, looked at, and applied or cancelled as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from thidua.contracts import Campaign
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned
from thidua_scoring import handlers
from thidua_scoring.commands.official import refuse_open_months, refuse_waiting_run
from thidua_scoring.domain import reads
from thidua_scoring.domain.cut import past
from thidua_scoring.errors import (
    NothingToRescore,
    RescoringClosed,
    RescoringOpen,
    RescoringOutdated,
    SetNotEnabled,
    UnknownSet,
)
from thidua_scoring.queries import official, rescoring, sets
from thidua_scoring.queries.reading import Key
from thidua_scoring.queries.uses import uses
from thidua_scoring.workplace import workplace_of

MAY_TRY: Final = ("enabled", "evaluation")
SHOWN_ROWS: Final = 100


async def open_one(
    tx: Transaction, code: str, period: str, set_id: str, version: str | None, reason: str, cut: datetime | None
) -> Versioned:
    """Open a re-scoring of a period and of every longer one it is part of; the scorer computes it beside the old.

    `version`: another version of the set; None: the campaign's own, after a correction. Raises UnknownCampaign,
    UnknownSet, SetNotEnabled, PeriodNotClosed, NothingToRescore, OfficialRunWaiting, RescoringOpen, and CutRefused
    for a cut to come: nothing else could be scored until then.
    """
    campaign = await official.campaign_of(tx, code)
    cut = past(cut, wall_clock())
    version = version or _version_of(campaign, set_id)
    row = await sets.find(tx, set_id, version)
    if row is None:
        raise UnknownSet(set=set_id, version=version)
    if row.state not in MAY_TRY:
        raise _not_enabled(set_id, version, row.state)
    if not period.startswith(f"{campaign.year:04d}"):
        raise NothingToRescore(code=campaign.code, period=period, set=set_id)
    await refuse_open_months(tx, campaign, period)
    scored = await tx.rows(rescoring.PERIODS, campaign=campaign.id, set_id=set_id, period=period)
    if period not in {one.period for one in scored}:
        raise NothingToRescore(code=campaign.code, period=period, set=set_id)
    await refuse_waiting_run(tx, campaign.id)
    already = await tx.row(rescoring.OPEN_ONE, campaign=campaign.id, set_id=set_id)
    if already is not None:
        raise RescoringOpen(id=already.id, set=set_id)
    name = new_id()
    await tx.execute(
        rescoring.OPEN, id=name, campaign=campaign.id, period=period, set_id=set_id, version=version, reason=reason,
        cut=cut, actor=tx.actor,
    )  # fmt: skip
    tx.after_commit(workplace_of(tx.database).bell.set)
    return await show(tx, name)


def _version_of(campaign: Campaign, set_id: str) -> str:
    return next((one.version for one in campaign.criteria_sets if one.id == set_id), "?")


async def listed(tx: Transaction, code: str) -> list[dict[str, Any]]:
    """Return the re-scorings of a campaign, newest first; raises UnknownCampaign."""
    campaign = await official.campaign_of(tx, code)
    return [_shown(row) for row in await tx.rows(rescoring.LIST, campaign=campaign.id)]


async def show(tx: Transaction, name: str, limit: int = SHOWN_ROWS, offset: int = 0) -> Versioned:
    """Return a re-scoring with how much it would change, and a page of what it changes and skips.

    Raises UnknownRescoring.
    """
    row = await rescoring.shown(tx, name)
    computed, moved, skipped = await rescoring.counts(tx, row)
    found = await rescoring.differences(tx, row, limit, offset)
    counted = {
        "computed": computed,
        "unchanged": computed - moved,
        "moved": moved,
        "skipped_because": skipped,
    }
    return Versioned({**_shown(row), **counted, **_told(found)}, row.revision)


async def apply(tx: Transaction, name: str, reason: str) -> Versioned:
    """Put the new scores in place of the old ones, all at once; the old ones are kept as superseded.

    Raises UnknownRescoring, RescoringClosed unless it is ready, SetNotEnabled for a set still in evaluation,
    OfficialRunWaiting, RescoringOutdated when an official score changed since it was computed.
    """
    row = await _ready(tx, name)
    version = await sets.find(tx, row.set_id, row.set_version)
    if version is None or version.state != "enabled":
        raise _not_enabled(row.set_id, row.set_version, "missing" if version is None else version.state)
    await refuse_waiting_run(tx, row.campaign)
    named = {"id": row.id, "campaign": row.campaign, "set_id": row.set_id}
    outdated = await tx.row(rescoring.OUTDATED, **named)
    if outdated is not None and outdated.number:
        raise RescoringOutdated(number=outdated.number)
    await tx.execute(rescoring.SUPERSEDE, **named)
    await tx.publish_by(rescoring.APPLY, **named)
    await rescoring.move(tx, row, "applied", because=reason)
    # A running year is made of official parts, and heads count the bands their members now have.
    moved = [use for use in await uses(tx) if use.campaign.id == row.campaign]
    await handlers.mark_everybody(tx, (use for use in moved if use.may_read(reads.PARTS)))
    for use in moved:
        await handlers.mark_heads(tx, [use], use.campaign.participants)
    return await show(tx, name)


async def cancel(tx: Transaction, name: str, reason: str) -> Versioned:
    """Drop what was computed; no official score changes. Raises UnknownRescoring, RescoringClosed."""
    row = await rescoring.locked(tx, name)
    if row.state not in ("waiting", "ready"):
        raise RescoringClosed(id=name, state=_IN_WORDS[row.state], state_en=row.state)
    await rescoring.move(tx, row, "cancelled", because=reason)
    await tx.execute(rescoring.FORGET, id=name)
    return await show(tx, name)


async def history(tx: Transaction, key: Key) -> list[dict[str, Any]]:
    """Return the superseded official scores of a key, newest first, each with who replaced it and why."""
    rows = await tx.rows(rescoring.HISTORY, subject=key.subject, campaign=key.campaign, period=key.period, set=key.set)
    return [
        {
            "rescoring": row.rescoring, "state": row.state, "points": _figure(row.points), "band": row.band,
            "case_hash": row.case_hash, "artefact": row.artefact, "scored_at": row.scored_at.isoformat(),
            "superseded_at": row.superseded_at.isoformat(), "reason": row.reason, "opened_by": row.opened_by,
            "applied_by": row.applied_by, "applied_because": row.closed_because, "replaced_by": row.replaced_by,
        }
        for row in rows
    ]  # fmt: skip


async def _ready(tx: Transaction, name: str) -> Row[Any]:
    row = await rescoring.locked(tx, name)
    if row.state != "ready":
        raise RescoringClosed(id=name, state=_IN_WORDS[row.state], state_en=row.state)
    return row


def _not_enabled(set_id: str, version: str, state: str) -> SetNotEnabled:
    return SetNotEnabled(set=set_id, version=version, state=_SET_IN_WORDS.get(state, state), state_en=state)


_SET_IN_WORDS: Final = {
    "evaluation": "đang được đánh giá thử", "quarantined": "bị cách ly", "disabled": "đang tạm dừng",
    "withdrawn": "đã bị thu hồi", "missing": "chưa được cài đặt",
}  # fmt: skip

_IN_WORDS: Final = {
    "waiting": "đang tính", "ready": "chờ quyết định", "applied": "đã áp dụng", "cancelled": "đã hủy",
}  # fmt: skip


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "campaign": row.campaign, "period": row.period, "set": row.set_id, "version": row.set_version,
        "reason": row.reason, "cut": row.cut.isoformat(), "state": row.state, "state_in_words": _IN_WORDS[row.state],
        "waits_for": row.waits_for, "opened_by": row.opened_by, "opened_at": row.opened_at.isoformat(),
        "closed_because": row.closed_because, "changed_by": row.changed_by, "changed_at": row.changed_at.isoformat(),
    }  # fmt: skip


def _told(found: Sequence[Row[Any]]) -> dict[str, Any]:
    return {
        "changed": [_difference(row) for row in found if not row.skipped],
        "skipped": [{"subject": row.subject, "period": row.period, "why": row.skipped} for row in found if row.skipped],
    }


def _difference(row: Row[Any]) -> dict[str, Any]:
    before = {
        "state": row.old_state,
        "points": _figure(row.old_points),
        "band": row.old_band,
        "version": row.old_version,
    }
    return {
        "subject": row.subject,
        "name": row.unit_name,
        "period": row.period,
        "before": None if row.old_state is None else before,
        "after": {"state": row.state, "points": _figure(row.points), "band": row.band},
    }


def _figure(points: Any) -> str | None:
    return None if points is None else format(points, "f")
