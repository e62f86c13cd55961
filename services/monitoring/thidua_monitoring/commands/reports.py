"""Reports: what each unit owes per period, and its way from due to accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from thidua.contracts import Document, Report
from thidua.contracts.base import Code, Period, Text
from thidua.contracts.work import ReportState
from thidua_monitoring.commands.months import publish_reported
from thidua_monitoring.domain.months import is_month
from thidua_monitoring.domain.past import check_document, check_report
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

WRITTEN: Final = ("unit", "campaign", "period", "state", "sent_on", "returned_because", "document")
"""What a move writes."""

Key = tuple[str, str, str]
"""Unit, campaign, period."""


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
    tx.publish(report_state(dict(row._mapping)) for row in await periods.expect_reports(tx))


async def move_reports(tx: Transaction, moves: Sequence[Move]) -> list[dict[str, Any]]:
    """Move reports in the order given, all or none; the months they report become reported or not."""
    as_of = await periods.lock_as_of(tx)
    units = await names.unit_ids(tx, (move.unit for move in moves), tx.clock.today())
    campaigns = {name: (await names.campaign(tx, name)).key for name in sorted({move.campaign for move in moves})}
    keys = [(units[move.unit], campaigns[move.campaign], move.period) for move in moves]
    stored = {_key(row): dict(row._mapping) for row in await periods.lock_reports(tx, sorted(set(keys)))}
    moved: dict[Key, Mapping[str, Any]] = {}
    for key, move in zip(keys, moves, strict=True):
        found = moved.get(key, stored.get(key))
        if found is None:
            raise ReportUnknown(unit=move.unit, period=move.period)
        moved[key] = _moved(found, move, tx.clock.today())
    written = [{name: row[name] for name in WRITTEN} for row in moved.values()]
    await periods.move_reports(tx, orjson.dumps(written).decode())
    states = [report_state(row) for row in moved.values()]
    tx.publish(states)
    months = {state.period for state in states if is_month(state.period)}
    await publish_reported(tx, {state.unit for state in states}, months, as_of)
    return [state.model_dump(mode="json", exclude={"version"}) for state in states]


def _key(row: Row[Any]) -> Key:
    return row.unit, row.campaign, row.period


STATES: Final[Mapping[ReportState, str]] = {
    ReportState.DUE: "chưa gửi",
    ReportState.SENT: "đã gửi",
    ReportState.RETURNED: "đã trả lại",
    ReportState.ACCEPTED: "đã tiếp nhận",
}
"""What an official calls the states of a report."""


def _moved(row: Mapping[str, Any], move: Move, today: date) -> Mapping[str, Any]:
    if row["state"] == move.to:
        return row
    if move.to not in MOVES.get(ReportState(row["state"]), set()):
        state = ReportState(row["state"])
        words = {
            "state": STATES.get(state, state),
            "state_en": state,
            "to": STATES.get(move.to, move.to),
            "to_en": move.to,
        }
        raise MoveRefused(unit=move.unit, period=move.period, **words)
    if move.to is ReportState.RETURNED and not move.because.strip():
        raise ReasonNeeded
    _check_days(move, today)
    changes: dict[str, Any] = {"state": move.to.value, "returned_because": ""}
    if move.to is ReportState.SENT:
        changes["sent_on"] = move.sent_on or today
    if move.to is ReportState.RETURNED:
        changes["returned_because"] = move.because
    if move.document is not None:
        changes["document"] = move.document.model_dump(mode="json")
    return {**row, **changes}


def _check_days(move: Move, today: date) -> None:
    check_report(move.unit, move.period, move.sent_on, today)
    if move.document is not None:
        check_document(move.document.number, move.document.dated, today)


def report_state(row: Mapping[str, Any]) -> Report:
    """Return a row of the table as it is published."""
    return Report(
        unit=row["unit"], campaign=row["campaign"], period=row["period"], due_on=row["due_on"],
        closes_on=row["closes_on"], state=ReportState(row["state"]), sent_on=row["sent_on"],
        returned_because=row["returned_because"],
    )  # fmt: skip


def check_mover(principal: Principal, moves: Sequence[Move]) -> None:
    """Raise NotAllowed unless a unit only sends its own reports; the office may do every step."""
    for move in moves:
        principal.may_act_for(move.unit)
        if principal.role == "unit" and move.to is not ReportState.SENT:
            raise NotAllowed(
                why="đơn vị chỉ được gửi báo cáo; trả lại và tiếp nhận do Thường trực Hội đồng",
                why_en="a unit sends its reports; the standing office returns and accepts them",
            )
