"""What an event does: its state is kept, and in the same transaction everybody is marked whose score it may move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import date
from typing import Final

import structlog
from sqlalchemy import text

from thidua.contracts import (
    Campaign,
    Cluster,
    Decision,
    Erasure,
    Fact,
    Initiative,
    MonthlyResult,
    Person,
    Registration,
    SubjectKind,
    Unit,
)
from thidua_runtime import replicas
from thidua_runtime.database import Transaction
from thidua_runtime.records import Batch
from thidua_runtime.web import forget_answers
from thidua_scoring.domain import reads
from thidua_scoring.domain.boundaries import has_crossed
from thidua_scoring.domain.calendar import months_of
from thidua_scoring.queries import erasing, links, marks
from thidua_scoring.queries.marks import Mark
from thidua_scoring.queries.uses import Use, changed_uses, shared_uses

log = structlog.get_logger()

# The date only moves forward: two followers that learn of it in two orders must agree.
MOVE_DAYS: Final = text("""
insert into campaign_day as d (campaign, as_of)
select * from unnest(cast(:campaigns as text[]), cast(:days as date[])) as n (campaign, as_of) order by campaign
    on conflict (campaign) do update set as_of = excluded.as_of where excluded.as_of > d.as_of
returning new.campaign, old.as_of as before, new.as_of as after
""")
DECIDED_IN: Final = text("""
select body->>'campaign' as campaign from replica_decisions where key = any(cast(:keys as text[])) and not deleted
""")
NEWEST_DAY: Final = text("""
select max(cast(body->>'as_of' as date)) as as_of from replica_monthly_results
 where not deleted and month between :first and :last
""")


async def keep_units(batch: Batch[Unit], tx: Transaction) -> None:
    """A unit moves its own scores and those of the people in it."""
    changed = await replicas.keep(batch, tx)
    if changed:
        for use in await changed_uses(tx):
            await marks.mark_units(tx, use.campaign.id, use.set_id, use.kind.value, changed)


async def keep_clusters(batch: Batch[Cluster], tx: Transaction) -> None:
    """A cluster moves everybody in the campaigns of its year: members, former members and their peers."""
    changed = await replicas.keep(batch, tx)
    years = {int(key.rpartition("/")[2]) for key in changed if key.rpartition("/")[2].isdecimal()}
    if years:
        await mark_everybody(tx, (use for use in await changed_uses(tx) if use.campaign.year in years))


async def keep_people(batch: Batch[Person], tx: Transaction) -> None:
    """A person moves the own score, and the heads of units whose members are counted."""
    changed = await replicas.keep(batch, tx)
    if not changed:
        return
    people = [key.partition("/")[2] for key in changed]
    units = {key.partition("/")[0] for key in changed}
    in_use = await changed_uses(tx)
    individual = [use for use in in_use if use.kind.value == "individual"]
    marks.mark(tx, (Mark(person, use.campaign.id, use.set_id) for use in individual for person in people))
    await mark_heads(tx, in_use, units)


async def keep_erasures(batch: Batch[Erasure], tx: Transaction) -> None:
    """Remove scores and cases of erased people; nobody else's score moves by that."""
    changed = frozenset(await replicas.keep(batch, tx))
    if changed:
        await forget_answers(tx)
    for one in batch.states:
        if one.key in changed:
            log.info("person erased", person=one.person, **await erasing.remove(tx, one.person))


async def keep_campaigns(batch: Batch[Campaign], tx: Transaction) -> None:
    """A campaign moves everybody who takes part in it, or did."""
    changed = await replicas.keep(batch, tx)
    if not changed:
        return
    in_use = [use for use in await changed_uses(tx) if use.campaign.id in set(changed)]
    await find_days(tx, in_use)
    await marks.mark_scored(tx, changed)
    await mark_everybody(tx, in_use)


async def find_days(tx: Transaction, in_use: Iterable[Use]) -> None:
    """Let the campaigns of these uses stand on the newest day that a month of theirs tells of."""
    for campaign in {use.campaign.id: use.campaign for use in in_use}.values():
        first, last = months_of(campaign.year)
        row = await tx.row(NEWEST_DAY, first=first, last=last)
        if row is not None and row.as_of is not None:
            await tx.rows(MOVE_DAYS, campaigns=[campaign.id], days=[row.as_of])


async def keep_registrations(batch: Batch[Registration], tx: Transaction) -> None:
    """A registration moves the score of its subject in its campaign."""
    pairs = [key.rpartition("/") for key in await replicas.keep(batch, tx)]
    if pairs:
        in_use = [use for use in await shared_uses(tx) if use.may_read(reads.REGISTRATIONS)]
        kinds = {one.key: one.subject_kind for one in batch.states}
        marks.mark(
            tx,
            (Mark(subject, campaign, use.set_id) for subject, slash, campaign in pairs for use in in_use
             if use.campaign.id == campaign and _scores(use, kinds.get(f"{subject}{slash}{campaign}"))),
        )  # fmt: skip


async def keep_initiatives(batch: Batch[Initiative], tx: Transaction) -> None:
    """An initiative moves its authors and its unit, and those who were its authors before."""
    changed = set(await replicas.keep(batch, tx))
    if changed:
        named = {one.key: (one.unit, *(author.person for author in one.authors)) for one in batch.states}
        subjects = await links.relink(
            tx, links.INITIATIVES, sorted(changed), {key: who for key, who in named.items() if key in changed}
        )
        await _mark_for(tx, subjects, reads.INITIATIVES)


