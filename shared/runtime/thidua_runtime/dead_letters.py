"""Refused and waiting events: listed, retried, discarded; nothing disappears."""

from __future__ import annotations

from typing import Any, Final, Literal

from sqlalchemy import Row, text

from thidua.errors import Conflict, NotFound
from thidua_runtime.consume import reapply
from thidua_runtime.database import Transaction, headers_of
from thidua_runtime.records import Record

LetterState = Literal["waiting", "retried", "discarded", "superseded"]
"""In which state a letter is."""

LIST: Final = text("""
select id, stream, partition, record_offset, convert_from(key, 'UTF8') as key, aggregate, version, source, reason,
       sentence, body_length, encode(body_hash, 'hex') as body_hash, state, closed_because, received_at
  from thidua.dead_letter where state = :state order by id desc limit :limit offset :offset
""")
PARKED: Final = text("""
select id, stream, aggregate, version, waits_for, source, since
  from thidua.parked order by id limit :limit offset :offset
""")
REFUSED_AGAIN: Final = text("""
select max(id) as id from thidua.dead_letter
 where stream = :stream and partition = :partition and record_offset = :offset and state = 'waiting' and id > :id
""")
TAKE: Final = text("select * from thidua.dead_letter where id = :id for update")
CLOSE: Final = text("""
update thidua.dead_letter set state = :state, closed_because = :reason, closed_at = clock_timestamp() where id = :id
""")


async def listed(tx: Transaction, state: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return dead letters in one state, newest first, without their bodies."""
    return [dict(row._mapping) for row in await tx.rows(LIST, state=state, limit=limit, offset=offset)]


async def parked(tx: Transaction, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return the events that wait for a reference, oldest first, with what they wait for."""
    return [dict(row._mapping) for row in await tx.rows(PARKED, limit=limit, offset=offset)]


async def retry(tx: Transaction, letter: int) -> dict[str, Any]:
    """Apply a waiting letter again; `waits_as` is its new id where it was refused once more, else None.

    Raises NotFound, or Conflict for one without its body or already closed.
    """
    row = await _take(tx, letter)
    if row.body is None:
        raise Conflict(
            why="nội dung không được lưu (nhiệm vụ mật hoặc bản ghi rỗng); nguồn phải gửi lại",
            why_en="its body was not kept (a secret task or an empty record); the source must send it again",
        )
    await tx.execute(CLOSE, id=letter, state="retried", reason=tx.actor)
    record = Record(row.stream, row.partition, row.record_offset, row.key, headers_of(row.headers), bytes(row.body), 0)
    await reapply(tx, [record])
    again = await tx.row(REFUSED_AGAIN, stream=row.stream, partition=row.partition, offset=row.record_offset, id=letter)
    return {"id": letter, "state": "retried", "waits_as": None if again is None else again.id}


async def discard(tx: Transaction, letter: int, reason: str) -> dict[str, Any]:
    """Close a waiting letter for good, keeping the reason and who gave it."""
    await _take(tx, letter)
    await tx.execute(CLOSE, id=letter, state="discarded", reason=f"{tx.actor}: {reason}")
    return {"id": letter, "state": "discarded"}


async def _take(tx: Transaction, letter: int) -> Row[Any]:
    row = await tx.row(TAKE, id=letter)
    if row is None:
        raise NotFound(what=f"bản ghi lỗi {letter}", what_en=f"refused event {letter}")
    if row.state != "waiting":
        raise Conflict(
            why=f"bản ghi lỗi {letter} đã được xử lý ({row.state})",
            why_en=f"refused event {letter} is closed ({row.state})",
        )
    return row
