"""Tasks the ledger does not hold yet, stored by COPY: what is the same for many of them is written once.

A row costs a third of what the merge takes for one. Only what is plain comes this way (`commands.plain_tasks`); a
task that turns out to be stored already leaves no trace here and is merged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import Final

from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_monitoring.domain.deadlines import Position, Standing
from thidua_monitoring.queries.counting import Move
from thidua_runtime.database import Transaction
from thidua_runtime.records import Arrival

# In this order, so that what belongs together stands together: what a source says of some people, what days come to,
# and what only this task has.
COLUMNS: Final = (
    "source", "unit", "people", "weights", "failures", "delays",
    "month", "counted_deadline", "open_deadline", "completed_on", "secret", "standing",
    "version", "received_at", "report_bytes", "body", "source_id",
)  # fmt: skip
ROWS_AT_ONCE: Final = 2_000
"""So many rows are put into words before they are sent: the server stores them while the next ones are worded."""

STORED: Final = text("""
select source_id from task
 where source = :source
   and source_id = any(coalesce(string_to_array(cast(:joined as text), chr(31)), cast(:ids as text[])))
""")

SEPARATOR: Final = "\x1f"

# The binary format of COPY: a length before each value, -1 for null; numbers big-endian, dates as days since 2000.
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_FALSE: Final = b"\0\0\0\1\0"
_SMALL_ZERO: Final = b"\0\0\0\2\0\0"
_TEXT_TYPE, _NUMERIC_TYPE = 25, 1700
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_MS: Final = int(_EPOCH.timestamp()) * 1000
_EPOCH_DAY: Final = _EPOCH.toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
_count: Final = Struct(">h").pack
_length: Final = Struct(">i").pack
_day: Final = Struct(">ii").pack
_array: Final = Struct(">iiiii").pack
# The version, when the log took it, the size of the body, and the length of the body that follows.
_own: Final = Struct(">iqiqiii").pack
_LENGTHS: Final = [_length(length) for length in range(1_000)]
"""Of a source id, which has at most 200 characters."""


@dataclass(frozen=True, eq=False, slots=True)
class Subject:
    """Whom a source says a task is for: our unit and people, and they in a row's words. One for all its tasks."""

    source: str
    unit: str
    people: tuple[str, ...]
    part: bytes


@dataclass(frozen=True, eq=False, slots=True)
class Days:
    """What a deadline and a day of completion come to: how counters move, and a row's words."""

    move: Move
    part: bytes


NewTask = tuple[str, Arrival[TaskReport], Subject, Days]
"""A task by its source's id, as it arrived, and what its report means. Plain: one is made for every event."""


def subject_of(source: str, unit: str, people: tuple[str, ...]) -> Subject:
    """Word the beginning of a row: how many columns follow, the source, and whom its task is for.

    Without a converted weight; failures and delays: none.
    """
    return Subject(source, unit, people, b"".join(
        (
            _count(len(COLUMNS)), _text(source), _text(unit), _list(_TEXT_TYPE, [_text(person) for person in people]),
            _list(_NUMERIC_TYPE, [_NULL] * len(people)), _SMALL_ZERO, _SMALL_ZERO,
        )
    ))  # fmt: skip


def days_of(month: str, position: Position, standing: Standing) -> Days:
    """Word what the dates of a task come to; of a task that is not secret and was not ended."""
    done = position.completed_on
    return Days((month, standing), b"".join(
        (
            _text(month), _date(position.terms.counted), _date(position.terms.open),
            _NULL if done is None else _date(done), _FALSE, _text(standing.value),
        )
    ))  # fmt: skip


async def stored(tx: Transaction, source: str, ids: Sequence[str]) -> set[str]:
    """Return which of these tasks of a source the ledger holds."""
    # Joined, because the driver looks at each item of a list several times.
    joined = SEPARATOR.join(ids)
    is_clear = joined.count(SEPARATOR) == len(ids) - 1
    rows = await tx.rows(STORED, source=source, joined=joined if is_clear else None, ids=() if is_clear else ids)
    return {row.source_id for row in rows}


async def copy(tx: Transaction, tasks: Sequence[NewTask], now: datetime) -> None:
    """Store tasks; a database error of class 23 where one of them is stored already.

    `now`: when a task arrives of which the log does not say when it took it.
    """
    await tx.copy("task", COLUMNS, _portions(tasks, (now - _EPOCH) // _MICROSECOND))


async def _portions(tasks: Sequence[NewTask], now: int) -> AsyncIterator[bytes]:
    yield _BEGIN
    for first in range(0, len(tasks), ROWS_AT_ONCE):
        yield _rows(tasks[first : first + ROWS_AT_ONCE], now)
    yield _END


def _rows(tasks: Sequence[NewTask], now: int) -> bytes:
    parts: list[bytes] = []
    for source_id, arrival, subject, days in tasks:
        record, name = arrival.record, source_id.encode()
        body, milliseconds = record.body or b"", record.timestamp_ms
        size, taken = len(body), (milliseconds - _EPOCH_MS) * 1000 if milliseconds > 0 else now
        own = _own(8, arrival.version, 8, taken, 4, size, size)
        parts += (subject.part, days.part, own, body, _LENGTHS[len(name)], name)
    return b"".join(parts)


def _text(value: str) -> bytes:
    written = value.encode()
    return _length(len(written)) + written


def _date(day: date) -> bytes:
    return _day(4, day.toordinal() - _EPOCH_DAY)


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    if not items:
        content = _array(0, 0, kind, 0, 0)[:12]
    else:
        content = _array(1, int(_NULL in items), kind, len(items), 1) + b"".join(items)
    return _length(len(content)) + content
