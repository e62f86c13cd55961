"""Everything this service keeps of one person, and its removal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import TextClause, text

from thidua_runtime.database import Transaction

RATINGS: Final = text("select id from rating where subject = :person order by id")
REGISTRATIONS: Final = text("select id from registration where subject = :person order by id")
ERASE: Final[Mapping[str, TextClause]] = {
    "ratings": text("delete from rating where subject = :person"),
    "moves": text("delete from move where about = 'registration' and record = any(cast(:records as text[]))"),
    "registrations": text("delete from registration where subject = :person"),
    "external_codes": text("delete from external_code where kind = 'person' and id = :person"),
    "people": text("delete from person where id = :person"),
}
"""What an erasure removes here. Initiatives stay: they are works of several authors, named by an id alone."""

NOTE: Final = text("""
update erasure set reason = :reason, removed = cast(:removed as jsonb) where id = :person
""")
LIST: Final = text("""
select body::text as body, reason, removed::text as removed, changed_by, changed_at, count(*) over () as total
  from erasure order by changed_at desc, id limit :limit offset :offset
""")


async def ratings_of(tx: Transaction, person: str) -> list[str]:
    """Return the keys of a person's ratings."""
    return [row.id for row in await tx.rows(RATINGS, person=person)]


async def registrations_of(tx: Transaction, person: str) -> list[str]:
    """Return the keys of a person's registrations."""
    return [row.id for row in await tx.rows(REGISTRATIONS, person=person)]


async def erase(tx: Transaction, person: str, registrations: Iterable[str]) -> dict[str, int]:
    """Delete the person's rows; return how many of each kind there were."""
    parameters = {"person": person, "records": list(registrations)}
    return {
        kind: await tx.execute(statement, **{name: parameters[name] for name in statement.compile().params})
        for kind, statement in ERASE.items()
    }


async def note(tx: Transaction, person: str, reason: str, removed: Mapping[str, int]) -> None:
    """Write why a person was erased beside the state that says so, and what was removed in numbers."""
    await tx.execute(NOTE, person=person, reason=reason, removed=orjson.dumps(removed).decode())


async def listed(tx: Transaction, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of erasures, newest first."""
    rows, total = await tx.page(LIST, limit=limit, offset=offset)
    items = [
        {
            **orjson.loads(row.body),
            "reason": row.reason,
            "removed": orjson.loads(row.removed),
            "erased_by": row.changed_by,
            "erased_at": row.changed_at.isoformat(),
        }
        for row in rows
    ]
    return {"total": total, "items": items}
