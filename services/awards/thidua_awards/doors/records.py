"""The HTTP doors of prize money and of the hash chain."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from thidua_awards.queries import chain, prizes
from thidua_runtime.web import Reader, reader

router = APIRouter()

AnyReader = Annotated[Reader, Depends(reader)]


@router.get("/decisions/{id}/prizes", tags=["decisions"])
async def read_prizes(reader: AnyReader, id: str) -> Response:
    """Show what each line of a decision pays, with multiplier, base salary and their marks."""
    return await reader.run(prizes.of_decision, id)


@router.get("/prizes", tags=["decisions"])
async def read_fund(reader: AnyReader, campaign: str) -> Response:
    """Sum up what a campaign's decisions take from the fund."""
    return await reader.run(prizes.fund, campaign)


@router.get("/audit", tags=["audit"])
async def verify(reader: AnyReader, head: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Check the hash chain over votes, judged findings and decisions; what was altered is named."""
    return await reader.run(chain.verify, head)
