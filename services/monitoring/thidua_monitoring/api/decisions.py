"""Doors for decisions over reports."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Response

from thidua_monitoring import reading
from thidua_monitoring.commands.decisions import DecisionIn, ask, decide, settle
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(tags=["decisions"])

Office = Annotated[Writer, Depends(writer("office"))]
Unit = Annotated[Writer, Depends(writer("unit", "office"))]
Reading = Annotated[Reader, Depends(reader)]
Window = Annotated[Page, Depends(page)]
Reason = Annotated[str, Body(embed=True, max_length=2000)]


@router.post("/decisions", status_code=201)
async def record_decision(writer: Office, decision: DecisionIn) -> Response:
    """Record an extension, withdrawal, reassignment or secrecy that was decided by a document."""
    return await writer.run(decide, decision, status=201)


@router.post("/decisions/requests", status_code=201)
async def request_decision(writer: Unit, decision: DecisionIn) -> Response:
    """Ask for a decision; it changes nothing until the office approves it."""
    return await writer.run(ask, decision, writer.principal.unit, status=201)


@router.post("/decisions/{decision}/approve")
async def approve_decision(writer: Office, decision: str, reason: Reason = "") -> Response:
    """Approve what a unit asked for."""
    return await writer.run(settle, decision, True, reason)


@router.post("/decisions/{decision}/refuse")
async def refuse_decision(writer: Office, decision: str, reason: Reason = "") -> Response:
    """Refuse what a unit asked for; needs a reason."""
    return await writer.run(settle, decision, False, reason)


@router.get("/decisions")
async def list_decisions(
    reader: Reading, page: Window, state: Literal["proposed", "approved", "refused"] | None = None
) -> Response:
    """List decisions and requests, newest first."""
    return await reader.run(reading.list_decisions, state, page)


@router.get("/contradictions")
async def list_contradictions(reader: Reading, page: Window) -> Response:
    """List what sources report against decisions taken here."""
    return await reader.run(reading.list_contradictions, page)
