"""A service made for these tests: it keeps, counts, parks and echoes, and fails on request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Column, Integer, MetaData, Table, Text, text

from thidua.contracts import Rating, Reminder, TaskReport, Unit
from thidua.contracts.organisation import DatedCode, RatingLevel
from thidua_runtime import consume, replicas
from thidua_runtime.database import Transaction
from thidua_runtime.keeping import Keeping
from thidua_runtime.records import Batch
from thidua_runtime.service import Service

METADATA = MetaData()
replicas.table(METADATA, Unit)
replicas.table(METADATA, Rating)
SEEN = Table(
    "seen",
    METADATA,
    Column("what", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("first_at", Integer, nullable=False, server_default=text("nextval('seen_order')")),
)

# Counts deliveries, not states: applied twice, an event would be seen here.
COUNT = text("""
insert into seen (what, times) select unnest(cast(:what as text[])), 1
    on conflict (what) do update set times = seen.times + 1
""")
# A rating that does not find its unit parks while the unit's transaction looks for what waits: one after the other.
AS_ONE_OF_MANY = text("select pg_advisory_xact_lock_shared(hashtextextended('echo', 0))")
ALONE = text("select pg_advisory_xact_lock(hashtextextended('echo', 0))")
KNOWN_UNITS = text("select key from replica_units where key = any(cast(:keys as text[])) and not deleted")
KEPT_RATINGS = text("select body::text as body from replica_ratings where not deleted")
REFUSED_BY_DATABASE = text("insert into seen (what, times) values (:what, null)")
NO_SUCH_TABLE = text("select * from no_such_table")


async def keep_units(batch: Batch[Unit], tx: Transaction) -> None:
    """Keep units, and apply what waited for them."""
    for unit in batch.states:
        await _fail_on_request(unit.kind, unit.id, tx)
    await replicas.keep(batch, tx)
    await _count(batch, tx)
    await tx.execute(ALONE)
    waiting = await tx.unpark(f"units/{unit.id}" for unit in batch.states)
    await consume.reapply(tx, waiting)


async def echo_ratings(batch: Batch[Rating], tx: Transaction) -> None:
    """Keep ratings of known units and publish a reminder for each; park the others."""
    units = sorted({rating.unit for rating in batch.states})
    await tx.execute(AS_ONE_OF_MANY)
    known = {row.key for row in await tx.rows(KNOWN_UNITS, keys=units)}
    ready = tuple(a for a in batch.arrivals if a.state is None or a.state.unit in known)
    for arrival in batch.arrivals:
        if arrival.state is not None and arrival.state.unit not in known:
            await tx.park(arrival, f"units/{arrival.state.unit}")
    changed = await replicas.keep(Batch(batch.stream, ready), tx)
    await _count(Batch(batch.stream, ready), tx)
    tx.publish(_reminder(a.state) for a in ready if a.state is not None and a.key in changed)
    tx.withdraw(Reminder, [a.key for a in ready if a.state is None])


async def count_tasks(batch: Batch[TaskReport], tx: Transaction) -> None:
    """Count tasks; fail where the title asks for it."""
    for task in batch.states:
        await _fail_on_request(task.title or "", task.identity, tx)
    await _count(batch, tx)


async def _count(batch: Batch[Any], tx: Transaction) -> None:
    if batch.arrivals:
        await tx.execute(COUNT, what=[f"{batch.stream}:{a.key}:{a.version}" for a in batch.arrivals])


async def _fail_on_request(wish: str, what: str, tx: Transaction) -> None:
    if wish == "fail: refused":
        await tx.execute(REFUSED_BY_DATABASE, what=what)
    if wish == "fail: program":
        await tx.execute(NO_SUCH_TABLE)
    if wish == "fail: handler":
        raise RuntimeError("the handler has a defect")


async def _read_reminders(tx: Transaction) -> AsyncIterator[list[Reminder]]:
    yield [_reminder(Rating.model_validate_json(row.body)) for row in await tx.rows(KEPT_RATINGS)]


def _reminder(rating: Rating) -> Reminder:
    return Reminder(
        subject=rating.subject, subject_kind=rating.subject_kind, unit=rating.unit, what=str(rating.year),
        kind="rated", sentence=f"Đã xếp loại: {rating.level}", due_on=date(rating.year, 12, 31),
    )  # fmt: skip


ECHO = Service(
    name="echo",
    owns=(Reminder,),
    follows={Unit: (keep_units,), Rating: (echo_ratings,), TaskReport: (count_tasks,)},
    metadata=METADATA,
    migrations="",
    api=APIRouter(),
    keeps={Reminder: Keeping(_read_reminders)},
)


def unit(name: str, version: int = 1, **changes: Any) -> Unit:
    """Return a unit of that id."""
    given: dict[str, Any] = {
        "id": name, "name": "Vụ Đất đai", "kind": "vu", "valid_from": date(2022, 1, 1), "version": version,
        "codes": (DatedCode(code=name, valid_from=date(2022, 1, 1)),), **changes,
    }  # fmt: skip
    return Unit.model_validate(given)


def rating(subject: str, of: str, version: int = 1, year: int = 2022, level: RatingLevel = RatingLevel.GOOD) -> Rating:
    """Return a rating of a subject of unit `of`."""
    return Rating(subject=subject, subject_kind="individual", unit=of, year=year, level=level, version=version)


def task(number: int | str, of: str = "u-1", version: int = 1, title: str | None = None) -> TaskReport:
    """Return a task of unit `of`."""
    return TaskReport(
        source="van-phong", source_id=str(number), version=version, unit=of, title=title, deadline=date(2022, 3, 31)
    )
