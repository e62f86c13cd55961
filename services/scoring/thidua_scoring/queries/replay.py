"""Replaying official scores: the stored case and the stored set must give the stored bytes again."""

from __future__ import annotations

import zlib
from typing import Any, Final

import structlog
from sqlalchemy import Row, text

from thidua.criteria.canonical import content_hash
from thidua_runtime.database import Transaction
from thidua_scoring.errors import NotReplayable
from thidua_scoring.queries.reading import Key, stored, stored_case
from thidua_scoring.queries.unpacking import unpacked_set
from thidua_scoring.workplace import workplace_of

# Another sample each day, the same one if the job runs twice on a day.
SAMPLE: Final = text("""
select * from score where lane = 'official' and tree is not null
 order by md5(subject || '/' || campaign || '/' || period || '/' || set_id || :day) limit :limit
""")

log = structlog.get_logger()


async def replay(tx: Transaction, key: Key) -> dict[str, Any]:
    """Score the stored case of an official score again and compare byte for byte.

    Raises UnknownScore; NotReplayable for a running score, or a set with code that is not installed.
    """
    return await replay_row(tx, await stored(tx, key))


async def replay_row(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """Replay one stored score; a mismatch is counted, logged and told."""
    case = await stored_case(tx, row.case_hash)
    if row.tree is None or case is None:
        raise NotReplayable(why="chỉ điểm chính thức mới lưu hồ sơ", why_en="only official scores keep their case")
    again = await _score_again(tx, row, case)
    before = zlib.decompress(row.tree)
    if again != before:
        tx.count("thidua_criteria_set_failures_total", criteria_set=row.set_id, reason="replay_mismatch")
        log.error("replay differs", criteria_set=row.set_id, artefact=row.artefact, case=row.case_hash)
    return {
        "equal": again == before,
        "case": row.case_hash,
        "artefact": row.artefact,
        "score_hash": content_hash(before),
        "replayed_hash": content_hash(again),
    }


async def sample(tx: Transaction, day: str, limit: int) -> list[Row[Any]]:
    """Return a day's sample of official scores."""
    return list(await tx.rows(SAMPLE, day=day, limit=limit))


async def _score_again(tx: Transaction, row: Row[Any], case: bytes) -> bytes:
    workplace = workplace_of(tx.database)
    assert workplace.apart is not None
    known = (one for one in workplace.sets.values() if one.criteria_set.artefact == row.artefact)
    loaded = next(known, None) or await unpacked_set(tx, row.artefact)
    if loaded is None:
        raise NotReplayable(
            why=f"không còn lưu bộ tiêu chí {row.set_id} có mã băm {row.artefact}; hãy cài lại đúng phiên bản đó",
            why_en=f"install the version of {row.set_id} with artefact {row.artefact}",
        )
    try:
        return await workplace.apart.rescore(loaded.place, case, has_code=loaded.has_code)
    except ValueError as error:
        why = f"bộ tiêu chí {row.set_id} gặp lỗi khi chấm lại"
        raise NotReplayable(why=why, why_en=f"{row.set_id} failed: {error}") from error
