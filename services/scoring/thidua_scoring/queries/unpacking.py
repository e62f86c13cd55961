"""Stored sets made ready to score: unpacked once per process, read without importing their code."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from thidua.criteria import load_criteria_set
from thidua.plugins.packages import SetFiles
from thidua_runtime.database import Transaction
from thidua_scoring.queries import sets
from thidua_scoring.workplace import LoadedSet, as_loaded, workplace_of


async def unpacked_set(tx: Transaction, artefact: str) -> LoadedSet | None:
    """Return a stored set, unpacked in the folder of this service; None if it is not stored.

    Raises CriteriaSetRefused if this version of the suite reads it no more.
    """
    files = await sets.stored_files(tx, artefact)
    if files is None:
        return None
    folder = workplace_of(tx.database).folder
    assert folder is not None
    return await asyncio.to_thread(unpack, files, folder / artefact.partition(":")[2])


def unpack(files: SetFiles, folder: Path) -> LoadedSet:
    """Write the files of a set below a folder and read it, without its code. Raises CriteriaSetRefused."""
    home = folder / files.package
    if not home.exists():
        # Whole or not at all: another turn may read it at this moment.
        files.write(folder.with_suffix(".new"))
        with suppress(OSError):
            folder.with_suffix(".new").rename(folder)
    return as_loaded(str(home), load_criteria_set(home, imports=False))
