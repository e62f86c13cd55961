"""The HTTP door of documents."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from thidua_awards.documents import writers
from thidua_awards.queries import papers
from thidua_runtime.web import Writer, writer

router = APIRouter(tags=["documents"])

Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
Form = Literal["docx", "pdf", "xlsx"]
Head = Annotated[str, Query(max_length=200)]

MEDIA: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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
) -> Response:
    """Print a document as DOCX, PDF, or its tables as XLSX; a draft says so, with the moment its figures are of.

    `id` is that of the meeting, vote, dossier, list or decision, or the code of the campaign, which `title` narrows.
    """
    asked = papers.Asked(kind, id, title, agency, superior, place)
    async with writer.database.transaction(writer.principal.actor) as tx:
        paper = await papers.paper(tx, asked)
    settings = writer.database.settings
    content = await asyncio.to_thread(writers(settings.fonts_folder)[form], paper)
    named = {"content-disposition": f'attachment; filename="{paper.file}.{form}"'}
    return Response(content, headers=named, media_type=MEDIA[form])
