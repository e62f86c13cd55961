"""The documents of the played year, printed through the public door into a folder of its data."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from thidua_sample.generate.campaign import CODE
from thidua_sample.play.awarding import LAST_REVIEW_ON
from thidua_sample.play.doors import OFFICE, Doors, batches
from thidua_sample.result import Printed

FOLDER: Final = "documents"
AT_ONCE: Final = 400
EDITED: Final = frozenset(
    {"giay-moi", "bien-ban-hop", "bao-cao-thanh-tich", "thong-bao-cong-khai", "xin-y-kien", "to-trinh", "giai-trinh",
     "du-thao-quyet-dinh", "du-thao-huy-bo", "thong-bao-khong-khen-thuong", "tong-ket", "so-ket", "phat-dong"}
)  # fmt: skip
"""Kinds whose texts somebody writes on: these come as DOCX as well."""

LISTS: Final = frozenset(
    {"danh-sach", "bien-ban-kiem-phieu", "bang-chi-thuong", "du-lieu-in-bang", "so-vang", "ban-dang-ky", "han-muc",
     "ket-qua-ra-soat", "danh-sach-ho-so", "so-quyet-dinh", "quy-khen-thuong", "danh-sach-quyet-dinh"}
)  # fmt: skip
"""Kinds that are lists: these come as a workbook as well."""

LONG: Final = frozenset({"ket-qua-ra-soat", "so-vang"})
"""Lists of thousands of lines, for a workbook alone."""

SHOWN_ONCE: Final = ("unit", "cluster", "initiative", "recognised")
"""What there are hundreds of: each kind is printed of the first one."""

PLACE: Final = "Hà Nội"
"""Where the ministry writes; where units do is left open."""

BY_UNITS: Final = frozenset({"unit", "cluster", "initiative", "recognised", "dossier"})
BY_OFFICE: Final = frozenset({"phieu-tham-dinh"})
"""Of a dossier, and written by the standing office all the same."""

NOT_IN_A_NAME: Final = re.compile(r"[^\w.]+")

Told = Callable[[int, int], None]
"""Is told how many documents are printed, and how many there are."""


async def print_documents(doors: Doors, folder: Path, told: Told) -> dict[str, Printed]:
    """Print what the council and the ministry wrote; return, by kind, how many documents and files there are.

    The folder is made anew. Decisions that heads of unit signed in January are left out: they are too many to look at.
    """
    listed = [row async for row in doors.pages("/awards/documents", OFFICE, campaign=CODE)]
    wanted = list(_entries(_wanted(listed)))
    told(0, len(wanted))
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    done = 0
    for batch in batches(wanted, AT_ONCE):
        content = await doors.fetch("/awards/documents", batch)
        await asyncio.to_thread(_unpack, content, folder)
        done += len(batch)
        told(done, len(wanted))
    labels = {row["kind"]: row["label"] for row in listed}
    return _counted(wanted, labels)


def _counted(entries: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> dict[str, Printed]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in entries:
        found[one["kind"]].append(len(one["forms"]))
    return {kind: Printed(name=labels[kind], documents=len(files), files=sum(files)) for kind, files in found.items()}


def _wanted(rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    shown: set[str] = set()
    for row in rows:
        late = row["of"] != "decision" or str(row["dated"]) >= LAST_REVIEW_ON.isoformat()
        if late and row["kind"] not in shown:
            yield row
        if row["of"] in SHOWN_ONCE:
            shown.add(row["kind"])


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    taken: set[str] = set()
    for row in rows:
        kind = row["kind"]
        name = next(name for name in _names(row) if name not in taken)
        taken.add(name)
        place = PLACE if row["of"] not in BY_UNITS or kind in BY_OFFICE else ""
        yield {"place": place, "campaign": CODE, "kind": kind, "id": row["id"], "name": name, "forms": _forms(kind)}


def _names(row: Mapping[str, Any]) -> Iterable[str]:
    """Propose names of natural words, so that the same year gives the same files."""
    words = NOT_IN_A_NAME.sub("-", " ".join(filter(None, (row["about"], row["dated"])))).strip("-.")
    yield f"{row['kind']}/{words or row['of']}"
    for number in count(2):
        yield f"{row['kind']}/{words or row['of']}-{number}"


def _forms(kind: str) -> tuple[str, ...]:
    forms = {"docx": kind in EDITED, "pdf": kind not in LONG, "xlsx": kind in LISTS}
    return tuple(form for form, is_wanted in forms.items() if is_wanted)


def _unpack(content: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(BytesIO(content)) as archive:
        archive.extractall(folder)
