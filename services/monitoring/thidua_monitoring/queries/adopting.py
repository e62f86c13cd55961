"""What monitoring takes over from its own streams after a backup came back: results, reports, facts, reminders.

A stream tells who stated or decided something nowhere: such columns name whoever runs the restore.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua.contracts import Fact, MonthlyResult, Reminder, Report, SubjectKind
from thidua_runtime.database import Transaction

TAKE_RESULTS: Final = text("""
insert into month_result as r (month, subject, individual, unit, due, on_time, late, open, overdue, excluded, work,
                               declared, reported, state, as_of, closed_on, changed_by)
select *, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (
       month text, subject text, individual boolean, unit text, due int, on_time int, late int, open int,
       overdue int, excluded int, work jsonb, declared boolean, reported boolean, state text, as_of date,
       closed_on date)
 order by month, subject
    on conflict (month, subject) do update
       set unit = excluded.unit, due = excluded.due, on_time = excluded.on_time, late = excluded.late,
           open = excluded.open, overdue = excluded.overdue, excluded = excluded.excluded, work = excluded.work,
           declared = excluded.declared, reported = excluded.reported, state = excluded.state,
           as_of = excluded.as_of, closed_on = excluded.closed_on, revision = r.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
""")
# A month whose results are closed was closed as a whole.
TAKE_CLOSINGS: Final = text("""
update month_period as p
   set state = 'closed', closed_on = c.closed_on, forced_because = c.because, revision = p.revision + 1,
       changed_by = :actor, changed_at = now()
  from (select month, max(closed_on) as closed_on, max(forced_because) as because
          from jsonb_to_recordset(cast(:rows as jsonb)) as r (month text, closed_on date, forced_because text)
         group by month) as c
 where p.month = c.month and p.state <> 'closed'
""")
TAKE_TOTALS: Final = text("""
insert into declared_total as d (month, unit, due, on_time, late, overdue, evidence, changed_by)
select month, unit, due, on_time, late, overdue, '{}', :actor from jsonb_to_recordset(cast(:rows as jsonb))
       as n (month text, unit text, due int, on_time int, late int, overdue int)
 order by month, unit
    on conflict (month, unit) do update
       set due = excluded.due, on_time = excluded.on_time, late = excluded.late, overdue = excluded.overdue,
           revision = d.revision + 1, changed_by = excluded.changed_by, changed_at = now()
""")
TAKE_REPORTS: Final = text("""
insert into report as r (unit, campaign, period, due_on, closes_on, state, sent_on, returned_because, changed_by)
select *, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (unit text, campaign text, period text,
       due_on date, closes_on date, state text, sent_on date, returned_because text)
 order by unit, campaign, period
    on conflict (unit, campaign, period) do update
       set due_on = excluded.due_on, closes_on = excluded.closes_on, state = excluded.state,
           sent_on = excluded.sent_on, returned_because = excluded.returned_because, revision = r.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
""")
DROP_REPORTS: Final = text(
    "delete from report where unit || '/' || campaign || '/' || period = any(cast(:keys as text[]))"
)
TAKE_FACTS: Final = text("""
insert into fact as f (subject, campaign, input, stated_by, individual, unit, changed_by)
select *, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (
       subject text, campaign text, input text, stated_by text, individual boolean, unit text)
 order by subject, campaign, input, stated_by
    on conflict (subject, campaign, input, stated_by) do update
       set unit = excluded.unit, individual = excluded.individual, revision = f.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
""")
_ABOUT: Final = "subject || '/' || campaign || '/' || input || '/' || stated_by = any(cast(:keys as text[]))"
DROP_ENTRIES: Final = text(f"delete from fact_entry where {_ABOUT}")  # noqa: S608
DROP_FACTS: Final = text(f"delete from fact where {_ABOUT}")  # noqa: S608
TAKE_ENTRIES: Final = text("""
insert into fact_entry (subject, campaign, input, stated_by, id, period, dated, value, document, evidence, status,
                        stated_actor, checked_by)
select subject, campaign, input, stated_by, id, period, dated, value, document,
       array(select jsonb_array_elements_text(evidence)), status, coalesce(nullif(entered_by, ''), :actor),
       nullif(checked_by, '')
  from jsonb_to_recordset(cast(:rows as jsonb)) as n (
       subject text, campaign text, input text, stated_by text, id text, period text, dated date, value text,
       document jsonb, evidence jsonb, status text, entered_by text, checked_by text)
 order by subject, campaign, input, stated_by, id
""")
TAKE_REMINDERS: Final = text("""
insert into reminder as r (subject, what, individual, unit, kind, sentence, due_on, times, last_on, settled)
select * from jsonb_to_recordset(cast(:rows as jsonb)) as n (subject text, what text, individual boolean, unit text,
       kind text, sentence text, due_on date, times int, last_on date, settled boolean)
 order by subject, what
    on conflict (subject, what) do update
       set unit = excluded.unit, kind = excluded.kind, sentence = excluded.sentence, due_on = excluded.due_on,
           times = excluded.times, last_on = excluded.last_on, settled = excluded.settled
""")


async def take_months(tx: Transaction, states: Sequence[MonthlyResult], gone: Sequence[str]) -> None:
    """Take closed results and declared totals over; running figures come out of the ledger again."""
    closed = [_row(state, "subject_kind") for state in states if state.state in ("closed", "corrected")]
    await tx.execute(TAKE_RESULTS, rows=_json(closed), actor=tx.actor)
    await tx.execute(TAKE_CLOSINGS, rows=_json(closed), actor=tx.actor)
    declared = [_row(state, "subject_kind") for state in states if state.declared]
    await tx.execute(TAKE_TOTALS, rows=_json(declared), actor=tx.actor)


async def take_reports(tx: Transaction, states: Sequence[Report], gone: Sequence[str]) -> None:
    """Take reports over as they were sent, returned or accepted."""
    await tx.execute(DROP_REPORTS, keys=list(gone))
    await tx.execute(TAKE_REPORTS, rows=_json(state.model_dump(mode="json") for state in states), actor=tx.actor)


async def take_facts(tx: Transaction, states: Sequence[Fact], gone: Sequence[str]) -> None:
    """Take statements over with the verdict on each value."""
    await tx.execute(DROP_ENTRIES, keys=[*gone, *(state.key for state in states)])
    await tx.execute(DROP_FACTS, keys=list(gone))
    rows = [_row(state, "subject_kind") for state in states]
    await tx.execute(TAKE_FACTS, rows=_json(rows), actor=tx.actor)
    entries = [{**row, **entry} for row in rows for entry in row["entries"]]
    await tx.execute(TAKE_ENTRIES, rows=_json(entries), actor=tx.actor)


async def take_reminders(tx: Transaction, states: Sequence[Reminder], gone: Sequence[str]) -> None:
    """Take reminders over, so that nobody is reminded of the same thing from the beginning."""
    await tx.execute(TAKE_REMINDERS, rows=_json(_row(state, "subject_kind") for state in states))


def _row(state: MonthlyResult | Fact | Reminder, kind: str) -> dict[str, Any]:
    individual = state.subject_kind is SubjectKind.INDIVIDUAL
    return {**state.model_dump(mode="json", exclude={kind}), "individual": individual}


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
