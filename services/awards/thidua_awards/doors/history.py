"""The HTTP doors of history: a subject's file, what awards counted, units that took over from others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from thidua.contracts.base import Code
from thidua_awards.commands import history as commands
from thidua_awards.entries import SuccessionEntry
from thidua_awards.queries import files, lists
from thidua_runtime.database import Transaction
from thidua_runtime.web import Reader, Writer, reader, writer

router = APIRouter(tags=["history"])

MOST_ENTRIES = 1_000

Office = Annotated[Writer, Depends(writer("office"))]
AnyReader = Annotated[Reader, Depends(reader)]
Named = Annotated[Code | None, Query()]


@router.get("/history/{subject}")
async def read_history(reader: AnyReader, subject: str) -> Response:
    """List every award of a subject by id or code, cancelled ones marked."""
    return await reader.run(lists.history, subject)


@router.get("/files/{subject}")
async def read_file(reader: AnyReader, subject: str) -> Response:
    """Show the file of a person or unit: awards, ratings, works, what was counted for what, units it came from."""

    async def read(tx: Transaction) -> object:
        return await files.file_of(tx, subject, tx.clock.today())

    return await reader.run(read)


@router.get("/uses")
async def list_uses(reader: AnyReader, subject: Named = None, initiative: Named = None) -> Response:
    """List which awards in force counted which achievement, of a subject or of an initiative (id or code)."""
    return await reader.run(files.uses, subject, initiative)


@router.put("/successions")
async def save_successions(
    writer: Office, entries: Annotated[list[SuccessionEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Record which unit took over from which, by document; awards stay with whom they were given to."""
    return await writer.run(commands.save_successions, entries)


@router.delete("/successions/{predecessor}/{successor}")
async def remove_succession(writer: Office, predecessor: str, successor: str) -> Response:
    """Remove a succession that was entered by mistake."""
    return await writer.run(commands.remove_succession, predecessor, successor)
