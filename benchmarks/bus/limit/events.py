"""Decoding: a fetched batch of task events to columns, counted before any SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LOCAL = "+07:00"
EPOCH = date(2000, 1, 1).toordinal()

# Three signed counters in one number, so that a counter moves by one addition: due, on time, late.
FIELD = 20
OPEN, ON_TIME, LATE = 1, 1 + (1 << FIELD), 1 + (1 << 2 * FIELD)
HALF, MASK = 1 << (FIELD - 1), (1 << FIELD) - 1


Place = tuple[str, str, int]
"""Subject, month, and the partition that both its tasks and its results are in."""


class Assignee(msgspec.Struct, gc=False):
    """A person by code."""

    code: str


class Event(msgspec.Struct, gc=False):
    """What the limit program reads of a task event."""

    source: str
    source_id: str
    version: int
    unit: str
    deadline: str
    title: str | None = None
    assignees: list[Assignee] = []
    completed_at: str | None = None


class Row(msgspec.Struct, gc=False):
    """One task as the ledger stores it; `done` and `deadline` are ISO dates, `weight` what it adds to its counters."""

    id: str
    version: int
    unit: str
    people: str
    deadline: str
    done: str | None
    title: str
    partition: int
    weight: int


@dataclass
class Batch:
    """A decoded batch: the newest row per task, its counters as if all were new, and where it ends."""

    rows: dict[str, Row]
    counters: dict[Place, int]
    begins: dict[int, int]
    ends: dict[int, int]
    bad: list[tuple[int, int, bytes, str]] = field(default_factory=list)
    records: int = 0


_many = msgspec.json.Decoder(list[Event])
_one = msgspec.json.Decoder(Event)
_days: dict[str, int] = {}


def day_number(text: str) -> int:
    """Return an ISO date as PostgreSQL counts days; raises ValueError for what is no date."""
    number = _days.get(text)
    if number is None:
        number = _days[text] = date.fromisoformat(text).toordinal() - EPOCH
    return number


def local_day(moment: str) -> str:
    """Return the day of a timestamp in Việt Nam."""
    if moment.endswith(LOCAL):
        return moment[:10]
    return str(datetime.fromisoformat(moment).astimezone(VIETNAM).date())


def decode(fetched: Iterable[tuple[int, Sequence[Any]]]) -> Batch:
    """Decode what was fetched, per partition; what cannot be read is set aside with its reason."""
    batch = Batch({}, {}, {}, {})
    for partition, records in fetched:
        batch.begins.setdefault(partition, records[0].offset)
        batch.ends[partition] = records[-1].offset + 1
        batch.records += len(records)
        _take(batch, partition, records)
    _count(batch)
    return batch


def _take(batch: Batch, partition: int, records: Sequence[Any]) -> None:
    events: Iterable[Event]
    try:
        events = _many.decode(b"[" + b",".join([record.value for record in records]) + b"]")
        rows = [_row(event, partition) for event in events]
        if len(rows) != len(records):
            raise ValueError("a record holds several events")
    except (TypeError, ValueError, msgspec.MsgspecError):
        rows = _one_by_one(batch, partition, records)
    fresh = {row.id: row for row in rows}
    if len(fresh) < len(rows) or not batch.rows.keys().isdisjoint(fresh):
        for row in rows:
            known = batch.rows.get(row.id)
            if known is None or row.version > known.version:
                batch.rows[row.id] = row
    else:
        batch.rows.update(fresh)


def _one_by_one(batch: Batch, partition: int, records: Sequence[Any]) -> list[Row]:
    rows = []
    for record in records:
        try:
            rows.append(_row(_one.decode(record.value or b""), partition))
        except (ValueError, msgspec.MsgspecError) as error:
            batch.bad.append((partition, record.offset, record.value or b"", str(error)))
    return rows


def _row(event: Event, partition: int) -> Row:
    done = event.completed_at
    deadline = event.deadline
    weight = OPEN
    day_number(deadline)
    if done is not None:
        done = done[:10] if done.endswith(LOCAL) else local_day(done)
        day_number(done)
        weight = ON_TIME if done <= deadline else LATE
    people = event.assignees
    codes = people[0].code if len(people) == 1 else ",".join([person.code for person in people])
    return Row(
        f"{event.source}/{event.source_id}", event.version, event.unit, codes, deadline, done, event.title or "",
        partition, weight,
    )  # fmt: skip


def _count(batch: Batch) -> None:
    counters = batch.counters
    for row in batch.rows.values():
        month, partition, weight = row.deadline[:7], row.partition, row.weight
        place = row.unit, month, partition
        counters[place] = counters.get(place, 0) + weight
        people = row.people
        for person in people.split(",") if "," in people else (people,) if people else ():
            place = person, month, partition
            counters[place] = counters.get(place, 0) + weight


def move(batch: Batch, unit: str, people: str, month: str, weight: int, partition: int) -> None:
    """Add to the counters of a unit and of people."""
    for subject in (unit, *(people.split(",") if people else ())):
        place = subject, month, partition
        batch.counters[place] = batch.counters.get(place, 0) + weight


def parts_of(weight: int) -> tuple[int, int, int]:
    """Return due, on time and late of a packed counter; each may be negative."""
    due = ((weight + HALF) & MASK) - HALF
    weight = (weight - due) >> FIELD
    on_time = ((weight + HALF) & MASK) - HALF
    return due, on_time, (weight - on_time) >> FIELD
