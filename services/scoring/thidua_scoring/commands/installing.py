"""Installing a set into the running service: examined apart, stored under its hash, waiting in evaluation."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from thidua.contracts.judgement import SetState
from thidua.criteria.errors import CriteriaSetRefused
from thidua.plugins.packages import SetFiles, unpacked
from thidua.testkit.report import EXAMINATION_SECONDS, examine_apart
from thidua_runtime.database import Database, Transaction
from thidua_runtime.web import Upload, Versioned
from thidua_scoring.commands.sets import save_loaded
from thidua_scoring.domain.declared import why_not_fed
from thidua_scoring.errors import SetDiffers, SetRefused, SetWithdrawn
from thidua_scoring.queries import sets
from thidua_scoring.queries.unpacking import unpack
from thidua_scoring.workplace import LoadedSet, workplace_of

REASON: Final = "Mới cài đặt, chờ đánh giá"


@dataclass(frozen=True)
class Examined:
    """A set that may be stored, and what its examiners found."""

    loaded: LoadedSet
    report: dict[str, Any]


async def examine(database: Database, sent: Upload) -> Examined:
    """Examine what was sent, in a process of its own, while no transaction is open.

    Raises PackageRefused for what is no set, SetRefused for one that does not even load.
    """
    files = unpacked(sent.data, sent.name)
    folder = workplace_of(database).folder
    if folder is None:
        raise SetRefused(why="dịch vụ chấm điểm đang khởi động, hãy thử lại", english="scoring is still starting")
    with tempfile.TemporaryDirectory(prefix="thidua-examined-") as trial:
        report = await asyncio.to_thread(_report, files, Path(trial), database.settings.score_memory_limit_mb)
    if report["refused"]:
        raise _refused(report["refused"])
    try:
        loaded = await asyncio.to_thread(unpack, files, folder / str(report["artefact"]).partition(":")[2])
    except CriteriaSetRefused as error:
        raise _refused(str(error)) from error
    if why := why_not_fed(loaded.criteria_set):
        raise _refused(why)
    return Examined(loaded, report)


def _refused(said: str) -> SetRefused:
    # What examiners find is for the author of a set, who reads English; officials are told so.
    why = f"tệp gửi lên không nạp được. Nội dung cần sửa, viết bằng tiếng Anh cho người soạn bộ tiêu chí: {said}"
    return SetRefused(why=why, english=said)


def _report(files: SetFiles, folder: Path, memory_mb: int) -> dict[str, Any]:
    return examine_apart(files.write(folder), memory_mb, EXAMINATION_SECONDS)


async def install(tx: Transaction, found: Examined) -> Versioned:
    """Store and register a set in evaluation; again the same changes nothing but its report.

    Raises SetDiffers if that version is registered with other contents, SetWithdrawn if it was withdrawn.
    """
    one = found.loaded.criteria_set
    row = await sets.find(tx, one.id, one.version)
    if row is not None and row.state == SetState.WITHDRAWN.value:
        raise SetWithdrawn(set=one.id, version=one.version)
    if row is not None and row.artefact not in ("-", one.artefact):
        raise SetDiffers(set=one.id, version=one.version, artefact=row.artefact)
    await sets.keep_report(tx, one.artefact, found.report)
    is_known = row is not None and row.artefact == one.artefact
    revision = row.revision if row is not None and is_known else await _begin(tx, found.loaded)
    tx.after_commit(lambda: workplace_of(tx.database).have(found.loaded))
    state = row.state if row is not None and is_known else SetState.EVALUATION.value
    return Versioned(
        {"id": one.id, "version": one.version, "state": state, "tier": found.report["tier"], "artefact": one.artefact},
        revision,
    )


async def _begin(tx: Transaction, loaded: LoadedSet) -> int:
    return await save_loaded(tx, loaded, SetState.EVALUATION, REASON)
