"""The calendar of a campaign: dates in order, periods inside its year, and a reason for every date that moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from thidua.contracts import Campaign, CriteriaSetState, SubjectKind
from thidua.contracts.campaign import PeriodDates, StepDeadline
from thidua.contracts.clashes import clashes
from thidua_registration.errors import CalendarRefused, DateMovedSilently, SetsClash

STATES_WITH_LIMIT: Final[Mapping[str, frozenset[str]]] = {
    "registration": frozenset({"submitted", "returned"}),
    "initiative": frozenset(
        {"submitted", "returned", "formally_ok", "assessed", "council", "not_recognised", "influence_requested"}
    ),
}
"""States of this service in which something waits for an act; those of a dossier are the awards service's."""


PERIOD_DATES: Final = (
    ("hạn báo cáo", "the day of reports"),
    ("hạn phản hồi", "the end of objections"),
    ("ngày chốt số liệu", "the closing day"),
)
Said = tuple[str, str]
"""What is wrong, in Vietnamese and English."""


@dataclass(frozen=True)
class DateMove:
    """A date of the calendar that changed: `what` in Vietnamese, `named` in English; `reason` may still be empty."""

    what: str
    named: str
    old: date | None
    new: date | None
    reason: str


def check_calendar(campaign: Campaign) -> None:
    """Raise CalendarRefused for dates out of order, periods twice, or periods of another year."""
    for why, why_en in chain(_problems(campaign), *(_problems_of(campaign, dates) for dates in campaign.calendar)):
        raise CalendarRefused(why=why, why_en=why_en)


def date_moves(before: Campaign, after: Campaign, reason: str) -> tuple[DateMove, ...]:
    """Return every date that moved. A period's own new `moved_because` goes before the common `reason`."""
    return tuple(_moves(before, after, reason))


def check_reasons(moves: tuple[DateMove, ...]) -> None:
    """Raise DateMovedSilently for the first date that moved without a reason."""
    for move in moves:
        if not move.reason.strip():
            raise DateMovedSilently(
                what=move.what,
                what_en=move.named,
                old=move.old or "chưa có",
                old_en=move.old or "none",
                new=move.new or "không có",
                new_en=move.new or "none",
            )


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
        yield DateMove(
            "hạn đăng ký", "the end of registration", before.registration_due, after.registration_due, reason
        )
    # Setting a date for the first time moves nothing.
    if before.amend_until is not None and before.amend_until != after.amend_until:
        yield DateMove("hạn điều chỉnh đăng ký", "the end of amendments", before.amend_until, after.amend_until, reason)
    yield from _deadline_moves(before, after, reason)
    known = {dates.period: dates for dates in before.calendar}
    for dates in after.calendar:
        old = known.get(dates.period)
        if old is not None:
            yield from _period_moves(old, dates, reason)


def _deadline_moves(before: Campaign, after: Campaign, reason: str) -> Iterator[DateMove]:
    # As with other dates, setting one for the first time moves nothing; taking one away moves it.
    known = {_about(one): one for one in after.deadlines}
    for old in before.deadlines:
        new = known.get(_about(old))
        if new is None or _limit(new) != _limit(old):
            words = f"thời hạn {_named(old)} ({_limit_words(old)}; nay {_limit_words(new) if new else 'không có'})"
            yield DateMove(words, f"the time limit of {old.about}/{old.state}", old.on, new.on if new else None, reason)


def _about(one: StepDeadline) -> tuple[str, str, str | None, str | None]:
    return one.about, one.state, one.title, one.proposer


def _limit(one: StepDeadline) -> tuple[date | None, int | None, int | None]:
    return one.on, one.days, one.working_days


def _limit_words(one: StepDeadline) -> str:
    if one.on is not None:
        return f"{one.on:%d/%m/%Y}"
    return f"{one.days} ngày" if one.days is not None else f"{one.working_days} ngày làm việc"


def _named(one: StepDeadline) -> str:
    kinds = {"registration": "đăng ký", "initiative": "sáng kiến", "dossier": "hồ sơ"}
    return f"{kinds.get(one.about, one.about)}/{one.state}{f' {one.title}' if one.title else ''}"


