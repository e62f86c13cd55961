"""Criteria sets: registered at the start, enabled, disabled and withdrawn by an operator with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Final

import orjson
import structlog

from thidua.contracts import CriteriaSetState
from thidua.contracts.judgement import SetState
from thidua.criteria import installed_criteria_sets
from thidua.criteria.loader import GROUP
from thidua_runtime.database import Database, Transaction
from thidua_runtime.web import Versioned
from thidua_scoring import handlers
from thidua_scoring.domain.declared import state_of, unreadable
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.scoring import load
from thidua_scoring.errors import SetNotLoaded, SetWithdrawn, UnknownSet
from thidua_scoring.queries import sets
from thidua_scoring.queries.uses import changed_uses
from thidua_scoring.workplace import LoadedSet, as_loaded, workplace_of

REASONS: Final = ("exception", "time", "memory", "crash", "refused", "replay_mismatch")
DANGERS: Final = frozenset({"time", "memory", "crash"})
DANGEROUS_CASES: Final = 10

log = structlog.get_logger()


async def register_installed(database: Database) -> None:
    """Load every installed set and register it; one that cannot be loaded is quarantined, the others go on."""
    for name, place in installed_criteria_sets().items():
        found = await asyncio.to_thread(_try_to_load, place)
        async with database.transaction("scorer") as tx:
            if isinstance(found, str):
                await _quarantine(tx, name, found)
            else:
                workplace_of(database).have(found)
                await _register(tx, found)
        for reason in REASONS:
            if database.meters is not None:
                database.meters.count("thidua_criteria_set_failures_total", 0, criteria_set=name, reason=reason)


async def quarantine_dangerous(database: Database, outcomes: Sequence[Outcome]) -> None:
    """Stop a set that took all its cases of a turn beyond time or memory, before it holds up all others."""
    for used in sorted({(one.state.criteria_set, one.state.set_version) for one in outcomes if one.failure}):
        failures = [one.failure for one in outcomes if (one.state.criteria_set, one.state.set_version) == used]
        if len(failures) >= DANGEROUS_CASES and set(failures) <= DANGERS:
            why = f"{len(failures)} cases in a row failed: {', '.join(sorted(set(map(str, failures))))}"
            log.error("criteria set quarantined", criteria_set=used[0], version=used[1], why=why)
            await _stop(database, used, why)


async def _stop(database: Database, used: tuple[str, str], why: str) -> None:
    # Somebody may have withdrawn the set meanwhile, which stops it as well.
    with suppress(SetWithdrawn):
        async with database.transaction("scorer") as tx:
            await _move(tx, *used, SetState.QUARANTINED, why)


async def enable(tx: Transaction, name: str, version: str, reason: str) -> Versioned:
    """Let a set score again; raises SetNotLoaded while this process cannot load it, SetWithdrawn for good."""
    if (name, version) not in workplace_of(tx.database).sets:
        place = installed_criteria_sets().get(name)
        found = "chưa cài đặt" if place is None else await asyncio.to_thread(_try_to_load, place)
        if isinstance(found, str) or found.criteria_set.version != version:
            why = found if isinstance(found, str) else f"đang cài phiên bản {found.criteria_set.version}"
            raise SetNotLoaded(set=name, version=version, why=why)
        workplace_of(tx.database).have(found)
    return await _move(tx, name, version, SetState.ENABLED, reason)


async def disable(tx: Transaction, name: str, version: str, reason: str) -> Versioned:
    """Stop a set until it is enabled again; its subjects show "chưa chấm"."""
    return await _move(tx, name, version, SetState.DISABLED, reason)


async def withdraw(tx: Transaction, name: str, version: str, reason: str) -> Versioned:
    """Stop a version of a set for good."""
    return await _move(tx, name, version, SetState.WITHDRAWN, reason)


async def _move(tx: Transaction, name: str, version: str, state: SetState, reason: str) -> Versioned:
    row = await sets.find(tx, name, version)
    if row is None:
        raise UnknownSet(set=name, version=version)
    if row.state == SetState.WITHDRAWN.value:
        raise SetWithdrawn(set=name, version=version)
    loaded = workplace_of(tx.database).sets.get((name, version))
    if loaded is None:
        kept = CriteriaSetState.model_validate({**orjson.loads(row.body), "state": state, "reason": reason})
        revision = await sets.save(tx, kept, frozenset(row.reads))
    else:
        revision = await _save(tx, loaded, state, reason)
    await _mark_users(tx, name, version)
    return Versioned({"id": name, "version": version, "state": state.value, "reason": reason}, revision)


async def _register(tx: Transaction, found: LoadedSet) -> None:
    one = found.criteria_set
    row = await sets.find(tx, one.id, one.version)
    # Whoever quarantined or disabled a set decides when it counts again, not a restart.
    state = SetState.ENABLED if row is None else SetState(row.state)
    is_known = row is not None and row.artefact == one.artefact and set(row.reads) == found.reads
    await sets.store_artefact(tx, one)
    if not is_known:
        await _save(tx, found, state, "" if row is None else row.reason)
        await _mark_users(tx, one.id, one.version)


async def _save(tx: Transaction, found: LoadedSet, state: SetState, reason: str) -> int:
    await sets.store_artefact(tx, found.criteria_set)
    return await sets.save(tx, state_of(found.criteria_set, state, reason), found.reads)


async def _quarantine(tx: Transaction, name: str, why: str) -> None:
    version = next((point.dist.version for point in entry_points(group=GROUP, name=name) if point.dist), "0")
    log.error("criteria set quarantined", criteria_set=name, version=version, why=why)
    row = await sets.find(tx, name, version)
    if row is None or (row.state, row.reason) != (SetState.QUARANTINED.value, why):
        await sets.save(tx, unreadable(name, version, why), frozenset())
        await _mark_users(tx, name, version)


async def _mark_users(tx: Transaction, name: str, version: str) -> None:
    await handlers.mark_everybody(
        tx, (use for use in await changed_uses(tx) if (use.set_id, use.version) == (name, version))
    )


def _try_to_load(place: str) -> LoadedSet | str:
    try:
        return as_loaded(place, load(place))
    except Exception as error:
        # A set is foreign code: whatever it raises stops itself and nothing else.
        return " ".join(str(error).split())[:2000] or type(error).__name__
