"""The addresses of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from thidua_awards.pages import councils, documents, dossiers, fairness, home, reviews
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

router = APIRouter(prefix="/pages", include_in_schema=False)

AnyReader = Annotated[Reader, Depends(reader)]
Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
OnePage = Annotated[Page, Depends(page)]


@router.get("/")
async def show_home(reader: AnyReader, campaign: str = "") -> Response:
    """Show what there is to look at in a campaign, the newest one if none is named."""
    return await reader.run(home.view, campaign)


@router.get("/reviews")
async def show_reviews(reader: AnyReader, page: OnePage, campaign: str = "", title: str = "") -> Response:
    """Show what the review found of everybody aiming at a title."""
    return await reader.run(reviews.of_title, campaign, title, page)


@router.get("/quotas")
async def show_quotas(reader: AnyReader, campaign: str = "") -> Response:
    """Show the places of each deciding unit with their arithmetic and all names in the running."""
    return await reader.run(reviews.quotas, campaign)


@router.get("/dossiers")
async def show_dossiers(reader: AnyReader, page: OnePage, campaign: str = "") -> Response:
    """Show where each dossier stands."""
    return await reader.run(dossiers.every, campaign, page)


@router.get("/dossiers/{id}")
async def show_dossier(writer: Appraiser, id: str) -> Response:
    """Show one dossier with its steps and the findings, for those who appraise."""
    return await writer.run(dossiers.one, id)


@router.get("/votes")
async def show_votes(reader: AnyReader, page: OnePage, campaign: str = "") -> Response:
    """Show the votes of a campaign; totals of closed ones alone."""
    return await reader.run(councils.votes, campaign, page)


@router.get("/votes/{id}")
async def show_vote(reader: AnyReader, id: str) -> Response:
    """Show one vote with its cases."""
    return await reader.run(councils.vote, id)


@router.get("/decisions")
async def show_decisions(reader: AnyReader, page: OnePage, campaign: str = "") -> Response:
    """Show the decisions of a campaign, newest first."""
    return await reader.run(councils.decisions, campaign, page)


@router.get("/decisions/{id}")
async def show_decision(reader: AnyReader, id: str) -> Response:
    """Show one decision with its lines."""
    return await reader.run(councils.decision, id)


@router.get("/documents")
async def show_documents(writer: Appraiser, page: OnePage, campaign: str = "", kind: str = "") -> Response:
    """Show what can be printed, with links to print it."""
    return await writer.run(documents.every, campaign, kind, page)


@router.get("/fairness")
async def show_fairness(reader: AnyReader, campaign: str = "") -> Response:
    """Show the fairness report, each figure with its definition."""
    return await reader.run(fairness.view, campaign)
