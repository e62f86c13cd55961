"""Enter totals by sex, which only units know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.entries import SexCountEntry
from thidua_awards.errors import TitleNotReviewed, UnknownSubject
from thidua_awards.queries import fairness, lookups, records
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction


async def save_sex_counts(tx: Transaction, principal: Principal, entries: Sequence[SexCountEntry]) -> dict[str, Any]:
    """Enter totals of units; a unit states its own. Raises UnknownSubject, UnknownCampaign, TitleNotReviewed."""
    units = await lookups.subjects(tx, (entry.unit for entry in entries))
    campaigns = {code: (await lookups.campaign(tx, code)).id for code in sorted({one.campaign for one in entries})}
    for entry in entries:
        if entry.unit not in units:
            raise UnknownSubject(subject=entry.unit)
        if entry.title not in REVIEWED:
            raise TitleNotReviewed(title=entry.title, known=", ".join(REVIEWED))
        if principal.unit is not None and principal.unit not in await lookups.unit_codes(tx, units[entry.unit].id):
            principal.may_act_for(entry.unit)
    rows = [
        {**entry.model_dump(), "unit": units[entry.unit].id, "campaign": campaigns[entry.campaign]} for entry in entries
    ]
    await records.save(tx, fairness.SAVE_SEX, rows, "campaign", "unit", "title")
    return {"saved": len(entries)}
