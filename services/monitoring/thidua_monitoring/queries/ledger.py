"""The task ledger and its counters: one statement merges a batch and moves the counters by delta."""

# ruff: noqa: S608 (statements are put together from constants of this module, never from values)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Executable, Row, text

from thidua_monitoring.domain.deadlines import SECRETS, Position, Standing, standing
from thidua_monitoring.queries.counting import COUNTED, FIGURES, Counts
from thidua_monitoring.queries.decoded import Decoded
from thidua_monitoring.queries.months import AT_ONCE, Pair, put_off, put_off_parameters
from thidua_runtime.database import Transaction

SEPARATOR: Final = "\x1f"
"""Between list items inside one array element: arrays of arrays cannot be ragged."""


class LedgerRow(NamedTuple):
    """One task as the ledger stores it. `people` and `weights` go in pairs; a weight is converted weight."""

    source: str
    source_id: str
    version: int
    content_hash: bytes
    unit: str
    month: str
    counted_deadline: date
    open_deadline: date
    completed_on: date | None
    ended_on: date | None
    secret: bool
    standing: str
    people: str
    weights: str
    weight: str | None
    failures: int
    delays: int
    report: str | None
    report_bytes: int
    unknown_fields: str | None
    received_at: datetime
    body: str | None


@dataclass(frozen=True)
class Merged:
    """What a merge did, tasks by source and id.

    `left`: those it did not change; `ties`: those it changed although it had their version; `months`: what it moved
    and is to be published at once, by month and subject.
    """

    months: tuple[Pair, ...] = ()
    left: frozenset[tuple[str, str]] = frozenset()
    ties: frozenset[tuple[str, str]] = frozenset()


_TYPES: Final = {
    "version": "bigint", "content_hash": "bytea", "counted_deadline": "date", "open_deadline": "date",
    "completed_on": "date", "ended_on": "date", "secret": "boolean", "failures": "smallint", "delays": "smallint",
    "report_bytes": "integer", "received_at": "timestamptz",
}  # fmt: skip
_COLUMNS: Final = LedgerRow._fields
_ARRAYS: Final = ", ".join(f"cast(:{name} as {_TYPES.get(name, 'text')}[])" for name in _COLUMNS)
_INCOMING: Final = f"select * from unnest({_ARRAYS}) as i ({', '.join(_COLUMNS)})"
_SET: Final = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("source", "source_id"))
_VALUES: Final = ", ".join(
    {
        "people": "coalesce(string_to_array(nullif(people, ''), chr(31)), '{}')",
        "weights": "coalesce(cast(string_to_array(nullif(weights, ''), chr(31), 'NULL') as numeric[]), '{}')",
        "weight": "cast(weight as numeric)",
        "report": "cast(report as jsonb)",
        "open_deadline": "coalesce(open_deadline, counted_deadline)",
        "secret": "coalesce(secret, false)",
        "failures": "coalesce(failures, 0)",
        "delays": "coalesce(delays, 0)",
    }.get(name, name)
    for name in _COLUMNS
)
# What nearly all reports leave out: where a whole batch does, its array is sent empty and `unnest` fills in nulls.
_SPARSE: Final = ("ended_on", "secret", "weight", "failures", "delays", "unknown_fields", "report", "body")

HASH_SQL: Final = "coalesce(t.content_hash, sha256(convert_to(t.body, 'UTF8')))"
"""The content hash of a task `t`, as SQL."""

REPORT_SQL: Final = "coalesce(t.report, cast(t.body as jsonb))"
"""The report of a task `t`, as SQL."""

_USED: Final = (
    "unit", "month", "standing", "people", "weights", "weight", "completed_on", "failures", "delays",
)  # fmt: skip


def _state(alias: str, sign: int) -> str:
    return f"select {sign} as sign, {', '.join(f'{alias}_{name} as {name}' for name in _USED)} from changed"


def _returned() -> str:
    return ", ".join(f"{side}.{name} as {side}_{name}" for side in ("old", "new") for name in _USED)


