"""Units, clusters, people, ratings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from thidua_registration import answers
from thidua_registration.commands.clusters import save_clusters
from thidua_registration.commands.people import erase_person, remove_person, save_people, save_ratings
from thidua_registration.commands.units import save_units
from thidua_registration.doors.batches import (
    CodeFilter,
    CodeInPath,
    OfficeWriter,
    PageOf,
    ReaderOf,
    enter,
    items_of,
)
from thidua_registration.entries.organisation import ClusterEntry, ErasureEntry, PersonEntry, RatingEntry, UnitEntry
from thidua_registration.queries import erasure, lists
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Row
from thidua_runtime.web import Versioned

router = APIRouter(tags=["organisation"])

YearFilter = Annotated[int | None, Query(ge=2000, le=2100)]


@router.get("/units")
async def list_units(
    reader: ReaderOf, page: PageOf, code: CodeFilter = None, on: date | None = None, kind: CodeFilter = None
) -> Response:
    """List units with the code they have on a day (today without `on`); `code` looks one up on that day."""

    async def units(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.UNITS, page, code=code, kind=kind, day=on or tx.clock.today())

    return await reader.run(units)


@router.get("/units/{code}")
async def show_unit(reader: ReaderOf, code: CodeInPath, on: date | None = None) -> Response:
    """Show the unit that holds an official code on a day, with its ETag."""
    return await reader.run(lists.unit, code, on)


@router.put("/units")
async def put_units(writer: OfficeWriter, items: Annotated[list[Any], items_of(UnitEntry)]) -> Response:
    """Enter or change many units; fields that an item leaves out keep what is stored."""
    return await enter(writer, items, UnitEntry, save_units)


@router.put("/units/{code}")
async def put_unit(writer: OfficeWriter, code: CodeInPath, entry: UnitEntry) -> Response:
    """Enter or change one unit; with `If-Match`, only the revision that was read."""

    answers.refuse_other_code(code, entry.code)

    async def save(tx: Transaction) -> Versioned:
        answers.raise_refusal(await save_units(tx, [Row(0, entry)], expected=writer.expected))
        return await lists.unit(tx, entry.code, None)

    return await writer.run(save)


@router.get("/clusters")
async def list_clusters(reader: ReaderOf, page: PageOf, year: YearFilter = None) -> Response:
    """List clusters with their members; `illustrative` marks a membership that no source confirms."""

    async def clusters(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.CLUSTERS, page, year=year)

    return await reader.run(clusters)


@router.put("/clusters")
async def put_clusters(writer: OfficeWriter, items: Annotated[list[Any], items_of(ClusterEntry)]) -> Response:
    """Enter or replace clusters of a year."""
    return await enter(writer, items, ClusterEntry, save_clusters)


@router.get("/people")
async def list_people(reader: ReaderOf, page: PageOf, unit: CodeFilter = None, active: bool | None = None) -> Response:
    """List people, by staff code."""

    async def people(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.PEOPLE, page, unit=unit, active=active, code=None)

    return await reader.run(people)


@router.get("/people/{code}")
async def show_person(reader: ReaderOf, code: CodeInPath) -> Response:
    """Show a person, with ETag."""
    return await reader.run(_person, code)


@router.put("/people")
async def put_people(writer: OfficeWriter, items: Annotated[list[Any], items_of(PersonEntry)]) -> Response:
    """Enter or change many people; fields that an item leaves out keep what is stored."""
    return await enter(writer, items, PersonEntry, save_people)


@router.put("/people/{code}")
async def put_person(writer: OfficeWriter, code: CodeInPath, entry: PersonEntry) -> Response:
    """Enter or change one person; with `If-Match`, only the revision that was read."""

    answers.refuse_other_code(code, entry.code)

    async def save(tx: Transaction) -> Versioned:
        answers.raise_refusal(await save_people(tx, [Row(0, entry)], expected=writer.expected))
        return await _person(tx, entry.code)

    return await writer.run(save)


@router.delete("/people/{code}")
async def delete_person(writer: OfficeWriter, code: CodeInPath) -> Response:
    """Remove a person entered by mistake, of whom nothing is kept yet; anybody else is erased by a document."""
    return await writer.run(remove_person, code)


@router.post("/erasures", status_code=201)
async def post_erasure(writer: OfficeWriter, entry: ErasureEntry) -> Response:
    """Erase a person in every service, by a document; signed decisions and what they rest on stay."""
    return await writer.run(erase_person, entry, status=201)


@router.get("/erasures")
async def list_erasures(writer: OfficeWriter, page: PageOf) -> Response:
    """List whose data were erased, by which document and why, with numbers of rows."""
    return await writer.run(erasure.listed, page.limit, page.offset)


@router.get("/ratings")
async def list_ratings(reader: ReaderOf, page: PageOf, year: YearFilter = None, unit: CodeFilter = None) -> Response:
    """List yearly quality ratings."""

    async def ratings(tx: Transaction) -> lists.Listing:
        return await lists.listing(tx, lists.RATINGS, page, year=year, unit=unit)

    return await reader.run(ratings)


@router.put("/ratings")
async def put_ratings(writer: OfficeWriter, items: Annotated[list[Any], items_of(RatingEntry)]) -> Response:
    """Enter yearly quality ratings."""
    return await enter(writer, items, RatingEntry, save_ratings)


async def _person(tx: Transaction, code: str) -> Versioned:
    return await lists.single(tx, lists.PEOPLE, lists.PERSON, code, {"unit": None, "active": None})
