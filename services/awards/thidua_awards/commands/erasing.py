"""Erase what is kept of a person beyond signed decisions, and say what stays."""

from __future__ import annotations

from typing import Any, Final

from thidua.contracts import Erasure
from thidua.errors import NotFound
from thidua_awards.domain.findings import day_text
from thidua_awards.entries import ErasureEntry
from thidua_awards.errors import PersonStillListed
from thidua_awards.queries import erasing
from thidua_runtime.database import Transaction

STAYS: Final = (
    "Quyết định đã ký, kết quả kiểm phiếu, kết quả rà soát đã dùng khi biểu quyết hoặc quyết định và chuỗi giá trị băm "
    "là hồ sơ lưu trữ theo thời hạn bảo quản, không xóa."
)

BY_REGISTER: Final = "Theo việc xóa tại danh sách cán bộ."
"""Why an erasure was made here that somebody entered at the register of people."""


async def erase_person(tx: Transaction, entry: ErasureEntry) -> dict[str, Any]:
    """Erase a person's working data here, with a record of it; signed decisions and what they rest on stay.

    The register of people comes first: raises PersonStillListed while it knows the person, NotFound for an id of which
    nothing is held.
    """
    if await erasing.still_listed(tx, entry.person):
        raise PersonStillListed(person=entry.person)
    removed = await erasing.remove(tx, entry.person)
    left = await erasing.kept(tx, entry.person)
    if not any((*removed.values(), *left.values())):
        raise NotFound(what=f"dữ liệu của {entry.person}", what_en=f"whatever is kept of {entry.person}")
    id = await erasing.record(tx, entry.person, entry.document, entry.reason, removed, left)
    return {"id": id, "person": entry.person, "removed": removed, "kept": left, "note": STAYS}


async def follow(tx: Transaction, one: Erasure) -> None:
    """Erase as the register of people says, with a record of it; of somebody unknown here nothing is written."""
    removed = await erasing.remove(tx, one.person)
    left = await erasing.kept(tx, one.person)
    if any((*removed.values(), *left.values())):
        document = f"{one.document.number} ngày {day_text(one.document.dated)}"
        await erasing.record(tx, one.person, document, BY_REGISTER, removed, left)
