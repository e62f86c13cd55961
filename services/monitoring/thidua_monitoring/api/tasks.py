"""Doors for task reports and their sources."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import AwareDatetime

from thidua.contracts.base import MONTH_PATTERN
from thidua_monitoring import reading
from thidua_monitoring.commands.intake import import_tasks, submit_tasks
from thidua_monitoring.commands.marks import vouch_source
from thidua_monitoring.domain.deadlines import Standing
from thidua_runtime.imports import read_table
from thidua_runtime.web import Page, Reader, Writer, page, reader, upload, writer

router = APIRouter(tags=["tasks"])

Sender = Annotated[Writer, Depends(writer("source", "office"))]
Reading = Annotated[Reader, Depends(reader)]
Window = Annotated[Page, Depends(page)]


@router.post("/tasks")
async def send_tasks(writer: Sender, tasks: Annotated[list[Any], Body()]) -> Response:
    """Take reports about tasks; answers per item: applied, stale, warned, parked or refused, with the reason."""
    return await writer.run(submit_tasks, tasks, writer.principal)


@router.post("/imports/tasks")
async def send_task_file(writer: Sender, request: Request, dry_run: bool = False) -> Response:
    """Take a CSV or XLSX file of tasks; `dry_run` only checks it."""
    file = await upload(request)
    return await writer.run(import_tasks, read_table(file.name, file.data), writer.principal, dry_run)


@router.get("/tasks")
async def list_tasks(
    reader: Reading,
    page: Window,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    month: Annotated[str | None, Query(pattern=MONTH_PATTERN)] = None,
    state: Standing | None = None,
) -> Response:
    """List tasks by unit, month and state."""
    return await reader.run(reading.list_tasks, unit, month, state, page)


@router.get("/tasks/counts")
async def count_tasks(
    reader: Reading,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    month: Annotated[str | None, Query(pattern=MONTH_PATTERN)] = None,
) -> Response:
    """Count tasks by state, of a unit, of a month or of all."""
    return await reader.run(reading.count_tasks, unit, month)


@router.get("/sources")
async def list_sources(reader: Reading, page: Window) -> Response:
    """List sources with their last event, complete-until mark and counts."""
    return await reader.run(reading.list_sources, page)


@router.get("/sources/{name}/events")
async def list_events(
    reader: Reading,
    page: Window,
    name: str,
    outcome: Literal["applied", "stale", "warned", "parked", "refused", "dead_letter"] | None = None,
) -> Response:
    """List what became of a source's events."""
    return await reader.run(reading.list_events, name, outcome, page)


@router.put("/sources/{name}/mark")
async def put_mark(writer: Sender, name: str, complete_until: Annotated[AwareDatetime, Body(embed=True)]) -> Response:
    """Vouch that everything up to a moment was sent; for sources without Kafka."""
    return await writer.run(vouch_source, name, complete_until, writer.principal)
