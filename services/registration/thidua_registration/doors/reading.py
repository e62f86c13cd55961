"""Reading initiatives: who reads, what they give, and which earlier texts are alike."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from thidua_registration.commands.likeness import similar
from thidua_registration.commands.reading import declare_rule, mark_initiatives, name_readers
from thidua_registration.domain.reading import MarkingRule, ReadingState
from thidua_registration.doors.batches import CodeInPath, OfficeWriter, PageOf, ReaderOf, enter, items_of
from thidua_registration.entries.reading import MarkEntry, ReadersEntry
from thidua_registration.queries import showing
from thidua_runtime.web import Writer, writer

router = APIRouter(tags=["initiatives"])

AppraiserWriter = Annotated[Writer, Depends(writer("appraiser", "office"))]
NameFilter = Annotated[str | None, Query(max_length=200)]


@router.get("/campaigns/{code}/marking-rule")
async def show_rule(reader: ReaderOf, code: CodeInPath) -> Response:
    """Show when two marks of the campaign's initiatives disagree, and what settles it."""
    return await reader.run(showing.rule, code)


@router.put("/campaigns/{code}/marking-rule")
async def put_rule(writer: OfficeWriter, code: CodeInPath, rule: MarkingRule) -> Response:
    """Declare it; refused once a mark was given."""
    return await writer.run(declare_rule, code, rule)


@router.put("/initiatives/readers")
async def put_readers(writer: OfficeWriter, items: Annotated[list[Any], items_of(ReadersEntry)]) -> Response:
    """Name who reads one or many initiatives, by the names of their tokens."""
    return await enter(writer, items, ReadersEntry, name_readers)


@router.put("/initiatives/marks")
async def put_marks(writer: AppraiserWriter, items: Annotated[list[Any], items_of(MarkEntry)]) -> Response:
    """Give marks, as the reader whose token this is."""
    return await enter(writer, items, MarkEntry, mark_initiatives)


@router.get("/initiatives/readings")
async def list_readings(
    reader: ReaderOf, page: PageOf, name: NameFilter = None, state: ReadingState | None = None
) -> Response:
    """List readings of the present round; `name`: those that wait for this reader. Marks only where all are in."""
    return await reader.run(showing.readings, page, name, state)


@router.get("/initiatives/{unit}/{code}/reading")
async def show_reading(reader: ReaderOf, unit: CodeInPath, code: CodeInPath) -> Response:
    """Show who reads an initiative and how far they are; the marks once all are in."""
    return await reader.run(showing.reading_of, unit, code)


@router.get("/initiatives/{unit}/{code}/content")
async def show_content(reader: ReaderOf, unit: CodeInPath, code: CodeInPath) -> Response:
    """Show the text of an initiative."""
    return await reader.run(showing.content, unit, code)


@router.get("/initiatives/{unit}/{code}/similar")
async def list_similar(reader: ReaderOf, unit: CodeInPath, code: CodeInPath) -> Response:
    """List earlier initiatives of all years that are written alike, with the passages; a hint, no verdict."""
    return await reader.run(similar, unit, code)
