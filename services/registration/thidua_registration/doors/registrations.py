"""Registrations: a unit's sheet, moves of its items, what is missing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from thidua.contracts import SubjectKind
from thidua.contracts.campaign import RegistrationState
from thidua_registration import answers
from thidua_registration.commands.registrations import move_registrations, save_sheet
from thidua_registration.doors.batches import (
    AnyWriter,
    CodeFilter,
    CodeInPath,
    PageOf,
    ReaderOf,
    enter,
    items_of,
    refuse_too_many,
    side_of,
)
from thidua_registration.entries.campaign import ItemEntry, MoveEntry, SheetEntry
from thidua_registration.queries import lists
from thidua_runtime.database import Transaction
from thidua_runtime.imports import parse_items
from thidua_runtime.web import Versioned

router = APIRouter(prefix="/campaigns/{campaign}/registrations", tags=["registrations"])


@router.get("")
async def list_registrations(
    reader: ReaderOf,
    page: PageOf,
    campaign: CodeInPath,
    unit: CodeFilter = None,
    state: RegistrationState | None = None,
    subject_kind: SubjectKind | None = None,
    late: bool | None = None,
) -> Response:
    """List items; `notes` tell who joined after the due date, was transferred or left."""
    filters = {"unit": unit, "state": state, "subject_kind": subject_kind, "late": late}
    return await reader.run(lists.of_campaign, lists.ITEMS, page, campaign, filters)


@router.get("/counts")
async def count_registrations(reader: ReaderOf, campaign: CodeInPath) -> Response:
    """Count items per state and unit, and the subjects that sent none."""
    return await reader.run(lists.counts, campaign)


@router.get("/missing")
async def list_missing(reader: ReaderOf, page: PageOf, campaign: CodeInPath, unit: CodeFilter = None) -> Response:
    """List subjects that may register and sent nothing (chưa đăng ký), which is not the same as late."""
    return await reader.run(lists.of_campaign, lists.MISSING, page, campaign, {"unit": unit})


@router.get("/moves")
async def list_moves(
    reader: ReaderOf, page: PageOf, campaign: CodeInPath, unit: CodeFilter = None, person: CodeFilter = None
) -> Response:
    """List acts upon items, in the order they were recorded."""
    filters = {"unit": unit, "person": person}
    return await reader.run(lists.of_campaign, lists.REGISTRATION_MOVES, page, campaign, filters)


@router.post("/moves")
async def post_moves(
    writer: AnyWriter, campaign: CodeInPath, items: Annotated[list[Any], items_of(MoveEntry)]
) -> Response:
    """Carry out acts upon one or many items: submit, return, accept, decline, amend, withdraw, succeed, close …"""

    async def move(tx: Transaction, rows: Any) -> Any:
        return await move_registrations(tx, campaign, rows, side_of(writer))

    return await enter(writer, items, MoveEntry, move, may_act=lambda entry: entry.unit)


@router.get("/{unit}")
async def show_sheet(reader: ReaderOf, campaign: CodeInPath, unit: CodeInPath) -> Response:
    """Show a unit's bản đăng ký with its items, with ETag."""
    return await reader.run(lists.sheet, campaign, unit)


@router.put("/{unit}")
async def put_sheet(writer: AnyWriter, campaign: CodeInPath, unit: CodeInPath, sheet: SheetEntry) -> Response:
    """Write a unit's bản đăng ký; drafts it no longer lists are removed, what was sent changes by moves."""
    writer.may_act_for(unit)
    refuse_too_many(sheet.items)
    parsed = parse_items(sheet.items, ItemEntry)

    async def save(tx: Transaction) -> Versioned:
        saved = await save_sheet(
            tx, campaign, unit, sheet, parsed.rows, complete=not parsed.refusals, expected=writer.expected
        )
        answer = answers.of_batch(len(sheet.items), parsed, saved.result)
        return Versioned({**answer, "revision": saved.revision}, saved.revision)

    return await writer.run(save)
