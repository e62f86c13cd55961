"""What is kept of a person's scores, and its removal."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from thidua.contracts import ScoreState
from thidua_runtime.database import Transaction

CASES: Final = text("""
select case_hash from score where subject = :person
 union select case_hash from rescored where subject = :person
 union select case_hash from superseded where subject = :person
""")
SCORES: Final = {
    "scores": text("delete from score where subject = :person"),
    "rescored": text("delete from rescored where subject = :person"),
    "superseded": text("delete from superseded where subject = :person"),
    "shadows": text("delete from shadow_score where subject = :person"),
}
# A case names nobody, but it is the person's: it goes unless another subject's score was made of the same bytes.
DROP_CASES: Final = text("""
delete from case_store c
 where c.hash = any(cast(:hashes as text[]))
   and not exists (select from score s where s.case_hash = c.hash)
   and not exists (select from rescored r where r.case_hash = c.hash)
   and not exists (select from superseded o where o.case_hash = c.hash)
""")
PUBLISHED: Final = text("""
select key from thidua.published where stream = :stream and starts_with(key, :person || '/')
""")


async def remove(tx: Transaction, person: str) -> dict[str, int]:
    """Remove scores and cases of a person and withdraw what was published; return how many rows of each there were."""
    hashes = [row.case_hash for row in await tx.rows(CASES, person=person)]
    removed = {kind: await tx.execute(statement, person=person) for kind, statement in SCORES.items()}
    removed["cases"] = await tx.execute(DROP_CASES, hashes=hashes)
    rows = await tx.rows(PUBLISHED, stream=ScoreState.stream, person=person)
    tx.withdraw(ScoreState, [row.key for row in rows])
    return removed
