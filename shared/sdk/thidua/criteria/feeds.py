"""Resolving feeds: inputs that come from streams and that nobody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from thidua.criteria.case import Fact, Member, Month, WorkTally
from thidua.criteria.declarations import (
    CaseFeed,
    CompletedTasks,
    Decisions,
    DisciplineFeed,
    HavingTitle,
    Initiatives,
    Members,
    MonthResults,
    OverdueOpen,
    Registered,
    WorkItems,
)
from thidua.criteria.exact import day_in_words
from thidua.criteria.material import Material
from thidua.criteria.periods import Period
from thidua.criteria.resolved import ZERO, MonthFigures, Months, Pair, Resolved, Work
from thidua.criteria.seen import CaseSeen, PeerSeen, StatedFacts, by_source

REGISTERED: Final = MappingProxyType(
    {"titles": "Số danh hiệu đăng ký", "targets": "Số chỉ tiêu đăng ký", "initiatives": "Số sáng kiến đăng ký"}
)
FORMS: Final = ("khien_trach", "canh_cao", "ha_bac_luong", "giang_chuc", "cach_chuc", "buoc_thoi_viec")
LEVELS: Final = MappingProxyType({"base": 0, "province": 1, "ministry": 1, "national": 2})


def resolve_registered(name: str, feed: Registered, material: Material) -> Resolved:
    """Count what was first submitted up to `by`; before that day nothing registered is not due, not zero."""
    by = feed.by or material.span.last
    kept = [
        one.count
        for one in material.case.registrations
        if one.what == feed.what and not one.withdrawn and _submitted(one.first_submitted, by)
    ]
    heading = f"{REGISTERED[feed.what]} đến {day_in_words(by)}"
    if sum(kept) == 0 and not material.is_past(by):
        return Resolved(name, heading, "not_due")
    return Resolved(name, heading, "known", Fraction(sum(kept)))


def _submitted(first: date | None, by: date) -> bool:
    return first is not None and first <= by


def resolve_months(name: str, feed: MonthResults, material: Material) -> Resolved:
    """Sort the months that are over into reported with tasks, reported without, and silent."""
    if not material.over:
        return Resolved(name, feed.heading, "not_due", why="chưa hết tháng nào trong kỳ")
    rows = [material.months[month.name] for month in material.over if material.is_reported(month)]
    figures = tuple(MonthFigures(row.month, row.on_time, row.due) for row in rows if row.due)
    empty = tuple(row.month for row in rows if not row.due)
    silent = tuple(month.name for month in material.unreported)
    to_come = len(material.expected) - len(material.over)
    return Resolved(name, feed.heading, "known", Months(figures, empty, silent, to_come))


def resolve_completed(name: str, feed: CompletedTasks, material: Material) -> Resolved:
    """Add up completed and due tasks of the period; a silent month makes the sums unknown."""
    return _of_all_months(
        name,
        feed.heading,
        material,
        lambda rows: Pair(Fraction(sum(row.completed for row in rows)), Fraction(sum(row.due for row in rows))),
    )


def resolve_overdue(name: str, feed: OverdueOpen, material: Material) -> Resolved:
    """Count open tasks whose deadline passed; a silent month makes the count unknown."""
    return _of_all_months(name, feed.heading, material, lambda rows: Fraction(sum(row.overdue_open for row in rows)))


def _of_all_months(name: str, heading: str, material: Material, add_up: Callable[[list[Month]], Any]) -> Resolved:
    silent = material.unreported
    if silent:
        return Resolved(name, heading, "missing", why=silent_in_words(silent))
    rows = list(material.months.values())
    if not rows:
        return Resolved(name, heading, "not_due", why="chưa hết tháng nào trong kỳ")
    return Resolved(name, heading, "known", add_up(rows))


def silent_in_words(months: Iterable[Period]) -> str:
    """Say which months' reports are missing."""
    return "chưa có báo cáo " + ", ".join(month.in_words() for month in months)


def resolve_work(name: str, feed: WorkItems, material: Material) -> Resolved:
    """Add up converted weights; an item without a weight is missing, or counts one."""
    silent = material.unreported
    if silent:
        return Resolved(name, feed.heading, "missing", why=silent_in_words(silent))
    rows = list(material.months.values())
    if not rows:
        return Resolved(name, feed.heading, "not_due", why="chưa hết tháng nào trong kỳ")
    without = sum([row.weights_missing for row in rows])
    if without and (feed.no_weight == "missing" or _are_uncounted(rows)):
        return Resolved(name, feed.heading, "missing", why=f"{without} công việc chưa có hệ số quy đổi")
    tallies = [row.work for row in rows if row.work is not None]
    if feed.no_weight == "one":
        tallies += [row.work_unweighted for row in rows if row.work_unweighted is not None]
    return Resolved(name, feed.heading, "known", _work(tallies))


def _are_uncounted(rows: Iterable[Month]) -> bool:
    return any(row.weights_missing and row.work_unweighted is None for row in rows)


