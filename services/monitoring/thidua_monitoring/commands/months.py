"""Months: rolling the as-of day, closing, forcing, correcting, declaring, objecting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Row

from thidua.contracts import Document, MonthlyResult, TaskReport
from thidua.contracts.base import Code, Text
from thidua.errors import Stale
from thidua_monitoring.commands.results import (
    CLOSED,
    FIGURES,
    has_figures,
    live_state,
    publish_at_end,
    publish_months,
    state_of,
    stored_result,
)
from thidua_monitoring.domain.months import (
    Blocked,
    close_obstacles,
    last_day,
    month_of,
    start_of_day,
)
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.errors import (
    SETTLED,
    AlreadyDecided,
    CloseBlocked,
    CorrectionUnknown,
    MonthClosed,
    MonthNotOver,
    MonthUnknown,
    ObjectionTooLate,
    ObjectionUnknown,
    ReasonNeeded,
    TotalsRefused,
)
from thidua_monitoring.queries import ledger, names, periods, set_aside, sources
from thidua_monitoring.queries import months as queries
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned


class Totals(BaseModel):
    """Totals a unit declares for a month, with evidence; shown as "tự khai báo"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    due: int = Field(ge=0, le=1_000_000)
    on_time: int = Field(ge=0, le=1_000_000)
    late: int = Field(0, ge=0, le=1_000_000)
    overdue: int = Field(0, ge=0, le=1_000_000)
    document: Document | None = None
    evidence: tuple[Code, ...] = ()
    note: Text = ""


async def roll_to(tx: Transaction, today: date) -> None:
    """Move the as-of day to `today`, reclassify what became due, and publish the months that this moves."""
    old = await periods.lock_as_of(tx)
    if today > old:
        # The months of both days bound the search; deadlines before `old` were classified already.
        merged = await ledger.roll(tx, old, today, (month_of(old), month_of(today)))
        await periods.move_as_of(tx, today)
        publish_at_end(tx, merged.months)
    else:
        today = old
    await set_aside.note_people(tx)
    publish_at_end(tx, await set_aside.count_units(tx))
    over = await periods.publish_past_months(tx, month_of(today))
    await publish_months(tx, await queries.subjects(tx, over), today)


async def obstacles(tx: Transaction, month: Row[Any]) -> tuple[Blocked, ...]:
    """Return what keeps this month from closing now."""
    known = {row.name: row.complete_until for row in await sources.sources(tx, 1000, 0)}
    config = load_sources(tx.settings.sources_file)
    # Without a sources file every source ever heard of: one that has not vouched yet may still be sending, and whether
    # its first mark or the closing comes first must not decide what a month holds.
    expected = config.must_vouch() if config.configured else tuple(known)
    letters = sum(1 for body in await sources.unapplied_bodies(tx) if touches(body, month.month))
    lag = await tx.lag("tasks", "sources")
    return close_obstacles(month.closes_on, {name: known.get(name) for name in expected}, lag, letters)


def touches(body: bytes | None, month: str) -> bool:
    """Whether an event that is not applied may belong to `month`; one nobody can read may belong to any."""
    if body is None:
        return True
    try:
        report = TaskReport.model_validate_json(body)
    except (ValidationError, ValueError):
        return True
    days = [report.deadline, *(extension.deadline for extension in report.extensions)]
    return min(month_of(day) for day in days) <= month <= max(month_of(day) for day in days)


async def close_due_months(tx: Transaction, today: date) -> list[str]:
    """Close every month whose closing day has come and that nothing blocks; returns those closed."""
    closed = []
    for row in await periods.months(tx, None, 1000, 0):
        if row.state == CLOSED or row.closes_on > today or await obstacles(tx, row):
            continue
        try:
            await _close(tx, row.month, today)
        except (CloseBlocked, MonthNotOver):
            # Something came in between, or the day has not been rolled yet: the next minute tries again.
            continue
        closed.append(row.month)
    return closed


async def close_month(tx: Transaction, name: str, today: date, forced_because: str | None = None) -> Versioned:
    """Fix the results of a month (chốt số liệu). Closing twice changes nothing.

    A reported month without due tasks gets a row with due = 0; a unit that never reported gets none.
    `forced_because`: the reason of a person who closes although something blocks; kept in the result.
    """
    revision = await _close(tx, name, today, forced_because)
    return Versioned(await sheet(tx, name), revision)


async def _close(tx: Transaction, name: str, today: date, forced_because: str | None = None) -> int:
    """Fix the results of a month and return its revision."""
    as_of = await periods.hold_as_of(tx)
    month = await periods.lock_month(tx, name)
    if month is None:
        raise MonthUnknown(month=name)
    if month.state == CLOSED:
        return int(month.revision)
    if as_of <= last_day(name):
        raise MonthNotOver(month=name, as_of=as_of)
    blocked = await obstacles(tx, month)
    if blocked and forced_because is None:
        raise CloseBlocked(
            month=name,
            why=" ".join(each.sentence for each in blocked),
            why_en=" ".join(each.english for each in blocked),
        )
    # A reason is kept only where something really had to be forced.
    await periods.set_closed(tx, name, today, (forced_because or "") if blocked or month.closes_on > today else "")
    await _fix_results(tx, month, as_of)
    return int(month.revision) + 1


