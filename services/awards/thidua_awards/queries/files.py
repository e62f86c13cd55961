"""The file of a person or unit: awards, ratings, works, what was counted, and the units it came from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from thidua_awards.domain.common import name_of
from thidua_awards.domain.individuals import RATING_WORDS
from thidua_awards.queries import lists, lookups
from thidua_awards.queries.earlier import earlier_years, use_words
from thidua_runtime.database import Transaction

USES: Final = text("""
select a.subject, u.name, a.code, a.year, a.route, d.id as decision, d.number, d.dated, i.body->>'title' as title
  from decision_award a join decision d on d.id = a.decision
 cross join lateral unnest(a.uses) as u (name)
  left join replica_initiatives i on u.name = 'initiative:' || split_part(i.key, '/', 2) and not i.deleted
 where not d.cancelled and a.cancelled_by is null
   and (a.subject = :subject or a.uses && array[cast(:name as text)])
   and (cast(:name as text) is null or u.name = :name)
 order by u.name, a.year, a.code, d.id, a.subject
""")
INITIATIVE: Final = text("""
select split_part(key, '/', 2) as id from replica_initiatives
 where not deleted and (split_part(key, '/', 2) = :name or body->>'code' = :name) order by key limit 1
""")
SAVE_SUCCESSIONS: Final = text("""
insert into succession as s (predecessor, successor, effective_on, document, dated, changed_by)
select i.*, :actor
  from unnest(cast(:predecessors as text[]), cast(:successors as text[]), cast(:days as date[]),
              cast(:documents as text[]), cast(:dated as date[])) as i
    on conflict (predecessor, successor) do update
       set effective_on = excluded.effective_on, document = excluded.document, dated = excluded.dated,
           changed_by = excluded.changed_by, changed_at = now(), revision = s.revision + 1
""")
# Of two entered at once the second sees the first.
SUCCESSION_TURN: Final = text("select pg_advisory_xact_lock(hashtextextended('awards.succession', 0))")
EVERY: Final = text("select predecessor, successor from succession order by predecessor, successor")
REMOVE_SUCCESSION: Final = text("delete from succession where (predecessor, successor) = (:predecessor, :successor)")
SUCCESSIONS: Final = text("""
-- Every unit that went into this one, however long ago; a circle of before circles were refused ends where it began.
with recursive way as (
    select s.*, array[s.successor] as seen from succession s where s.successor = :unit
    union all
    select s.*, w.seen || s.successor from succession s join way w on s.successor = w.predecessor
     where not s.predecessor = any(w.seen)
)
select w.predecessor, w.successor, w.effective_on, w.document, w.dated,
       coalesce(p.body->>'name', w.predecessor) as predecessor_name,
       coalesce(u.body->>'name', w.successor) as successor_name
  from way w
  left join replica_units p on p.key = w.predecessor
  left join replica_units u on u.key = w.successor
 order by w.effective_on desc, w.predecessor
""")
TAKEN_OVER_BY: Final = text("""
select s.successor, coalesce(u.body->>'name', s.successor) as name, s.effective_on, s.document, s.dated
  from succession s left join replica_units u on u.key = s.successor
 where s.predecessor = :unit order by s.effective_on, s.successor
""")


async def uses(tx: Transaction, subject: str | None, initiative: str | None) -> list[dict[str, Any]]:
    """Return which awards in force counted what: of a subject, or of an initiative whoever its authors are."""
    known = (await lookups.subjects(tx, [subject])).get(subject) if subject else None
    row = await tx.row(INITIATIVE, name=initiative) if initiative else None
    name = f"initiative:{row.id if row else initiative}" if initiative else None
    rows = await tx.rows(USES, subject=known.id if known else subject, name=name)
    return [
        {
            "subject": row.subject,
            "name": row.name,
            "what": use_words(row.name, row.title),
            "code": row.code,
            "label": name_of(row.code, row.year),
            "year": row.year,
            "route": row.route,
            "decision": row.decision,
            "number": row.number,
            "dated": row.dated.isoformat(),
        }
        for row in rows
    ]


async def file_of(tx: Transaction, subject: str, today: date) -> dict[str, Any]:
    """Return everything this service knows of a subject's merit by years; disciplines and holds are not part of it."""
    known = (await lookups.subjects(tx, [subject])).get(subject)
    id = known.id if known else subject
    earlier = await earlier_years(tx, [id], today.year)
    return {
        "subject": id,
        "kind": known.kind.value if known else None,
        "unit": known.unit if known else None,
        "awards": await lists.history(tx, id),
        "ratings": [
            {"year": year, "level": level.value, "label": RATING_WORDS.get(level, "chưa rõ")}
            for year, level in sorted(earlier.ratings.get(id, {}).items())
        ],
        "works": [
            {
                "id": work.id,
                "title": work.title,
                "year": work.year,
                "kind": work.kind,
                "scope": work.scope,
                "decision": work.decision,
                "scope_decision": work.scope_decision,
            }
            for work in earlier.works.get(id, ())
        ],
        "uses": await uses(tx, id, None),
        "predecessors": await _predecessors(tx, id),
        "taken_over_by": [_successor(row) for row in await tx.rows(TAKEN_OVER_BY, unit=id)],
    }


async def _predecessors(tx: Transaction, unit: str) -> list[dict[str, Any]]:
    return [
        {
            "unit": row.predecessor,
            "name": row.predecessor_name,
            "went_into": row.successor_name,
            "effective_on": row.effective_on.isoformat(),
            "document": row.document,
            "dated": row.dated.isoformat(),
            "note": "Khen thưởng của đơn vị trước; có được kế thừa hay không do người có thẩm quyền xem xét.",
            "awards": await lists.history(tx, row.predecessor),
        }
        for row in await tx.rows(SUCCESSIONS, unit=unit)
    ]


def _successor(row: Any) -> dict[str, Any]:
    known = {"unit": row.successor, "name": row.name, "effective_on": row.effective_on.isoformat()}
    return {**known, "document": row.document, "dated": row.dated.isoformat()}


async def save_successions(tx: Transaction, entries: Iterable[tuple[str, str, date, str, date]]) -> None:
    """Record which unit took over from which: predecessor, successor, since when, by which document of which day."""
    columns = list(zip(*entries, strict=True))
    names = ("predecessors", "successors", "days", "documents", "dated")
    given = dict(zip(names, map(list, columns), strict=True))
    await tx.execute(SAVE_SUCCESSIONS, actor=tx.actor, **given)
