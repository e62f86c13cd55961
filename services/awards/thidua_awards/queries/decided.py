"""Decisions with the names of authorities and of everybody on them, for papers and pages."""

from __future__ import annotations

from typing import Any

from thidua_awards.domain.common import name_of
from thidua_awards.errors import UnknownDecision
from thidua_awards.queries import lists, records
from thidua_awards.queries.asked import authority_of, names_of, with_authorities
from thidua_runtime.database import Transaction


async def one(tx: Transaction, id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a decision and its lines in force with names; raises UnknownDecision."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    decision = found[0].model_dump(mode="json")
    names = await names_of(tx, sorted({award["subject"] for award in decision["awards"]}))
    lines = [
        {**award, **names[award["subject"]], "label": name_of(award["code"], award["year"])}
        for award in decision["awards"]
    ]
    return {**decision, "authority": await authority_of(tx, decision["authority"])}, lines


async def listed(tx: Transaction, campaign: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a campaign's decisions, newest first, their authorities by name."""
    found = await lists.decisions(tx, limit, offset, campaign)
    return {**found, "items": await with_authorities(tx, found["items"])}
