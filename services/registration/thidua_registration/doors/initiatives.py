"""Initiatives and their way to recognition."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from thidua.contracts.campaign import InitiativeState
from thidua_registration.commands.initiatives import move_initiatives, save_initiatives
from thidua_registration.doors.batches import (
    AnyWriter,
    CodeFilter,
    CodeInPath,
    PageOf,
    ReaderOf,
    enter,
    items_of,
    side_of,
)
from thidua_registration.entries.campaign import InitiativeEntry, InitiativeMoveEntry
from thidua_registration.queries import lists
from thidua_runtime.database import Transaction

router = APIRouter(prefix="/initiatives", tags=["initiatives"])


@router.get("")
async def list_initiatives(
    reader: ReaderOf,
    page: PageOf,
    unit: CodeFilter = None,
    campaign: CodeFilter = None,
    state: InitiativeState | None = None,
    lapsing: bool = False,
) -> Response:
    """List initiatives; `lapsing` shows those whose year is over and which wait for an official to say so."""

    async def found(tx: Transaction) -> lists.Listing:
        return await lists.listing(
            tx, lists.INITIATIVES, page, unit=unit, code=None, campaign=campaign, state=state, lapsing=lapsing
        )

    return await reader.run(found)


@router.put("")
async def put_initiatives(writer: AnyWriter, items: Annotated[list[Any], items_of(InitiativeEntry)]) -> Response:
    """Enter or rewrite initiatives; what was sent changes by moves only."""
    return await enter(writer, items, InitiativeEntry, save_initiatives, may_act=lambda entry: entry.unit)


@router.post("/moves")
async def post_moves(writer: AnyWriter, items: Annotated[list[Any], items_of(InitiativeMoveEntry)]) -> Response:
    """Carry out acts upon one or many initiatives."""

    async def move(tx: Transaction, rows: Any) -> Any:
        return await move_initiatives(tx, rows, side_of(writer))

    return await enter(writer, items, InitiativeMoveEntry, move, may_act=lambda entry: entry.unit)


@router.get("/{unit}/{code}")
async def show_initiative(reader: ReaderOf, unit: CodeInPath, code: CodeInPath) -> Response:
    """Show an initiative, with ETag."""
    filters = {"unit": unit, "campaign": None, "state": None, "lapsing": False}
    return await reader.run(lists.single, lists.INITIATIVES, "sáng kiến", code, filters)


@router.get("/{unit}/{code}/moves")
async def list_moves(reader: ReaderOf, page: PageOf, unit: CodeInPath, code: CodeInPath) -> Response:
    """List acts upon an initiative, in the order they were recorded."""

    async def found(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.INITIATIVE_MOVES, page, unit=unit, code=code)

    return await reader.run(found)
