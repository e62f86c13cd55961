"""Decisions taken here about reported tasks."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_monitoring.domain.deadlines import Decision, DecisionKind
from thidua_monitoring.queries.decoded import Decoded
from thidua_monitoring.queries.ledger import REPORT_SQL
from thidua_runtime.database import Transaction

Identity = tuple[str, str]
"""Source and source id of a task."""

APPROVED: Final = text("""
select d.source, d.source_id, d.kind, d.document, d.dated, d.deadline
  from task_decision as d
  join unnest(cast(:sources as text[]), cast(:ids as text[])) as i (source, source_id) using (source, source_id)
 where d.state = 'approved' order by d.source, d.source_id, d.dated, d.id
""")

# Decisions are few beside what arrives: as long as they are, all of them are read and nobody asked for is named.
FEW: Final = 2_000
FIRST_APPROVED: Final = text("""
select d.source, d.source_id, d.kind, d.document, d.dated, d.deadline
  from task_decision as d where d.state = 'approved' order by d.source, d.source_id, d.dated, d.id limit :limit
""")

SAVE: Final = text("""
insert into task_decision (id, source, source_id, kind, deadline, receiver, document, dated, issuer, reason, state,
                           asked_by, decided_by, changed_by)
values (:id, :source, :source_id, :kind, :deadline, :receiver, :document, :dated, :issuer, :reason, :state, :actor,
        :decided_by, :actor)
""")

LOCK: Final = text("select * from task_decision where id = :id for update")

SETTLE: Final = text("""
update task_decision set state = :state, decided_by = :actor, revision = revision + 1, changed_by = :actor,
       changed_at = now(), reason = case when :reason = '' then reason else :reason end
 where id = :id
""")

LIST: Final = text("""
select * from task_decision where cast(:state as text) is null or state = :state
 order by id desc limit :limit offset :offset
""")

# Candidates only: whether a report contradicts its decisions is judged by the domain.
DECIDED_TASKS: Final = text(f"""
select t.source, t.source_id, t.unit, t.moved_from, {REPORT_SQL} as report
  from task as t
 where t.moved_from is not null
    or exists (select from task_decision as d
                where d.source = t.source and d.source_id = t.source_id and d.state = 'approved')
 order by t.source, t.source_id limit :limit offset :offset
""").columns(report=Decoded)


async def approved(tx: Transaction, tasks: Sequence[Identity]) -> dict[Identity, list[Decision]]:
    """Return the approved decisions about these tasks, and perhaps about others, oldest document first."""
    rows = await tx.rows(FIRST_APPROVED, limit=FEW + 1)
    if len(rows) > FEW:
        rows = await tx.rows(APPROVED, sources=[t[0] for t in tasks], ids=[t[1] for t in tasks])
    found: dict[Identity, list[Decision]] = {}
    for row in rows:
        decision = Decision(DecisionKind(row.kind), row.document, row.dated, row.deadline)
        found.setdefault((row.source, row.source_id), []).append(decision)
    return found


async def lock(tx: Transaction, decision: str) -> Row[Any] | None:
    """Return a decision, locked."""
    return await tx.row(LOCK, id=decision)


async def listed(tx: Transaction, state: str | None, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return decisions in a state, newest first."""
    return await tx.rows(LIST, state=state, limit=limit, offset=offset)


async def decided_tasks(tx: Transaction, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return tasks under decisions, or whose source changed the unit."""
    return await tx.rows(DECIDED_TASKS, limit=limit, offset=offset)
