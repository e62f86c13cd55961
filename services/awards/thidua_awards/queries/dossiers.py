"""Dossiers, their steps, and opinions asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.errors import NotFound
from thidua_awards.calendar import working_days
from thidua_awards.domain.dossier import AWAY, BEFORE_COUNCIL, INTERRUPTING, LABELS, is_reason_for_office, moves_from
from thidua_awards.domain.findings import KEPT_BACK
from thidua_awards.domain.workdays import WorkingDays
from thidua_awards.dossier_entries import DossierEntry
from thidua_awards.queries import marks, opinions
from thidua_awards.queries.alphabet import by_alphabet
from thidua_awards.queries.lookups import Subject
from thidua_awards.queries.matters import Line, columns
from thidua_runtime.database import Transaction

ADD: Final = text("""
insert into dossier (id, campaign, subject, title, unit, kind, state, due_on, came_from, achieved_on, achievement,
                     matter, begun_at, changed_by)
select i.id, :campaign, i.subject, i.title, i.unit, i.kind, :state, i.due_on, :came_from, i.achieved_on, i.achievement,
       i.matter, now(), :actor
  from unnest(cast(:ids as text[]), cast(:subjects as text[]), cast(:titles as text[]), cast(:units as text[]),
              cast(:kinds as text[]), cast(:due_on as date[]), cast(:achieved_on as date[]),
              cast(:achievements as text[]), cast(:matters as text[]))
       as i (id, subject, title, unit, kind, due_on, achieved_on, achievement, matter)
    on conflict do nothing returning id
""")
DOSSIER: Final = text("select * from dossier where id = :id")
DOSSIERS_ALONE: Final = text("select * from dossier where id = any(cast(:ids as text[])) order by id for update")
BY_LINE: Final = text("""
select d.* from dossier d
  join unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
       as l (subject, title, matter) on (d.subject, d.title, d.matter) = (l.subject, l.title, l.matter)
 where d.campaign = :campaign order by d.id for update of d
""")
MOVE: Final = text("""
update dossier d set state = :state, before = i.before, due_on = i.due_on, due_before = i.due_before,
       changed_by = :actor, changed_at = now(), revision = d.revision + 1
  from unnest(cast(:ids as text[]), cast(:before as text[]), cast(:due_on as date[]), cast(:due_before as date[]))
       as i (id, before, due_on, due_before)
 where d.id = i.id
""")
ADD_STEPS: Final = text("""
insert into dossier_step (dossier, number, came_from, state, acted_on, on_behalf, document, dated, reason, agreement,
                          afterwards, skipped, recorded_by)
select i.dossier, coalesce((select max(s.number) from dossier_step s where s.dossier = i.dossier), 0) + 1, i.came_from,
       :state, :acted_on, :on_behalf, :document, :dated, :reason, :agreement, :afterwards,
       array(select jsonb_array_elements_text(i.skipped)), :actor
  from unnest(cast(:dossiers as text[]), cast(:came_from as text[]), cast(:skipped as jsonb[]))
       as i (dossier, came_from, skipped)
""")
CONVERTED_INTO: Final = text("select id from dossier where came_from = :id")
STEPS: Final = text("select * from dossier_step where dossier = :id order by number")
LIST: Final = text(f"""
select d.*, coalesce(p.body->>'name', u.body->>'name', k.name, d.subject) as name, count(*) over () as total
  from dossier d
  left join replica_people p on p.id = d.subject and not p.deleted
  left join replica_units u on u.key = d.subject and not u.deleted
  left join kept_name k on k.subject = d.subject
 where d.campaign = :campaign and (cast(:state as text) is null or d.state = :state)
 order by d.title, {by_alphabet("coalesce(p.body->>'name', u.body->>'name', k.name, d.subject)")}, d.id
 limit :limit offset :offset
""")  # noqa: S608  (put together from a constant)
RESULTS: Final = text("""
-- Per dossier the newest counting minutes on its subject and title since it was last ready for the council.
select distinct on (d.id) d.id as dossier, c.passed, v.document, v.id
  from dossier d
  join vote v on v.campaign = d.campaign and v.title = d.title and v.state = 'closed'
  join meeting m on m.id = v.meeting
  join vote_case c on c.vote = v.id and (c.subject, c.matter) = (d.subject, d.matter)
 where d.id = any(cast(:ids as text[]))
   and not exists (
       -- A dossier that came back to the council waits for a new vote, even on the day of the one before; what was
       -- counted late of an earlier meeting is none. A hold that ended takes no vote away.
       select from dossier_step s
        where s.dossier = d.id and s.came_from <> 'on_hold'
          and (s.state = 'council_ready' or s.state = 'converted' and s.number = 1)
          and (v.closed_on < s.acted_on
               or (v.closed_at < s.recorded_at or m.held_on < s.acted_on) and exists (
                  select from dossier_step b
                   where b.dossier = s.dossier and b.state = 'voted' and b.number < s.number)))
 order by d.id, v.closed_on desc, v.closed_at desc nulls last, v.id desc
