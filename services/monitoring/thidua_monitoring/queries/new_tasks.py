"""Tasks the ledger does not hold yet, stored by COPY: what is the same for many of them is written once.

A row costs a third of what the merge takes for one. Only what is plain comes this way (`commands.plain_tasks`); a
task that turns out to be stored already leaves no trace here and is merged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime
from struct import Struct
from typing import Final, NamedTuple

from sqlalchemy import text

from thidua_monitoring.domain.deadlines import Position, Standing
from thidua_runtime.database import Transaction

# In this order, so that what belongs together stands together.
COLUMNS: Final = (
    "source", "source_id", "version", "unit", "month", "counted_deadline", "open_deadline", "completed_on", "secret",
    "standing", "people", "weights", "failures", "delays", "report_bytes", "body", "received_at",
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
_EPOCH: Final = date(2000, 1, 1).toordinal()
_EPOCH_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_count: Final = Struct(">h").pack
_length: Final = Struct(">i").pack
_whole: Final = Struct(">iq").pack
_day: Final = Struct(">ii").pack
_size_and_length: Final = Struct(">iii").pack
_array: Final = Struct(">iiiii").pack


class NewTask(NamedTuple):
    """One task in the words of COPY; each part but `source_id`, `version` and `body` is that of many tasks."""

    source: bytes
    source_id: str
    version: int
    unit: bytes
    days: bytes
    people: bytes
    body: bytes
    received: bytes


def source_part(source: str) -> bytes:
    """Return the beginning of a row: how many columns follow, and the source."""
    return _count(len(COLUMNS)) + _text(source)


def unit_part(unit: str) -> bytes:
    """Return a unit's part of a row."""
    return _text(unit)


def days_part(month: str, position: Position, standing: Standing) -> bytes:
    """Return what the dates of a task come to; of a task that is not secret and was not ended."""
    done = position.completed_on
    return b"".join(
        (
            _text(month), _date(position.terms.counted), _date(position.terms.open),
            _NULL if done is None else _date(done), _FALSE, _text(standing.value),
        )
    )  # fmt: skip


def people_part(people: Sequence[str]) -> bytes:
    """Return the people of a task without a converted weight, and its failures and delays: none."""
    return _list(_TEXT_TYPE, [_text(person) for person in people]) + _weights(len(people)) + _SMALL_ZERO + _SMALL_ZERO


def moment_part(moment: datetime) -> bytes:
    """Return when the log took a record."""
    since = moment - _EPOCH_MOMENT
    return _whole(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


async def stored(tx: Transaction, source: str, ids: Sequence[str]) -> set[str]:
    """Return which of these tasks of a source the ledger holds."""
    # Joined, because the driver looks at each item of a list several times.
    joined = SEPARATOR.join(ids)
    is_clear = joined.count(SEPARATOR) == len(ids) - 1
    rows = await tx.rows(STORED, source=source, joined=joined if is_clear else None, ids=() if is_clear else ids)
    return {row.source_id for row in rows}


async def copy(tx: Transaction, tasks: Iterable[NewTask]) -> None:
    """Store tasks; a database error of class 23 where one of them is stored already."""
    await tx.copy("task", COLUMNS, _portions(tasks))


async def _portions(tasks: Iterable[NewTask]) -> AsyncIterator[bytes]:
    parts = [_BEGIN]
    for number, task in enumerate(tasks, 1):
        source_id, body = task.source_id.encode(), task.body
        size = len(body)
        parts += (
            task.source, _length(len(source_id)), source_id, _whole(8, task.version), task.unit, task.days,
            task.people, _size_and_length(4, size, size), body, task.received,
        )  # fmt: skip
        if number % ROWS_AT_ONCE == 0:
            yield b"".join(parts)
            parts.clear()
    parts.append(_END)
    yield b"".join(parts)


def _text(value: str) -> bytes:
    written = value.encode()
    return _length(len(written)) + written


def _date(day: date) -> bytes:
    return _day(4, day.toordinal() - _EPOCH)


def _weights(count: int) -> bytes:
    return _list(_NUMERIC_TYPE, [_NULL] * count)


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    if not items:
        content = _array(0, 0, kind, 0, 0)[:12]
    else:
        content = _array(1, int(_NULL in items), kind, len(items), 1) + b"".join(items)
    return _length(len(content)) + content
