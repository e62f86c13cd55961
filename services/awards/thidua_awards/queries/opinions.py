"""What was asked for of a dossier, and the lists of a campaign that were posted or sent for opinions."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from thidua_awards.domain.dossier import OPINION_WORDS
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction

OF_DOSSIERS: Final = text("""
select k.dossier, c.id, c.kind, c.document, c.until, c.closed_on, count(r.consultation) as remarks,
       count(r.consultation) filter (where r.answer = '') as unanswered
  from consultation c join consultation_case k on k.consultation = c.id
  left join remark r on r.consultation = c.id
 where k.dossier = any(cast(:ids as text[])) group by k.dossier, c.id order by k.dossier, c.kind, c.id
""")
LIST: Final = text("""
select c.*, count(*) over () as total,
       (select count(*) from consultation_case k where k.consultation = c.id) as dossiers,
       (select count(*) from remark r where r.consultation = c.id and r.answer = '') as unanswered
  from consultation c where c.campaign = :campaign order by c.posted_on desc, c.id limit :limit offset :offset
""")


async def shown(tx: Transaction, dossier: str) -> list[dict[str, Any]]:
    """Return what was asked for of a dossier: by which letter, until when, how many comments came and wait."""
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "document": row.document,
            "until": row.until.isoformat(),
            "closed_on": row.closed_on.isoformat() if row.closed_on else None,
            "remarks": row.remarks,
            "unanswered": row.unanswered,
        }
        for row in await tx.rows(OF_DOSSIERS, ids=[dossier])
    ]


async def listed(tx: Transaction, campaign: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a campaign's lists that were posted or sent for opinions, the newest first."""
    found = await lookups.campaign(tx, campaign)
    rows, total = await tx.page(LIST, campaign=found.id, limit=limit, offset=offset)
    items = [
        {
            "id": row.id,
            "kind": row.kind,
            "label": OPINION_WORDS[row.kind],
            "document": row.document,
            "addressee": row.addressee,
            "posted_on": row.posted_on.isoformat(),
            "until": row.until.isoformat(),
            "closed_on": row.closed_on.isoformat() if row.closed_on else None,
            "dossiers": row.dossiers,
            "unanswered": row.unanswered,
        }
        for row in rows
    ]
    return {"total": total, "items": items}
