"""The HTTP doors of the awards service: translate, call, answer."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import AwareDatetime

from thidua.contracts.judgement import Verdict
from thidua_awards.commands import corrections, decisions, records, review
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.doors import council, documents, dossiers, fairness, history, personal
from thidua_awards.doors import records as doors_of_records
from thidua_awards.entries import (
    CancelEntry,
    CancelLinesEntry,
    CandidateEntry,
    ConfirmationEntry,
    CorrectEntry,
    DecisionEntry,
    DisciplineEntry,
    HoldEntry,
    LiftEntry,
    ReasonEntry,
    TrainingEntry,
)
from thidua_awards.law import regimes
from thidua_awards.pages import router as pages
from thidua_awards.queries import corrections as corrected
from thidua_awards.queries import lists, local_values, relied
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page, Reader, Upload, Writer, page, reader, upload, writer

MOST_ENTRIES = 5_000
MOST_DECISIONS = 200

router = APIRouter()
# Before the doors below: `/disciplines/readings` is no discipline.
router.include_router(personal.router)

Office = Annotated[Writer, Depends(writer("office"))]
OfficeOrUnit = Annotated[Writer, Depends(writer("office", "unit"))]
Confirmer = Annotated[Writer, Depends(writer("office", "unit", "appraiser"))]
Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
AnyReader = Annotated[Reader, Depends(reader)]
OnePage = Annotated[Page, Depends(page)]


@router.post("/campaigns/{code}/review", tags=["review"])
async def review_campaign(
    writer: Office, code: str, titles: Annotated[str, Query(max_length=200)] = "", again: bool = False
) -> Response:
    """Review what changed in a campaign since its last review; `titles` are codes separated by commas, all if empty.

    The first review, and the first under other rules, looks at everybody; `again` asks for that at any time.
    """
    wanted = [title.strip() for title in titles.split(",") if title.strip()]
    return await writer.run(partial(review.review_campaign, again=again), code, wanted)


@router.get("/recommendations", tags=["review"])
async def list_recommendations(
    reader: AnyReader,
    page: OnePage,
    campaign: str,
    title: str | None = None,
    unit: str | None = None,
    verdict: Verdict | None = None,
) -> Response:
    """List the outcomes of the review with names; details of disciplines, absences and holds are left out."""
    arguments = (campaign, title, unit, verdict, page.limit, page.offset)
    return await reader.run(lists.recommendations, *arguments)


@router.get("/recommendations/{campaign}/{subject}/{title}", tags=["review"])
async def read_recommendation(writer: Appraiser, campaign: str, subject: str, title: str, matter: str = "") -> Response:
    """Show one outcome with every sentence, for those who appraise; `matter`: the id of a later dossier."""
    return await writer.run(lists.recommendation, campaign, subject, title, matter)


@router.get("/quotas", tags=["review"])
async def list_quotas(reader: AnyReader, campaign: str, cut: AwareDatetime | None = None) -> Response:
    """List the quota of each deciding unit with its arithmetic and all names in the running.

    With `cut` official: refused until every stream has passed it. Without, provisional, `as_of` the last heartbeats.
    """
    return await reader.run(lists.quotas, campaign, tuple(QUOTAS), cut)


@router.put("/confirmations", tags=["records"])
async def save_confirmations(
    writer: Confirmer, entries: Annotated[list[ConfirmationEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Record what only people can judge, with who said so and by which document."""
    return await writer.run(records.confirm, writer.principal, entries)


