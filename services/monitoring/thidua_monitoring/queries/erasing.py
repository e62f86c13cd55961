"""What is kept of a person beyond the work of a unit, and its removal."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import TextClause, text

from thidua.contracts import Fact, MonthlyResult, Reminder, State
from thidua_monitoring.queries import set_aside
from thidua_monitoring.queries.ledger import HASH_SQL, REPORT_SQL
from thidua_runtime.database import Transaction

# A task is the unit's and stays; who it was given to is removed from it, and from what its source reported. A code that
# names nobody known any more may be that of the person, whose tombstone then came first.
STRIP: Final = text(f"""
update task t set people = kept.people, weights = kept.weights, body = null, content_hash = {HASH_SQL},
       report = jsonb_set({REPORT_SQL}, '{{assignees}}', coalesce((
           select jsonb_agg(a) from jsonb_array_elements({REPORT_SQL}->'assignees') as a
            where exists (select from replica_people p
                           where not p.deleted and p.id <> :person and a->>'code' in (p.code, p.id))), '[]'))
  from (select w.source, w.source_id,
               coalesce(array_agg(p.person order by p.place) filter (where p.person <> :person), '{{}}') as people,
               coalesce(array_agg(p.weight order by p.place) filter (where p.person <> :person), '{{}}') as weights
          from task w cross join lateral unnest(w.people, w.weights) with ordinality as p (person, weight, place)
         where :person = any(w.people) group by w.source, w.source_id) as kept
 where (t.source, t.source_id) = (kept.source, kept.source_id)
""")
REMOVED: Final[Mapping[str, TextClause]] = {
    "counters": text("delete from month_counter where subject = :person"),
    "work": text("delete from month_work where subject = :person"),
    "waiting": text("delete from month_to_publish where subject = :person"),
    "corrections": text("delete from month_correction where subject = :person"),
    "results": text("delete from month_result where subject = :person"),
    "entries": text("delete from fact_entry where subject = :person"),
    "facts": text("delete from fact where subject = :person"),
    "reminders": text("delete from reminder where subject = :person"),
}
PUBLISHED: Final = text("""
select key from thidua.published where stream = :stream and starts_with(key, :person || '/')
""")
OWN: Final[tuple[type[State], ...]] = (MonthlyResult, Fact, Reminder)


async def remove(tx: Transaction, person: str) -> dict[str, int]:
    """Remove what is kept of a person and withdraw what was published; return how many rows of each kind there were."""
    await set_aside.note_all_people(tx)
    removed = {"tasks": await tx.execute(STRIP, person=person)}
    for kind, statement in REMOVED.items():
        removed[kind] = await tx.execute(statement, person=person)
    for model in OWN:
        rows = await tx.rows(PUBLISHED, stream=model.stream, person=person)
        tx.withdraw(model, [row.key for row in rows])
    return removed
