"""The HTTP doors of documents."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Query, Response

from thidua_awards.document_entries import MOST_DOCUMENTS, DocumentEntry, Form
from thidua_awards.documents import writers
from thidua_awards.documents.printing import Print, packed, printers
from thidua_awards.entries import each_once
from thidua_awards.queries import catalogue, papers
from thidua_awards.queries.asked import Asked
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page, Writer, page, writer

router = APIRouter(tags=["documents"])

Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
Head = Annotated[str, Query(max_length=200)]
OnePage = Annotated[Page, Depends(page)]

MEDIA: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/documents")
async def list_documents(writer: Appraiser, page: OnePage, campaign: str = "") -> Response:
    """List what can be printed of a campaign, the newest one if none is named: kind, id, and what each is of."""

    async def listed(tx: Transaction) -> object:
        return await catalogue.listed(tx, campaign, page.limit, page.offset)

    return await writer.run(listed)


@router.get("/documents/{kind}/{id}.{form}", response_class=Response)
async def read_document(
    writer: Appraiser,
    kind: str,
    id: str,
    form: Form,
    title: Head = "",
    agency: Head = "",
    superior: Head = "",
    place: Head = "",
    campaign: Head = "",
) -> Response:
    """Print a document as DOCX, PDF, or its tables as XLSX; a draft says so, with the moment its figures are of.

    `id` is that of the meeting, vote, dossier, list, decision, unit, cluster, initiative or subject, or the code of the
    campaign, which `title` narrows; papers of a unit or cluster need the code of the campaign besides.
    """
    asked = Asked(kind, id, title, agency, superior, place, campaign)
    async with writer.database.transaction(writer.principal.actor) as tx:
        paper = await papers.paper(tx, asked)
    settings = writer.database.settings
    content = await asyncio.to_thread(writers(settings.fonts_folder)[form], paper)
    named = {"content-disposition": f'attachment; filename="{paper.file}.{form}"'}
    return Response(content, headers=named, media_type=MEDIA[form])


@router.post("/documents", response_class=Response)
async def print_documents(
    writer: Appraiser,
    entries: Annotated[list[DocumentEntry], each_once("name"), Body(min_length=1, max_length=MOST_DOCUMENTS)],
) -> Response:
    """Print several documents at one moment, all of them or none; the answer is a ZIP of their files."""
    files, fonts_folder = sum(len(one.forms) for one in entries), writer.database.settings.fonts_folder
    with printers(files, fonts_folder) as ready:
        prints: list[Print] = []
        async with writer.database.transaction(writer.principal.actor) as tx:
            for one in entries:
                asked = Asked(**one.model_dump(exclude={"forms", "name"}))
                paper = await papers.paper(tx, asked)
                prints += [Print(one.name, form, paper) for form in dict.fromkeys(one.forms)]
        contents = await ready.print_all(prints)
    return Response(await asyncio.to_thread(packed, prints, contents), media_type="application/zip")
