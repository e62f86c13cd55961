"""The review (rà soát điều kiện): read all inputs, evaluate without I/O, store and publish what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from thidua.contracts import Campaign
from thidua_awards.domain import assessment
from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.domain.units import deciding_unit
from thidua_awards.errors import NoLawForYear, TitleNotReviewed
from thidua_awards.gathering import Roll, candidates
from thidua_awards.law import Regime, regime_of, regimes
from thidua_awards.queries import inputs, lookups, outcomes
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a review did: recommendations looked at, changed and dropped, and verdicts per title."""

    reviewed: int
    changed: int
    dropped: int
    verdicts: dict[str, dict[str, int]]


async def review_campaign(tx: Transaction, code: str, titles: Sequence[str], *, again: bool = False) -> dict[str, Any]:
    """Review a campaign for `titles` (all reviewable ones if empty); `again`: whoever did not change as well.

    Raises UnknownCampaign, TitleNotReviewed, NoLawForYear. Where titles and rules are those of the review before,
    only what changed since is looked at: the rest would come out the same.
    `cut` in the answer is when it began: quotas and decisions that rest on this review name it as theirs.
    """
    for title in titles:
        if title not in REVIEWED:
            raise TitleNotReviewed(title=title, known=", ".join(REVIEWED))
    campaign = await lookups.campaign(tx, code)
    begun_at = wall_clock()
    outcome = await _review_all(tx, campaign, titles or REVIEWED, again=again)
    return {
        "campaign": campaign.code,
        "regime": regime_of(campaign.year, tx.settings.law_overrides_file).code,
        "as_of": tx.clock.today().isoformat(),
        "cut": begun_at.isoformat(),
        "reviewed": outcome.reviewed,
        "changed": outcome.changed,
        "dropped": outcome.dropped,
        "verdicts": outcome.verdicts,
    }


async def review_marked(tx: Transaction) -> int:
    """Review again what changed since; return how many recommendations changed.

    Only the deciding units with a marked unit are read again: quotas and shares never reach beyond them.
    """
    changed = 0
    for code in await outcomes.changed_campaigns(tx):
        campaign = await lookups.campaign(tx, code)
        marks = await outcomes.marked(tx, campaign.id)
        try:
            changed += (await _review_part(tx, campaign, frozenset(marks))).changed
        except NoLawForYear as refused:
            # A campaign whose year was mistyped must not keep the others from their review.
            log.warning("campaign not reviewed", campaign=campaign.code, why=refused.in_english)
    return changed


async def review_pending(tx: Transaction, campaign: Campaign, units: Iterable[str]) -> None:
    """Review at once what changed in the deciding units of `units`: what is decided now keeps its findings for good."""
    marks = await outcomes.marked(tx, campaign.id)
    if not marks:
        return
    known = await inputs.all_units(tx)
    groups = {deciding_unit(known, unit) for unit in units}
    pending = {unit for unit in marks if unit == outcomes.EVERY_UNIT or deciding_unit(known, unit) in groups}
    if pending:
        await _review_part(tx, campaign, frozenset(pending))


async def _review_all(tx: Transaction, campaign: Campaign, titles: Iterable[str], *, again: bool) -> Outcome:
    regime, turn = await _take_turn(tx, campaign, titles)
    if again or not turn.as_before:
        return await _review(tx, campaign, regime, turn.titles, None)
    changed = dropped = 0
    marks = await outcomes.marked(tx, campaign.id)
    if marks:
        outcome = await _review(tx, campaign, regime, turn.titles, frozenset(marks))
        changed, dropped = outcome.changed, outcome.dropped
    verdicts = await outcomes.standing(tx, campaign.id, turn.titles)
    return Outcome(sum(sum(counts.values()) for counts in verdicts.values()), changed, dropped, verdicts)


async def _review_part(tx: Transaction, campaign: Campaign, units: frozenset[str]) -> Outcome:
    regime, turn = await _take_turn(tx, campaign, ())
    # Under other rules than before, whoever was not marked may come out differently too.
    return await _review(tx, campaign, regime, turn.titles, units if turn.as_before else None)


async def _take_turn(tx: Transaction, campaign: Campaign, titles: Iterable[str]) -> tuple[Regime, outcomes.Turn]:
    regime = regime_of(campaign.year, tx.settings.law_overrides_file)
    return regime, await outcomes.take_turn(tx, campaign.id, titles, regime.basis, tx.clock.today())


async def _review(
    tx: Transaction, campaign: Campaign, regime: Regime, every: Sequence[str], units: frozenset[str] | None
) -> Outcome:
    # Marks first, inputs after: what changes in between is marked anew and comes round again.
    marks = await outcomes.marked(tx, campaign.id)
    scope = await _scope(tx, units)
    known = await inputs.all_units(tx)
    given = await inputs.gather(tx, campaign, known, None if scope is None else sorted(scope))
    roll = Roll(given, regime)
    laws = regimes(tx.settings.law_overrides_file)
    found = assessment.review(candidates(roll, every, scope), regime, roll.ldtt_awarded, laws)
    changed = await outcomes.store(tx, campaign.id, regime.code, found)
    dropped = await outcomes.drop(tx, campaign.id, every, scope, found)
    taken = marks if units is None else {unit: marks[unit] for unit in units & marks.keys()}
    await outcomes.unmark(tx, campaign.id, taken)
    return Outcome(len(found), changed, dropped, _verdicts(found))


async def _scope(tx: Transaction, units: frozenset[str] | None) -> frozenset[str] | None:
    """Return all units of the deciding units that `units` belong to; None is everything."""
    if units is None or outcomes.EVERY_UNIT in units:
        return None
    known = await inputs.all_units(tx)
    groups = {deciding_unit(known, unit) for unit in units}
    return frozenset(unit for unit in {*known, *units} if deciding_unit(known, unit) in groups)


def _verdicts(found: Iterable[assessment.Reviewed]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for one in found:
        counted.setdefault(one.case.title, Counter())[one.verdict.value] += 1
    return {title: dict(counts) for title, counts in sorted(counted.items())}
