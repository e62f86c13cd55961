"""Record signed decisions, cancel them, and list what relied on a cancelled one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from thidua.contracts import Campaign, Decision, SubjectKind
from thidua.contracts.judgement import Award
from thidua.errors import Refused, Stale
from thidua_awards.commands.review import review_pending
from thidua_awards.domain.reliance import suspects
from thidua_awards.entries import AwardEntry, CancelEntry, DecisionEntry, PastAward
from thidua_awards.errors import DecisionCancelled, DecisionExists, UnknownDecision, UnknownSubject
from thidua_awards.law import regimes
from thidua_awards.queries import lookups, outcomes, records
from thidua_runtime import cuts, imports
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned

KNOWN_CODES: Mapping[str, SubjectKind | None] = {
    **{code: title.subject_kind for regime in regimes() for code, title in regime.titles.items()},
    **{code: None for regime in regimes() for code in regime.commendations},
}
"""Titles with the kind of subject that may hold them; a commendation may go to either."""


async def record_decision(tx: Transaction, entry: DecisionEntry) -> Versioned:
    """Record a signed decision; raises DecisionExists, UnknownSubject, Refused for a title of the other kind.

    Of a campaign that was reviewed here it stands behind a cut; raises CutNotReached while a stream is late.
    """
    found = await tx.row(records.DECISION_ID, number=entry.number, dated=entry.dated, authority=entry.authority)
    if found is not None:
        raise DecisionExists(number=entry.number, dated=f"{entry.dated:%d/%m/%Y}", authority=entry.authority)
    campaign = await lookups.campaign(tx, entry.campaign) if entry.campaign else None
    subjects = await lookups.subjects(tx, (award.subject for award in entry.awards))
    awards = [award_of(award, subjects) for award in entry.awards]
    cut = await _behind_cut(tx, campaign, awards, entry.cut) if campaign else None
    id = await _add(tx, entry, campaign.id if campaign else None, cut)
    await records.add_awards(tx, id, awards)
    if campaign is not None:
        lines = ((award.subject, award.code) for award in awards)
        await outcomes.move(tx, campaign.id, lines, "decided", ("reviewed", "on_hold"))
    return await _publish(tx, id)


async def record_decisions(tx: Transaction, entries: Sequence[DecisionEntry]) -> dict[str, Any]:
    """Record signed decisions together: all of them, or none because of the first that is refused."""
    return {"decisions": [(await record_decision(tx, entry)).body for entry in entries]}


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


async def cancel_decision(tx: Transaction, id: str, entry: CancelEntry, expected: int | None) -> dict[str, Any]:
    """Cancel a decision; return what relied on its awards. Nothing else is changed: a person looks at each.

    Raises UnknownDecision, DecisionCancelled, Stale.
    """
    found = await records.decision(tx, id, locked=True)
    if found is None:
        raise UnknownDecision(decision=id)
    decision, revision = found
    if expected is not None and expected != revision:
        raise Stale(current=revision, expected=expected)
    if decision.cancelled:
        raise DecisionCancelled(number=decision.number, reason=decision.cancelled_because)
    reason = f"{entry.reason} (theo {entry.document})"
    await tx.execute(records.CANCEL, id=id, reason=reason, actor=tx.actor)
    if decision.campaign is not None:
        lines = ((award.subject, award.code) for award in decision.awards)
        await outcomes.move(tx, decision.campaign, lines, "reviewed", ("decided",))
    await _publish(tx, id)
    return {"decision": id, "cancelled_because": reason, "relied": await relied_on(tx, id)}


async def relied_on(tx: Transaction, id: str) -> list[dict[str, Any]]:
    """List the awards in force that may rest on awards of this decision, each with the reason."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    decision, _ = found
    units = await lookups.units(tx)
    listed: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for suspect, row in await records.relied(tx, suspects(decision.awards, units)):
        if row.decision == id:
            continue
        line = listed.setdefault(
            (row.decision, row.subject, row.code, row.year),
            {
                "subject": row.subject,
                "unit": row.unit,
                "code": row.code,
                "year": row.year,
                "decision": row.decision,
                "number": row.number,
                "dated": row.dated.isoformat(),
                "reasons": [],
            },
        )
        line["reasons"].append(_reason(decision, suspect.rests_on, suspect.whose))
    return list(listed.values())