""")
RECEIVED_ON: Final = text("""
select dossier, max(acted_on) as received_on from dossier_step
 where dossier = any(cast(:ids as text[])) and state = 'received' and came_from <> 'on_hold'
 group by dossier
""")
ADD_CONSULTATION: Final = text("""
insert into consultation (id, campaign, kind, document, addressee, posted_on, until, answer, changed_by)
values (:id, :campaign, :kind, :document, :addressee, :posted_on, :until, '', :actor)
""")
ADD_CONSULTED: Final = text("""
insert into consultation_case (consultation, dossier)
select :id, d.id from dossier d where d.id = any(cast(:dossiers as text[])) and d.campaign = :campaign returning dossier
""")
TITLES_OF: Final = text("""
select distinct d.title, r.regime from dossier d
  left join recommendation r
    on (r.campaign, r.subject, r.title, r.matter) = (d.campaign, d.subject, d.title, d.matter)
 where d.id = any(cast(:dossiers as text[]))
""")
CONSULTATION: Final = text("select * from consultation where id = :id")
END_CONSULTATION: Final = text("""
update consultation set closed_on = :closed_on, answer = :answer, changed_by = :actor, changed_at = now(),
       revision = revision + 1
 where id = :id
""")
ADD_REMARK: Final = text("""
insert into remark (consultation, number, received_on, said, answer, answered_by)
select :id, coalesce(max(number), 0) + 1, :received_on, :said, '', '' from remark where consultation = :id
returning number
""")
ANSWER_REMARK: Final = text("""
update remark set answer = :answer, answered_by = :actor where consultation = :id and number = :number returning number
""")
REMARKS: Final = text("select * from remark where consultation = :id order by number")
CONSULTED: Final = text(f"""
-- What a public notice may show of a person: name, post, unit, title; nothing more.
select d.id, d.title, d.unit, coalesce(p.body->>'name', u.body->>'name', d.subject) as name, p.body->>'post' as post,
       case when p.key is null then '' else coalesce(w.body->>'name', d.unit) end as unit_name
  from consultation_case k join dossier d on d.id = k.dossier
  left join replica_people p on p.id = d.subject and not p.deleted
  left join replica_units u on u.key = d.subject and not u.deleted
  left join replica_units w on w.key = d.unit and not w.deleted
  where k.consultation = :id
 order by d.title, {by_alphabet("coalesce(p.body->>'name', u.body->>'name', d.subject)")}, d.id
""")  # noqa: S608  (put together from a constant)
SUBJECTS_SHOWN: Final = text("""
-- Of whom a public notice was posted, in one campaign or in all; of a span of days where a meeting fell into it.
select distinct d.campaign, d.subject from consultation c
  join consultation_case k on k.consultation = c.id join dossier d on d.id = k.dossier
 where c.kind = 'public' and (cast(:campaign as text) is null or c.campaign = :campaign)
   and (cast(:first as date) is null or exists (
        select from meeting m where m.campaign = c.campaign and m.held_on between :first and :last))
""")
SUBJECTS_CONSULTED: Final = text("""
-- Those whose review reads what was asked.
select distinct d.subject from consultation_case k join dossier d on d.id = k.dossier
 where k.consultation = :id and d.title = any(cast(:titles as text[]))
""")
FILED: Final = text("""
-- When a dossier was sent (sent back and sent again, the last time counts), when it was first received after that, and
-- what was achieved when. What was converted was sent and received with the dossier it came from. A later dossier may
-- be about another achievement than all before it, of which other things were said.
with recursive file as (
    select d.id, d.id as origin, d.came_from from dossier d
     where d.campaign = :campaign and (cast(:subjects as text[]) is null or d.subject = any(cast(:subjects as text[])))
     union all
    select f.id, o.id, o.came_from from file f join dossier o on o.id = f.came_from
)
select d.subject, d.title, d.achieved_on, d.achievement, t.acted_on as sent_on,
       (select min(r.acted_on) from dossier_step r
         where r.dossier = f.origin and r.state = 'received' and r.number > coalesce(t.number, 0)) as received_on,
       case when d.state = 'on_hold' then (select max(h.acted_on) from dossier_step h
                                            where h.dossier = d.id and h.state = 'on_hold') end as held_since,
       d.matter, d.matter <> '' and not exists (
           select from dossier b
            where (b.campaign, b.subject, b.title, b.achievement) = (d.campaign, d.subject, d.title, d.achievement)
              and b.id <> d.id and coalesce(b.begun_at <= d.begun_at, true)) as is_another
  from file f join dossier d on d.id = f.id
  left join lateral (select s.acted_on, s.number from dossier_step s where s.dossier = f.origin and s.state = 'sent'
                      order by s.number desc limit 1) as t on true
 where f.came_from is null
