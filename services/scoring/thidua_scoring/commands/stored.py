"""Sets that lie in the store: loaded at the start, and by the instance that did not install them when it needs them."""

from __future__ import annotations

import structlog

from thidua.criteria import CriteriaSetRefused
from thidua_runtime.database import Database
from thidua_scoring.queries import sets
from thidua_scoring.queries.unpacking import unpacked_set
from thidua_scoring.queries.uses import Use
from thidua_scoring.workplace import workplace_of

log = structlog.get_logger()


async def load_stored(database: Database) -> None:
    """Load every stored set that no installed distribution brings."""
    async with database.transaction("scorer") as tx:
        rows = await sets.all_stored(tx)
    for row in rows:
        await _have(database, row.id, row.version, row.artefact)


async def have_stored(database: Database, use: Use) -> None:
    """Load the set of a use if it counts and this process does not have it yet."""
    if use.row is not None and use.row.state == "enabled":
        await _have(database, use.set_id, use.version, use.row.artefact)


async def _have(database: Database, name: str, version: str, artefact: str) -> None:
    workplace = workplace_of(database)
    if (name, version) in workplace.sets:
        return
    try:
        async with database.transaction("scorer") as tx:
            loaded = await unpacked_set(tx, artefact)
    except CriteriaSetRefused as error:
        log.error("stored criteria set not loaded", criteria_set=name, version=version, why=str(error))
        return
    if loaded is not None:
        workplace.have(loaded)