async def keep_decisions(batch: Batch[Decision], tx: Transaction) -> None:
    """A decision moves whoever it names or named, and the heads of units whose members' titles are counted."""
    before = await tx.rows(DECIDED_IN, keys=[arrival.key for arrival in batch.arrivals])
    changed = set(await replicas.keep(batch, tx))
    if changed:
        named = {one.key: [award.subject for award in one.awards] for one in batch.states if one.key in changed}
        subjects = await links.relink(tx, links.DECISIONS, sorted(changed), named)
        # What a campaign itself leads to is in none of its own cases.
        campaigns = {row.campaign for row in before} | {one.campaign for one in batch.states}
        await _mark_for(tx, subjects, reads.DECISIONS, unless=campaigns)
        units = {award.unit for one in batch.states if one.key in changed for award in one.awards}
        await mark_heads(tx, await shared_uses(tx), units)


async def keep_months(batch: Batch[MonthlyResult], tx: Transaction) -> None:
    """A month moves its subject; a newer as-of date moves everybody once it passes a day on which something is due."""
    changed = set(await replicas.keep(batch, tx))
    if not changed:
        return
    in_use = await shared_uses(tx)
    reading = [use for use in in_use if use.may_read(reads.MONTHS)]
    kinds = {one.key: one.subject_kind for one in batch.states}
    named = [(*key.rpartition("/")[::2], kinds.get(key)) for key in changed]
    marks.mark(
        tx,
        (Mark(subject, use.campaign.id, use.set_id) for subject, month, kind in named for use in reading
         if _scores(use, kind) and _has_month(use, month)),
    )  # fmt: skip
    # As with facts, all clusters of a set that compares months are marked rather than one too few.
    compared = [use for use in reading if use.row is not None and use.may_read(reads.PEERS_MONTHS)]
    await mark_everybody(tx, (use for use in compared if any(_has_month(use, month) for _, month, _ in named)))
    moved = await _move_days(tx, in_use, [one for one in batch.states if one.key in changed])
    await mark_everybody(
        tx, (use for use in in_use if use.campaign.id in moved and _is_due(use, *moved[use.campaign.id]))
    )


async def keep_facts(batch: Batch[Fact], tx: Transaction) -> None:
    """A fact moves its subject, and the whole cluster where it is compared with its peers."""
    changed = await replicas.keep(batch, tx)
    if not changed:
        return
    stated = [tuple(key.rsplit("/", 3)) for key in changed]
    kinds = {one.key: one.subject_kind for one in batch.states}
    in_use = await shared_uses(tx)
    marks.mark(
        tx,
        (Mark(subject, campaign, use.set_id) for subject, campaign, name, by in stated for use in in_use
         if use.campaign.id == campaign and use.may_read(f"{reads.FACT}{name}")
         and _scores(use, kinds.get(f"{subject}/{campaign}/{name}/{by}"))),
    )  # fmt: skip
    compared = {(campaign, use.set_id) for _, campaign, name, _ in stated for use in in_use
                if use.campaign.id == campaign and use.may_read(f"{reads.PEER}{name}")}  # fmt: skip
    # Which cluster a subject is in is dated and corrected; marking all clusters is cheap and never wrong.
    await mark_everybody(tx, (use for use in in_use if (use.campaign.id, use.set_id) in compared))


async def mark_everybody(tx: Transaction, in_use: Iterable[Use]) -> None:
    """Mark every subject of these uses, and whoever has a score of them."""
    for use in in_use:
        await marks.mark_units(
            tx, use.campaign.id, use.set_id, use.kind.value, use.campaign.participants, is_whole=True
        )


async def mark_heads(tx: Transaction, in_use: Iterable[Use], units: Iterable[str]) -> None:
    """Mark units, or who leads them, where a set counts members."""
    listed = sorted(set(units))
    for use in in_use:
        if listed and use.may_read(reads.MEMBERS):
            await marks.mark_heads(tx, use.campaign.id, use.set_id, use.kind.value, listed)


async def _mark_for(tx: Transaction, subjects: Iterable[str], tag: str, unless: Set[str | None] = frozenset()) -> None:
    in_use = [use for use in await shared_uses(tx) if use.may_read(tag) and unless != {use.campaign.id}]
    marks.mark(tx, (Mark(subject, use.campaign.id, use.set_id) for subject in subjects for use in in_use))


def _scores(use: Use, kind: SubjectKind | None) -> bool:
    # What is gone no longer says whose it was.
    return kind is None or kind == use.kind.value


def _is_due(use: Use, before: date | None, after: date) -> bool:
    if use.row is None:
        return True
    replaced = (one.value for one in use.campaign.parameters)
    tags = use.row.reads.union(*(one.reads for one in use.shadows))
    return has_crossed(tags, use.campaign.year, replaced, before, after)


async def _move_days(
    tx: Transaction, in_use: Iterable[Use], results: Iterable[MonthlyResult]
) -> dict[str, tuple[date | None, date]]:
    campaigns = {use.campaign.id: use for use in in_use}
    days = dict(_newest_days(campaigns.values(), list(results)))
    if not days:
        return {}
    rows = await tx.rows(MOVE_DAYS, campaigns=list(days), days=list(days.values()))
    return {row.campaign: (row.before, row.after) for row in rows}


def _newest_days(in_use: Iterable[Use], results: list[MonthlyResult]) -> Iterator[tuple[str, object]]:
    for use in in_use:
        days = [one.as_of for one in results if _has_month(use, one.month)]
        if days:
            yield use.campaign.id, max(days)


def _has_month(use: Use, month: str) -> bool:
    first, last = months_of(use.campaign.year)
    return first <= month <= last
