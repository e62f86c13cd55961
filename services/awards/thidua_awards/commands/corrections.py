"""Cancel a decision or some of its lines, and correct what it says; what relied on it is listed, nothing cascades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from thidua.contracts import Decision
from thidua.contracts.judgement import Award
from thidua.errors import Refused, Stale
from thidua_awards.commands import dossiers
from thidua_awards.commands.decisions import award_of, line_of, mark_awards, publish, refuse_early
from thidua_awards.domain.signing import refuse_ahead
from thidua_awards.entries import (
    AwardEntry,
    CancelEntry,
    CancelLinesEntry,
    CorrectEntry,
    LineCorrection,
    LineName,
    ReasonEntry,
)
from thidua_awards.errors import DecisionCancelled, DecisionExists, NoSuchLine, UnknownDecision
from thidua_awards.queries import chain, corrections, lists, lookups, outcomes, records
from thidua_awards.queries.matters import key_of
from thidua_awards.queries.relied import relied_on, relied_on_awards
from thidua_runtime.database import Transaction
from thidua_runtime.web import Versioned


async def cancel_decision(tx: Transaction, id: str, entry: CancelEntry, expected: int | None) -> dict[str, Any]:
    """Cancel a decision; return what relied on its awards. Nothing else is changed: a person looks at each.

    Raises UnknownDecision, DecisionCancelled, Stale.
    """
    decision = await _standing(tx, id, expected)
    reason = f"{entry.reason} (theo {entry.document})"
    await tx.execute(records.CANCEL, id=id, reason=reason, actor=tx.actor)
    await chain.add_links(tx, "decision", [id])
    await chain.add_links(tx, "cancellation", [id])
    await _free(tx, decision, decision.awards, entry)
    await publish(tx, [id])
    return {"decision": id, "cancelled_because": reason, "relied": await relied_on(tx, id)}


async def cancel_lines(tx: Transaction, id: str, entry: CancelLinesEntry, expected: int | None) -> dict[str, Any]:
    """Cancel some lines of a decision; the others stand. Return what relied on the cancelled ones.

    Raises UnknownDecision, DecisionCancelled, Stale, NoSuchLine.
    """
    decision = await _standing(tx, id, expected)
    rows = await _named(tx, id, decision, entry.lines)
    await corrections.cancel_lines(tx, id, [row.line for row in rows], entry.document, entry.reason)
    await tx.execute(records.TOUCH_DECISIONS, ids=[id], actor=tx.actor)
    await chain.add_links(tx, "decision", [id])
    gone = [records.award_of(row) for row in rows]
    await _free(tx, decision, gone, entry)
    await publish(tx, [id])
    await mark_awards(tx, gone)
    relied = await relied_on_awards(tx, decision, gone, own=True)
    return {"decision": id, "cancelled": [award.model_dump(mode="json") for award in gone], "relied": relied}


async def correct_decision(tx: Transaction, id: str, entry: CorrectEntry, expected: int | None) -> Versioned:
    """Correct the head or lines of a decision by another document; what it said before is kept.

    Raises UnknownDecision, DecisionCancelled, Stale, NoSuchLine, UnknownSubject; DecisionExists where the corrected
    number belongs to another decision; Refused where nothing would change.
    """
    decision = await _standing(tx, id, expected)
    refuse_ahead(entry.dated, tx.clock.today(), "Văn bản đính chính", "The correction")
    refuse_ahead(entry.signed_on, tx.clock.today(), "Quyết định", "The decision")
    head = await _corrected_head(tx, decision, entry)
    named = await _named(tx, id, decision, entry.lines)
    changed = await _corrected_lines(tx, named, entry.lines)
    before = [records.award_of(row) for row in named]
    every = decision.awards if head is not None else ()
    years = [one.year for one in changed] + [one.year for one in every if one not in before]
    refuse_early(head["dated"] if head else decision.dated, years)
    changes = [
        {"line": row.line, "before": was.model_dump(mode="json"), "after": now.model_dump(mode="json")}
        for row, was, now in zip(named, before, changed, strict=True)
    ]
    if head is not None:
        changes.insert(0, {"line": None, "before": _head_of(decision), "after": _plain(head)})
    if not changes:
        raise Refused(why="chưa ghi nội dung đính chính nào", why_en="nothing to correct is named")
    rows = [{**now.model_dump(mode="json"), "line": row.line} for row, now in zip(named, changed, strict=True)]
    paper = entry.model_dump(include={"document", "dated", "reason"})
    await corrections.correct(tx, id, head, rows, changes, paper)
    await tx.execute(records.TOUCH_DECISIONS, ids=[id], actor=tx.actor)
    await chain.add_links(tx, "decision", [id])
    if decision.campaign is not None:
        told = [line_of(award) for award in before or decision.awards]
        await dossiers.corrected(tx, decision.campaign, told, entry.document, entry.dated, entry.reason)
    await mark_awards(tx, (*before, *changed))
    return (await publish(tx, [id]))[0]


async def add_reason(tx: Transaction, id: str, entry: ReasonEntry) -> dict[str, Any]:
    """Enter the reason of a decision that has none: a restore takes decisions from the stream, which carries none.

    Raises UnknownDecision; Refused where a reason stands, which nobody replaces.
    """
    if await tx.row(records.ADD_REASON, id=id, reason=entry.reason, actor=tx.actor) is None:
        await lists.reason(tx, id)
        raise Refused(why="quyết định đã ghi lý do", why_en="the decision has its reason")
    await chain.add_links(tx, "decision", [id])
    return await lists.reason(tx, id)


async def _standing(tx: Transaction, id: str, expected: int | None) -> Decision:
    found = await records.decision(tx, id, locked=True)
    if found is None:
        raise UnknownDecision(decision=id)
    decision, revision = found
    if expected is not None and expected != revision:
        raise Stale(current=revision, expected=expected)
    if decision.cancelled:
        raise DecisionCancelled(number=decision.number, reason=decision.cancelled_because)
    return decision


async def _named(tx: Transaction, id: str, decision: Decision, names: Sequence[LineName]) -> list[Row[Any]]:
    """Return the lines in force of these names, in their order; raises NoSuchLine."""
    known = await lookups.subjects(tx, (name.subject for name in names))
    every = await corrections.lines(tx, id)
    standing = {(row.subject, row.code, row.year): row for row in every if row.cancelled_by is None}
    found: list[Row[Any]] = []
    for name in names:
        # Whoever was erased, or a unit that is gone, is known by the id alone.
        subject = known[name.subject].id if name.subject in known else name.subject
        row = standing.pop((subject, name.code, name.year), None)
        if row is None:
            raise NoSuchLine(subject=name.subject, code=name.code, year=name.year, number=decision.number)
        found.append(row)
    return found


async def _free(tx: Transaction, decision: Decision, awards: Iterable[Award], entry: CancelEntry) -> None:
    """Move what the campaign holds of these awards; a recommendation without dossier is the review's again."""
    if decision.campaign is None:
        return
    lines = [line_of(award) for award in awards]
    today = tx.clock.today()
    told = await dossiers.cancelled(tx, decision.campaign, lines, entry.document, today, entry.reason)
    # With a dossier the findings stay as they were decided on; without one they are the review's again.
    freed = await outcomes.move_all(tx, decision.campaign, set(lines) - told, "reviewed", ("decided",))
    await chain.add_links(tx, "reopened", [key_of(decision.campaign, line) for line in freed])