""")
DAYS: Final = text("select day, working from working_day")
SAVE_DAYS: Final = text("""
insert into working_day as w (day, working, document, changed_by)
select i.*, :actor
  from unnest(cast(:days as date[]), cast(:working as boolean[]), cast(:documents as text[])) as i
    on conflict (day) do update
       set working = excluded.working, document = excluded.document, changed_by = excluded.changed_by,
           changed_at = now(), revision = w.revision + 1
""")


async def found(tx: Transaction, id: str) -> Row[Any]:
    """Return a dossier's row; raises NotFound."""
    row = await tx.row(DOSSIER, id=id)
    if row is None:
        raise NotFound(what=f"hồ sơ {id}", what_en=f"The dossier {id}")
    return row


async def mark_shown(
    tx: Transaction, campaign: str | None = None, met_between: tuple[date, date] | None = None
) -> None:
    """Mark whose list was shown in public: how long before the council is counted anew."""
    first, last = met_between or (None, None)
    for row in await tx.rows(SUBJECTS_SHOWN, campaign=campaign, first=first, last=last):
        marks.mark_subjects(tx, [row.subject], row.campaign)


async def found_all(tx: Transaction, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the rows of these dossiers, locked in one order; raises NotFound naming those that do not exist."""
    rows = await tx.rows(DOSSIERS_ALONE, ids=list(ids))
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise NotFound(what=f"hồ sơ {', '.join(sorted(missing))}", what_en=f"The dossiers {', '.join(sorted(missing))}")
    return rows


async def heads(tx: Transaction, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return where these dossiers stand, in the order asked for, without their steps."""
    known = {row.id: _head(row) for row in await found_all(tx, ids)}
    return [known[id] for id in ids]


async def add(
    tx: Transaction,
    ids: Sequence[str],
    campaign: str,
    named: Sequence[tuple[DossierEntry, Subject]],
    matters: Sequence[str],
    state: str,
    came_from: str | None,
    due_on: Sequence[date | None],
) -> set[str]:
    """Add dossiers under these ids, due on their own day or else on `due_on`.

    Returns the ids that are new, without those of a subject and title that has one under way.
    """
    given = {
        "ids": list(ids),
        "subjects": [subject.id for _, subject in named],
        "titles": [entry.title for entry, _ in named],
        "units": [subject.unit for _, subject in named],
        "kinds": [entry.kind for entry, _ in named],
        "due_on": [entry.due_on or day for (entry, _), day in zip(named, due_on, strict=True)],
        "achieved_on": [entry.achieved_on for entry, _ in named],
        "achievements": [entry.achievement for entry, _ in named],
        "matters": list(matters),
    }
    rows = await tx.rows(ADD, campaign=campaign, state=state, came_from=came_from, actor=tx.actor, **given)
    return {row.id for row in rows}


async def received_on(tx: Transaction, ids: Sequence[str]) -> dict[str, date]:
    """Return on which day each of these dossiers was last received; one that never was is absent."""
    return {row.dossier: row.received_on for row in await tx.rows(RECEIVED_ON, ids=list(ids))}


async def move(tx: Transaction, rows: Sequence[Row[Any]], state: str, due_on: Sequence[date | None]) -> None:
    """Move dossiers to a state; one that goes aside remembers where it was, and until when that was expected to end."""
    given = {
        "ids": [row.id for row in rows],
        "before": [row.state if state in AWAY else None for row in rows],
        "due_on": list(due_on),
        "due_before": [row.due_on if state in INTERRUPTING else None for row in rows],
    }
    await tx.execute(MOVE, state=state, actor=tx.actor, **given)


async def office_days(tx: Transaction, around: date) -> WorkingDays:
    """Return the working days of the years around a day."""
    return working_days(around, await announced_days(tx))


async def announced_days(tx: Transaction) -> dict[date, bool]:
    """Return the days that a document made working (True) or free."""
    return {row.day: row.working for row in await tx.rows(DAYS)}


async def shown(tx: Transaction, id: str, *, to_unit: bool = False) -> dict[str, Any]:
    """Return a dossier with every step it took, who recorded it and when, and where it may go from here.

    A unit is not told the reasons that only those who appraise read.
    """
    row = await found(tx, id)
    steps = [
        {
            "number": step.number,
            "from": step.came_from,
            "to": step.state,
            "label": LABELS[step.state],
            "acted_on": step.acted_on.isoformat(),
            "on_behalf": step.on_behalf,
            "document": step.document,
            "dated": step.dated.isoformat() if step.dated else None,
            "reason": _reason(step, to_unit=to_unit),
            "agreement": step.agreement,
            "recorded_afterwards": step.afterwards > 0,
            "skipped": [LABELS[one] for one in step.skipped],
            "recorded_by": step.recorded_by,
            "recorded_at": step.recorded_at.isoformat(),
        }
        for step in await tx.rows(STEPS, id=id)
    ]
    into = await tx.row(CONVERTED_INTO, id=id)
    links = {"converted_into": into.id if into else None}
    return {**_head(row), **links, "steps": steps, "opinions": await opinions.shown(tx, id), "next": _next(row)}


def _reason(step: Row[Any], *, to_unit: bool) -> str:
    kept_back = to_unit and step.reason and is_reason_for_office(step.came_from, step.state)
    return KEPT_BACK if kept_back else str(step.reason)


def _head(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "campaign": row.campaign,
        "subject": row.subject,
        "title": row.title,
        "matter": row.matter,
        "kind": row.kind,
        "state": row.state,
        "label": LABELS[row.state],
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "came_from": row.came_from,
        "achieved_on": row.achieved_on.isoformat() if row.achieved_on else None,
        "achievement": row.achievement,
        "findings_may_change": row.state in BEFORE_COUNCIL,
    }


def _next(row: Row[Any]) -> list[dict[str, Any]]:
    return [
        {"to": one.to, "label": LABELS[one.to], "by": one.by, "document": one.document, "reason": one.reason}
        for one in moves_from(row.state, row.kind, row.before)
    ]


async def listed(tx: Transaction, campaign: str, state: str | None, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a campaign's dossiers with names."""
    rows, total = await tx.page(LIST, campaign=campaign, state=state, limit=limit, offset=offset)
    items = [{**_head(row), "name": row.name, "revision": row.revision} for row in rows]
    return {"total": total, "items": items}


async def consultation(tx: Transaction, id: str) -> dict[str, Any]:
    """Return what was asked, of whom, about which list, with every comment and its answer."""
    row = await found_consultation(tx, id)
    days = await office_days(tx, row.posted_on)
    names = await tx.rows(CONSULTED, id=id)
    remarks = await tx.rows(REMARKS, id=id)
    return {
        "id": id,
        "kind": row.kind,
        "document": row.document,
        "addressee": row.addressee,
        "posted_on": row.posted_on.isoformat(),
        "until": row.until.isoformat(),
        "working_days": days.up_to(row.posted_on, row.until),
        "closed_on": row.closed_on.isoformat() if row.closed_on else None,
        "answer": row.answer,
        "list": [
            {"name": one.name, "post": one.post or "", "unit": one.unit_name, "title": one.title} for one in names
        ],
        "remarks": [
            {"number": one.number, "received_on": one.received_on.isoformat(), "said": one.said, "answer": one.answer}
            for one in remarks
        ],
    }


async def found_consultation(tx: Transaction, id: str) -> Row[Any]:
    """Return what was asked; raises NotFound."""
    row = await tx.row(CONSULTATION, id=id)
    if row is None:
        raise NotFound(what=f"lượt lấy ý kiến {id}", what_en=f"The consultation {id}")
    return row


async def add_steps(tx: Transaction, rows: Sequence[Row[Any]], skipped: Sequence[Sequence[str]], **step: Any) -> None:
    """Write the same step behind those that each dossier took before; `skipped` are states nobody recorded."""
    given = {
        "dossiers": [row.id for row in rows],
        "came_from": [row.state for row in rows],
        "skipped": [orjson.dumps(list(one)).decode() for one in skipped or [()] * len(rows)],
    }
    await tx.execute(ADD_STEPS, actor=tx.actor, **given, **step)


async def by_lines(tx: Transaction, campaign: str, lines: Iterable[Line]) -> Sequence[Row[Any]]:
    """Return the dossiers of these lines, locked in one order."""
    return await tx.rows(BY_LINE, campaign=campaign, **columns(sorted(set(lines))))