_FIGURES: Final = FIGURES

# What one task adds to each counter; the same rules as domain.months.CONTRIBUTIONS, held together by a test.
_CONTRIBUTION: Final = """
    sum(sign) filter (where standing in ('on_time', 'late', 'ended', 'extended', 'overdue')) as due,
    sum(sign) filter (where standing = 'on_time') as on_time,
    sum(sign) filter (where standing = 'late') as late,
    sum(sign) filter (where standing in ('open', 'ahead')) as open,
    sum(sign) filter (where standing = 'ahead') as ahead,
    sum(sign) filter (where standing = 'overdue') as overdue,
    sum(sign) filter (where standing = 'excluded') as excluded,
    sum(sign) filter (where standing <> 'excluded' and weight is null) as without_weight
"""

# A task counts for its unit and for each person it is assigned to. Rows are taken in key order, so that
# two workers never wait for each other in a circle. A change that moves nothing touches no counter; one that moves
# weights alone writes the counter as it is, to hold it.
_WRITE: Final = f"""
counted as (
    insert into month_counter as c (month, subject, individual, {", ".join(_FIGURES)})
    select month, subject, individual, {", ".join(f"coalesce({name}, 0)" for name in _FIGURES)} from delta
     where {" or ".join(f"coalesce({name}, 0) <> 0" for name in _FIGURES)}
        or (month, subject) in (select month, subject from work_delta)
     order by month collate "C", subject collate "C"
        on conflict (month, subject) do update
           set {", ".join(f"{name} = c.{name} + excluded.{name}" for name in _FIGURES)}
    returning month, subject, individual
), weighed as (
    insert into month_work as w (month, subject, failures, delays, assigned, done, items)
    select * from work_delta order by month, subject, failures, delays
        on conflict (month, subject, failures, delays) do update
           set assigned = w.assigned + excluded.assigned, done = w.done + excluded.done,
               items = w.items + excluded.items
), {put_off("counted")}
"""
_STATES: Final = f"""
, state as (
    {_state("old", -1)} where old_unit is not null
    union all {_state("new", 1)}
), part as (
    select sign, month, unit as subject, false as individual, standing, weight, completed_on, failures, delays
      from state
    union all
    select sign, month, p.person, true, standing, p.weight, completed_on, failures, delays
      from state, unnest(people, weights) as p (person, weight)
), moved as (
    select month, subject, individual, {_CONTRIBUTION} from part group by month, subject, individual
), work_delta as (
    select month, subject, failures, delays, sum(sign * weight) as assigned,
           coalesce(sum(sign * weight) filter (where completed_on is not null), 0) as done, sum(sign) as items
      from part where weight is not null and standing <> 'excluded'
     group by month, subject, failures, delays
    having (sum(sign), sum(sign * weight), sum(sign * weight) filter (where completed_on is not null))
           is distinct from (0, 0, 0)
)
"""
_APPLY: Final = f"{_STATES}, delta as (select * from moved), {_WRITE}"
# New tasks were counted before: what both come to moves each counter once, in one order.
_SUMS: Final = ", ".join(f"sum({name}) as {name}" for name in _FIGURES)
_APPLY_WITH_COUNTED: Final = f"""{_STATES}, delta as (
    select month, subject, bool_or(individual) as individual, {_SUMS}
      from (select * from moved union all {COUNTED}) as both_ways group by month, subject
), {_WRITE}"""

_MONTHS: Final = f"select 'month' as what, month as name, subject as of from ({AT_ONCE}) as at_once"
# Nearly every report of a batch is applied: the others are named, and those of a version that was known.
_ANSWER: Final = f"""
{_MONTHS}
union all select 'tie', source, source_id from changed where old_version = new_version
union all
select 'left', i.source, i.source_id
  from unnest(cast(:source as text[]), cast(:source_id as text[])) as i (source, source_id)
 where (select count(*) from changed) < cardinality(cast(:source as text[]))
   and not exists (select from changed as c where (c.source, c.source_id) = (i.source, i.source_id))
"""

