"""Criteria sets: registered at the start, enabled, disabled and withdrawn by an operator with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Final

import orjson
import structlog

from thidua.contracts import CriteriaSetState
from thidua.contracts.judgement import SetState
from thidua.criteria import installed_criteria_sets
from thidua.criteria.loader import GROUP
from thidua.errors import Stale
from thidua.testkit.report import EXAMINATION_SECONDS, examine_apart
from thidua.testkit.rules import TIERS, is_enough
from thidua_runtime.database import Database, Transaction
from thidua_runtime.web import Versioned
from thidua_scoring import handlers
from thidua_scoring.domain.declared import state_of, unreadable, why_not_fed
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.scoring import load_unimported
from thidua_scoring.errors import SetNotLoaded, SetWithdrawn, TierTooLow, UnknownSet
from thidua_scoring.queries import sets
from thidua_scoring.queries.uses import changed_uses
from thidua_scoring.workplace import LoadedSet, as_loaded, workplace_of

REASONS: Final = ("exception", "time", "memory", "crash", "too_large", "answer", "refused", "replay_mismatch")
DANGERS: Final = frozenset({"time", "memory", "crash", "answer"})
_TIERS: Final = {"bronze": "đồng (bronze)", "silver": "bạc (silver)", "gold": "vàng (gold)"}
_COUNTING: Final = frozenset({SetState.ENABLED.value, SetState.EVALUATION.value})

log = structlog.get_logger()


async def register_installed(database: Database) -> None:
    """Load every installed set and register it; one that cannot be loaded is quarantined, the others go on."""
    for name, place in installed_criteria_sets().items():
        found = await _tried(database, name, place)
        async with database.transaction("scorer") as tx:
            if isinstance(found, tuple):
                await _quarantine(tx, name, found[0])
            else:
                workplace_of(database).have(found)
                await _register(tx, found)
        for reason in REASONS:
            if database.meters is not None:
                database.meters.count("thidua_criteria_set_failures_total", 0, criteria_set=name, reason=reason)


async def quarantine_dangerous(database: Database, outcomes: Sequence[Outcome]) -> None:
    """Count the cases in a row that went beyond time or memory, whatever turn or lane they are of.

    A set that reaches the number is stopped, before it costs more.
    """
    failing = workplace_of(database).failing
    for one in outcomes:
        used = one.row.set_id, one.row.set_version
        if one.failure in DANGERS:
            failing.setdefault(used, []).append(one.failure)
        elif failing:
            failing.pop(used, None)
    for used, failures in list(failing.items()):
        if len(failures) >= database.settings.score_quarantine_cases:
            del failing[used]
            await _stop(database, used, f"{len(failures)} cases in a row failed: {', '.join(sorted(set(failures)))}")


async def _stop(database: Database, used: tuple[str, str], why: str) -> None:
    async with database.transaction("scorer") as tx:
        row = await sets.find(tx, *used)
        # Somebody may have stopped it meanwhile, and decides when it counts again.
        if row is not None and row.state in _COUNTING:
            log.error("criteria set quarantined", criteria_set=used[0], version=used[1], why=why)
            await _move(tx, *used, SetState.QUARANTINED, why)


NOT_INSTALLED: Final = ("chưa cài đặt", "it is not installed")


async def enable(tx: Transaction, name: str, version: str, reason: str, expected: int | None = None) -> Versioned:
    """Let a set score, or score again.

    Raises SetNotLoaded while this process cannot load it, TierTooLow, SetWithdrawn for good, Stale unless its
    revision is the expected one.
    """
    if (name, version) not in workplace_of(tx.database).sets:
        place = installed_criteria_sets().get(name)
        found = NOT_INSTALLED if place is None else await _tried(tx.database, name, place)
        if isinstance(found, LoadedSet) and found.criteria_set.version != version:
            here = found.criteria_set.version
            found = f"đang cài phiên bản {here}", f"version {here} is installed"
        if not isinstance(found, LoadedSet):
            raise SetNotLoaded(set=name, version=version, why=found[0], why_en=found[1])
        workplace_of(tx.database).have(found)
    await refuse_low_tier(tx, workplace_of(tx.database).sets[name, version])
    return await _move(tx, name, version, SetState.ENABLED, reason, expected)


async def disable(tx: Transaction, name: str, version: str, reason: str, expected: int | None = None) -> Versioned:
    """Stop a set until it is enabled again; its subjects show "chưa chấm". Raises Stale as `enable` does."""
    return await _move(tx, name, version, SetState.DISABLED, reason, expected)


async def withdraw(tx: Transaction, name: str, version: str, reason: str, expected: int | None = None) -> Versioned:
    """Stop a version of a set for good. Raises Stale as `enable` does."""
    return await _move(tx, name, version, SetState.WITHDRAWN, reason, expected)


async def _move(
    tx: Transaction, name: str, version: str, state: SetState, reason: str, expected: int | None = None
) -> Versioned:
    row = await sets.find(tx, name, version)
    if row is None:
        raise UnknownSet(set=name, version=version)
    if expected is not None and row.revision != expected:
        raise Stale(current=row.revision, expected=expected)
    if row.state == SetState.WITHDRAWN.value:
        raise SetWithdrawn(set=name, version=version)
    loaded = workplace_of(tx.database).sets.get((name, version))
    if loaded is not None:
        revision = await save_loaded(tx, loaded, state, reason)
    else:
        kept = CriteriaSetState.model_validate({**orjson.loads(row.body), "state": state, "reason": reason})
        revision = await sets.save(tx, kept, frozenset(row.reads))
        await _mark_users(tx, name, version)
    return Versioned({"id": name, "version": version, "state": state.value, "reason": reason}, revision)


async def save_loaded(tx: Transaction, loaded: LoadedSet, state: SetState, reason: str) -> int:
    """Write and publish a loaded set in a state, and mark all it scores; return its revision."""
    revision = await _save(tx, loaded, state, reason)
    await _mark_users(tx, loaded.criteria_set.id, loaded.criteria_set.version)
    return revision


async def refuse_low_tier(tx: Transaction, loaded: LoadedSet) -> None:
    """Raise TierTooLow for a set below the demanded tier.

    What came with a distribution was loaded, which is all that the lowest tier asks of it; for a higher one it is
    examined here, once.
    """
    one, demanded = loaded.criteria_set, tx.database.settings.minimum_tier
    report = await sets.report_of(tx, one.artefact)
    if report is None and demanded != TIERS[1]:
        memory_mb = tx.database.settings.score_memory_limit_mb
        report = await asyncio.to_thread(examine_apart, one.folder, memory_mb, EXAMINATION_SECONDS)
        await sets.keep_report(tx, one.artefact, report)
    if report is not None and not is_enough(report["tier"], demanded):
        reached = report["tier"]
        raise TierTooLow(
            set=one.id,
            version=one.version,
            tier=f"mới đạt mức {_TIERS[reached]}" if reached in _TIERS else "chưa đạt mức nào",
            tier_en=reached,
            demanded=_TIERS[demanded],
            demanded_en=demanded,
        )


async def _register(tx: Transaction, found: LoadedSet) -> None:
    one = found.criteria_set
    row = await sets.find(tx, one.id, one.version)
    # Whoever quarantined or disabled a set decides when it counts again, not a restart.
    state, reason = await _first_state(tx, found) if row is None else (SetState(row.state), row.reason)
    is_known = row is not None and row.artefact == one.artefact and set(row.reads) == found.reads
    await sets.store_artefact(tx, one)
    if not is_known:
        await save_loaded(tx, found, state, reason)


async def _first_state(tx: Transaction, found: LoadedSet) -> tuple[SetState, str]:
    try:
        await refuse_low_tier(tx, found)
    except TierTooLow as error:
        return SetState.EVALUATION, str(error)
    return SetState.ENABLED, ""


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
    # A version that campaigns do not name follows those of the one they name.
    users = [use for use in await changed_uses(tx) if use.set_id == name]
    follows = {one.version for use in users for one in use.shadows}
    await handlers.mark_everybody(tx, (use for use in users if version in (use.version, *follows)))


async def _tried(database: Database, name: str, place: str) -> LoadedSet | tuple[str, str]:
    """Load a set without importing its code here, then its code where it will run; else say why not, in both languages.

    What a set itself raises is told as it is.
    """
    try:
        found = as_loaded(place, await asyncio.to_thread(load_unimported, place))
    except Exception as error:
        # A set is foreign: whatever reading it raises stops itself and nothing else.
        raised = " ".join(str(error).split())[:2000] or type(error).__name__
        return raised, raised
    if found.criteria_set.id != name:
        own = found.criteria_set.id
        return (
            f"entry point tên là {name}, bộ tiêu chí có mã {own}; hãy đặt trùng tên",
            f"the entry point is called {name}, the set {own}; call them alike",
        )
    if unfed := why_not_fed(found.criteria_set):
        return unfed, unfed
    apart = workplace_of(database).apart
    why = await apart.why_not_loaded(place) if found.has_code and apart is not None else ""
    return (why, why) if why else found
