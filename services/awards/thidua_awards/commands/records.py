"""Enter what only people know: confirmations, candidates, disciplines, holds, courses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import TextClause

from thidua.contracts import Campaign, SubjectKind
from thidua.errors import NotFound, Refused
from thidua_awards.commands import later
from thidua_awards.domain import transition
from thidua_awards.domain.answers import BY_TITLE
from thidua_awards.domain.conditions import CONDITIONS, REVIEWED
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.holders import check_holder
from thidua_awards.domain.records import DECLARATIONS, DISCIPLINE_COMPLETE
from thidua_awards.domain.signing import refuse_ahead
from thidua_awards.entries import (
    CandidateEntry,
    ConfirmationEntry,
    DisciplineEntry,
    HoldEntry,
    LiftEntry,
    ServiceTimeEntry,
    TrainingEntry,
)
from thidua_awards.errors import HoldRuns, RecordOfAnother, TitleNotReviewed, UnknownConfirmation, UnknownSubject
from thidua_awards.law import Rule, regime_of, review_date
from thidua_awards.queries import lookups, marks, records
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction
from thidua_runtime.errors import NotAllowed
from thidua_runtime.ids import new_id

OnSubject = ConfirmationEntry | CandidateEntry | DisciplineEntry | TrainingEntry | ServiceTimeEntry

CONFIRMABLE: Final = frozenset(key for checks in CONDITIONS.values() for key in checks) - {"g.hold"} | {
    transition.KEY,
    *DECLARATIONS,
}
"""What a confirmation may name: a hold is lifted, not confirmed, and a quota is the council's."""

AHEAD: Final = timedelta(days=31)
"""So long before it begins a hold may be entered: one that runs is looked at every month."""

FIRSTS: Final = frozenset({"ctdb.cluster", "ctdcp.first"})
"""Confirmations that a collective was voted first of its cluster: the quota of the Government's flag counts them."""


OF_THE_YEAR: Final = {
    "keys": [DISCIPLINE_COMPLETE],
    "notice": f"{DISCIPLINE_COMPLETE} xác nhận đã ghi đủ kỷ luật của năm: quyết định ban hành trong năm, và quyết định "
    "của các năm trước còn thời hạn trong năm.",
    "notice_en": f"{DISCIPLINE_COMPLETE} states that all disciplines of the year are entered: those decided in it, and "
    "those decided before whose period still ran in it.",
}


async def confirm(tx: Transaction, principal: Principal, entries: Sequence[ConfirmationEntry]) -> dict[str, Any]:
    """Record confirmations; a unit confirms only for itself and only what the law leaves to it.

    `notices` tell what an answer without a title stands for.
    """
    known = await _acted_on(tx, principal, entries)
    campaigns = await _campaigns(tx, entries)
    for entry in entries:
        if entry.key not in CONFIRMABLE:
            raise UnknownConfirmation(key=entry.key, known=", ".join(sorted(CONFIRMABLE)))
        if entry.title:
            _check_title(entry, known[entry.subject])
        year = campaigns[entry.campaign].year
        _may_confirm(principal, entry.key, regime_of(year).rule(entry.key, review_date(year)))
    rows = []
    for entry in entries:
        campaign, subject, key = campaigns[entry.campaign].id, known[entry.subject].id, entry.key
        if entry.dossier is not None:
            key = await later.key_of_answer(tx, campaign, subject, key, entry.dossier)
        rows.append({**entry.model_dump(exclude={"dossier"}), "campaign": campaign, "subject": subject, "key": key})
    await records.save(tx, records.CONFIRM, rows, "campaign", "subject", "key", "title")
    # What a unit says covers its members.
    marks.mark(tx, (one.unit for one in known.values() if one.kind is SubjectKind.COLLECTIVE))
    marks.mark_subjects(tx, (one.id for one in known.values()))
    if FIRSTS & {entry.key for entry in entries}:
        await marks.mark_flag_candidates(tx)
    general = sorted({entry.key for entry in entries if not entry.title} & BY_TITLE)
    told: list[Mapping[str, Any]] = [_for_the_base(general)] if general else []
    if any(entry.answer and entry.key == DISCIPLINE_COMPLETE for entry in entries):
        told.append(OF_THE_YEAR)
    return {"saved": len(entries), "notices": told}


