"""The documents of the played year, printed through the public door into a folder of its data."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from thidua_sample.generate.campaign import CODE
from thidua_sample.play.awarding import LAST_REVIEW_ON
from thidua_sample.play.doors import OFFICE, Doors, batches

FOLDER: Final = "documents"
AT_ONCE: Final = 400
LISTS: Final = frozenset(
    {"to-trinh", "danh-sach", "bien-ban-kiem-phieu", "thong-bao-cong-khai", "xin-y-kien", "bang-chi-thuong",
     "du-lieu-in-bang", "so-vang", "tong-ket", "quyet-dinh", "ban-dang-ky"}
)  # fmt: skip
"""Kinds that are lists: these come as a workbook as well."""

OF_ONE: Final = frozenset({"phieu-tham-dinh", "bao-cao-tom-tat"})
"""Kinds that there is one of per dossier and nobody edits: printed as PDF alone."""

HEAD: Final = {"superior": "Bộ Tài nguyên và Môi trường (mẫu)", "place": "Hà Nội"}
NOT_IN_A_NAME: Final = re.compile(r"[^\w.]+")

Told = Callable[[int, int], None]
"""Is told how many documents are printed, and how many there are."""


async def print_documents(doors: Doors, folder: Path, told: Told) -> dict[str, int]:
    """Print what the council and the ministry wrote; return how many documents of each kind there are.

    The folder is made anew. Decisions that heads of unit signed in January are left out: they are too many to look at.
    """
    listed = [row async for row in doors.pages("/awards/documents", OFFICE, campaign=CODE)]
    wanted = list(_entries(row for row in listed if _is_wanted(row)))
    told(0, len(wanted))
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    done = 0
    for batch in batches(wanted, AT_ONCE):
        content = await doors.fetch("/awards/documents", batch)
        await asyncio.to_thread(_unpack, content, folder)
        done += len(batch)
        told(done, len(wanted))
    return dict(sorted(Counter(one["kind"] for one in wanted).items()))


def _is_wanted(row: Mapping[str, Any]) -> bool:
    return row["of"] != "decision" or str(row["dated"]) >= LAST_REVIEW_ON.isoformat()


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    taken: set[str] = set()
    for row in rows:
        kind = row["kind"]
        name = next(name for name in _names(row) if name not in taken)
        taken.add(name)
        yield {**HEAD, "kind": kind, "id": row["id"], "name": name, "forms": _forms(kind)}


def _names(row: Mapping[str, Any]) -> Iterable[str]:
    """Propose names of natural words, so that the same year gives the same files."""
    words = NOT_IN_A_NAME.sub("-", " ".join(filter(None, (row["about"], row["dated"])))).strip("-.")
    yield f"{row['kind']}/{words or row['of']}"
    for number in count(2):
        yield f"{row['kind']}/{words or row['of']}-{number}"


def _forms(kind: str) -> tuple[str, ...]:
    if kind in OF_ONE:
        return ("pdf",)
    return ("docx", "pdf", "xlsx") if kind in LISTS else ("docx", "pdf")


def _unpack(content: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(BytesIO(content)) as archive:
        archive.extractall(folder)
