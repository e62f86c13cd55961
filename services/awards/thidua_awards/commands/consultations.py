"""Ask for opinions in three steps of their own: public notice, agencies (hiệp y), the Party committee."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from thidua.errors import NotFound
from thidua_awards.commands.votes import NOTICE_RULES
from thidua_awards.domain.conditions import SHOWN_FIRST
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.signing import refuse_ahead
from thidua_awards.dossier_entries import AnswerEntry, ConsultationEntry, DayEntry, EndEntry, RemarkEntry
from thidua_awards.errors import StepIncomplete
from thidua_awards.law import regime_of, regimes, review_date
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import lookups, marks
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id


async def ask(tx: Transaction, entry: ConsultationEntry) -> dict[str, Any]:
    """Record that a list was posted or sent; a public notice lasts the working days of the regime.

    Raises DayAhead for a day to come, StepIncomplete for a notice that lasts too short or not a single working day.
    """
    refuse_ahead(entry.posted_on, tx.clock.today(), "Lượt lấy ý kiến", "The request for opinions")
    campaign = await lookups.campaign(tx, entry.campaign)
    id = new_id()
    until = entry.until or await _last_day(tx, campaign.year, entry.posted_on)
    await _long_enough(tx, campaign.year, entry)
    given = entry.model_dump(include={"kind", "document", "addressee", "posted_on"})
    await tx.execute(queries.ADD_CONSULTATION, id=id, campaign=campaign.id, until=until, actor=tx.actor, **given)
    wanted = sorted(set(entry.dossiers))
    taken = await tx.rows(queries.ADD_CONSULTED, id=id, campaign=campaign.id, dossiers=wanted)
    missing = set(wanted) - {row.dossier for row in taken}
    if missing:
        raise NotFound(what=f"hồ sơ {', '.join(sorted(missing))}", what_en=f"dossier {', '.join(sorted(missing))}")
    await _mark(tx, id, campaign.id)
    return await queries.consultation(tx, id)


async def _last_day(tx: Transaction, year: int, posted_on: date) -> date:
    days = _least_days(tx, year, [(title, None) for title in NOTICE_RULES])
    if not days:
        raise StepIncomplete(
            why="quy định áp dụng không nêu số ngày công khai; ghi ngày kết thúc (until)",
            why_en="the rule that applies sets no number of days; say until when (until)",
        )
    return (await queries.office_days(tx, posted_on)).nth_after(posted_on, days)


def _least_days(tx: Transaction, year: int, titles: Iterable[tuple[str, str | None]]) -> int:
    """Return for how many working days a list with these titles is shown; 0 where no rule says so.

    Beside each title the code of the regime that judges it, or None for that of the year.
    """
    file, day = tx.settings.law_overrides_file, review_date(year)
    laws = {one.code: one for one in regimes(file)}
    asked = [(laws[code] if code else regime_of(year, file), NOTICE_RULES.get(title)) for title, code in titles]
    rules = [regime.rule(key, regime.nearest(day)) for regime, key in asked if key]
    return max((rule.working_days or 0 for rule in rules if rule and rule.applies), default=0)


async def _long_enough(tx: Transaction, year: int, entry: ConsultationEntry) -> None:
    """Refuse a public notice that would end before the working days its titles ask for, or before the first one."""
    if entry.kind != "public" or entry.until is None:
        return
    rows = await tx.rows(queries.TITLES_OF, dossiers=list(entry.dossiers))
    days = _least_days(tx, year, [(row.title, row.regime) for row in rows])
    last = (await queries.office_days(tx, entry.posted_on)).nth_after(entry.posted_on, max(days, 1))
    if entry.until < last and days:
        raise StepIncomplete(
            why=f"phải công khai đủ {days} ngày làm việc, đến hết ngày {day_text(last)}",
            why_en=f"a public notice lasts {days} working days, until {last}",
        )
    if entry.until < last:
        raise StepIncomplete(
            why="thời gian công khai không có ngày làm việc nào; ngày đăng không tính",
            why_en="the notice lasts not a single working day; the day of posting does not count",
        )


async def add_remark(tx: Transaction, id: str, entry: RemarkEntry) -> dict[str, Any]:
    """Record a comment; it waits for an answer."""
    await queries.found_consultation(tx, id)
    await tx.rows(queries.ADD_REMARK, id=id, received_on=entry.received_on, said=entry.said)
    return await queries.consultation(tx, id)


async def answer_remark(tx: Transaction, id: str, number: int, entry: AnswerEntry) -> dict[str, Any]:
    """Record how a comment was taken up or answered."""
    row = await tx.row(queries.ANSWER_REMARK, id=id, number=number, answer=entry.answer, actor=tx.actor)
    if row is None:
        raise NotFound(what=f"ý kiến số {number}", what_en=f"opinion {number}")
    return await queries.consultation(tx, id)


async def end(tx: Transaction, id: str, entry: EndEntry) -> dict[str, Any]:
    """End the asking; a public notice not before its last day, or the reason would have to be a rule."""
    row = await queries.found_consultation(tx, id)
    if entry.closed_on > tx.clock.today():
        raise StepIncomplete(why="ngày kết thúc ở tương lai", why_en="it would end in the future")
    if row.kind == "public" and entry.closed_on < row.until:
        raise StepIncomplete(
            why=f"thời gian công khai đến hết ngày {row.until:%d/%m/%Y}", why_en=f"the notice lasts until {row.until}"
        )
    await tx.execute(queries.END_CONSULTATION, id=id, actor=tx.actor, **entry.model_dump())
    await _mark(tx, id, row.campaign)
    return await queries.consultation(tx, id)


async def save_days(tx: Transaction, entries: Sequence[DayEntry]) -> dict[str, Any]:
    """Enter days that a document made working or free."""
    columns = {
        "days": [one.day for one in entries],
        "working": [one.working for one in entries],
        "documents": [one.document for one in entries],
    }
    await tx.execute(queries.SAVE_DAYS, actor=tx.actor, **columns)
    await queries.mark_shown(tx)
    return {"saved": len(entries)}


async def _mark(tx: Transaction, id: str, campaign: str) -> None:
    rows = await tx.rows(queries.SUBJECTS_CONSULTED, id=id, titles=sorted(SHOWN_FIRST))
    marks.mark_subjects(tx, [row.subject for row in rows], campaign)
