"""Campaigns and their calendars."""

from __future__ import annotations

from fastapi import APIRouter, Response

from thidua_registration.commands.campaigns import save_campaign
from thidua_registration.doors.batches import CodeInPath, OfficeWriter, PageOf, ReaderOf
from thidua_registration.entries.campaign import CampaignEntry
from thidua_registration.queries import lists
from thidua_runtime.database import Transaction

router = APIRouter(tags=["campaigns"])


@router.get("/campaigns")
async def list_campaigns(reader: ReaderOf, page: PageOf) -> Response:
    """List campaigns."""

    async def campaigns(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.CAMPAIGNS, page, code=None)

    return await reader.run(campaigns)


@router.get("/campaigns/{code}")
async def show_campaign(reader: ReaderOf, code: CodeInPath) -> Response:
    """Show a campaign, with ETag."""
    return await reader.run(lists.campaign, code)


@router.put("/campaigns/{code}")
async def put_campaign(writer: OfficeWriter, code: CodeInPath, entry: CampaignEntry) -> Response:
    """Open a campaign or replace it; moving a date needs a reason, closing it closes its registrations."""
    return await writer.run(save_campaign, code, entry, writer.expected)


@router.get("/campaigns/{code}/date-moves")
async def list_date_moves(reader: ReaderOf, page: PageOf, code: CodeInPath) -> Response:
    """List the dates of the calendar that were moved, with reasons."""
    return await reader.run(lists.of_campaign, lists.DATE_MOVES, page, code, {})