MERGE: Final = text(f"""
with incoming as ({_INCOMING}), changed as (
    insert into task as t ({", ".join(_COLUMNS)})
    select {_VALUES} from incoming order by source, source_id
        on conflict (source, source_id) do update set {_SET},
           moved_from = case when t.unit <> excluded.unit then t.unit else t.moved_from end
     where excluded.version > t.version
        or (excluded.version = t.version and excluded.content_hash > {HASH_SQL})
    returning new.source, new.source_id, old.version as old_version, new.version as new_version, {_returned()}
) {_APPLY_WITH_COUNTED} {_ANSWER}
""")
# The same where nothing is merged.
COUNT: Final = text(f"""
with delta as (
    select month, subject, bool_or(individual) as individual, {_SUMS} from ({COUNTED}) as c group by month, subject
), work_delta as (
    select month, subject, failures, delays, assigned, done, items from month_work where false
), {_WRITE} {_MONTHS}
""")

# The same rules as domain.deadlines.standing, held together by a test.
_STANDING: Final = """
case when t.secret or t.ended_on <= t.counted_deadline then 'excluded'
     when t.counted_deadline >= :as_of then case when t.completed_on is null then 'open' else 'ahead' end
     when t.completed_on is not null then case when t.completed_on <= t.counted_deadline then 'on_time' else 'late' end
     when t.ended_on is not null then 'ended'
     when t.open_deadline >= :as_of then 'extended'
     else 'overdue' end
"""

# Exactly the tasks whose deadline passed between the old and the new as-of day. The months bound the
# first branch so that the index serves it; only a late extension lets a deadline lie outside them.
ROLL: Final = text(f"""
with due as materialized (
    select source, source_id from task
     where month between :first_month and :last_month
       and counted_deadline >= :old_day and counted_deadline < :as_of
    union
    select source, source_id from task
     where open_deadline <> counted_deadline and open_deadline >= :old_day and open_deadline < :as_of
), changed as (
    update task as t set standing = {_STANDING}
      from due where t.source = due.source and t.source_id = due.source_id and t.standing <> {_STANDING}
    returning new.source, new.source_id, old.version as old_version, new.version as new_version, {_returned()}
) {_APPLY} {_MONTHS}
""")

REDERIVE: Final = text(f"""
with incoming as (
    select * from unnest(cast(:source as text[]), cast(:source_id as text[]), cast(:month as text[]),
                         cast(:counted_deadline as date[]), cast(:open_deadline as date[]), cast(:ended_on as date[]),
                         cast(:secret as boolean[]), cast(:standing as text[]))
           as i (source, source_id, month, counted_deadline, open_deadline, ended_on, secret, standing)
), changed as (
    update task as t
       set month = i.month, counted_deadline = i.counted_deadline, open_deadline = i.open_deadline,
           ended_on = i.ended_on, secret = i.secret, standing = i.standing,
           report = case when i.secret then ({REPORT_SQL} - cast(:secrets as text[])) || '{{"secret": true}}'
                         else t.report end,
           body = case when not i.secret then t.body end,
           content_hash = case when i.secret then {HASH_SQL} else t.content_hash end,
           weight = case when i.secret then null else t.weight end,
           people = case when i.secret then '{{}}' else t.people end,
           weights = case when i.secret then '{{}}' else t.weights end
      from incoming as i where t.source = i.source and t.source_id = i.source_id
    returning new.source, new.source_id, old.version as old_version, new.version as new_version, {_returned()}
) {_APPLY} {_MONTHS}
""")

STORED: Final = text(f"""
select t.source, t.source_id, t.version, {HASH_SQL} as content_hash
  from task as t join unnest(cast(:sources as text[]), cast(:ids as text[])) as i (source, source_id)
    using (source, source_id)
""")

