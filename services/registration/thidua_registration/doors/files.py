"""Import files: units, people, ratings, clusters as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from thidua_registration import answers
from thidua_registration.commands.batch import Result
from thidua_registration.commands.clusters import import_clusters
from thidua_registration.commands.people import rating_rows, save_people, save_ratings
from thidua_registration.commands.units import save_units
from thidua_registration.doors.batches import OfficeWriter
from thidua_registration.entries.organisation import ClusterRow, PersonEntry, RatingRow, UnitEntry
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Parsed, Refusal, Row, parse_rows, read_table
from thidua_runtime.web import Upload, upload

router = APIRouter(prefix="/imports", tags=["imports"])


class Kind(StrEnum):
    """What a file holds."""

    UNITS = "units"
    PEOPLE = "people"
    RATINGS = "ratings"
    CLUSTERS = "clusters"


SLICE_ROWS: Final = 5_000
"""Rows entered at once: between two slices of a large file other requests get their turn."""


@dataclass(frozen=True)
class Import:
    """How the rows of one kind are read and entered; `name` tells whether two rows speak of the same record.

    Without a `name` the file is entered whole, because its rows need one another.
    """

    model: type[BaseModel]
    enter: Callable[..., Awaitable[Result]]
    name: Callable[[Any], object] | None = None


async def _enter_ratings(tx: Transaction, rows: Any, *, dry_run: bool) -> Result:
    entries, unread = rating_rows(rows)
    entered = await save_ratings(tx, entries, dry_run=dry_run)
    return Result(entered.taken, (*unread.refusals, *entered.refusals))


IMPORTS: Final[Mapping[Kind, Import]] = {
    Kind.UNITS: Import(UnitEntry, save_units),
    Kind.PEOPLE: Import(PersonEntry, save_people, lambda entry: entry.code),
    Kind.RATINGS: Import(RatingRow, _enter_ratings, lambda row: (row.person or row.unit, row.year)),
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
        result = await _in_slices(tx, found, parsed.rows, dry_run)
        return answers.of_import(kind, parsed, result, dry_run=dry_run)

    return await writer.run(run)


async def _in_slices(tx: Transaction, found: Import, rows: Sequence[Row[Any]], dry_run: bool) -> Result:
    if found.name is None:
        return await found.enter(tx, rows, dry_run=dry_run)
    single, twice = _once(rows, found.name)
    results = [
        await found.enter(tx, single[first : first + SLICE_ROWS], dry_run=dry_run)
        for first in range(0, len(single), SLICE_ROWS)
    ]
    taken = tuple(row for result in results for row in result.taken)
    return Result(taken, (*twice, *(refusal for result in results for refusal in result.refusals)))


def _once(rows: Sequence[Row[Any]], name: Callable[[Any], object]) -> tuple[list[Row[Any]], list[Refusal]]:
    # Two slices would each take their row, and the file would never come to rest.
    first: dict[object, Row[Any]] = {}
    single = [row for row in rows if first.setdefault(name(row.value), row) is row]
    kept = {row.number for row in single}
    refusals = [
        Refusal(
            row.number,
            "",
            f"Trùng với dòng {first[name(row.value)].number}.",
            f"The same as line {first[name(row.value)].number}.",
        )
        for row in rows
        if row.number not in kept
    ]
    return single, refusals