async def _corrected_head(tx: Transaction, decision: Decision, entry: CorrectEntry) -> dict[str, Any] | None:
    head = {
        "number": entry.number or decision.number,
        "dated": entry.signed_on or decision.dated,
        "signer": entry.signer or decision.signer,
        "authority": entry.authority or decision.authority,
    }
    if _plain(head) == _head_of(decision):
        return None
    known = await records.decision_ids(tx, [decision.model_copy(update=head)])
    if any(other != decision.id for other in known.values()):
        raise DecisionExists(number=head["number"], dated=f"{head['dated']:%d/%m/%Y}", authority=head["authority"])
    return head


def _head_of(decision: Decision) -> dict[str, Any]:
    return _plain({name: getattr(decision, name) for name in ("number", "dated", "signer", "authority")})


def _plain(head: Mapping[str, Any]) -> dict[str, Any]:
    return {**head, "dated": head["dated"].isoformat()}


async def _corrected_lines(tx: Transaction, rows: Sequence[Row[Any]], entries: Sequence[LineCorrection]) -> list[Award]:
    subjects = await lookups.subjects(tx, (one.to_subject for one in entries if one.to_subject))
    return [_corrected(records.award_of(row), entry, subjects) for row, entry in zip(rows, entries, strict=True)]


def _corrected(was: Award, entry: LineCorrection, subjects: Mapping[str, lookups.Subject]) -> Award:
    """Return the line as corrected; what is not named stays as it was stored, also what no new line could say."""
    held = lookups.Subject(was.subject, was.subject_kind, was.unit)
    name = entry.to_subject or was.subject
    given = AwardEntry(
        subject=name, code=entry.to_code or was.code, year=entry.to_year or was.year, route=entry.to_route
    )
    now = award_of(given, {was.subject: held, **subjects})
    return now.model_copy(
        update={
            "matter": was.matter if (now.subject, now.code) == (was.subject, was.code) else None,
            "route": entry.to_route or was.route,
            "kind": entry.to_kind or was.kind,
            "uses": was.uses if entry.to_uses is None else entry.to_uses,
        }
    )