async def force_month(tx: Transaction, name: str, reason: str) -> Versioned:
    """Close a month by a person's decision, whatever blocks it; needs a reason."""
    if not reason.strip():
        raise ReasonNeeded
    return await close_month(tx, name, tx.clock.today(), reason.strip())


async def _fix_results(tx: Transaction, month: Row[Any], as_of: date) -> None:
    await set_aside.note_all_people(tx)
    publish_at_end(tx, await set_aside.count_units(tx))
    units = await periods.expected_units(tx, month.month, month.campaign)
    pairs = set(await queries.subjects(tx, [month.month])) | {(month.month, unit) for unit in units}
    pairs |= {(month.month, person) for person in await queries.people_of(tx, units, last_day(month.month))}
    rows = await queries.figures(tx, pairs)
    work = await queries.work(tx, pairs)
    known = [row for row in rows if row.reported or has_figures(row)]
    states = [live_state(row, work.get((row.month, row.subject), ()), as_of) for row in known]
    results = orjson.dumps([stored_result(state) for state in states]).decode()
    await tx.execute(queries.SAVE_RESULTS, results=results, actor=tx.actor)
    tx.publish(states)
    nothing = pairs - {(row.month, row.subject) for row in known}
    tx.withdraw(MonthlyResult, [f"{subject}/{name}" for name, subject in nothing])
    await queries.forget_put_off(tx, month.month)


async def sheet(tx: Transaction, name: str) -> dict[str, Any]:
    """Return the closing sheet of a month: state, settings, figures, who is missing, what blocks it."""
    month = await periods.month(tx, name)
    if month is None:
        raise MonthUnknown(month=name)
    as_of = await periods.as_of(tx)
    units = await periods.expected_units(tx, name, month.campaign)
    pairs = set(await queries.subjects(tx, [name])) | {(name, unit) for unit in units}
    rows = [row for row in await queries.figures(tx, pairs) if not row.individual]
    labels = await names.units_on(tx, last_day(name))
    shown = [_line(row, state_of(row, (), as_of), labels) for row in rows if row.has_result or _open_known(row)]
    missing = [unit for unit in units if not any(line["unit"] == unit for line in shown)]
    blocked = () if month.state == CLOSED or month.closes_on > tx.clock.today() else await obstacles(tx, month)
    return {
        "month": name, "campaign": month.campaign, "state": month.state, "as_of": as_of, "closes_on": month.closes_on,
        "report_due": month.report_due, "objection_until": month.objection_until, "closed_on": month.closed_on,
        "forced_because": month.forced_because, "deadline_rolls_to_working_day": month.rolls,
        "waits_because": [{"reason": each.reason, "sentence": each.sentence} for each in blocked],
        "missing": [{"unit": unit, "code": labels[unit].code, "name": labels[unit].name} for unit in missing],
        "units": shown, "objections": [dict(row._mapping) for row in await tx.rows(queries.OBJECTIONS, month=name)],
    }  # fmt: skip


def _open_known(row: Row[Any]) -> bool:
    return row.month_state != CLOSED and (bool(row.reported) or has_figures(row))


def _line(row: Row[Any], state: Any, labels: dict[str, Any]) -> dict[str, Any]:
    named = labels.get(row.subject)
    kept = state.model_dump(mode="json", exclude={"version", "work", "subject", "forced_because"})
    return {
        **kept, "code": named.code if named else row.subject, "name": named.name if named else "",
        "ahead": row.ahead, "rate": {"numerator": state.on_time, "denominator": state.due} if state.due else None,
    }  # fmt: skip


async def decide_correction(
    tx: Transaction, correction: str, approve: bool, reason: str, document: Document | None
) -> Versioned:
    """Approve or reject what moved after closing; an approved one publishes a corrected result."""
    as_of = await periods.hold_as_of(tx)
    if not reason.strip():
        raise ReasonNeeded
    row = await tx.row(queries.LOCK_CORRECTION, id=correction)
    if row is None:
        raise CorrectionUnknown(id=correction)
    if row.state != "pending":
        raise AlreadyDecided(state=SETTLED.get(row.state, row.state), state_en=row.state)
    state = "approved" if approve else "rejected"
    paper = None if document is None else document.model_dump_json()
    await tx.execute(
        queries.DECIDE_CORRECTION, id=correction, state=state, reason=reason, document=paper, actor=tx.actor
    )
    if approve:
        await _correct(tx, row, as_of)
    return Versioned({"id": correction, "state": state}, row.revision + 1)


