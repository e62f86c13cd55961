"""Reports: what each unit owes per period, and its way from due to accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from thidua.contracts import Document, Report
from thidua.contracts.base import Code, Period, Text
from thidua.contracts.work import ReportState
from thidua_monitoring.commands.months import publish_reported
from thidua_monitoring.errors import MoveRefused, ReasonNeeded, ReportUnknown
from thidua_monitoring.queries import names, periods
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction
from thidua_runtime.errors import NotAllowed

MOVES: Final = {
    ReportState.DUE: {ReportState.SENT},
    ReportState.SENT: {ReportState.RETURNED, ReportState.ACCEPTED},
    ReportState.RETURNED: {ReportState.SENT},
    ReportState.ACCEPTED: {ReportState.RETURNED},
}
"""Where a report may go from each state."""


class Move(BaseModel):
    """One step of one report; `because` is needed to return it, `sent_on` tells when a paper one came in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: Code
    campaign: Code
    period: Period
    to: ReportState
    sent_on: date | None = None
    because: Text = ""
    document: Document | None = None


async def expect_reports(tx: Transaction) -> None:
    """Publish what every participating unit owes after a change of calendar, participants or units."""
    gone = await periods.drop_reports(tx)
    tx.withdraw(Report, [f"{row.unit}/{row.campaign}/{row.period}" for row in gone])
    tx.publish(report_state(row) for row in await periods.expect_reports(tx))


async def move_reports(tx: Transaction, moves: Sequence[Move]) -> list[dict[str, Any]]:
    """Move reports, all or none; the months they report become reported or not."""
    as_of = await periods.hold_as_of(tx)
    resolved = []
    for move in moves:
        unit = await names.unit_id(tx, move.unit, tx.clock.today())
        campaign = (await names.campaign(tx, move.campaign)).key
        resolved.append(((unit, campaign, move.period), move))
    moved = [await _move(tx, key, move) for key, move in sorted(resolved, key=lambda each: each[0])]
    tx.publish(report_state(row) for row in moved)
    months = {row.period for row in moved if len(row.period) == 7 and row.period[5].isdigit()}
    await publish_reported(tx, {row.unit for row in moved}, months, as_of)
    return [report_state(row).model_dump(mode="json", exclude={"version"}) for row in moved]


async def _move(tx: Transaction, key: tuple[str, str, str], move: Move) -> Row[Any]:
    unit, campaign, period = key
    row = await periods.lock_report(tx, unit, campaign, period)
    if row is None:
        raise ReportUnknown(unit=move.unit, period=period)
    if row.state == move.to:
        return row
    if move.to not in MOVES.get(ReportState(row.state), set()):
        raise MoveRefused(unit=move.unit, period=period, state=row.state, to=move.to)
    if move.to is ReportState.RETURNED and not move.because.strip():
        raise ReasonNeeded
    sent_on = (move.sent_on or tx.clock.today()) if move.to is ReportState.SENT else None
    return await periods.move_report(
        tx, unit=unit, campaign=campaign, period=period, state=move.to.value, sent_on=sent_on,
        because=move.because if move.to is ReportState.RETURNED else "",
        document=None if move.document is None else move.document.model_dump_json(),
    )  # fmt: skip


def report_state(row: Row[Any]) -> Report:
    """Return the published state of a report."""
    return Report(
        unit=row.unit, campaign=row.campaign, period=row.period, due_on=row.due_on, closes_on=row.closes_on,
        state=ReportState(row.state), sent_on=row.sent_on, returned_because=row.returned_because,
    )  # fmt: skip


def check_mover(principal: Principal, moves: Sequence[Move]) -> None:
    """Raise NotAllowed unless a unit only sends its own reports; the office may do every step."""
    for move in moves:
        principal.may_act_for(move.unit)
        if principal.role == "unit" and move.to is not ReportState.SENT:
            raise NotAllowed(why="đơn vị chỉ được gửi báo cáo; trả lại và tiếp nhận do Thường trực Hội đồng")
