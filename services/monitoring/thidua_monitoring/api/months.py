"""Doors for months: figures, closing, corrections, declared totals, objections."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from thidua.contracts import Document
from thidua.contracts.base import MONTH_PATTERN
from thidua_monitoring import reading
from thidua_monitoring.commands import months as commands
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(tags=["months"])

Office = Annotated[Writer, Depends(writer("office"))]
Unit = Annotated[Writer, Depends(writer("unit", "office"))]
Reading = Annotated[Reader, Depends(reader)]
Window = Annotated[Page, Depends(page)]
MonthName = Annotated[str, Path(pattern=MONTH_PATTERN)]
Words = Annotated[str, Body(embed=True, min_length=1, max_length=2000)]


@router.get("/months")
async def list_months(
    reader: Reading, page: Window, campaign: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """List the months of the calendar with their states."""
    return await reader.run(reading.list_months, campaign, page)


@router.get("/months/{month}")
async def show_month(reader: Reading, month: MonthName) -> Response:
    """Show the closing sheet of a month: figures, who is missing, what closing waits for."""
    return await reader.run(commands.sheet, month)


@router.get("/units/{code}/months")
async def show_unit_months(reader: Reading, page: Window, code: str) -> Response:
    """Show the figures of a unit (code or id) or a person (id) in all months."""
    return await reader.run(reading.subject_months, code, page)


@router.post("/months/{month}/close")
async def close_month(writer: Office, month: MonthName, reason: Words) -> Response:
    """Close a month by decision, although something still blocks it; the reason stays in the result."""
    return await writer.run(commands.force_month, month, reason)


@router.put("/months/{month}/declared/{unit}")
async def declare_totals(writer: Unit, month: MonthName, unit: str, totals: commands.Totals) -> Response:
    """Declare a unit's totals of a month, with evidence (tự khai báo)."""
    writer.may_act_for(unit)
    return await writer.run(commands.declare_totals, month, unit, totals, writer.expected)


@router.post("/months/{month}/objections", status_code=201)
async def object_to_month(
    writer: Unit,
    month: MonthName,
    unit: Annotated[str, Body(max_length=200)],
    reason: Annotated[str, Body(max_length=2000)],
) -> Response:
    """Object to a unit's published figures."""
    writer.may_act_for(unit)
    return await writer.run(commands.object_to, month, unit, reason, status=201)


@router.post("/objections/{objection}/answer")
async def answer_objection(writer: Office, objection: str, answer: Words) -> Response:
    """Answer an objection."""
    return await writer.run(commands.answer_objection, objection, answer)


@router.get("/corrections")
async def list_corrections(
    reader: Reading,
    page: Window,
    month: Annotated[str | None, Query(pattern=MONTH_PATTERN)] = None,
    state: Literal["pending", "approved", "rejected", "void"] = "pending",
) -> Response:
    """List what moved after a month was closed."""
    return await reader.run(reading.list_corrections, month, state, page)


@router.post("/corrections/{correction}/approve")
async def approve_correction(
    writer: Office, correction: str, reason: Words, document: Annotated[Document | None, Body()] = None
) -> Response:
    """Approve a correction; the corrected result is published."""
    return await writer.run(commands.decide_correction, correction, True, reason, document)


@router.post("/corrections/{correction}/reject")
async def reject_correction(
    writer: Office, correction: str, reason: Words, document: Annotated[Document | None, Body()] = None
) -> Response:
    """Reject a correction; the closed result stays."""
    return await writer.run(commands.decide_correction, correction, False, reason, document)
