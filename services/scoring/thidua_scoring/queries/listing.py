"""What the API shows of criteria sets."""

from __future__ import annotations

from typing import Any

from thidua_runtime.database import Transaction
from thidua_runtime.web import Versioned
from thidua_scoring.errors import NotExamined, UnknownSet
from thidua_scoring.queries import sets


async def all_sets(tx: Transaction) -> list[dict[str, Any]]:
    """Return all registered sets, without their manifests."""
    return [sets.shown(row, is_whole=False) for row in await tx.rows(sets.LIST)]


async def report(tx: Transaction, name: str, version: str) -> dict[str, Any]:
    """Return what the examiners found about a set; raises UnknownSet, NotExamined."""
    row = await sets.find(tx, name, version)
    if row is None:
        raise UnknownSet(set=name, version=version)
    found = await sets.report_of(tx, row.artefact)
    if found is None:
        raise NotExamined(set=name, version=version)
    return found


async def one_set(tx: Transaction, name: str, version: str) -> Versioned:
    """Return one set with its inputs and manifest; raises UnknownSet."""
    row = await sets.find(tx, name, version)
    if row is None:
        raise UnknownSet(set=name, version=version)
    return Versioned(sets.shown(row, is_whole=True), row.revision)
