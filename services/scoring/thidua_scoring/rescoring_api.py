"""The HTTP doors of re-scorings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from thidua.contracts.base import Code, Period, Text
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer
from thidua_scoring.commands import rescoring
from thidua_scoring.queries.reading import Key

router = APIRouter()

Word = Annotated[str, Path(pattern=r"^[^\x00/]{1,200}$")]
# The least length stands apart: it is that of the text without the blanks around it.
Reason = Annotated[Text, StringConstraints(max_length=2000, strip_whitespace=True), Field(min_length=1)]
"""Why something is done; blanks alone are no reason."""


class RescoringIn(BaseModel):
    """What to score again and why. `version`: another version of the set; default: the campaign's own."""

    model_config = ConfigDict(extra="forbid")

    period: Period
    set: Code
    reason: Reason
    version: Code | None = None
    cut: AwareDatetime | None = None


class BecauseIn(BaseModel):
    """Why a re-scoring is applied or cancelled."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


@router.post("/campaigns/{code}/rescorings", status_code=201)
async def open_rescoring(
    writer: Annotated[Writer, Depends(writer("office"))], code: Word, given: RescoringIn
) -> Response:
    """Open a re-scoring: everything affected is computed beside the official scores."""
    asked = (given.period, given.set, given.version, given.reason, given.cut)
    return await writer.run(rescoring.open_one, code, *asked, status=201)


@router.get("/campaigns/{code}/rescorings")
async def list_rescorings(reader: Annotated[Reader, Depends(reader)], code: Word) -> Response:
    """List the re-scorings of a campaign."""
    return await reader.run(rescoring.listed, code)


@router.get("/rescorings/{name}")
async def show_rescoring(
    reader: Annotated[Reader, Depends(reader)], page: Annotated[Page, Depends(page)], name: Word
) -> Response:
    """Show a re-scoring: counts, and a page of who moves from what to what and of what was skipped and why."""
    return await reader.run(rescoring.show, name, page.limit, page.offset)


@router.post("/rescorings/{name}/apply")
async def apply_rescoring(
    writer: Annotated[Writer, Depends(writer("office"))], name: Word, given: BecauseIn
) -> Response:
    """Put the new scores in place of the old ones, as a whole; the old ones are kept."""
    return await writer.run(rescoring.apply, name, given.reason)


@router.post("/rescorings/{name}/cancel")
async def cancel_rescoring(
    writer: Annotated[Writer, Depends(writer("office"))], name: Word, given: BecauseIn
) -> Response:
    """Drop what was computed; the official scores stay."""
    return await writer.run(rescoring.cancel, name, given.reason)


@router.get("/scores/{subject}/{campaign}/{period}/{set}/official/superseded")
async def list_superseded(
    reader: Annotated[Reader, Depends(reader)], subject: Word, campaign: Word, period: Annotated[Period, Path()],
    set: Word,
) -> Response:  # fmt: skip
    """List the earlier official scores of a subject, with who replaced them and why."""
    return await reader.run(rescoring.history, Key(subject, campaign, period, set, "official"))
