"""Replaying official scores: the stored case and the stored set must give the stored bytes again."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Row, text

from thidua.criteria.canonical import content_hash
from thidua_runtime.database import Transaction
from thidua_scoring.errors import NotReplayable
from thidua_scoring.queries.reading import Key, stored, stored_case
from thidua_scoring.queries.sets import stored_artefact
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
    assert workplace.rescore is not None
    for loaded in workplace.sets.values():
        if loaded.criteria_set.artefact == row.artefact:
            return await workplace.rescore(loaded.place, case, has_code=loaded.has_code)
    files = await stored_artefact(tx, row.artefact)
    if files is None or any(name.endswith(".py") and name != "__init__.py" for name in files):
        raise NotReplayable(
            why=f"bộ tiêu chí {row.set_id} có mã riêng, cần cài lại đúng phiên bản {row.artefact}",
            why_en=f"install the version of {row.set_id} with artefact {row.artefact}",
        )
    with tempfile.TemporaryDirectory(prefix="thidua-replay-") as folder:
        _unpack(files, Path(folder))
        return await workplace.rescore(folder, case, has_code=False)


def _unpack(files: dict[str, str], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
