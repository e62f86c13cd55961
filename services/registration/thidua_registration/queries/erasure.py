"""Everything this service keeps of one person, and its removal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import text

from thidua_runtime.database import Transaction

RATINGS: Final = text("select id from rating where subject = :person order by id")
REGISTRATIONS: Final = text("select id from registration where subject = :person order by id")
ERASE: Final = (
    text("delete from rating where subject = :person"),
    text("delete from registration where subject = :person"),
    text("delete from move where about = 'registration' and record = any(cast(:records as text[]))"),
    text("delete from external_code where kind = 'person' and id = :person"),
    text("delete from person where id = :person"),
)


async def ratings_of(tx: Transaction, person: str) -> list[str]:
    """Return the keys of a person's ratings."""
    return [row.id for row in await tx.rows(RATINGS, person=person)]


async def registrations_of(tx: Transaction, person: str) -> list[str]:
    """Return the keys of a person's registrations."""
    return [row.id for row in await tx.rows(REGISTRATIONS, person=person)]


async def erase(tx: Transaction, person: str, registrations: Iterable[str]) -> None:
    """Delete the person's rows."""
    records = list(registrations)
    for statement in ERASE:
        parameters = {"person": person, "records": records}
        await tx.execute(statement, **{name: parameters[name] for name in statement.compile().params})
