"""What is kept of one person: what an erasure removes, what it never removes, and its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import TextClause, text

from thidua.contracts import Recommendation
from thidua_awards.domain.dossier import BEFORE_COUNCIL
from thidua_awards.queries import chain
from thidua_awards.queries.matters import key_of, line_of
from thidua_awards.queries.outcomes import OPEN
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import forget_answers

LISTED: Final = text("select 1 from replica_people where not deleted and (id = :person or code = :person) limit 1")
DOSSIERS: Final = text("""
-- Those on which no council voted and nothing was decided.
select d.id from dossier d where d.subject = :person and d.state = any(cast(:open as text[]))
   and not exists (select from dossier_step s where s.dossier = d.id and s.state in ('voted', 'decided'))
""")
# Nobody opens a vote while somebody is taken off its list.
DRAFTS_ALONE: Final = text("""
select v.id from vote v where v.state = 'drafted'
   and exists (select from vote_case c where c.vote = v.id and c.subject = :person) order by v.id for update
""")
REMOVED: Final[Mapping[str, TextClause]] = {
    "confirmations": text("delete from confirmation where subject = :person"),
    "candidates": text("delete from candidate where subject = :person"),
    "disciplines": text("delete from discipline where subject = :person"),
    "holds": text("delete from hold where subject = :person"),
    "trainings": text("delete from training where subject = :person"),
    "service_times": text("delete from service_time where subject = :person"),
    "consulted": text("delete from consultation_case where dossier = any(cast(:dossiers as text[]))"),
    "dossier_steps": text("delete from dossier_step where dossier = any(cast(:dossiers as text[]))"),
    "dossiers": text("delete from dossier where id = any(cast(:dossiers as text[]))"),
    "interests": text("""
delete from interest i using vote v, vote_case c
 where (c.vote, c.place) = (i.vote, i.place) and v.id = c.vote and v.state = 'drafted' and c.subject = :person
"""),
    "drafted_votes": text("""
delete from vote_case c using vote v where v.id = c.vote and v.state = 'drafted' and c.subject = :person
"""),
}
"""What an erasure removes, in the order in which rows hang on each other: working data, nothing that was decided."""

# A number printed on a ballot paper stays that of its case; a list on which nobody is left is voted on by nobody.
WITHDRAW_EMPTY: Final = text("""
update vote v set state = 'withdrawn', withdrawn_by = :actor, withdrawn_at = clock_timestamp(),
       withdrawn_reason = :reason, changed_by = :actor, changed_at = now(), revision = revision + 1
 where v.state = 'drafted' and not exists (select from vote_case c where c.vote = v.id)
returning v.id
""")
NOBODY_LEFT: Final = "Danh sách không còn trường hợp nào sau khi xóa dữ liệu cá nhân."

RECOMMENDATIONS: Final = text("""
-- Findings a council voted on or a decision rests on are covered by the hash chain and stay.
delete from recommendation r
 where r.subject = :person and r.state = any(cast(:open as text[]))
   and not exists (select from dossier d where (d.campaign, d.subject, d.title, d.matter)
                                               = (r.campaign, r.subject, r.title, r.matter))
returning r.campaign, r.subject, r.title, r.matter
""")
KEPT: Final[Mapping[str, TextClause]] = {
    "awards": text("select count(*) as number from decision_award where subject = :person"),
    "votes": text("select count(*) as number from vote_case where subject = :person"),
    "judged": text("select count(*) as number from recommendation where subject = :person"),
    "dossiers": text("select count(*) as number from dossier where subject = :person"),
}
"""What an erasure never removes: signed decisions, what councils voted on, what a complaint would look at."""

# The register of decisions names those it was made about, whoever lists them no more. A vote that is not counted yet
# goes on naming somebody who left, and somebody who was erased by the id alone.
KEEP_NAMES: Final = text("""
insert into kept_name as k (subject, name, post, unit)
select p.id, coalesce(p.body->>'name', ''), coalesce(p.body->>'post', ''), coalesce(u.body->>'name', p.unit)
  from replica_people p left join replica_units u on u.key = p.unit and not u.deleted
 where p.key = any(cast(:keys as text[])) and not p.deleted
   and (exists (select from decision_award a where a.subject = p.id)
        or exists (select from vote_case c join vote v on v.id = c.vote
                    where c.subject = p.id
                      and (v.state in ('counted', 'closed')
                           or not exists (select from erasure e where e.person = p.id))))
 order by p.id
    on conflict (subject) do update set name = excluded.name, post = excluded.post, unit = excluded.unit