LOCKED: Final = text(f"""
select t.source, t.source_id, t.version, t.unit, t.counted_deadline, t.completed_on, t.secret, {REPORT_SQL} as report
  from task as t join unnest(cast(:sources as text[]), cast(:ids as text[])) as i (source, source_id)
    using (source, source_id) order by t.source, t.source_id for update of t
""").columns(report=Decoded)


async def merge(tx: Transaction, rows: Sequence[LedgerRow], counts: Counts, as_of: date) -> Merged:
    """Store newer reports and move the counters, in one statement; older ones change nothing.

    `rows`: at most one per task, each read against the as-of day. Equal versions are settled by content hash, so
    that any order of arrival ends alike. `counts`: what tasks come to that this transaction has stored already.
    """
    if not rows:
        return await _apply(tx, COUNT, counts.columns(), as_of)
    # Source and id come first in a row, and no two rows share them.
    columns = dict(zip(_COLUMNS, zip(*sorted(rows), strict=True), strict=True))
    if columns["open_deadline"] == columns["counted_deadline"]:
        columns["open_deadline"] = ()
    columns.update((name, ()) for name in _SPARSE if not any(columns[name]))
    return await _apply(tx, MERGE, columns | counts.columns(), as_of)


async def roll(tx: Transaction, old_day: date, new_day: date, months: tuple[str, str]) -> Merged:
    """Reclassify the tasks whose deadline passed from `old_day` on and before `new_day`."""
    first, last = months
    days = {"old_day": old_day, "as_of": new_day, "first_month": first, "last_month": last}
    return await _apply(tx, ROLL, days, new_day)


async def rederive(tx: Transaction, positions: Sequence[tuple[str, str, str, Position]], as_of: date) -> Merged:
    """Write new deadlines, ends and secrecy of stored tasks: source, id, month, position of each."""
    ordered = sorted(positions, key=lambda each: each[:2])
    return await _apply(tx, REDERIVE, {
        "source": [each[0] for each in ordered],
        "source_id": [each[1] for each in ordered],
        "month": [each[2] for each in ordered],
        "counted_deadline": [each[3].terms.counted for each in ordered],
        "open_deadline": [each[3].terms.open for each in ordered],
        "ended_on": [each[3].ended_on for each in ordered],
        "secret": [each[3].secret for each in ordered],
        "secrets": list(SECRETS),
        "standing": [standing(each[3], as_of).value for each in ordered],
    }, as_of)  # fmt: skip


async def stored_versions(tx: Transaction, tasks: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row[Any]]:
    """Return version and hash the ledger holds for these tasks."""
    rows = await tx.rows(STORED, sources=[t[0] for t in tasks], ids=[t[1] for t in tasks])
    return {(row.source, row.source_id): row for row in rows}


async def locked(tx: Transaction, tasks: Sequence[tuple[str, str]]) -> Sequence[Row[Any]]:
    """Lock stored tasks in key order and return what rederiving them needs."""
    return await tx.rows(LOCKED, sources=[t[0] for t in tasks], ids=[t[1] for t in tasks])


async def _apply(tx: Transaction, statement: Executable, parameters: dict[str, Any], as_of: date) -> Merged:
    found: dict[str, list[tuple[str, str]]] = {"month": [], "left": [], "tie": []}
    for row in await tx.rows(statement, **parameters, **put_off_parameters(as_of)):
        found[row.what].append((row.name, row.of))
    return Merged(tuple(found["month"]), frozenset(found["left"]), frozenset(found["tie"]))


STANDING_SQL: Final = _STANDING
"""The rule as SQL, for the recount."""

CONTRIBUTION_SQL: Final = _CONTRIBUTION
"""The sums as SQL, for the recount."""

FIGURE_COLUMNS: Final = _FIGURES
"""The counters of `month_counter`."""

__all__ = ["MERGE", "LedgerRow", "Merged", "Standing", "locked", "merge", "rederive", "roll", "stored_versions"]
