"""Decisions over reports: extension, withdrawal, reassignment, secrecy, each by a document."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from thidua.contracts import TaskReport
from thidua.contracts.base import Code, Text
from thidua_monitoring.commands.results import publish_at_end
from thidua_monitoring.commands.tasks import merge_reports
from thidua_monitoring.domain.deadlines import DecisionKind, position_of
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.domain.past import check_document
from thidua_monitoring.errors import SETTLED, AlreadyDecided, DecisionRefused, DecisionUnknown, TaskUnknown
from thidua_monitoring.queries import decisions as queries
from thidua_monitoring.queries import ledger, names, periods
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.records import Arrival, Record
from thidua_runtime.web import Versioned

INTERNAL_SOURCE = "thidua"
"""Source of records that a reassignment decided here makes at the receiver."""


class DecisionIn(BaseModel):
    """A decision about one task. An extension needs `deadline`; a reassignment `receiver` and `deadline`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Code
    source_id: Code
    kind: DecisionKind
    document: Code
    dated: date
    issuer: Text = ""
    deadline: date | None = None
    receiver: Code | None = None
    reason: Annotated[Text, Field(max_length=2000)] = ""


async def decide(tx: Transaction, decision: DecisionIn) -> dict[str, Any]:
    """Record a decision that was taken and lay it over the task at once."""
    as_of = await periods.lock_as_of(tx)
    _check(decision, tx.clock.today())
    await _task_of(tx, decision.source, decision.source_id)
    receiver = await _receiver(tx, decision)
    made = new_id()
    await _save(tx, made, decision, receiver, "approved")
    await lay_over(tx, [(decision.source, decision.source_id)], as_of)
    if receiver is not None and decision.deadline is not None:
        await _hand_over(tx, made, decision, receiver)
    return {"id": made, "state": "approved"}


async def ask(tx: Transaction, decision: DecisionIn, unit: str | None) -> dict[str, Any]:
    """Record what a unit asks for; nothing changes until the office decides. `unit`: who may ask."""
    _check(decision, tx.clock.today())
    task = await _task_of(tx, decision.source, decision.source_id)
    if unit is not None and task.unit != await names.unit_id(tx, unit, tx.clock.today()):
        raise TaskUnknown(source=decision.source, source_id=decision.source_id)
    made = new_id()
    await _save(tx, made, decision, await _receiver(tx, decision), "proposed")
    return {"id": made, "state": "proposed"}


async def settle(tx: Transaction, decision: str, approve: bool, reason: str) -> Versioned:
    """Approve or refuse what a unit asked for; an approved one is laid over the task."""
    as_of = await periods.lock_as_of(tx)
    row = await queries.lock(tx, decision)
    if row is None:
        raise DecisionUnknown(id=decision)
    if row.state != "proposed":
        raise AlreadyDecided(state=SETTLED.get(row.state, row.state), state_en=row.state)
    if not approve and not reason:
        raise DecisionRefused(why="từ chối phải nêu lý do", why_en="a refusal needs a reason")
    state = "approved" if approve else "refused"
    await tx.execute(queries.SETTLE, id=decision, state=state, reason=reason, actor=tx.actor)
    if approve:
        await lay_over(tx, [(row.source, row.source_id)], as_of)
        if row.receiver is not None and row.deadline is not None:
            taken = DecisionIn(
                source=row.source, source_id=row.source_id, kind=DecisionKind(row.kind), document=row.document,
                dated=row.dated, deadline=row.deadline,
            )  # fmt: skip
            await _hand_over(tx, decision, taken, row.receiver)
    return Versioned({"id": decision, "state": state}, row.revision + 1)


async def lay_over(tx: Transaction, tasks: Sequence[tuple[str, str]], as_of: date) -> None:
    """Derive stored tasks anew from their reports, the decisions and the rolling days.

    The caller holds the as-of row alone: no batch may derive a task from decisions that are changing.
    """
    rows = await ledger.locked(tx, tasks)
    decided = await queries.approved(tx, tasks)
    rolled = await periods.rolled_days(tx)
    derived = []
    for row in rows:
        mine = decided.get((row.source, row.source_id), ())
        position = position_of(TaskReport.model_validate(row.report), mine, rolled)
        derived.append((row.source, row.source_id, month_of(position.terms.counted), position))
    merged = await ledger.rederive(tx, derived, as_of)
    publish_at_end(tx, merged.months)


def _check(decision: DecisionIn, today: date) -> None:
    check_document(decision.document, decision.dated, today)
    if decision.kind is DecisionKind.EXTENSION and decision.deadline is None:
        raise DecisionRefused(
            why="gia hạn phải ghi hạn mới (deadline)", why_en="an extension names the new deadline (deadline)"
        )
    if decision.kind is DecisionKind.REASSIGNMENT and (decision.receiver is None or decision.deadline is None):
        raise DecisionRefused(
            why="giao lại phải ghi đơn vị nhận (receiver) và hạn của đơn vị nhận (deadline)",
            why_en="a reassignment names the unit that receives it (receiver) and its deadline (deadline)",
        )
    if decision.kind is not DecisionKind.REASSIGNMENT and decision.receiver is not None:
        raise DecisionRefused(
            why="chỉ quyết định giao lại mới có đơn vị nhận", why_en="only a reassignment has a unit that receives it"
        )


async def _task_of(tx: Transaction, source: str, source_id: str) -> Any:
    rows = await ledger.locked(tx, [(source, source_id)])
    if not rows:
        raise TaskUnknown(source=source, source_id=source_id)
    return rows[0]


async def _receiver(tx: Transaction, decision: DecisionIn) -> str | None:
    if decision.receiver is None:
        return None
    return await names.unit_id(tx, decision.receiver, decision.deadline or decision.dated)


async def _save(tx: Transaction, made: str, decision: DecisionIn, receiver: str | None, state: str) -> None:
    await tx.execute(
        queries.SAVE, id=made, source=decision.source, source_id=decision.source_id, kind=decision.kind.value,
        deadline=decision.deadline, receiver=receiver, document=decision.document, dated=decision.dated,
        issuer=decision.issuer, reason=decision.reason, state=state, actor=tx.actor,
        decided_by=tx.actor if state == "approved" else None,
    )  # fmt: skip


async def _hand_over(tx: Transaction, made: str, decision: DecisionIn, receiver: str) -> None:
    given = (await ledger.locked(tx, [(decision.source, decision.source_id)]))[0]
    assert decision.deadline is not None
    report = TaskReport(
        source=INTERNAL_SOURCE, source_id=f"{decision.source}/{decision.source_id}/{made}"[:200], version=1,
        unit=receiver, title=given.report.get("title"), deadline=decision.deadline, weight=given.report.get("weight"),
        secret=given.secret,
    )  # fmt: skip
    await merge_reports(tx, arrivals_of(tx, [(report, None)]))


def arrivals_of(tx: Transaction, reports: Iterable[tuple[TaskReport, bytes | None]]) -> list[Arrival[TaskReport]]:
    """Return reports that came another way as the arrivals the stream would have brought, with their bodies."""
    now = int(tx.clock.now().timestamp() * 1000)
    made = []
    for report, sent in reports:
        body = report.model_dump_json(exclude_defaults=True).encode() if sent is None else sent
        # No log gave these an offset; a random one keeps waiting reports apart.
        record = Record(TaskReport.stream, -1, secrets.randbits(62), report.key.encode(), (), body, now)
        made.append(Arrival(report.identity, report.version, report, record))
    return made
