"""Months that are published by the statement that reads their figures."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import text

from thidua_monitoring.queries.months import Pair
from thidua_runtime.database import Transaction
from thidua_runtime.outbox import DIGEST, SEND

SEPARATOR: Final = "\x1f"

# Nearly every month that moves is not closed and made of counters alone. Its body is written here as the contract
# writes it (a test holds both together); the others are returned. A colon before a word would be a parameter.
# What concerns a whole month is looked for once: nobody asks for each subject whether it declared totals in a month of
# which nobody did. A table of texts counts as a thousand rows where an array counts as ten: for ten, what was drawn and
# what comes in are compared each with each.
PUBLISH_COUNTED: Final = text(f"""
with wanted as (
    select * from rows from (
        string_to_table(nullif(cast(:months as text), ''), chr(31)),
        string_to_table(nullif(cast(:subjects as text), ''), chr(31))) as w (month, subject)
), ends as (
    select month, ((month || '-01')::date + interval '1 month') at time zone 'Asia/Ho_Chi_Minh' as ends_at
      from (select distinct month from wanted) as m
), months as materialized (
    select e.month, coalesce(p.state, 'running') as state,
           (select array_agg(s.name) from source as s where s.complete_until >= e.ends_at) as vouching,
           coalesce(p.state, 'running') in ('running', 'published') and p.closed_on is null
           and coalesce(p.forced_because, '') = '' as is_open,
           exists (select from declared_total as d where d.month = e.month) as is_declared,
           exists (select from month_result as r where r.month = e.month) as has_results,
           exists (select from month_work as w where w.month = e.month) as is_weighed
      from ends as e left join month_period as p on p.month = e.month
), named as (
    select w.month, w.subject, u.key is null as individual, coalesce(u.key, p.unit, '') as unit
      from wanted as w
      left join replica_units as u on u.key = w.subject
      left join lateral (select unit from replica_people as p where p.id = w.subject and u.key is null
                          order by p.deleted, p.version desc limit 1) as p on true
), figured as (
    select n.month, n.subject, n.individual, n.unit,
           coalesce(c.due, 0) as due, coalesce(c.on_time, 0) as on_time, coalesce(c.late, 0) as late,
           coalesce(c.open, 0) as open, coalesce(c.overdue, 0) as overdue, coalesce(c.excluded, 0) as excluded,
           coalesce(c.without_weight, 0) as without_weight,
           exists (select from report as r
                    where r.unit = n.unit and r.period = n.month and r.state in ('sent', 'accepted'))
           or (m.vouching is not null
               and exists (select from source_unit as s where s.unit = n.unit and s.source = any(m.vouching)))
           as reported,
           case when m.state = 'published' and exists (
                     select from objection as o where o.month = n.month and o.unit = n.unit and o.answer is null)
                then 'objection' else m.state end as state,
           m.is_open
           and not (m.is_declared and exists (
                    select from declared_total as d where d.month = n.month and d.unit = n.subject))
           and not (m.has_results and exists (
                    select from month_result as r where r.month = n.month and r.subject = n.subject))
           and not (m.is_weighed and exists (
                    select from month_work as w
                     where w.month = n.month and w.subject = n.subject and w.items > 0)) as plain
      from named as n
      join months as m on m.month = n.month
      left join month_counter as c on c.month = n.month and c.subject = n.subject
), worded as materialized (
    select subject, month, individual, due + open + excluded > 0 or (reported and not individual) as known,
           concat('{{"subject":', to_json(subject), ',"subject_kind":"',
               case when individual then 'individual' else 'collective' end, '","unit":',
               to_json(coalesce(nullif(unit, ''), subject)), ',"month":"', month, '","state":"', state,
               '","reported":', case when reported then 'true' else 'false' end, ',"declared"\\:false,"due":', due,
               ',"on_time":', on_time, ',"late":', late, ',"open":', open, ',"overdue":', overdue, ',"excluded":',
               excluded, case when without_weight = 0 then ',"work"\\:null,' else concat(
                   ',"work":{{"assigned"\\:null,"done":"0","by_failures":[],"by_delays":[],"without_weight":',
                   without_weight, '}},') end) as figures,
           '"as_of":"' || cast(:as_of as text) || '"' as stamp, '"closed_on"\\:null,"forced_because":""' as rest
      from figured where plain
), whole as (
    select subject, subject || '/' || month as key,
           case when known and individual then concat(figures, rest, ',', stamp, '}}')
                when known then concat(figures, stamp, ',', rest, '}}') end as body,
           case when known and individual then concat(figures, rest, '}}') end as without_stamp
      from worded
), incoming as (
    select 'monthly-results' as stream, key, split_part(key, '/', 1) as partition_key, body,
           {DIGEST.format("coalesce(without_stamp, body)")} as digest
      from whole
), {SEND}
select month, subject from figured where not plain
""")


async def publish_counted(tx: Transaction, pairs: Iterable[Pair], as_of: date) -> list[Pair]:
    """Publish the months that are not closed and made of counters alone; return the others."""
    wanted = sorted(set(pairs))
    # Joined, because the driver looks at each item of a list several times; U+001F is in no subject we know.
    unusual = [pair for pair in wanted if SEPARATOR in pair[1]]
    named = [pair for pair in wanted if SEPARATOR not in pair[1]]
    rows = await tx.publish_by(
        PUBLISH_COUNTED, as_of=as_of.isoformat(), months=SEPARATOR.join([month for month, _ in named]),
        subjects=SEPARATOR.join([subject for _, subject in named]),
    )  # fmt: skip
    return unusual + [(row.month, row.subject) for row in rows]
