"""What may have relied on the awards of a decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thidua.contracts import Decision
from thidua.contracts.judgement import Award
from thidua_awards.domain.common import name_of
from thidua_awards.domain.reliance import suspects
from thidua_awards.errors import UnknownDecision
from thidua_awards.queries import lookups, records, relied_quotas
from thidua_runtime.database import Transaction


async def relied_on(tx: Transaction, id: str) -> list[dict[str, Any]]:
    """List the awards in force that may rest on awards of this decision, each with the reason."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    decision, _ = found
    return await relied_on_awards(tx, decision, decision.awards)


async def relied_on_awards(
    tx: Transaction, decision: Decision, awards: Iterable[Award], *, own: bool = False
) -> list[dict[str, Any]]:
    """List the awards in force that may rest on these awards of a decision, each with the reason.

    `own`: lines of the same decision too, as when it lost some lines and the others may rest on those.
    """
    units, gone = await lookups.units(tx), list(awards)
    listed: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    told = [
        (row, _reason(decision, suspect.rests_on, suspect.whose))
        for suspect, row in await records.relied(tx, suspects(gone, units))
    ]
    for row, reason in (*told, *await relied_quotas.relied(tx, decision.id, gone, units)):
        if row.decision == decision.id and not own:
            continue
        line = listed.setdefault(
            (row.decision, row.subject, row.code, row.year),
            {
                "subject": row.subject,
                "unit": row.unit,
                "code": row.code,
                "year": row.year,
                "decision": row.decision,
                "number": row.number,
                "dated": row.dated.isoformat(),
                "reasons": [],
            },
        )
        line["reasons"].append(reason)
    return list(listed.values())


def _reason(decision: Decision, award: Award, whose: str) -> str:
    of = "cùng đối tượng" if whose == "same" else "một thành viên"
    label = name_of(award.code, award.year)
    return f"Dựa trên {label} năm {award.year} của {of}, theo quyết định số {decision.number}."
