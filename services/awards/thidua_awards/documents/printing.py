"""Print many papers: side by side in processes of their own, so that the service goes on answering."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from thidua_awards.documents import writers
from thidua_awards.documents.paper import Paper

FEW: Final = 12
"""Up to so many files are printed in a thread: a process takes longer to start."""

PROCESSES: Final = 2
AT_ONCE: Final = 8
"""Files asked of a process together."""

LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Print:
    """A paper and the form to print it in; `name` is that of its file, without the form."""

    name: str
    form: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class Printers:
    """What prints: processes, or a thread where there is little to print."""

    fonts_folder: Path | None
    pool: ProcessPoolExecutor | None

    async def print_all(self, prints: Sequence[Print]) -> list[bytes]:
        """Return the files in the order asked for."""
        if self.pool is None:
            return await asyncio.to_thread(print_here, prints, self.fonts_folder)
        parts = [prints[at : at + AT_ONCE] for at in range(0, len(prints), AT_ONCE)]
        asked = [asyncio.wrap_future(self.pool.submit(print_here, part, self.fonts_folder)) for part in parts]
        return [content for done in await asyncio.gather(*asked) for content in done]


@contextmanager
def printers(files: int, fonts_folder: Path | None) -> Iterator[Printers]:
    """Give what prints so many files; processes start at once, while the papers are still being read."""
    if files <= FEW:
        yield Printers(fonts_folder, None)
        return
    # A fresh interpreter: a fork of a process with threads may inherit a lock that nobody opens.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, fresh) as pool:
        for _ in range(PROCESSES):
            pool.submit(print_here, (), fonts_folder)
        yield Printers(fonts_folder, pool)


def print_here(prints: Sequence[Print], fonts_folder: Path | None) -> list[bytes]:
    """Print in this process; return the files in order."""
    forms = writers(fonts_folder)
    return [forms[one.form](one.paper) for one in prints]


def packed(prints: Sequence[Print], contents: Sequence[bytes]) -> bytes:
    """Return the files in one ZIP; the same files give the same bytes."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        for one, content in zip(prints, contents, strict=True):
            archive.writestr(ZipInfo(f"{one.name}.{one.form}", LONG_AGO), content)
    return made.getvalue()
