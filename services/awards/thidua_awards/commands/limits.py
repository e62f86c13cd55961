"""Work out until when dossiers are expected to take their next step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from thidua.contracts import Campaign
from thidua.contracts.campaign import StepDeadline
from thidua_awards.domain.deadlines import limit_of, review_of_hold
from thidua_awards.domain.dossier import INTERRUPTING
from thidua_awards.domain.units import chain
from thidua_awards.law import in_force_on, regimes, review_date
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction


class Mover(NamedTuple):
    """A dossier that enters a state: its title and unit, the state it leaves, and until when that was expected to end.

    `received_on`: the day of its last reception, None before. `due_before`: the limit of the step that was interrupted.
    """

    title: str
    unit: str
    came_from: str = ""
    due_on: date | None = None
    received_on: date | None = None
    due_before: date | None = None


RESUMED: Final = ("received", "appraisal")


async def due(
    tx: Transaction, campaign: Campaign, movers: Sequence[Mover], state: str, acted_on: date
) -> list[date | None]:
    """Return for each dossier until when the step after `state` is expected; None where nothing says so."""
    known: dict[tuple[str, str, str, date], date | None] = {}
    named = any(one.proposer for one in campaign.deadlines)
    units = await lookups.units(tx) if named else {}
    found: list[date | None] = []
    for one in movers:
        # The appraisal goes on in the time that began when the dossier was received, and what was interrupted in its
        # own: the day on which a hold was to be looked at is none of its limits.
        running = one.due_on if state == "appraisal" and one.came_from == "received" else one.due_before
        if running:
            found.append(running)
            continue
        # What had no limit of its own then has that of its reception, where there is one now.
        resumed = one.received_on if state in RESUMED and one.came_from in INTERRUPTING else None
        asked = (one.title, one.unit, "received" if resumed else state, resumed or acted_on)
        if asked not in known:
            above = (one.unit, *chain(units, one.unit)) if one.unit in units else (one.unit,)
            limit = limit_of(campaign.deadlines, asked[2], one.title, above)
            known[asked] = await _ends(tx, campaign, limit, asked[2], one.title, asked[3])
        found.append(known[asked])
    return found


async def _ends(
    tx: Transaction, campaign: Campaign, limit: StepDeadline | None, state: str, title: str, acted_on: date
) -> date | None:
    if limit is not None and limit.on is not None:
        return limit.on
    if limit is not None and limit.days is not None:
        return acted_on + timedelta(days=limit.days)
    days = limit.working_days if limit else _usual(tx, campaign, state, title)
    if days is not None:
        return (await queries.office_days(tx, acted_on)).nth_after(acted_on, days)
    return review_of_hold(acted_on) if state == "on_hold" else None


def _usual(tx: Transaction, campaign: Campaign, state: str, title: str) -> int | None:
    """Return the working days that a text gives for a step, where the campaign says nothing."""
    day = review_date(campaign.year)
    known = in_force_on(regimes(tx.settings.law_overrides_file), day)
    limit = known.time_limit(state, title, day) if known else None
    return limit.working_days if limit else None
