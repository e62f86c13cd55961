"""Import files: units, people, ratings, clusters as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Parsed, parse_rows, read_table
from thidua_runtime.web import Upload, upload

from thidua_registration import answers
from thidua_registration.commands.batch import Result
from thidua_registration.commands.clusters import import_clusters
from thidua_registration.commands.people import rating_rows, save_people, save_ratings
from thidua_registration.commands.units import save_units
from thidua_registration.doors.batches import OfficeWriter
from thidua_registration.entries.organisation import ClusterRow, PersonEntry, RatingRow, UnitEntry

router = APIRouter(prefix="/imports")


class Kind(StrEnum):
    """What a file holds."""

    UNITS = "units"
    PEOPLE = "people"
    RATINGS = "ratings"
    CLUSTERS = "clusters"


@dataclass(frozen=True)
class Import:
    """How the rows of one kind are read and entered."""

    model: type[BaseModel]
    enter: Callable[..., Awaitable[Result]]


async def _enter_ratings(tx: Transaction, rows: Any, *, dry_run: bool) -> Result:
    entries, unread = rating_rows(rows)
    entered = await save_ratings(tx, entries, dry_run=dry_run)
    return Result(entered.taken, (*unread.refusals, *entered.refusals))


IMPORTS: Final[Mapping[Kind, Import]] = {
    Kind.UNITS: Import(UnitEntry, save_units),
    Kind.PEOPLE: Import(PersonEntry, save_people),
    Kind.RATINGS: Import(RatingRow, _enter_ratings),
    Kind.CLUSTERS: Import(ClusterRow, import_clusters),
}


@router.post("/{kind}")
async def import_file(
    writer: OfficeWriter, kind: Kind, file: Annotated[Upload, Depends(upload)], dry_run: bool = False
) -> Response:
    """Import a file: every row is taken or refused alone; `dry_run` reports without storing."""
    found = IMPORTS[kind]
    # Reading a large sheet takes seconds; other requests must not wait for it.
    parsed: Parsed[Any] = await to_thread.run_sync(lambda: parse_rows(read_table(file.name, file.data), found.model))

    async def run(tx: Transaction) -> dict[str, Any]:
        result = await found.enter(tx, parsed.rows, dry_run=dry_run)
        return answers.of_import(kind, parsed, result, dry_run=dry_run)

    return await writer.run(run)
