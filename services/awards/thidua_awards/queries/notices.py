"""Public notices beside the meetings before which they are shown."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

NOTICES: Final = text("""
-- Of a dossier the day of the meeting that votes on it, or else of the next to come, and the newest public notice
-- before that day; a notice after the council has voted was shown to nobody in time.
select distinct on (n.subject, n.title, n.matter) n.*
  from (select d.subject, d.title, d.matter, c.posted_on,
               (select min(s.acted_on) from dossier_step s where s.dossier = d.id) as begun_on,
               coalesce((select max(m.held_on)
                           from vote v join vote_case i on i.vote = v.id join meeting m on m.id = v.meeting
                          where v.campaign = d.campaign and v.title = d.title
                            and (i.subject, i.matter) = (d.subject, d.matter)
                            and v.state not in ('drafted', 'withdrawn')
                            and not exists (
                                select from dossier_step s
                                 where s.dossier = d.id and s.came_from in ('voted', 'to_authority', 'sent_up')
                                   and s.state in ('appraisal', 'supplement') and v.closed_at < s.recorded_at)),
                        (select min(m.held_on) from meeting m
                          where m.campaign = d.campaign and m.held_on > c.posted_on and m.held_on >= :today))
               as council_on
          from consultation c join consultation_case k on k.consultation = c.id join dossier d on d.id = k.dossier
         where c.campaign = :campaign and c.kind = 'public'
           and (cast(:shown as text[]) is null or d.subject = any(cast(:shown as text[])))) as n
 order by n.subject, n.title, n.matter, n.posted_on < n.council_on desc nulls last, n.posted_on desc
""")
BEFORE_MEETING: Final = text("""
-- Of each subject the newest public notice before a meeting, or where there is none the newest after it.
select distinct on (d.subject) d.subject, c.posted_on
  from consultation c join consultation_case k on k.consultation = c.id join dossier d on d.id = k.dossier
  join unnest(cast(:subjects as text[]), cast(:matters as text[])) as i (subject, matter)
    on (d.subject, d.matter) = (i.subject, i.matter)
 where c.campaign = :campaign and c.kind = 'public' and d.title = :title
 order by d.subject, c.posted_on < :held_on desc, c.posted_on desc
""")
