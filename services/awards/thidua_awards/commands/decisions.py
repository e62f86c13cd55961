"""Record signed decisions, and import past ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from thidua.contracts import Campaign
from thidua.contracts.judgement import Award
from thidua.errors import Refused
from thidua_awards.commands import dossiers, later, objections, past_rows
from thidua_awards.commands.review import review_pending
from thidua_awards.domain.holders import check_holder, code_of
from thidua_awards.domain.signing import before_its_year, refuse_ahead
from thidua_awards.domain.uses import Counted
from thidua_awards.entries import AwardEntry, DecisionEntry, PastAward
from thidua_awards.errors import DecisionExists, DecisionRepeated, UnknownSubject
from thidua_awards.queries import chain, lookups, marks, matters, outcomes, records
from thidua_runtime import cuts, imports
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned

FLAGS: Final = frozenset({"CTDB", "CTDT"})
"""Flags of the Ministry or a province, among which the Government's flag has its quota."""


async def record_decision(tx: Transaction, entry: DecisionEntry) -> Versioned:
    """Record a signed decision; raises DecisionExists, UnknownSubject, Refused for a title of the other kind.

    Raises DecisionNeedsReason where a hold runs, a title was given already or its places are used up, or where the law
    leaves it to a higher body.
    Of a campaign that was reviewed here it stands behind a cut; raises CutNotReached while a stream is late.
    """
    return (await _record(tx, [entry]))[0]


async def record_decisions(tx: Transaction, entries: Sequence[DecisionEntry]) -> dict[str, Any]:
    """Record signed decisions together: all of them, or none because of the first that is refused.

    What changed is reviewed once, before the first of them: none rests on the awards of another.
    """
    return {"decisions": [one.body for one in await _record(tx, entries)]}


async def _record(tx: Transaction, entries: Sequence[DecisionEntry]) -> list[Versioned]:
    for entry in entries:
        refuse_ahead(entry.dated, tx.clock.today(), f"Quyết định số {entry.number}", f"Decision {entry.number}")
        refuse_early(entry.dated, (award.year for award in entry.awards))
    await objections.take_turn(tx)
    await _refuse_known(tx, entries)
    subjects = await lookups.subjects(tx, (award.subject for entry in entries for award in entry.awards))
    new = [_New(new_id(), entry, tuple(award_of(award, subjects) for award in entry.awards)) for entry in entries]
    asked = [objections.Asked(one.entry, one.awards) for one in new]
    await objections.before_recording(tx, asked)
    by_cut: dict[tuple[str | None, datetime | None], list[_New]] = defaultdict(list)
    for one in new:
        by_cut[one.entry.campaign, one.entry.cut].append(one)
    for (code, cut), together in by_cut.items():
        await _add_behind(tx, await lookups.campaign(tx, code) if code else None, cut, together)
    await objections.after_recording(tx, asked)
    await chain.add_links(tx, "decision", [one.id for one in new])
    return await publish(tx, [one.id for one in new])


def refuse_early(dated: date, years: Iterable[int]) -> None:
    """Raise Refused where a decision of that day would award something of a later year."""
    for year in sorted(set(years), reverse=True):
        refused = before_its_year(dated, year)
        if refused is not None:
            raise refused


@dataclass(frozen=True, slots=True)
class _New:
    id: str
    entry: DecisionEntry
    awards: tuple[Award, ...]


async def _refuse_known(tx: Transaction, entries: Sequence[DecisionEntry]) -> None:
    known = await records.decision_ids(tx, entries)
    seen: set[records.Register] = set()
    for entry in entries:
        register = records.register_of(entry)
        if register in known or register in seen:
            error = DecisionExists if register in known else DecisionRepeated
            raise error(number=entry.number, dated=f"{entry.dated:%d/%m/%Y}", authority=entry.authority)
        seen.add(register)


async def _add_behind(tx: Transaction, campaign: Campaign | None, cut: datetime | None, new: Sequence[_New]) -> None:
    if campaign is None:
        awards = {one.id: one.awards for one in new}
        await records.add_decisions(tx, {one.id: one.entry for one in new}, None, None, _reasons(new))
        await records.add_awards(tx, awards)
        return
    named = [award for one in new for award in one.awards]
    cut = await _behind_cut(tx, campaign, named, cut)
    chosen = {award.dossier for one in new for award in one.entry.awards if award.dossier}
    meant = await later.meant(tx, campaign.id, ((award.subject, award.code) for award in named), chosen)
    new = [replace(one, awards=tuple(_with_matter(award, meant) for award in one.awards)) for one in new]
    lines = {one.id: [line_of(award) for award in one.awards] for one in new}
    every = [line for of_one in lines.values() for line in of_one]
    await records.add_decisions(tx, {one.id: one.entry for one in new}, campaign.id, cut, _reasons(new))
    counted = await outcomes.counted(tx, campaign.id, every) if any(one.year == campaign.year for one in named) else {}
    await records.add_awards(tx, {one.id: [_with_uses(award, counted) for award in one.awards] for one in new})
    await outcomes.move(tx, campaign.id, every, "decided", outcomes.ANY_STATE)
    for one in new:
        entry = one.entry
        await dossiers.decided(tx, campaign.id, lines[one.id], entry.number, entry.dated, entry.reason)
    await chain.add_links(tx, "judged", [matters.key_of(campaign.id, line) for line in every])


def _with_matter(award: Award, meant: Mapping[tuple[str, str], str]) -> Award:
    """Return the line with the later dossier that it decides on, if that is one."""
    matter = meant.get((award.subject, award.code))
    return award.model_copy(update={"matter": matter}) if matter else award