def _check_title(entry: ConfirmationEntry, subject: lookups.Subject) -> None:
    """Raise for a title that is not reviewed, is not asked this, or that the subject cannot hold."""
    if entry.title not in REVIEWED:
        raise TitleNotReviewed(title=entry.title, known=", ".join(REVIEWED))
    if entry.key != transition.KEY and entry.key not in CONDITIONS[entry.title]:
        raise Refused(
            why=f"{entry.title} không có điều kiện {entry.key}; bỏ trống danh hiệu (title) nếu trả lời chung",
            why_en=f"{entry.title} has no condition {entry.key}; leave title out where the answer is about all",
        )
    # What is said of a collective may be about its members.
    if subject.kind is SubjectKind.INDIVIDUAL:
        check_holder(entry.title, subject.kind, entry.subject)


def _for_the_base(keys: Sequence[str]) -> dict[str, Any]:
    named = ", ".join(keys)
    return {
        "keys": list(keys),
        "notice": f"Trả lời {named} không ghi danh hiệu (title) chỉ dùng cho danh hiệu, hình thức do cơ sở quyết định; "
        "với danh hiệu, hình thức khác hãy gửi trả lời riêng, ghi rõ title.",
        "notice_en": f"An answer to {named} without a title stands for what the base decides on; "
        "answer for any other title apart, naming it.",
    }


def _may_confirm(principal: Principal, key: str, rule: Rule | None) -> None:
    """Keep a unit from answering what is for the standing office, the appraiser or the cluster."""
    if principal.role != "unit" or key in DECLARATIONS:
        return
    if rule is None or rule.confirmed_by not in ("unit", "personnel"):
        raise NotAllowed(why=f"nội dung {key} không do đơn vị xác nhận", why_en=f"a unit does not confirm {key}")


async def name_candidates(tx: Transaction, principal: Principal, entries: Sequence[CandidateEntry]) -> dict[str, Any]:
    """Name subjects for titles they did not register; the review then says what that means."""
    known = await _acted_on(tx, principal, entries)
    campaigns = await _campaigns(tx, entries)
    for entry in entries:
        if entry.title not in REVIEWED:
            raise TitleNotReviewed(title=entry.title, known=", ".join(REVIEWED))
        check_holder(entry.title, known[entry.subject].kind, entry.subject)
    rows = [
        {**entry.model_dump(), "campaign": campaigns[entry.campaign].id, "subject": known[entry.subject].id}
        for entry in entries
    ]
    await records.save(tx, records.NAME_CANDIDATES, rows, "campaign", "subject", "title")
    marks.mark_subjects(tx, (one.id for one in known.values()))
    return {"saved": len(entries)}


async def save_disciplines(tx: Transaction, principal: Principal, entries: Sequence[DisciplineEntry]) -> dict[str, Any]:
    """Enter disciplines; one with a known `id` is replaced. Raises DayAhead for one of a day to come."""
    for entry in entries:
        refuse_ahead(entry.decided_on, tx.clock.today(), "Quyết định kỷ luật", "The discipline")
    return await _save_with_ids(tx, principal, entries, records.SAVE_DISCIPLINES)


async def save_trainings(tx: Transaction, principal: Principal, entries: Sequence[TrainingEntry]) -> dict[str, Any]:
    """Enter courses; one with a known `id` is replaced."""
    return await _save_with_ids(tx, principal, entries, records.SAVE_TRAININGS)


async def _save_with_ids(
    tx: Transaction,
    principal: Principal,
    entries: Sequence[DisciplineEntry | TrainingEntry],
    statement: TextClause,
) -> dict[str, Any]:
    known = await _acted_on(tx, principal, entries)
    _persons_alone(known)
    rows = [{**entry.model_dump(), "id": entry.id or new_id(), "subject": known[entry.subject].id} for entry in entries]
    if await records.save(tx, statement, rows, "id"):
        raise RecordOfAnother
    # A discipline of a member is a condition of the collective.
    marks.mark_subjects(tx, (name for one in known.values() for name in (one.id, one.unit)))
    return {"ids": [row["id"] for row in rows]}