def _deadline_problems(campaign: Campaign) -> Iterator[Said]:
    if len({_about(one) for one in campaign.deadlines}) != len(campaign.deadlines):
        yield "một thời hạn được ghi hai lần", "a time limit is given twice"
    for one in campaign.deadlines:
        where = f"{one.about}/{one.state}"
        if sum(limit is not None for limit in _limit(one)) != 1:
            yield (
                f"thời hạn {_named(one)} phải ghi đúng một trong ba: on, days, working_days",
                f"the time limit {where} has exactly one of on, days, working_days",
            )
        states = STATES_WITH_LIMIT.get(one.about)
        if states is not None and one.state not in states:
            yield (
                f"thời hạn {_named(one)}: chỉ có thể ghi cho {', '.join(sorted(states))}",
                f"the time limit {where}: states with one are {', '.join(sorted(states))}",
            )
        if states is not None and (one.working_days is not None or one.title or one.proposer):
            yield (
                f"thời hạn {_named(one)} chỉ ghi on hoặc days, chung cho mọi đơn vị",
                f"the time limit {where} is on or days, the same for all units",
            )


def _period_moves(old: PeriodDates, new: PeriodDates, reason: str) -> Iterator[DateMove]:
    # The reason of an earlier move does not speak for this one.
    own = new.moved_because if new.moved_because != old.moved_because else ""
    for (phrase, named), was, becomes in zip(PERIOD_DATES, _dates(old), _dates(new), strict=True):
        if was != becomes:
            yield DateMove(f"{phrase} kỳ {new.period}", f"{named} of {new.period}", was, becomes, own or reason)


def check_facts(campaign: Campaign, known: Mapping[str, CriteriaSetState]) -> None:
    """Raise SetsClash where two sets of the campaign ask for different things under one name.

    `known`: sets by `set/version`. Those that are installed later monitoring looks at, when something is stated.
    """
    used = [
        known[key].model_copy(update={"subject_kind": use.subject_kind})
        for use in campaign.criteria_sets
        if (key := f"{use.id}/{use.version}") in known
    ]
    for clash in clashes(used):
        raise SetsClash(**clash._asdict())


def _dates(dates: PeriodDates) -> tuple[date, date, date]:
    return dates.report_due, dates.objection_until, dates.closes_on


def _problems(campaign: Campaign) -> Iterator[Said]:
    if campaign.ends_on < campaign.starts_on:
        yield "ngày kết thúc ở trước ngày bắt đầu", "it ends before it begins"
    if campaign.registration_due > campaign.ends_on:
        yield "hạn đăng ký ở sau ngày kết thúc", "registration ends after the campaign"
    if campaign.amend_until is not None and campaign.amend_until < campaign.registration_due:
        yield "hạn điều chỉnh ở trước hạn đăng ký", "amendments end before registration"
    yield from _deadline_problems(campaign)
    periods = [dates.period for dates in campaign.calendar]
    if len(set(periods)) != len(periods):
        yield "một kỳ được ghi hai lần", "a period is given twice"
    kinds = [(use.id, use.subject_kind) for use in campaign.criteria_sets]
    if any(kind is SubjectKind.UNKNOWN for _, kind in kinds):
        yield (
            "bộ tiêu chí phải nêu loại đối tượng là collective hoặc individual",
            "a criteria set is for collective or individual subjects",
        )
    if len(set(kinds)) != len(kinds):
        yield (
            "một bộ tiêu chí được ghi hai lần cho cùng loại đối tượng",
            "a criteria set is given twice for the same kind of subject",
        )


def _problems_of(campaign: Campaign, dates: PeriodDates) -> Iterator[Said]:
    years = {str(campaign.year), str(campaign.starts_on.year), str(campaign.ends_on.year)}
    if dates.period[:4] not in years:
        yield (
            f"kỳ {dates.period} không thuộc năm của phong trào",
            f"the period {dates.period} is of no year of the campaign",
        )
    if not dates.report_due <= dates.objection_until <= dates.closes_on:
        yield (
            f"kỳ {dates.period} phải theo thứ tự: hạn báo cáo, hạn phản hồi, ngày chốt số liệu",
            f"the dates of {dates.period} are in this order: reports, objections, closing",
        )
