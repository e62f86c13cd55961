"""A small service for the tests of the runtime: it owns units and counts tasks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from sqlalchemy import MetaData, text

from thidua.contracts import TaskReport, Unit
from thidua.contracts.organisation import DatedCode
from thidua.errors import Stale
from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job
from thidua_runtime.records import Batch
from thidua_runtime.service import Service
from thidua_runtime.web.doors import Reader, Versioned, Writer, reader, writer

router = APIRouter()


def unit(name: str, title: str = "Vụ Đất đai", version: int = 0) -> Unit:
    """Return a unit of that id."""
    codes = (DatedCode(code=name, valid_from=date(2022, 1, 1)),)
    return Unit(id=name, name=title, kind="vu", codes=codes, valid_from=date(2022, 1, 1), version=version)


class Renaming(BaseModel):
    """A unit's new name."""

    id: str
    name: str


async def rename(tx: Transaction, wish: Renaming, expected: int | None) -> Versioned:
    """Publish a unit under its new name; revision 3 is the one in force."""
    if expected is not None and expected != 3:
        raise Stale(current=3, expected=expected)
    tx.publish([unit(wish.id, wish.name)])
    return Versioned({"id": wish.id, "actor": tx.actor}, 4)


@router.post("/units")
async def post_unit(writer: Annotated[Writer, Depends(writer("office", "unit"))], wish: Renaming) -> Response:
    writer.may_act_for(wish.id)
    return await writer.run(rename, wish, writer.expected)


@router.get("/units")
async def get_units(reader: Annotated[Reader, Depends(reader)]) -> Response:
    async def names(tx: Transaction) -> list[str]:
        return [row.key for row in await tx.rows(text("select key from thidua.published order by key"))]

    return await reader.run(names)


async def count_tasks(batch: Batch[TaskReport], tx: Transaction) -> None:
    """Refuse tasks that ask for it."""
    for arrival in batch.arrivals:
        if arrival.state is not None and arrival.state.weight is not None:
            await tx.refuse(arrival, "refused", "Nhiệm vụ không có trọng số ở nguồn này.", arrival.state.source)


async def note_run(day: date, tx: Transaction) -> None:
    """Publish a unit named after the day."""
    tx.publish([unit(f"ran-{day}")])


async def fail(day: date, tx: Transaction) -> None:
    """Fail after having published something."""
    tx.publish([unit("never")])
    raise ValueError("no register today")


SMALL = Service(
    name="small",
    owns=(Unit,),
    follows={TaskReport: (count_tasks,)},
    metadata=MetaData(),
    migrations="",
    api=router,
    jobs=(Job("note", note_run), Job("fail", fail)),
)


async def outbox(tx: Transaction) -> list[tuple[str, int, Any]]:
    """Return what waits in the outbox: key, version, body."""
    rows = await tx.rows(
        text("""
select s.* from thidua.outbox as o cross join unnest(o.keys, o.versions, o.bodies) as s (key, version, body)
 order by o.id, s.version
""")
    )
    return [(row.key, row.version, row.body) for row in rows]
