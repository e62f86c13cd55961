"""The review (rà soát điều kiện): read all inputs, evaluate without I/O, store and publish what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from sqlalchemy import Row

from thidua.contracts import Campaign, Unit
from thidua_awards.domain import assessment
from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.domain.units import chain, deciding_unit
from thidua_awards.errors import NoLawForYear, TitleNotReviewed
from thidua_awards.gathering import Roll, candidates
from thidua_awards.law import Regime, basis_of, regime_of, regimes
from thidua_awards.queries import inputs, local_values, lookups, outcomes, quota
from thidua_awards.queries import marks as marking
from thidua_awards.queries.marks import EVERY_UNIT, LookedAt, Marks
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


NOTHING_DONE: Final = Outcome(0, 0, 0, {})


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

    Of a marked unit its whole deciding unit is read again, of a marked subject that subject alone and the collectives
    that count it; a quota is then written anew into what was found of the others. Where the rules or a local value
    changed, everybody is.
    """
    changed = 0
    for row in await marking.under_review(tx):
        if row.is_marked or _is_outdated(tx, row):
            campaign = lookups.campaign_of(row.body)
            try:
                changed += (await _review_part(tx, campaign)).changed
            except NoLawForYear as refused:
                # A campaign whose year was mistyped must not keep the others from their review.
                log.warning("campaign not reviewed", campaign=campaign.code, why=refused.in_english)
    return changed


def _is_outdated(tx: Transaction, row: Row[Any]) -> bool:
    """Whether a campaign that still runs was reviewed under other rules or local values than those in force now."""
    if row.state == "closed":
        return False
    file = tx.settings.law_overrides_file
    try:
        return bool(row.basis != basis_of(regime_of(row.year, file), regimes(file)))
    except NoLawForYear:
        return False


async def review_pending(tx: Transaction, campaign: Campaign, units: Iterable[str]) -> None:
    """Review at once what changed in the deciding units of `units`: what is decided now keeps its findings for good."""
    marks = await marking.marked(tx, campaign.id)
    if not marks:
        return
    known = await lookups.units(tx)
    groups = {deciding_unit(known, unit) for unit in units}
    homes = await marking.units_of(tx, marks.subjects)
    pending = marks.only(
        (unit for unit in marks.units if unit == EVERY_UNIT or deciding_unit(known, unit) in groups),
        (one for one in marks.subjects if deciding_unit(known, homes.get(one, one)) in groups),
    )
    if pending:
        await _review_part(tx, campaign, pending)


async def _review_all(tx: Transaction, campaign: Campaign, titles: Iterable[str], *, again: bool) -> Outcome:
    hand = await _take_turn(tx, campaign, titles)
    if again or not hand.turn.as_before:
        return await _review_everybody(tx, hand)
    done = await _review_marks(tx, hand)
    verdicts = await outcomes.standing(tx, campaign.id, hand.turn.titles)
    return replace(done, reviewed=sum(sum(counts.values()) for counts in verdicts.values()), verdicts=verdicts)


async def _review_part(tx: Transaction, campaign: Campaign, pending: Marks | None = None) -> Outcome:
    hand = await _take_turn(tx, campaign, ())
    # Under other rules than before, whoever was not marked may come out differently too.
    return await (_review_marks(tx, hand, pending) if hand.turn.as_before else _review_everybody(tx, hand))


@dataclass(frozen=True, slots=True)
class _Hand:
    """A campaign whose review is in hand, with its rules and all titles it covers."""

    campaign: Campaign
    regime: Regime
    laws: tuple[Regime, ...]
    turn: outcomes.Turn


async def _take_turn(tx: Transaction, campaign: Campaign, titles: Iterable[str]) -> _Hand:
    laws = regimes(tx.settings.law_overrides_file)
    regime = regime_of(campaign.year, tx.settings.law_overrides_file)
    turn = await outcomes.take_turn(tx, campaign.id, titles, basis_of(regime, laws), tx.clock.today())
    if not turn.as_before:
        await local_values.note(tx)
    return _Hand(campaign, regime, laws, turn)


async def _review_everybody(tx: Transaction, hand: _Hand) -> Outcome:
    # Marks first, inputs after: what changes in between is marked anew and comes round again.
    marks, known = await marking.marked_and_units(tx, hand.campaign.id)
    done = await _review(tx, hand, known, LookedAt())
    await marking.unmark(tx, hand.campaign.id, marks)
    return done


async def _review_marks(tx: Transaction, hand: _Hand, pending: Marks | None = None) -> Outcome:
    """Review what is marked, or of it `pending` alone."""
    every, known = await marking.marked_and_units(tx, hand.campaign.id)
    marks = every if pending is None else pending
    if marks.is_everybody:
        return await _review_everybody(tx, hand)
    whole = _whole_groups(known, marks.units)
    single = await _single(tx, known, marks.subjects, whole)
    done = await _review(tx, hand, known, LookedAt(units=whole)) if whole else NOTHING_DONE
    if single:
        alone = await _review(tx, hand, known, LookedAt(subjects=single))
        done = Outcome(done.reviewed + alone.reviewed, done.changed + alone.changed, done.dropped + alone.dropped, {})
    await marking.unmark(tx, hand.campaign.id, marks)
    return done


def _whole_groups(known: Mapping[str, Unit], units: Iterable[str]) -> frozenset[str]:
    """Return all units of the deciding units that `units` belong to."""
    groups = {deciding_unit(known, unit) for unit in units}
    return frozenset(unit for unit in {*known, *units} if deciding_unit(known, unit) in groups)


async def _single(
    tx: Transaction, known: Mapping[str, Unit], subjects: Iterable[str], whole: frozenset[str]
) -> frozenset[str]:
    """Return the subjects that no whole unit covers, with every collective that counts a marked one."""
    homes = await marking.units_of(tx, subjects) if whole else {}
    left = {one for one in subjects if homes.get(one, one) not in whole}
    return frozenset(left | {team for one in left if one in known for team in chain(known, one)})


async def _review(tx: Transaction, hand: _Hand, known: Mapping[str, Unit], looked_at: LookedAt) -> Outcome:
    campaign, titles = hand.campaign, hand.turn.titles
    roll = Roll(await inputs.gather(tx, campaign, known, looked_at), hand.regime)
    found = assessment.assess(candidates(roll, titles, looked_at), hand.regime, hand.laws)
    groups, moved = await quota.keep(tx, campaign.id, titles, looked_at, found, roll.ldtt_awarded)
    placed = assessment.placed(found, groups, hand.regime)
    changed, dropped = await outcomes.store(tx, campaign.id, hand.regime.code, titles, looked_at, placed)
    covered = looked_at.units or frozenset()
    others = {one: groups[one] for one in moved if one[1] not in covered}
    if others and looked_at != LookedAt():
        besides = {one.case.subject for one in found}
        laws = {regime.code: regime for regime in hand.laws}
        changed += await quota.place_others(tx, campaign, others, besides, laws)
    return Outcome(len(placed), changed, dropped, _verdicts(placed))


def _verdicts(found: Iterable[assessment.Reviewed]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for one in found:
        counted.setdefault(one.case.title, Counter())[one.verdict.value] += 1
    return {title: dict(counts) for title, counts in sorted(counted.items())}
