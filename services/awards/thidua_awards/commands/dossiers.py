"""Open dossiers and move them, step by step; nothing is skipped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from thidua.contracts import Campaign
from thidua_awards.commands.review import review_pending
from thidua_awards.domain import dossier as domain
from thidua_awards.domain.dossier import LABELS, Move
from thidua_awards.dossier_entries import DossierEntry, StepEntry
from thidua_awards.errors import (
    AlreadyMoved,
    AppraisalOpen,
    CouncilSaysOtherwise,
    DossierExists,
    NoSuchStep,
    NotReviewed,
    OpinionsOpen,
    StepIncomplete,
)
from thidua_awards.law import regime_of
from thidua_awards.queries import chain, lookups, outcomes
from thidua_awards.queries import dossiers as queries
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction
from thidua_runtime.errors import NotAllowed
from thidua_runtime.ids import new_id

APPRAISAL_DAYS = {"CSTDB": 25, "CSTDT": 25}
"""Working days for the appraisal of a complete dossier under the 2022 law (An Giang, procedure 27219)."""

FIRST_YEAR_OF_LIMITS = 2024


async def open_dossier(tx: Transaction, principal: Principal, entry: DossierEntry) -> dict[str, Any]:
    """Begin a dossier of a subject that was reviewed for the title.

    Raises NotReviewed, DossierExists; AlreadyMoved where a decision stands, whose findings stay as they are.
    """
    campaign = await lookups.campaign(tx, entry.campaign)
    subject = await lookups.subject(tx, entry.subject)
    await _act_for(tx, principal, subject.unit)
    return await _begin(tx, campaign, subject, entry, "drafting", None)


async def read_dossier(tx: Transaction, principal: Principal, id: str) -> dict[str, Any]:
    """Return a dossier to those who work on it; raises NotFound, NotAllowed for a clerk of another unit."""
    await _act_for(tx, principal, (await queries.found(tx, id)).unit)
    return await queries.shown(tx, id)


async def _begin(
    tx: Transaction, campaign: Campaign, subject: lookups.Subject, entry: DossierEntry, state: str, origin: str | None
) -> dict[str, Any]:
    known = {"campaign": campaign.id, "subject": subject.id, "title": entry.title}
    found = await tx.row(queries.FINDINGS, **known)
    if found is None:
        raise NotReviewed(subject=entry.subject, title=entry.title)
    id = new_id()
    given = {"unit": subject.unit, "kind": entry.kind, "state": state, "due_on": entry.due_on, "came_from": origin}
    if await tx.row(queries.ADD, id=id, actor=tx.actor, **known, **given) is None:
        raise DossierExists(subject=entry.subject, title=entry.title)
    if not await outcomes.move(tx, campaign.id, [(subject.id, entry.title)], state, outcomes.UNMOVED):
        raise AlreadyMoved(subject=entry.subject, title=entry.title, state=LABELS.get(found.state, found.state))
    return await queries.shown(tx, id)


async def take_steps(
    tx: Transaction, principal: Principal, id: str, entries: Sequence[StepEntry], expected: int | None = None
) -> dict[str, Any]:
    """Move a dossier along these steps, all of them or none.

    Raises NoSuchStep naming where it may go, StepIncomplete, AppraisalOpen, OpinionsOpen, CouncilSaysOtherwise.
    """
    for entry in entries:
        row = await queries.found(tx, id, alone=True)
        await _act_for(tx, principal, row.unit)
        await _take(tx, principal, row, entry)
    return await queries.shown(tx, id)


async def _take(tx: Transaction, principal: Principal, row: Row[Any], entry: StepEntry) -> None:
    move = _move(row, entry.to)
    if principal.role not in (*move.by, "operator"):
        raise NotAllowed(why=f"bước “{LABELS[entry.to]}” do {', '.join(move.by)} thực hiện")
    acted_on = entry.acted_on or tx.clock.today()
    _complete(entry, move, acted_on, tx.clock.today())
    await _guard(tx, row, entry)
    if entry.to == "voted":
        # From here on the findings stand: they are to hold the minutes that were just written.
        await review_pending(tx, await lookups.campaign(tx, row.campaign), [row.unit])
    before = row.state if entry.to in domain.AWAY else None
    due_on = entry.due_on or await _due(tx, row, entry.to, acted_on)
    await tx.execute(queries.MOVE, id=row.id, state=entry.to, before=before, due_on=due_on, actor=tx.actor)
    await _note(tx, row, entry, acted_on, ())
    await _show_on_stream(tx, row, entry.to)
    if entry.to == "sent":
        # The date of a proposal is a condition of some titles.
        outcomes.mark(tx, [row.unit], row.campaign)
    if entry.to == "voted":
        await chain.add_links(tx, "judged", [f"{row.subject}/{row.campaign}/{row.title}"])
    if entry.to == "converted":
        await _convert(tx, row, entry)


def _move(row: Row[Any], to: str) -> Move:
    open_to = [one for one in domain.moves_from(row.state, row.kind, row.before) if one.to not in domain.BY_DECISION]
    found = next((one for one in open_to if one.to == to), None)
    if found is None:
        where = ", ".join(f"{one.to} ({LABELS[one.to]})" for one in open_to) or "không còn bước nào"
        raise NoSuchStep(state=LABELS[row.state], to=LABELS.get(to, to), open=where)
    return found


def _complete(entry: StepEntry, move: Move, acted_on: date, today: date) -> None:
    if acted_on > today:
        raise StepIncomplete(why="ngày thực hiện ở tương lai")
    afterwards = domain.is_afterwards(acted_on, today)
    if (move.document or afterwards) and not (entry.document and entry.dated):
        why = "việc ghi sau cần số, ngày văn bản" if afterwards else "bước này cần số, ngày văn bản"
        raise StepIncomplete(why=why)
    if move.reason and not entry.reason:
        raise StepIncomplete(why="bước này cần lý do")
    if entry.to == "converted" and entry.title is None:
        raise StepIncomplete(why="ghi hình thức Hội đồng đề nghị (title)")


async def _guard(tx: Transaction, row: Row[Any], entry: StepEntry) -> None:
    known = {"campaign": row.campaign, "subject": row.subject, "title": row.title}
    if row.state == "appraisal" and entry.to in ("opinions", "council_ready"):
        await _appraised(tx, known)
    if entry.to == "council_ready":
        asked = await tx.rows(queries.OPEN_OPINIONS, id=row.id)
        waiting = [one for one in asked if not one.closed_on or one.unanswered]
        if waiting:
            raise OpinionsOpen(kinds=", ".join(sorted({KIND_WORDS[one.kind] for one in waiting})))
        if row.state in ("opinions", "comments") and not asked and not entry.reason:
            raise StepIncomplete(why="chưa ghi lượt lấy ý kiến nào về hồ sơ này; ghi lượt lấy ý kiến, hoặc ghi lý do")
    if row.state in ("council_ready", "voted") and entry.to in ("voted", "to_authority", "not_passed"):
        await _as_voted(tx, row.id, known, entry)


async def _appraised(tx: Transaction, known: dict[str, str]) -> None:
    found = await tx.row(queries.FINDINGS, **known)
    left = domain.left_open(outcomes.FINDINGS.validate_json(found.findings)) if found else ()
    if left:
        raise AppraisalOpen(keys=", ".join(left))


KIND_WORDS = {"public": "công khai lấy ý kiến", "agencies": "hiệp y", "party": "xin ý kiến cấp ủy"}


async def _as_voted(tx: Transaction, id: str, known: dict[str, str], entry: StepEntry) -> None:
    result = await tx.row(queries.RESULT, id=id, **known)
    if result is None:
        raise CouncilSaysOtherwise(why="chưa có biên bản kiểm phiếu nào từ ngày hồ sơ đủ điều kiện trình Hội đồng")
    against = {"to_authority": result.passed is not True, "not_passed": result.passed is not False}
    if against.get(entry.to, False) and not entry.reason:
        said = {True: "đạt", False: "không đạt", None: "chưa có tỷ lệ yêu cầu"}[result.passed]
        raise CouncilSaysOtherwise(why=f"biên bản kiểm phiếu {result.document}: {said}; ghi lý do để đi tiếp")


async def _due(tx: Transaction, row: Row[Any], to: str, acted_on: date) -> date | None:
    campaign = await lookups.campaign(tx, row.campaign)
    days = APPRAISAL_DAYS.get(row.title)
    if to != "received" or days is None or campaign.year < FIRST_YEAR_OF_LIMITS:
        return row.due_on if to == "appraisal" else None
    return (await queries.office_days(tx, acted_on)).nth_after(acted_on, days)


async def _note(tx: Transaction, row: Row[Any], entry: StepEntry, acted_on: date, skipped: Iterable[str]) -> None:
    await queries.add_step(
        tx,
        row.id,
        came_from=row.state,
        state=entry.to,
        acted_on=acted_on,
        on_behalf=entry.on_behalf or tx.actor,
        document=entry.document,
        dated=entry.dated,
        reason=entry.reason,
        afterwards=max((tx.clock.today() - acted_on) // timedelta(days=1), 0),
        skipped=list(skipped),
    )


async def _convert(tx: Transaction, row: Row[Any], entry: StepEntry) -> None:
    """Begin the dossier of the form the council proposes; it was reviewed for that form, or the step is refused."""
    campaign = await lookups.campaign(tx, row.campaign)
    regime_of(campaign.year)
    subject = lookups.Subject(row.subject, (await lookups.subject(tx, row.subject)).kind, row.unit)
    await _appraised(tx, {"campaign": row.campaign, "subject": row.subject, "title": entry.title or ""})
    begun = DossierEntry(campaign=row.campaign, subject=row.subject, title=entry.title or "", kind=row.kind)
    made = await _begin(tx, campaign, subject, begun, "council_ready", row.id)
    new = await queries.found(tx, made["id"])
    await _note(tx, new, entry, entry.acted_on or tx.clock.today(), ())


async def decided(
    tx: Transaction, campaign: str, lines: Sequence[tuple[str, str]], document: str, dated: date, reason: str
) -> None:
    """Move the dossiers of a recorded decision; steps that nobody recorded are named on the way.

    The competent person may differ from the council, and decide on what was held, withdrawn or refused: raises
    CouncilSaysOtherwise (with or without a dossier) and StepIncomplete where that has no reason.
    """
    lost = None if reason else await queries.first_lost(tx, campaign, lines)
    if lost:
        raise CouncilSaysOtherwise(why=f"biên bản kiểm phiếu {lost.document}: không đạt; ghi lý do (reason)")
    for row in await queries.by_lines(tx, campaign, lines):
        if not reason and not domain.is_on_the_way(row.state):
            why = f"hồ sơ {row.title} của {row.subject} ở bước “{LABELS[row.state]}”; ghi lý do (reason) để quyết định"
            raise StepIncomplete(why=why)
        skipped = domain.steps_between(row.state, "decided", row.before) if row.kind == "merit" else ()
        await _follow(tx, row, "decided", document, dated, reason, skipped)


async def cancelled(
    tx: Transaction, campaign: str, lines: Iterable[tuple[str, str]], document: str, dated: date, reason: str
) -> set[tuple[str, str]]:
    """Move the dossiers of a cancelled decision; return the lines that have one."""
    rows = await queries.by_lines(tx, campaign, lines)
    for row in rows:
        await _follow(tx, row, "cancelled", document, dated, reason, ())
    told = {(row.subject, row.title) for row in rows}
    await outcomes.move(tx, campaign, told, "cancelled", outcomes.ANY_STATE)
    return told


async def _follow(
    tx: Transaction, row: Row[Any], to: str, document: str, dated: date, reason: str, skipped: Iterable[str]
) -> None:
    entry = StepEntry(to=to, document=document, dated=dated, reason=reason, on_behalf="Người có thẩm quyền")
    await tx.execute(queries.MOVE, id=row.id, state=to, before=None, due_on=None, actor=tx.actor)
    await _note(tx, row, entry, min(dated, tx.clock.today()), skipped)


async def _show_on_stream(tx: Transaction, row: Row[Any], state: str) -> None:
    await outcomes.move(tx, row.campaign, [(row.subject, row.title)], state, (row.state,))


async def _act_for(tx: Transaction, principal: Principal, unit: str) -> None:
    if principal.unit is not None:
        codes = await lookups.unit_codes(tx, unit)
        if principal.unit not in codes:
            principal.may_act_for(codes[-1])
