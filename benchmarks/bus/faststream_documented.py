"""The contestant `faststream-documented`: FastStream and SQLAlchemy as their documentation shows them.

One event, one transaction, one acknowledgement; results are published after the commit, so that a crash between the
two loses them: a weaker guarantee than that of the other contestants.
"""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BENCH = {name.removeprefix("BENCH_").lower(): value for name, value in os.environ.items()}

engine = create_async_engine(BENCH["database"].replace("postgresql://", "postgresql+asyncpg://"))
Session = async_sessionmaker(engine, expire_on_commit=False)
broker = KafkaBroker(BENCH["servers"])
app = FastStream(broker)


class Base(DeclarativeBase):
    """The tables of this program."""


class Task(Base):
    """A task as stored."""

    __tablename__ = "task"
    source: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str]
    people: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    deadline: Mapped[date]
    done: Mapped[date | None]
    title: Mapped[str | None]


class Counter(Base):
    """The counters of one subject and month."""

    __tablename__ = "counter"
    subject: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    due: Mapped[int]
    on_time: Mapped[int]
    late: Mapped[int]


class Assignee(BaseModel):
    """A person by code."""

    code: str


class TaskEvent(BaseModel):
    """What a record says."""

    source: str
    source_id: str
    version: int
    unit: str
    title: str | None = None
    assignees: list[Assignee] = []
    deadline: date
    completed_at: AwareDatetime | None = None


class Result(BaseModel):
    """What is published."""

    subject: str
    month: str
    due: int
    on_time: int
    late: int


def day_of(moment: datetime | None) -> date | None:
    """Return the day of a moment in Việt Nam."""
    return None if moment is None else moment.astimezone(VIETNAM).date()


async def add(session: AsyncSession, subject: str, task: Task, sign: int) -> Result:
    """Add a task to, or take it from, the counters of a subject."""
    on_time = task.done is not None and task.done <= task.deadline
    late = task.done is not None and not on_time
    statement = insert(Counter).values(
        subject=subject, month=f"{task.deadline:%Y-%m}", due=sign, on_time=sign * on_time, late=sign * late
    )
    moved = {name: getattr(Counter, name) + getattr(statement.excluded, name) for name in ("due", "on_time", "late")}
    upsert = statement.on_conflict_do_update(index_elements=["subject", "month"], set_=moved).returning(Counter)
    counter = (await session.scalars(upsert, execution_options={"populate_existing": True})).one()
    return Result(subject=subject, month=counter.month, due=counter.due, on_time=counter.on_time, late=counter.late)


async def store(session: AsyncSession, event: TaskEvent) -> list[Result]:
    """Store an event newer than what is stored; return the counters it changed."""
    stored = await session.get(Task, (event.source, event.source_id), with_for_update=True)
    if stored is not None and event.version <= stored.version:
        return []
    results: list[Result] = []
    if stored is None:
        stored = Task(source=event.source, source_id=event.source_id)
        session.add(stored)
    else:
        results = [await add(session, subject, stored, -1) for subject in (stored.unit, *stored.people)]
    stored.version, stored.unit, stored.title = event.version, event.unit, event.title
    stored.people, stored.deadline = [person.code for person in event.assignees], event.deadline
    stored.done = day_of(event.completed_at)
    return results + [await add(session, subject, stored, 1) for subject in (stored.unit, *stored.people)]


@broker.subscriber(
    BENCH["tasks"],
    group_id=BENCH["group"],
    auto_offset_reset="earliest",
    isolation_level="read_committed",
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def handle(event: TaskEvent) -> None:
    """Take one event."""
    async with Session() as session, session.begin():
        results = await store(session, event)
    for result in results:
        await broker.publish(result, BENCH["results"], key=f"{result.subject}/{result.month}".encode())


@app.on_startup
async def make_tables() -> None:
    """Make the tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


if __name__ == "__main__":
    asyncio.run(app.run(log_level=logging.WARNING))
