"""Computing a re-scoring: everything it affects, beside the official scores, shorter periods before longer ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from msgspec import structs
from sqlalchemy import Row

from thidua.criteria.periods import period as period_of
from thidua_runtime import cuts
from thidua_runtime.database import Transaction
from thidua_scoring.commands.stored import have_stored
from thidua_scoring.domain import reads
from thidua_scoring.domain.calendar import can_score
from thidua_scoring.domain.material import Material, MemberSeen, PartScore
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.queries import official, rescoring, sets
from thidua_scoring.queries.gathering import ONE_LOOK, Wish, gather
from thidua_scoring.queries.uses import SetRow, Use, uses
from thidua_scoring.queries.writing import store_cases
from thidua_scoring.scorer.turn import Scorer, band_orders, report_failures, score_all

PORTION_SUBJECTS: Final = 1_000
GONE: Final = "không còn tham gia phong trào, giữ nguyên điểm cũ"
OTHER_PERIODS: Final = "bộ tiêu chí {set} {version} không chấm kỳ {period}, giữ nguyên điểm cũ"
FAILED: Final = "không chấm lại được, giữ nguyên điểm cũ: {why}"

Found = dict[str, dict[str, Row[Any]]]
"""What was found so far, by subject and period."""


class _ClosedError(Exception):
    """Somebody closed the re-scoring while it was computed."""


async def advance_rescorings(scorer: Scorer) -> None:
    """Compute every re-scoring that waits for no stream any more."""
    for row in await scorer.database.alone(rescoring.WAITING):
        await _advance(scorer, row)


async def _advance(scorer: Scorer, row: Row[Any]) -> None:
    # One look from the beginning to the end: whoever leads a unit is decided once, and nobody is left out or
    # scored twice. The claim ends with it.
    async with scorer.database.transaction("scorer") as look:
        await look.execute(ONE_LOOK)
        if not (await look.rows(rescoring.CLAIM, id=row.id))[0].is_mine:
            return
        use = await _use_of(look, row)
        if isinstance(use, str):
            await scorer.database.alone(rescoring.HOLD_BACK, id=row.id, waits_for=use)
            return
        await have_stored(scorer.database, use)
        with suppress(_ClosedError):
            await _compute_all(scorer, look, row, use)


async def _compute_all(scorer: Scorer, look: Transaction, row: Row[Any], use: Use) -> None:
    async with _while_waiting(scorer, row) as tx:
        # One that was left half computed by a process that ended begins anew.
        await tx.execute(rescoring.FORGET, id=row.id)
    scored = await look.rows(rescoring.PERIODS, campaign=row.campaign, set_id=row.set_id, period=row.period)
    for name in affected(row.period, [one.period for one in scored]):
        is_scored = _is_scored(scorer, use, name)
        for is_head in (False, True) if is_scored else ():
            await _compute(scorer, look, row, use, name, is_head=is_head)
        why = GONE if is_scored else OTHER_PERIODS.format(set=use.set_id, version=use.version, period=name)
        async with _while_waiting(scorer, row) as tx:
            await tx.execute(
                rescoring.KEEP_GONE, id=row.id, campaign=row.campaign, set_id=row.set_id, period=name, why=why
            )
    async with scorer.database.transaction("scorer") as tx:
        await rescoring.move(tx, row, "ready")


@asynccontextmanager
async def _while_waiting(scorer: Scorer, row: Row[Any]) -> AsyncIterator[Transaction]:
    """Open a transaction until whose end nobody closes the re-scoring; raises _ClosedError if somebody has."""
    async with scorer.database.transaction("scorer") as tx:
        if await tx.row(rescoring.STILL_WAITING, id=row.id) is None:
            raise _ClosedError
        yield tx


def affected(period: str, scored: Sequence[str]) -> list[str]:
    """Return a period and the scored ones that contain it, shorter ones first."""
    own = period_of(period)
    containing = [one for one in map(period_of, {period, *scored}) if one.covers(own)]
    return [one.name for one in sorted(containing, key=lambda one: (one.last - one.first, one.name))]


async def _use_of(tx: Transaction, row: Row[Any]) -> Use | str:
    """Return the campaign's use of the set, in the version that is tried: enabled or in evaluation; or what is awaited.

    That is a Vietnamese sentence.
    """
    late = await cuts.late_streams(tx, row.cut)
    if late:
        return f"Chờ số liệu đến mốc chốt về {cuts.in_words(late)}."
    found = [use for use in await uses(tx) if use.campaign.id == row.campaign and use.set_id == row.set_id]
    if not found:
        is_there = await tx.row(official.CAMPAIGN, code=row.campaign) is not None
        return f"Phong trào không còn dùng bộ tiêu chí {row.set_id}." if is_there else "Phong trào không còn."
    version = await sets.row_of(tx, row.set_id, row.set_version)
    if version is None:
        return f"Bộ tiêu chí {row.set_id} phiên bản {row.set_version} không còn trên hệ thống."
    seen = SetRow(version.id, version.version, "enabled", version.reason, version.artefact, frozenset(version.reads))
    return replace(found[0], version=row.set_version, row=seen)


async def _compute(scorer: Scorer, look: Transaction, row: Row[Any], use: Use, name: str, *, is_head: bool) -> None:
    found: Found = {}
    # Outside the look, which does not see what was written since it began.
    for one in await scorer.database.alone(rescoring.FOUND, id=row.id):
        found.setdefault(one.subject, {})[one.period] = one
    wishes = await _wishes(look, use, is_head=is_head)
    for first in range(0, len(wishes), PORTION_SUBJECTS):
        materials = await gather(look, wishes[first : first + PORTION_SUBJECTS], band_orders(scorer.workplace))
        renewed = {wish: _renewed(material, found, use.set_id) for wish, material in materials.items()}
        outcomes = await score_all(scorer, renewed, "official", name, row.cut)
        async with _while_waiting(scorer, row) as tx:
            await rescoring.keep(tx, row, outcomes, _skipped(outcomes))
            await store_cases(tx, outcomes)
            report_failures(tx, outcomes)


def _is_scored(scorer: Scorer, use: Use, name: str) -> bool:
    loaded = scorer.workplace.sets.get((use.set_id, use.version))
    return loaded is None or can_score(loaded.criteria_set.manifest, name)


async def _wishes(tx: Transaction, use: Use, *, is_head: bool) -> list[Wish]:
    rows = await tx.rows(official.TAKING_PART, kind=use.kind.value, units=list(use.campaign.participants))
    counts_members = use.may_read(reads.MEMBERS)
    return [Wish(one.subject, use) for one in rows if (counts_members and one.leads) is is_head]


def _renewed(material: Material, found: Found, set_id: str) -> Material:
    """Return material in which parts of the year and bands of members are those of this re-scoring."""
    parts = {one.period: one for one in material.parts}
    for period, one in found.get(material.subject, {}).items():
        total = None if one.points is None else format(one.points, "f")
        parts[period] = PartScore(period, one.state, total)
    members = tuple(_renewed_member(one, found, set_id) for one in material.members)
    return structs.replace(material, parts=tuple(parts[name] for name in sorted(parts)), members=members)


def _renewed_member(member: MemberSeen, found: Found, set_id: str) -> MemberSeen:
    bands = {(period, name): band for period, name, band in member.bands}
    for period, one in found.get(member.subject, {}).items():
        bands[period, set_id] = one.band
    return replace(member, bands=tuple(_triples(bands)))


def _triples(bands: Mapping[tuple[str, str], str | None]) -> Iterator[tuple[str, str, str]]:
    for (period, name), band in sorted(bands.items()):
        if band is not None:
            yield period, name, band


def _skipped(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Name whom the set failed on; a score that the rules withhold is a result and no failure."""
    failed = [one for one in outcomes if one.failure is not None or one.tree is None]
    return {one.row.subject: FAILED.format(why=_why(one)) for one in failed}


def _why(one: Outcome) -> str:
    return one.state.not_ranked_because
