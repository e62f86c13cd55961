"""Doors for facts: stating and checking values of criterion inputs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from thidua.contracts.work import FactStatus
from thidua_monitoring import reading
from thidua_monitoring.commands.facts import Check, FactIn, check_fact, state_facts
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(tags=["facts"])


@router.put("/facts")
async def put_facts(
    writer: Annotated[Writer, Depends(writer("unit", "appraiser", "office"))],
    facts: Annotated[list[FactIn], Body(max_length=5000)],
) -> Response:
    """State values, all or none; a statement replaces what the same party stated before for that input."""
    return await writer.run(state_facts, facts, writer.principal)


@router.post("/facts/checks")
async def check(writer: Annotated[Writer, Depends(writer("appraiser", "office"))], check: Check) -> Response:
    """Verify or refuse one stated value; never one's own."""
    return await writer.run(check_fact, check)


@router.get("/facts")
async def list_facts(
    reader: Annotated[Reader, Depends(reader)],
    page: Annotated[Page, Depends(page)],
    campaign: Annotated[str, Query(max_length=200)],
    unit: Annotated[str | None, Query(max_length=200)] = None,
    status: FactStatus | None = None,
) -> Response:
    """List stated values."""
    return await reader.run(reading.list_facts, campaign, unit, status, page)