def _reason(decision: Decision, award: Award, whose: str) -> str:
    of = "cùng đối tượng" if whose == "same" else "một thành viên"
    return f"Dựa trên {award.code} năm {award.year} của {of}, theo quyết định số {decision.number}."


async def import_awards(tx: Transaction, name: str, content: bytes, dry_run: bool) -> imports.Report:
    """Import past awards from CSV or XLSX; rows of one number, date and authority become one decision.

    Idempotent: a line that is there already is unchanged. A row with an unknown subject or code is refused alone.
    """
    parsed = imports.parse_rows(imports.read_table(name, content), PastAward)
    subjects = await lookups.subjects(tx, (row.subject for row in parsed.values))
    refusals: list[imports.Refusal] = []
    decisions: dict[tuple[str, date, str], list[tuple[PastAward, Award]]] = defaultdict(list)
    for row in parsed.rows:
        try:
            award = award_of(row.value, subjects)
        except (UnknownSubject, Refused) as refused:
            column = "subject" if isinstance(refused, UnknownSubject) else "code"
            refusals.append(imports.Refusal(row.number, column, str(refused)))
            continue
        decisions[row.value.number, row.value.dated, row.value.authority].append((row.value, award))
    taken: list[str] = []
    for lines in decisions.values():
        taken.extend(await _import_decision(tx, lines, dry_run))
    return imports.report("awards", parsed, taken, refusals, dry_run=dry_run)


async def _import_decision(tx: Transaction, lines: Sequence[tuple[PastAward, Award]], dry_run: bool) -> Iterable[str]:
    head = lines[0][0]
    found = await tx.row(records.DECISION_ID, number=head.number, dated=head.dated, authority=head.authority)
    known = await records.decision(tx, found.id) if found else None
    have = {(one.subject, one.code, one.year) for one in known[0].awards} if known else set()
    new = {(award.subject, award.code, award.year): award for _, award in lines}
    new = {key: award for key, award in new.items() if key not in have}
    if new and not dry_run:
        id = found.id if found else await _add(tx, head, None, None)
        await records.add_awards(tx, id, list(new.values()))
        if found:
            await tx.execute(records.TOUCH_DECISION, id=id, actor=tx.actor)
        await _publish(tx, id)
    return ["created"] * len(new) + ["unchanged"] * (len(lines) - len(new))


def award_of(entry: AwardEntry | PastAward, subjects: Mapping[str, lookups.Subject]) -> Award:
    """Return the line of a decision; raises UnknownSubject, or Refused for an unknown code or the other kind."""
    subject = subjects.get(entry.subject)
    if subject is None:
        raise UnknownSubject(subject=entry.subject)
    if entry.code not in KNOWN_CODES:
        raise Refused(why=f"không có danh hiệu, hình thức khen thưởng mang mã {entry.code}")
    kind = KNOWN_CODES[entry.code]
    if kind is not None and kind is not subject.kind:
        words = "tập thể" if kind is SubjectKind.COLLECTIVE else "cá nhân"
        raise Refused(why=f"{entry.code} là danh hiệu của {words}, không tặng cho {entry.subject}")
    return Award(
        subject=subject.id,
        subject_kind=subject.kind,
        unit=subject.unit,
        code=entry.code,
        year=entry.year,
        route=entry.route,
    )


async def _add(tx: Transaction, entry: DecisionEntry | PastAward, campaign: str | None, cut: datetime | None) -> str:
    id = new_id()
    await tx.execute(
        records.ADD_DECISION,
        id=id,
        number=entry.number,
        dated=entry.dated,
        signer=entry.signer,
        authority=entry.authority,
        campaign=campaign,
        cut=cut,
        actor=tx.actor,
    )
    return id


async def _publish(tx: Transaction, id: str) -> Versioned:
    found = await records.decision(tx, id)
    assert found is not None
    decision, revision = found
    tx.publish([decision])
    # An award counts where its holder is now, for shares, and where it was given, for quotas.
    outcomes.mark(tx, {award.unit for award in decision.awards})
    return Versioned(decision, revision)