async def _correct(tx: Transaction, row: Row[Any], as_of: date) -> None:
    pair = (row.month, row.subject)
    (live,) = await queries.figures(tx, [pair])
    figures = {name: getattr(row, name) for name in FIGURES}
    work = None if row.work is None else orjson.dumps(row.work).decode()
    await tx.execute(
        queries.CORRECT_RESULT, month=row.month, subject=row.subject, individual=live.individual,
        unit=live.unit or row.subject, work=work, as_of=as_of, closed_on=live.month_closed_on, actor=tx.actor,
        **figures,
    )  # fmt: skip
    await publish_months(tx, [pair], as_of)


async def declare_totals(
    tx: Transaction, month_name: str, code: str, totals: Totals, expected: int | None
) -> Versioned:
    """Store a unit's own totals of a month that is still open; they stand in place of counted ones."""
    as_of = await periods.hold_as_of(tx)
    _check_totals(totals)
    unit = await names.unit_id(tx, code, last_day(month_name))
    await _open_month(tx, month_name)
    stored = await tx.row(queries.DECLARED, month=month_name, unit=unit)
    check_revision(expected, 0 if stored is None else stored.revision)
    row = await tx.row(
        queries.DECLARE, month=month_name, unit=unit, actor=tx.actor, evidence=list(totals.evidence),
        document=None if totals.document is None else totals.document.model_dump_json(),
        **totals.model_dump(include={"due", "on_time", "late", "overdue", "note"}),
    )  # fmt: skip
    assert row is not None
    await publish_months(tx, await queries.of_units(tx, [month_name], [unit]), as_of)
    return Versioned({"month": month_name, "unit": unit, "declared": True, "label": "tự khai báo"}, row.revision)


def _check_totals(totals: Totals) -> None:
    if totals.on_time + totals.late + totals.overdue > totals.due:
        raise TotalsRefused(
            why="đúng hạn, quá hạn và chưa xong cộng lại nhiều hơn số nhiệm vụ đến hạn",
            why_en="on time, late and open are together more than due",
        )
    if totals.document is None and not totals.evidence:
        raise TotalsRefused(why="phải kèm văn bản hoặc minh chứng", why_en="a document or evidence must be named")


def check_revision(expected: int | None, current: int) -> None:
    """Raise Stale if a client edits another revision than the one stored."""
    if expected is not None and expected != current:
        raise Stale(current=current, expected=expected)


async def _open_month(tx: Transaction, name: str) -> Row[Any]:
    month = await periods.month(tx, name)
    if month is None:
        raise MonthUnknown(month=name)
    if month.state == CLOSED:
        raise MonthClosed(month=name, closed_on=month.closed_on)
    return month


async def object_to(tx: Transaction, name: str, code: str, reason: str) -> dict[str, Any]:
    """Record a unit's objection to its published figures."""
    as_of = await periods.lock_as_of(tx)
    month = await _open_month(tx, name)
    if tx.clock.today() > month.objection_until:
        raise ObjectionTooLate(month=name, until=month.objection_until)
    if not reason.strip():
        raise ReasonNeeded
    unit = await names.unit_id(tx, code, last_day(name))
    made = new_id()
    await tx.execute(queries.OBJECT, id=made, month=name, unit=unit, reason=reason, actor=tx.actor)
    await publish_months(tx, await queries.of_units(tx, [name], [unit]), as_of)
    return {"id": made, "state": "open"}


async def answer_objection(tx: Transaction, objection: str, answer: str) -> Versioned:
    """Answer an objection; the unit's figures are published as they stand."""
    as_of = await periods.lock_as_of(tx)
    if not answer.strip():
        raise ReasonNeeded
    row = await tx.row(queries.LOCK_OBJECTION, id=objection)
    if row is None:
        raise ObjectionUnknown(id=objection)
    if row.answer is not None:
        raise AlreadyDecided(state="đã trả lời", state_en="answered")
    await tx.execute(queries.ANSWER_OBJECTION, id=objection, answer=answer, actor=tx.actor)
    await publish_months(tx, await queries.of_units(tx, [row.month], [row.unit]), as_of)
    return Versioned({"id": objection, "state": "answered"}, row.revision + 1)


async def publish_reported(tx: Transaction, units: Iterable[str], months: Iterable[str], as_of: date) -> None:
    """Publish months of units whose report, or whose source's mark, has just arrived."""
    wanted = sorted(set(months))
    named = sorted(set(units))
    if wanted and named:
        await publish_months(tx, await queries.of_units(tx, wanted, named), as_of)


def months_vouched(rows: Iterable[Row[Any]], until: Any) -> list[str]:
    """Return the open months that end before a source's mark."""
    return [r.month for r in rows if r.state != CLOSED and start_of_day(last_day(r.month) + timedelta(days=1)) <= until]
