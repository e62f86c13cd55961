"""The calendar of a campaign: dates in order, periods inside its year, and a reason for every date that moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from thidua.contracts import Campaign, SubjectKind
from thidua.contracts.campaign import PeriodDates
from thidua_registration.errors import CalendarRefused, DateMovedSilently


@dataclass(frozen=True)
class DateMove:
    """A date of the calendar that changed: `what` is a Vietnamese phrase, `reason` may still be empty."""

    what: str
    old: date | None
    new: date | None
    reason: str


def check_calendar(campaign: Campaign) -> None:
    """Raise CalendarRefused for dates out of order, periods twice, or periods of another year."""
    for why in chain(_problems(campaign), *(_problems_of(campaign, dates) for dates in campaign.calendar)):
        raise CalendarRefused(why=why)


def date_moves(before: Campaign, after: Campaign, reason: str) -> tuple[DateMove, ...]:
    """Return every date that moved. A period's own new `moved_because` goes before the common `reason`."""
    return tuple(_moves(before, after, reason))


def check_reasons(moves: tuple[DateMove, ...]) -> None:
    """Raise DateMovedSilently for the first date that moved without a reason."""
    for move in moves:
        if not move.reason.strip():
            raise DateMovedSilently(what=move.what, old=move.old or "chưa có", new=move.new or "không có")


def with_reasons(before: Campaign, after: Campaign, reason: str) -> Campaign:
    """Return the campaign whose periods carry the reason of their last move; an unmoved period keeps its old one."""
    known = {dates.period: dates for dates in before.calendar}
    return after.model_copy(
        update={"calendar": tuple(_reasoned(known.get(dates.period), dates, reason) for dates in after.calendar)}
    )


def _reasoned(old: PeriodDates | None, new: PeriodDates, reason: str) -> PeriodDates:
    if old is None:
        return new
    if _dates(old) == _dates(new):
        return new.model_copy(update={"moved_because": new.moved_because or old.moved_because})
    return new.model_copy(update={"moved_because": new.moved_because or reason})


def _moves(before: Campaign, after: Campaign, reason: str) -> Iterator[DateMove]:
    if before.registration_due != after.registration_due:
        yield DateMove("hạn đăng ký", before.registration_due, after.registration_due, reason)
    # Setting a date for the first time moves nothing.
    if before.amend_until is not None and before.amend_until != after.amend_until:
        yield DateMove("hạn điều chỉnh đăng ký", before.amend_until, after.amend_until, reason)
    known = {dates.period: dates for dates in before.calendar}
    for dates in after.calendar:
        old = known.get(dates.period)
        if old is not None:
            yield from _period_moves(old, dates, reason)


def _period_moves(old: PeriodDates, new: PeriodDates, reason: str) -> Iterator[DateMove]:
    # The reason of an earlier move does not speak for this one.
    own = new.moved_because if new.moved_because != old.moved_because else ""
    phrases = ("hạn báo cáo", "hạn phản hồi", "ngày chốt số liệu")
    for phrase, was, becomes in zip(phrases, _dates(old), _dates(new), strict=True):
        if was != becomes:
            yield DateMove(f"{phrase} kỳ {new.period}", was, becomes, own or reason)


def _dates(dates: PeriodDates) -> tuple[date, date, date]:
    return dates.report_due, dates.objection_until, dates.closes_on


def _problems(campaign: Campaign) -> Iterator[str]:
    if campaign.ends_on < campaign.starts_on:
        yield "ngày kết thúc ở trước ngày bắt đầu"
    if campaign.registration_due > campaign.ends_on:
        yield "hạn đăng ký ở sau ngày kết thúc"
    if campaign.amend_until is not None and campaign.amend_until < campaign.registration_due:
        yield "hạn điều chỉnh ở trước hạn đăng ký"
    periods = [dates.period for dates in campaign.calendar]
    if len(set(periods)) != len(periods):
        yield "một kỳ được ghi hai lần"
    kinds = [(use.id, use.subject_kind) for use in campaign.criteria_sets]
    if any(kind is SubjectKind.UNKNOWN for _, kind in kinds):
        yield "bộ tiêu chí phải nêu loại đối tượng là collective hoặc individual"
    if len(set(kinds)) != len(kinds):
        yield "một bộ tiêu chí được ghi hai lần cho cùng loại đối tượng"


def _problems_of(campaign: Campaign, dates: PeriodDates) -> Iterator[str]:
    years = {str(campaign.year), str(campaign.starts_on.year), str(campaign.ends_on.year)}
    if dates.period[:4] not in years:
        yield f"kỳ {dates.period} không thuộc năm của phong trào"
    if not dates.report_due <= dates.objection_until <= dates.closes_on:
        yield f"kỳ {dates.period} phải theo thứ tự: hạn báo cáo, hạn phản hồi, ngày chốt số liệu"