def line_of(award: Award) -> matters.Line:
    """Return what of its subject and title a line of a decision is about."""
    return award.subject, award.code, award.matter or ""


def _reasons(new: Iterable[_New]) -> dict[str, str]:
    return {one.id: one.entry.reason for one in new}


def _with_uses(award: Award, counted: Mapping[matters.Line, Counted]) -> Award:
    """Return the line with the route and the achievements of its review, where the register names none."""
    found = counted.get(line_of(award))
    if found is None or award.uses:
        return award
    if award.route is not None and award.route != found.route:
        return award
    return award.model_copy(update={"route": found.route, "uses": found.uses})


async def _behind_cut(
    tx: Transaction, campaign: Campaign, awards: Iterable[Award], cut: datetime | None
) -> datetime | None:
    """Return the cut of a decision, with everything up to it reviewed; None where there is no review to rest on."""
    if not await outcomes.is_reviewed(tx, campaign.id):
        return None
    cut = cut or wall_clock()
    await cuts.require_passed(tx, cut)
    await review_pending(tx, campaign, {award.unit for award in awards})
    return cut


async def import_awards(tx: Transaction, name: str, content: bytes, dry_run: bool) -> imports.Report:
    """Import past awards from CSV or XLSX; rows of one number, date and authority become one decision.

    Idempotent: a line that is there already is unchanged. A row with an unknown subject or code, a date that cannot
    be, or a title with a kind is refused alone; `notices` tell of titles held already and of other signers.
    """
    parsed = imports.parse_rows(imports.read_table(name, content), PastAward)
    subjects = await lookups.subjects(tx, (row.subject for row in parsed.values))
    refusals: list[imports.Refusal] = []
    rows: list[past_rows.Row] = []
    for row in parsed.rows:
        try:
            award = award_of(row.value, subjects)
        except (UnknownSubject, Refused) as refused:
            column = "subject" if isinstance(refused, UnknownSubject) else "code"
            refusals.append(imports.Refusal(row.number, column, str(refused), refused.in_english))
            continue
        wrong = past_rows.refuse(row.value, award.code, tx.clock.today())
        if wrong is None:
            rows.append((row.number, row.value, award))
        else:
            refusals.append(imports.Refusal(row.number, wrong[0], str(wrong[1]), wrong[1].in_english))
    parsed = replace(parsed, notices=(*parsed.notices, *await past_rows.notices(tx, rows)))
    lines = [(value, award) for _, value, award in rows]
    new = await _import_lines(tx, lines, dry_run=dry_run)
    taken = ["created"] * new + ["unchanged"] * (len(lines) - new)
    return imports.report("awards", parsed, taken, refusals, dry_run=dry_run)


async def _import_lines(tx: Transaction, lines: Sequence[tuple[PastAward, Award]], *, dry_run: bool) -> int:
    """Add the lines that no decision has yet; return how many those are."""
    heads = {records.register_of(head): head for head, _ in lines}
    known = await records.decision_ids(tx, heads.values())
    ids = {register: known.get(register) or new_id() for register in heads}
    have = {
        (decision.id, award.subject, award.code, award.year)
        for decision, _ in await records.decisions(tx, known.values())
        for award in decision.awards
    }
    new: dict[str, dict[tuple[str, str, int], Award]] = defaultdict(dict)
    for head, award in lines:
        id = ids[records.register_of(head)]
        if (id, award.subject, award.code, award.year) not in have:
            new[id][award.subject, award.code, award.year] = award
    if new and not dry_run:
        added = {ids[register]: head for register, head in heads.items() if register not in known}
        await records.add_decisions(tx, added, None, None)
        await records.add_awards(tx, {id: tuple(awards.values()) for id, awards in new.items()})
        await tx.execute(records.TOUCH_DECISIONS, ids=[id for id in new if id not in added], actor=tx.actor)
        await chain.add_links(tx, "decision", sorted(new))
        await publish(tx, list(new))
    return sum(len(awards) for awards in new.values())


def award_of(entry: AwardEntry | PastAward, subjects: Mapping[str, lookups.Subject]) -> Award:
    """Return the line of a decision; raises UnknownSubject, or Refused for an unknown code or the other kind."""
    subject = subjects.get(entry.subject)
    if subject is None:
        raise UnknownSubject(subject=entry.subject)
    code = code_of(entry.code)
    check_holder(code, subject.kind, entry.subject)
    return Award(
        subject=subject.id,
        subject_kind=subject.kind,
        unit=subject.unit,
        code=code,
        year=entry.year,
        route=entry.route,
        kind=entry.kind,
        uses=entry.uses if isinstance(entry, AwardEntry) else (),
    )


async def publish(tx: Transaction, ids: Sequence[str]) -> list[Versioned]:
    """Publish these decisions as they stand, mark whom they concern, and return them."""
    found = {decision.id: (decision, revision) for decision, revision in await records.decisions(tx, ids)}
    listed = [found[id] for id in ids]
    tx.publish(decision for decision, _ in listed)
    await mark_awards(tx, [award for decision, _ in listed for award in decision.awards])
    return [Versioned(decision, revision) for decision, revision in listed]


async def mark_awards(tx: Transaction, awards: Collection[Award]) -> None:
    """Mark whom these awards concern: their holders, the units in whose numbers they count, and who asks for flags."""
    homes = await marks.units_of(tx, (award.subject for award in awards))
    # An award counts where its holder is now, for shares, and where it was given, for the denominators of quotas.
    marks.mark(tx, {award.unit for award in awards} | set(homes.values()))
    marks.mark_subjects(tx, {award.subject for award in awards})
    if not FLAGS.isdisjoint(award.code for award in awards):
        await marks.mark_flag_candidates(tx)