async def save_service_times(
    tx: Transaction, principal: Principal, entries: Sequence[ServiceTimeEntry]
) -> dict[str, Any]:
    """Enter years in the sector; the newest entry of a person counts."""
    known = await _acted_on(tx, principal, entries)
    _persons_alone(known)
    rows = [{**entry.model_dump(), "subject": known[entry.subject].id} for entry in entries]
    await records.save(tx, records.SAVE_SERVICE_TIMES, rows, "subject")
    marks.mark_subjects(tx, (one.id for one in known.values()))
    return {"saved": len(entries)}


async def remove_discipline(tx: Transaction, id: str) -> dict[str, Any]:
    """Remove a discipline that was entered by mistake."""
    row = await tx.row(records.DELETE_DISCIPLINE, id=id)
    if row is None:
        raise NotFound(what=f"kỷ luật {id}", what_en=f"discipline {id}")
    await _mark_subject(tx, row.subject)
    return {"removed": id}


async def add_hold(tx: Transaction, entry: HoldEntry) -> dict[str, Any]:
    """Suspend the review of a subject; raises HoldRuns while another hold would run beside it.

    Raises Refused for one that begins later than anybody decides beforehand: it holds nothing, and keeps others out.
    """
    last = tx.clock.today() + AHEAD
    if entry.starts_on > last:
        raise Refused(
            why=f"ngày bắt đầu tạm dừng {day_text(entry.starts_on)} còn xa; chỉ ghi trước đến ngày {day_text(last)}",
            why_en=f"the hold begins on {entry.starts_on}; it is entered beforehand for {last} at the latest",
        )
    subject = await lookups.subject(tx, entry.subject)
    await tx.execute(records.HOLD_ALONE, subject=subject.id)
    running = await tx.row(records.HOLD_RUNNING, subject=subject.id, day=entry.starts_on)
    if running is not None:
        raise HoldRuns(subject=entry.subject, since=day_text(running.starts_on))
    id = new_id()
    await tx.execute(records.ADD_HOLD, id=id, subject=subject.id, starts_on=entry.starts_on, actor=tx.actor)
    marks.mark_subjects(tx, [subject.id])
    return {"id": id}


async def lift_hold(tx: Transaction, id: str, entry: LiftEntry) -> dict[str, Any]:
    """Let the review of a subject go on; raises NotFound, and Refused for a day before the hold began."""
    hold = await tx.row(records.HOLD, id=id)
    if hold is not None and entry.ends_on < hold.starts_on:
        raise Refused(
            why=f"ngày kết thúc tạm dừng trước ngày bắt đầu {day_text(hold.starts_on)}",
            why_en=f"the hold ends before it begins, on {hold.starts_on}",
        )
    row = await tx.row(records.LIFT_HOLD, id=id, ends_on=entry.ends_on, actor=tx.actor)
    if row is None:
        raise NotFound(what=f"tạm dừng {id}", what_en=f"hold {id}")
    await _mark_subject(tx, row.subject)
    return {"id": id, "ends_on": entry.ends_on.isoformat()}


async def _acted_on(tx: Transaction, principal: Principal, entries: Sequence[OnSubject]) -> dict[str, lookups.Subject]:
    """Return the subjects by the names used; raises UnknownSubject, or NotAllowed for another unit's."""
    known = dict(await lookups.subjects(tx, (entry.subject for entry in entries)))
    for entry in entries:
        if entry.subject not in known:
            raise UnknownSubject(subject=entry.subject)
    if principal.unit is not None:
        for unit in sorted({subject.unit for subject in known.values()}):
            codes = await lookups.unit_codes(tx, unit)
            if principal.unit not in codes:
                principal.may_act_for(codes[-1])
    return known


def _persons_alone(known: Mapping[str, lookups.Subject]) -> None:
    for name, subject in sorted(known.items()):
        if subject.kind is SubjectKind.COLLECTIVE:
            raise Refused(
                why=f"{name} là đơn vị; kỷ luật, khóa học, thời gian công tác chỉ ghi cho cá nhân",
                why_en=f"{name} is a unit; disciplines, courses and years of service are those of persons",
            )


async def _campaigns(tx: Transaction, entries: Iterable[ConfirmationEntry | CandidateEntry]) -> dict[str, Campaign]:
    return {code: await lookups.campaign(tx, code) for code in sorted({entry.campaign for entry in entries})}


async def _mark_subject(tx: Transaction, subject: str) -> None:
    homes = await marks.units_of(tx, [subject])
    marks.mark_subjects(tx, [subject, *homes.values()])
