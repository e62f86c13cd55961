"""What decisions and steps are held against: holds, titles given already or not at all, titles counted by unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.contracts.judgement import Award
from thidua_awards.queries.matters import Line, columns
from thidua_runtime.database import Transaction

# Of two decisions recorded at once the second sees what the first gave.
TURN: Final = text("select pg_advisory_xact_lock(hashtextextended('awards.decision', 0))")
HELD: Final = text("""
-- Of these lines the first whose review was held at any moment from the signing until now.
select i.place, coalesce(p.body->>'name', u.body->>'name', h.subject) as name, h.starts_on
  from unnest(cast(:subjects as text[]), cast(:dated as date[])) with ordinality as i (subject, dated, place)
  join hold h on h.subject = i.subject
  left join replica_people p on p.id = h.subject and not p.deleted
  left join replica_units u on u.key = h.subject and not u.deleted
 where h.starts_on <= :today and (h.ends_on is null or h.ends_on > i.dated)
 order by i.place, h.starts_on limit 1
""")
HELD_BESIDE: Final = text("""
-- Other dossiers of the same subjects that are held: what is verified of somebody is so for every title.
select s.acted_on as since from dossier d join dossier_step s on s.dossier = d.id and s.state = 'on_hold'
 where d.state = 'on_hold' and (d.campaign, d.subject) in (
       select o.campaign, o.subject from dossier o where o.id = any(cast(:ids as text[])))
   and d.id <> all(cast(:ids as text[])) and s.acted_on <= :as_of
   and not exists (select from dossier_step l where l.dossier = d.id and l.number > s.number)
""")
GIVEN: Final = text("""
-- Of these lines the first title that its subject holds for the year by another decision in force.
select i.place, coalesce(p.body->>'name', u.body->>'name', a.subject) as name, a.code, a.year, d.number, d.dated
  from unnest(cast(:subjects as text[]), cast(:codes as text[]), cast(:years as int[]), cast(:kinds as text[]))
       with ordinality as i (subject, code, year, kind, place)
  join decision_award a on (a.subject, a.year) = (i.subject, i.year) and a.code = i.code
  join decision d on d.id = a.decision
  left join replica_people p on p.id = a.subject and not p.deleted
  left join replica_units u on u.key = a.subject and not u.deleted
 where i.kind is null and a.kind is null and i.code = any(cast(:titles as text[]))
   and not d.cancelled and a.cancelled_by is null
 order by i.place, d.id limit 1
""")
GIVEN_IN_UNITS: Final = text("""
select a.code, a.unit, count(distinct a.subject)::integer as holders
  from decision_award a join decision d on d.id = a.decision
 where a.year = :year and a.code = any(cast(:codes as text[])) and a.kind is null
   and not d.cancelled and a.cancelled_by is null
 group by a.code, a.unit order by a.code, a.unit
""")
LATER: Final = text("""
-- Of these dossiers the latest last step that was taken after a day.
select s.state, s.acted_on from dossier_step s
 where s.dossier = any(cast(:ids as text[])) and s.acted_on > :day
   and not exists (select from dossier_step n where n.dossier = s.dossier and n.number > s.number)
 order by s.acted_on desc, s.dossier limit 1
""")
LOST: Final = text("""
-- Of these lines the first that the newest counting minutes do not carry.
select newest.* from (
    select distinct on (c.subject, v.title) c.subject, v.title, c.passed, v.document
      from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
           as l (subject, title, matter)
      join vote v on v.title = l.title and v.campaign = :campaign and v.state = 'closed'
      join vote_case c on c.vote = v.id and (c.subject, c.matter) = (l.subject, l.matter)
     order by c.subject, v.title, v.closed_on desc, v.closed_at desc nulls last, v.id desc) as newest
 where not newest.passed order by newest.subject, newest.title limit 1
""")
FINDINGS: Final = text("""
select r.subject, r.title, r.matter, r.findings, r.state from recommendation r
  join unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
       as l (subject, title, matter) on (r.subject, r.title, r.matter) = (l.subject, l.title, l.matter)
 where r.campaign = :campaign order by r.subject, r.title, r.matter
""")
UNDECIDED: Final = text("""
-- Of these dossiers the first that no decision in force of its campaign gives its title.
select d.title, coalesce(p.body->>'name', u.body->>'name', k.name, d.subject) as name
  from dossier d
  left join replica_people p on p.id = d.subject and not p.deleted
  left join replica_units u on u.key = d.subject and not u.deleted
  left join kept_name k on k.subject = d.subject
 where d.id = any(cast(:ids as text[])) and not exists (
       select from decision_award a join decision s on s.id = a.decision
        where (a.subject, a.code, a.matter, s.campaign) = (d.subject, d.title, d.matter, d.campaign)
          and not s.cancelled and a.cancelled_by is null)
 order by d.id limit 1
""")


def of_awards(lines: Iterable[tuple[date, Award]]) -> dict[str, list[Any]]:
    """Return the columns of lines, each beside the day its decision was signed."""
    listed = list(lines)
    return {
        "dated": [dated for dated, _ in listed],
        "subjects": [award.subject for _, award in listed],
        "codes": [award.code for _, award in listed],
        "years": [award.year for _, award in listed],
        "kinds": [award.kind for _, award in listed],
    }


async def first_lost(tx: Transaction, campaign: str, lines: Iterable[Line]) -> Row[Any] | None:
    """Return the first of these lines that its council voted down, with the minutes, or None."""
    return await tx.row(LOST, campaign=campaign, **columns(sorted(set(lines))))
