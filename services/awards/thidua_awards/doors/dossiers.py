"""The HTTP doors of dossiers and of opinions asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from thidua_awards.commands import consultations
from thidua_awards.commands import dossiers as commands
from thidua_awards.dossier_entries import (
    MOST_DOSSIERS,
    AnswerEntry,
    ConsultationEntry,
    DayEntry,
    DossierEntry,
    EndEntry,
    ListStepsEntry,
    RemarkEntry,
    StepEntry,
)
from thidua_awards.entries import each_once
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import lookups, opinions
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(tags=["dossiers"])

Office = Annotated[Writer, Depends(writer("office"))]
Mover = Annotated[Writer, Depends(writer("office", "unit", "appraiser"))]
Clerk = Annotated[Writer, Depends(writer("office", "unit"))]
Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
AnyReader = Annotated[Reader, Depends(reader)]
OnePage = Annotated[Page, Depends(page)]


@router.post("/dossiers", status_code=201)
async def open_dossier(writer: Clerk, entry: DossierEntry) -> Response:
    """Begin the dossier of a subject that was reviewed for a title or form."""
    return await writer.run(commands.open_dossier, writer.principal, entry, status=201)


@router.get("/dossiers")
async def list_dossiers(reader: AnyReader, page: OnePage, campaign: str, state: str | None = None) -> Response:
    """List dossiers of a campaign, all or those in one state."""

    async def listed(tx: Transaction) -> object:
        known = await lookups.campaign(tx, campaign)
        return await queries.listed(tx, known.id, state, page.limit, page.offset)

    return await reader.run(listed)


@router.get("/dossiers/{id}")
async def read_dossier(writer: Mover, id: str) -> Response:
    """Show a dossier with its steps, and where it may go from here, with ETag; for those who work on it."""
    return await writer.run(commands.read_dossier, writer.principal, id)


@router.post("/dossiers/{id}/steps")
async def take_steps(
    writer: Mover, id: str, entries: Annotated[list[StepEntry], Body(min_length=1, max_length=20)]
) -> Response:
    """Take one step, or record several that happened on paper: all of them, or none; If-Match is heeded."""
    return await writer.run(commands.take_steps, writer.principal, id, entries, writer.expected)


@router.post("/dossiers/list", status_code=201)
async def open_dossiers(
    writer: Clerk,
    entries: Annotated[
        list[DossierEntry],
        each_once("campaign", "subject", "title"),
        Body(min_length=1, max_length=MOST_DOSSIERS),
    ],
) -> Response:
    """Begin several dossiers together: all of them, or none because of the first that is refused."""
    return await writer.run(commands.open_dossiers, writer.principal, entries, status=201)


@router.post("/dossiers/steps")
async def take_steps_together(writer: Mover, entry: ListStepsEntry) -> Response:
    """Take the same steps with every dossier of a list: all of them, or none because of the first that is refused."""
    return await writer.run(commands.take_steps_together, writer.principal, entry)


@router.post("/consultations", status_code=201)
async def ask(writer: Office, entry: ConsultationEntry) -> Response:
    """Record that a list was posted, or sent for opinions."""
    return await writer.run(consultations.ask, entry, status=201)


@router.get("/consultations")
async def list_consultations(reader: AnyReader, page: OnePage, campaign: str) -> Response:
    """List what was posted or sent for opinions in a campaign, the newest first; no comment is shown."""
    return await reader.run(opinions.listed, campaign, page.limit, page.offset)


@router.get("/consultations/{id}")
async def read_consultation(writer: Appraiser, id: str) -> Response:
    """Show what was asked and answered, comments included; for those who answer them."""
    return await writer.run(queries.consultation, id)


@router.post("/consultations/{id}/remarks")
async def add_remark(writer: Office, id: str, entry: RemarkEntry) -> Response:
    """Record a comment, without the name of whoever sent it."""
    return await writer.run(consultations.add_remark, id, entry)


@router.post("/consultations/{id}/remarks/{number}/answer")
async def answer_remark(writer: Office, id: str, number: int, entry: AnswerEntry) -> Response:
    """Record how a comment was taken up or answered."""
    return await writer.run(consultations.answer_remark, id, number, entry)


@router.post("/consultations/{id}/end")
async def end(writer: Office, id: str, entry: EndEntry) -> Response:
    """Record the answer, or that the time passed."""
    return await writer.run(consultations.end, id, entry)


@router.put("/working-days")
async def save_days(
    writer: Office, entries: Annotated[list[DayEntry], each_once("day"), Body(min_length=1, max_length=400)]
) -> Response:
    """Enter days that a document made working or free; all others are as the library has them."""
    return await writer.run(consultations.save_days, entries)
