"""Doors for reports, what is missing, and reminders."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from thidua.contracts.base import PERIOD_PATTERN
from thidua.contracts.work import ReportState
from thidua_monitoring import reading
from thidua_monitoring.commands.reports import Move, check_mover, move_reports
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(tags=["reports"])

Reading = Annotated[Reader, Depends(reader)]
Window = Annotated[Page, Depends(page)]
Name = Annotated[str | None, Query(max_length=200)]
PeriodName = Annotated[str | None, Query(pattern=PERIOD_PATTERN)]


@router.get("/reports")
async def list_reports(
    reader: Reading,
    page: Window,
    campaign: Name = None,
    unit: Name = None,
    period: PeriodName = None,
    state: ReportState | None = None,
) -> Response:
    """List what units owe per period and whether it came."""
    return await reader.run(reading.list_reports, campaign, unit, period, state, page)


@router.post("/reports/moves")
async def move(
    writer: Annotated[Writer, Depends(writer("unit", "office"))],
    moves: Annotated[list[Move], Body(max_length=5000)],
) -> Response:
    """Send, return or accept reports, all or none; a unit sends its own."""
    check_mover(writer.principal, moves)
    return await writer.run(move_reports, moves)


@router.get("/missing")
async def list_missing(
    reader: Reading,
    page: Window,
    campaign: Annotated[str, Query(max_length=200)],
    period: PeriodName = None,
    unit: Name = None,
) -> Response:
    """List reports, registrations and values that are due and missing."""
    return await reader.run(reading.list_missing, campaign, period, unit, page)


@router.get("/reminders")
async def list_reminders(reader: Reading, page: Window, unit: Name = None, settled: bool = False) -> Response:
    """List reminders."""
    return await reader.run(reading.list_reminders, unit, settled, page)