@router.put("/candidates", tags=["records"])
async def save_candidates(
    writer: OfficeOrUnit, entries: Annotated[list[CandidateEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Name subjects for titles they did not register."""
    return await writer.run(records.name_candidates, writer.principal, entries)


@router.post("/disciplines", tags=["records"])
async def save_disciplines(
    writer: OfficeOrUnit, entries: Annotated[list[DisciplineEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Enter or replace disciplines; they stay in this service."""
    return await writer.run(records.save_disciplines, writer.principal, entries)


@router.get("/disciplines", tags=["records"])
async def list_disciplines(writer: Appraiser, subject: str) -> Response:
    """List the disciplines of a subject, for those who appraise."""
    return await writer.run(lists.disciplines, subject)


@router.delete("/disciplines/{id}", tags=["records"])
async def remove_discipline(writer: Office, id: str) -> Response:
    """Remove a discipline that was entered by mistake."""
    return await writer.run(records.remove_discipline, id)


@router.post("/trainings", tags=["records"])
async def save_trainings(
    writer: OfficeOrUnit, entries: Annotated[list[TrainingEntry], Body(min_length=1, max_length=MOST_ENTRIES)]
) -> Response:
    """Enter or replace courses people were sent to."""
    return await writer.run(records.save_trainings, writer.principal, entries)


@router.post("/holds", tags=["records"], status_code=201)
async def add_hold(writer: Office, entry: HoldEntry) -> Response:
    """Suspend the review of a subject; the reason is not asked for."""
    return await writer.run(records.add_hold, entry, status=201)


@router.get("/holds", tags=["records"])
async def list_holds(writer: Appraiser, page: OnePage) -> Response:
    """List the open holds, oldest first; what a step of a dossier holds has its `dossier` and no id of its own."""
    return await writer.run(lists.holds, page.limit, page.offset)


@router.post("/holds/{id}/lift", tags=["records"])
async def lift_hold(writer: Office, id: str, entry: LiftEntry) -> Response:
    """Let the review of a subject go on."""
    return await writer.run(records.lift_hold, id, entry)


@router.post("/decisions", tags=["decisions"], status_code=201)
async def record_decision(writer: Office, entry: DecisionEntry) -> Response:
    """Record a signed decision; number, date and signer come from the document register.

    Of a campaign that was reviewed here it is refused until every stream has passed its `cut`.
    """
    return await writer.run(decisions.record_decision, entry, status=201)


@router.post("/decisions/list", tags=["decisions"], status_code=201)
async def record_decisions(
    writer: Office, entries: Annotated[list[DecisionEntry], Body(min_length=1, max_length=MOST_DECISIONS)]
) -> Response:
    """Record the signed decisions of one day together: all are taken, or none and the first refusal is told."""
    return await writer.run(decisions.record_decisions, entries, status=201)


@router.get("/decisions", tags=["decisions"])
async def list_decisions(reader: AnyReader, page: OnePage, campaign: str | None = None) -> Response:
    """List decisions, newest first, all or those of a campaign."""
    return await reader.run(lists.decisions, page.limit, page.offset, campaign)


@router.get("/decisions/{id}", tags=["decisions"])
async def read_decision(reader: AnyReader, id: str) -> Response:
    """Show one decision with its lines."""
    return await reader.run(lists.decision, id)


@router.get("/decisions/{id}/reason", tags=["decisions"])
async def read_reason(writer: Appraiser, id: str) -> Response:
    """Show why a decision was made though something spoke against it, for those who appraise."""
    return await writer.run(lists.reason, id)


@router.post("/decisions/{id}/reason", tags=["decisions"])
async def add_reason(writer: Office, id: str, entry: ReasonEntry) -> Response:
    """Enter the reason of a decision that has none, as after a restore: no stream carries it."""
    return await writer.run(corrections.add_reason, id, entry)


@router.post("/decisions/{id}/cancel", tags=["decisions"])
async def cancel_decision(writer: Office, id: str, entry: CancelEntry) -> Response:
    """Cancel a decision and list what relied on it; nothing is cancelled by cascade."""
    return await writer.run(corrections.cancel_decision, id, entry, writer.expected)


@router.post("/decisions/{id}/lines/cancel", tags=["decisions"])
async def cancel_lines(writer: Office, id: str, entry: CancelLinesEntry) -> Response:
    """Cancel some lines of a decision and list what relied on them; the other lines stand."""
    return await writer.run(corrections.cancel_lines, id, entry, writer.expected)


@router.post("/decisions/{id}/corrections", tags=["decisions"])
async def correct_decision(writer: Office, id: str, entry: CorrectEntry) -> Response:
    """Correct the head or lines of a decision by another document; what it said before is kept."""
    return await writer.run(corrections.correct_decision, id, entry, writer.expected)


@router.get("/decisions/{id}/corrections", tags=["decisions"])
async def list_corrections(reader: AnyReader, id: str) -> Response:
    """List what a decision said before and after each correction."""
    return await reader.run(corrected.corrections, id)


@router.get("/decisions/{id}/relied", tags=["decisions"])
async def list_relied(reader: AnyReader, id: str) -> Response:
    """List the awards in force that may rest on awards of this decision."""
    return await reader.run(relied.relied_on, id)


@router.post("/imports/awards", tags=["decisions"])
async def import_awards(writer: Office, file: Annotated[Upload, Depends(upload)], dry_run: bool = False) -> Response:
    """Import past awards from CSV or XLSX; `dry_run` only reports what would happen."""
    return await writer.run(decisions.import_awards, file.name, file.data, dry_run)


@router.get("/law", tags=["law"])
async def read_law(reader: AnyReader) -> Response:
    """Show every rule in use, local values included, with its clause, source and the mark of that source."""
    return await reader.run(_law)


@router.get("/law/local-values", tags=["law"])
async def list_local_values(reader: AnyReader, page: OnePage) -> Response:
    """List the local values there were, newest first, each with document, reason and when reviews rested on it."""
    return await reader.run(local_values.listed, page.limit, page.offset)


async def _law(tx: Transaction) -> list[dict[str, Any]]:
    every = regimes(tx.settings.law_overrides_file)
    return [regime.model_dump(mode="json", exclude_none=True) for regime in every]


router.include_router(council.router)
router.include_router(dossiers.router)
router.include_router(doors_of_records.router)
router.include_router(history.router)
router.include_router(fairness.router)
router.include_router(documents.router)
router.include_router(pages)
