"""Print many papers: side by side in processes of their own, so that the service goes on answering."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from thidua_awards.documents import writers
from thidua_awards.documents.paper import Paper

FEW: Final = 12
"""Up to so many papers are printed in a thread: a process takes longer to start."""

PROCESSES: Final = 2
AT_ONCE: Final = 8
"""Papers handed to a process together."""

LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Print:
    """A paper and the form to print it in; `name` is that of its file, without the form."""

    name: str
    form: str
    paper: Paper


async def print_all(prints: Sequence[Print], fonts_folder: Path | None) -> list[bytes]:
    """Return the files in the order asked for."""
    if len(prints) <= FEW:
        return await asyncio.to_thread(_print_here, prints, fonts_folder)
    # A fresh interpreter: a fork of a process with threads may inherit a lock that nobody opens.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, fresh) as pool:
        parts = [prints[at : at + AT_ONCE] for at in range(0, len(prints), AT_ONCE)]
        asked = [asyncio.wrap_future(pool.submit(_print_here, part, fonts_folder)) for part in parts]
        return [content for done in await asyncio.gather(*asked) for content in done]


def _print_here(prints: Sequence[Print], fonts_folder: Path | None) -> list[bytes]:
    forms = writers(fonts_folder)
    return [forms[one.form](one.paper) for one in prints]


def packed(prints: Sequence[Print], contents: Sequence[bytes]) -> bytes:
    """Return the files in one ZIP; the same files give the same bytes."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        for one, content in zip(prints, contents, strict=True):
            archive.writestr(ZipInfo(f"{one.name}.{one.form}", LONG_AGO), content)
    return made.getvalue()
