"""Work out until when dossiers are expected to take their next step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from thidua.contracts import Campaign
from thidua.contracts.campaign import StepDeadline
from thidua_awards.domain.deadlines import limit_of, review_of_hold, usual_working_days
from thidua_awards.domain.units import chain
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction


class Mover(NamedTuple):
    """A dossier that enters a state: its title and unit, and until when the step before was expected."""

    title: str
    unit: str
    due_on: date | None


async def due(
    tx: Transaction, campaign: Campaign, movers: Sequence[Mover], state: str, acted_on: date
) -> list[date | None]:
    """Return for each dossier until when the step after `state` is expected; None where nothing says so."""
    known: dict[tuple[str, str], date | None] = {}
    named = any(one.proposer for one in campaign.deadlines)
    units = await lookups.units(tx) if named else {}
    for one in movers:
        if (one.title, one.unit) not in known:
            above = (one.unit, *chain(units, one.unit)) if one.unit in units else (one.unit,)
            limit = limit_of(campaign.deadlines, state, one.title, above)
            known[one.title, one.unit] = await _ends(tx, campaign, limit, state, one.title, acted_on)
    # The appraisal goes on in the time that began when the dossier was received.
    return [one.due_on if state == "appraisal" and one.due_on else known[one.title, one.unit] for one in movers]


async def _ends(
    tx: Transaction, campaign: Campaign, limit: StepDeadline | None, state: str, title: str, acted_on: date
) -> date | None:
    if limit is not None and limit.on is not None:
        return limit.on
    if limit is not None and limit.days is not None:
        return acted_on + timedelta(days=limit.days)
    days = limit.working_days if limit else usual_working_days(state, title, campaign.year)
    if days is not None:
        return (await queries.office_days(tx, acted_on)).nth_after(acted_on, days)
    return review_of_hold(acted_on) if state == "on_hold" else None
