"""The HTTP doors of the fairness report."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from thidua_awards.commands import fairness as commands
from thidua_awards.entries import SexCountEntry
from thidua_awards.queries import fairness
from thidua_runtime.web import Reader, Writer, reader, writer

router = APIRouter(tags=["fairness"])

MOST_ENTRIES = 5_000

OfficeOrUnit = Annotated[Writer, Depends(writer("office", "unit"))]
AnyReader = Annotated[Reader, Depends(reader)]


@router.get("/fairness")
async def read_report(reader: AnyReader, campaign: str) -> Response:
    """Show a campaign's fairness report for the council: advisory, each figure with its definition."""
    return await reader.run(fairness.report, campaign)


@router.put("/sex-counts")
async def save_sex_counts(
    writer: OfficeOrUnit, entries: Annotated[list[SexCountEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """State how many women and men a unit has and how many of them got a title; nobody is named."""
    return await writer.run(commands.save_sex_counts, writer.principal, entries)