def _work(tallies: list[WorkTally]) -> Work:
    if len(tallies) == 1:
        only = tallies[0]
        return Work(only.assigned, only.done, _split(only.by_failures), _split(only.by_delays))
    return Work(
        assigned=sum((tally.assigned for tally in tallies), ZERO),
        done=sum((tally.done for tally in tallies), ZERO),
        by_failures=_split([pair for tally in tallies for pair in tally.by_failures]),
        by_delays=_split([pair for tally in tallies for pair in tally.by_delays]),
    )


def _split(pairs: Sequence[tuple[int, Fraction]]) -> Mapping[int, Fraction]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    weights: dict[int, Fraction] = {}
    for times, weight in pairs:
        weights[times] = weights[times] + weight if times in weights else weight
    return weights


def resolve_initiatives(name: str, feed: Initiatives, material: Material) -> Resolved:
    """Count initiatives that reached the stage, recognised in the scope asked for or a wider one."""
    kept = [
        one
        for one in material.case.initiatives
        if (feed.stage == "registered" or one.stage == "recognised") and _is_wide_enough(one.level, feed.level)
    ]
    heading = "Số sáng kiến được công nhận" if feed.stage == "recognised" else feed.heading
    return Resolved(name, heading, "known", Fraction(len(kept)))


def _is_wide_enough(level: str | None, asked: str | None) -> bool:
    return asked is None or (level is not None and LEVELS[level] >= LEVELS[asked])


def resolve_discipline(name: str, feed: DisciplineFeed, material: Material) -> Resolved:
    """Count measures of the form or a harder one in force on any day of the period; unknown ones are missing."""
    if material.case.discipline is None:
        return Resolved(name, feed.heading, "missing", why="hồ sơ kỷ luật không được chuyển cho việc chấm điểm")
    hard_enough = FORMS[FORMS.index(feed.form) :]
    span = material.span
    kept = [
        one
        for one in material.case.discipline
        if one.form in hard_enough
        and one.first_day <= span.last
        and (one.last_day is None or one.last_day >= span.first)
    ]
    return Resolved(name, feed.heading, "known", Fraction(len(kept)))


def resolve_members(name: str, feed: Members, material: Material) -> Resolved:
    """Count members who have the title or band, of all; one not yet judged makes the pair unknown."""
    members = material.case.members
    undecided = sum(not member.judged for member in members)
    if undecided:
        return Resolved(name, feed.heading, "missing", why=f"còn {undecided} người chưa được xét")
    having = sum(_has(member, feed, material) for member in members)
    return Resolved(name, feed.heading, "known", Pair(Fraction(having), Fraction(len(members))))


def _has(member: Member, feed: Members, material: Material) -> bool:
    having = feed.having
    if isinstance(having, HavingTitle):
        return having.title in member.titles
    order = material.band_orders.get(having.set, ())
    good_enough = order[: order.index(having.band_at_least) + 1] if having.band_at_least in order else ()
    return any(band.set == having.set and band.band in good_enough for band in member.bands)


def resolve_decisions(name: str, feed: Decisions, material: Material) -> Resolved:
    """Count decisions with one of the codes dated within the period."""
    span = material.span
    kept = [one for one in material.case.decisions if one.code in feed.codes and span.first <= one.dated <= span.last]
    return Resolved(name, f"{feed.heading} ({', '.join(feed.codes)})", "known", Fraction(len(kept)))


def resolve_case(name: str, feed: CaseFeed, material: Material) -> Resolved:
    """Show the declared parts of the case; there is always a case, so it is known even where its parts are empty."""
    case = material.case
    found: dict[str, Any] = {
        "registrations": case.registrations,
        "initiatives": case.initiatives,
        "months": tuple(sorted(material.months.values(), key=lambda month: month.month)),
        "facts": _stated(feed, name, material, case.facts),
        "members": case.members,
        "peers": tuple(
            PeerSeen(peer.subject, _stated(feed, name, material, peer.facts), peer.months) for peer in case.peers
        ),
        "decisions": case.decisions,
    }
    silent = tuple(month.name for month in material.unreported) if "months" in feed.parts else ()
    parts: dict[str, Any] = {part: found[part] for part in feed.parts}
    seen = CaseSeen(name, case.subject, case.period, case.as_of, material.official, silent, MappingProxyType(parts))
    return Resolved(name, feed.heading, "known", seen)


def _stated(feed: CaseFeed, name: str, material: Material, facts: Iterable[Fact]) -> StatedFacts:
    return StatedFacts(name, by_source(feed.facts or (), [fact for fact in facts if material.is_of_the_period(fact)]))


FEEDS: Final = MappingProxyType(
    {
        Registered: resolve_registered,
        MonthResults: resolve_months,
        CompletedTasks: resolve_completed,
        OverdueOpen: resolve_overdue,
        WorkItems: resolve_work,
        Initiatives: resolve_initiatives,
        DisciplineFeed: resolve_discipline,
        Members: resolve_members,
        Decisions: resolve_decisions,
        CaseFeed: resolve_case,
    }
)
"""Which function resolves which feed."""