""")
FORGET_NAME: Final = text("""
delete from kept_name k where k.subject = :person
   and not exists (select from decision_award a where a.subject = k.subject)
   and not exists (select from vote_case c join vote v on v.id = c.vote
                    where c.subject = k.subject and v.state in ('counted', 'closed'))
""")
RECORD: Final = text("""
insert into erasure (id, person, document, reason, removed, kept, erased_by)
values (:id, :person, :document, :reason, cast(:removed as jsonb), cast(:kept as jsonb), :actor)
""")
ERASURES: Final = text("""
select id, person, document, reason, cast(removed as text) as removed, cast(kept as text) as kept, erased_by, erased_at
  from erasure order by erased_at desc, id limit :limit offset :offset
""")
NOTE_READING: Final = text("""
insert into discipline_reading (subject, what, read_by) values (:subject, :what, :actor)
""")
READINGS: Final = text("""
select subject, what, read_by, read_at from discipline_reading
 where cast(:subject as text) is null or subject = :subject
 order by read_at desc, id desc limit :limit offset :offset
""")
OPEN_STATES: Final = (*OPEN, "on_hold", "withdrawn", *BEFORE_COUNCIL)


async def still_listed(tx: Transaction, person: str) -> bool:
    """Whether the register of people still has somebody of that id or code."""
    return await tx.row(LISTED, person=person) is not None


async def remove(tx: Transaction, person: str) -> dict[str, int]:
    """Remove the person's working data; return how many rows of each kind there were."""
    known = {"person": person, "open": list(OPEN_STATES)}
    await tx.execute(DRAFTS_ALONE, person=person)
    given = {"person": person, "dossiers": [row.id for row in await tx.rows(DOSSIERS, **known)]}
    removed = {
        kind: await tx.execute(statement, **{name: given[name] for name in statement.compile().params})
        for kind, statement in REMOVED.items()
    }
    emptied = [row.id for row in await tx.rows(WITHDRAW_EMPTY, reason=NOBODY_LEFT, actor=tx.actor)]
    await chain.add_links(tx, "vote", emptied)
    await tx.execute(FORGET_NAME, person=person)
    await forget_answers(tx)
    gone = await tx.rows(RECOMMENDATIONS, **known)
    tx.withdraw(Recommendation, (key_of(row.campaign, line_of(row)) for row in gone))
    return {**removed, "recommendations": len(gone)}


async def kept(tx: Transaction, person: str) -> dict[str, int]:
    """Return how many records of a person stay for good."""
    found = {}
    for kind, statement in KEPT.items():
        row = await tx.row(statement, person=person)
        found[kind] = row.number if row else 0
    return found


async def keep_names(tx: Transaction, keys: Sequence[str]) -> None:
    """Keep the names that decisions and minutes know, of people whose states under these keys go."""
    await tx.execute(KEEP_NAMES, keys=list(keys))


async def record(
    tx: Transaction, person: str, document: str, reason: str, removed: Mapping[str, int], left: Mapping[str, int]
) -> str:
    """Write the record of an erasure, with numbers and no content; return its id."""
    id = new_id()
    numbers = {"removed": orjson.dumps(removed).decode(), "kept": orjson.dumps(left).decode()}
    await tx.execute(RECORD, id=id, person=person, document=document, reason=reason, actor=tx.actor, **numbers)
    return id


async def erasures(tx: Transaction, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return the erasures, newest first."""
    return [
        {
            "id": row.id,
            "person": row.person,
            "document": row.document,
            "reason": row.reason,
            "removed": orjson.loads(row.removed),
            "kept": orjson.loads(row.kept),
            "erased_by": row.erased_by,
            "erased_at": row.erased_at.isoformat(),
        }
        for row in await tx.rows(ERASURES, limit=limit, offset=offset)
    ]


async def note_reading(tx: Transaction, subject: str, what: str) -> None:
    """Note that whoever acts here read what is known of a subject's disciplines."""
    await tx.execute(NOTE_READING, subject=subject, what=what, actor=tx.actor)


async def readings(tx: Transaction, subject: str | None, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return who read about whose disciplines, newest first."""
    rows = await tx.rows(READINGS, subject=subject, limit=limit, offset=offset)
    return [
        {"subject": row.subject, "what": row.what, "read_by": row.read_by, "read_at": row.read_at.isoformat()}
        for row in rows
    ]
