"""The HTTP doors of personal data: erasing, and who read what is known of disciplines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from thidua.contracts.base import Code
from thidua_awards.commands import erasing as commands
from thidua_awards.commands import records
from thidua_awards.entries import ErasureEntry, ServiceTimeEntry
from thidua_awards.queries import erasing
from thidua_runtime.web import Page, Writer, page, writer

router = APIRouter(tags=["personal data"])

MOST_ENTRIES = 5_000

Office = Annotated[Writer, Depends(writer("office"))]
OfficeOrUnit = Annotated[Writer, Depends(writer("office", "unit"))]
OnePage = Annotated[Page, Depends(page)]


@router.post("/erasures", status_code=201)
async def erase_person(writer: Office, entry: ErasureEntry) -> Response:
    """Erase a person (by id) whom the register no longer lists; signed decisions and what they rest on stay."""
    return await writer.run(commands.erase_person, entry, status=201)


@router.get("/erasures")
async def list_erasures(writer: Office, page: OnePage) -> Response:
    """List erasures with what each removed and kept, in numbers."""
    return await writer.run(erasing.erasures, page.limit, page.offset)


@router.get("/disciplines/readings")
async def list_readings(writer: Office, page: OnePage, subject: Annotated[Code | None, Query()] = None) -> Response:
    """List who read what is known of a subject's disciplines, newest first."""
    return await writer.run(erasing.readings, subject, page.limit, page.offset)


@router.put("/service-times")
async def save_service_times(
    writer: OfficeOrUnit, entries: Annotated[list[ServiceTimeEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Enter years in the sector, which the medal asks for; they stay in this service."""
    return await writer.run(records.save_service_times, writer.principal, entries)
