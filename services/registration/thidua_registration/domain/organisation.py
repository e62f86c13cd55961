"""Codes with dates, parents without circles, clusters without double members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from thidua.contracts import Cluster
from thidua.contracts.organisation import CountedPeriod, DatedCode
from thidua_registration.errors import ItemRefused

FIRST_DAY: Final = date.min
"""Stands for "from the beginning" until it is moved into a year."""


def day_in_year(day: date, year: int) -> date:
    """Return the day of `year` nearest to `day`: the date on which codes of a year are looked up."""
    return clamped(day, date(year, 1, 1), date(year, 12, 31))


def clamped(day: date, first: date, last: date) -> date:
    """Return `day`, or the nearer end of the span."""
    return min(max(day, first), last)


def codes_with(codes: Sequence[DatedCode], code: str, since: date) -> tuple[DatedCode, ...]:
    """Return the dated codes once `code` is in force: kept as they are, or the open one ends the day before."""
    if any(known.code == code for known in codes):
        return tuple(codes)
    ended = tuple(
        known.model_copy(update={"valid_to": since - timedelta(days=1)}) if known.valid_to is None else known
        for known in codes
    )
    return (*ended, DatedCode(code=code, valid_from=since))


def check_codes(codes: Sequence[DatedCode]) -> None:
    """Raise ItemRefused unless the codes of one unit follow one another without overlap."""
    if not codes:
        raise ItemRefused(why="đơn vị phải có ít nhất một mã", why_en="a unit has at least one code")
    for code in codes:
        if code.valid_to is not None and code.valid_to < code.valid_from:
            raise ItemRefused(
                why=f"mã “{code.code}” hết hiệu lực trước khi có hiệu lực",
                why_en=f"the code {code.code!r} ends before it begins",
            )
    for earlier, later in pairwise(sorted(codes, key=lambda code: code.valid_from)):
        if overlap(earlier, later):
            raise ItemRefused(
                why=f"mã “{earlier.code}” và “{later.code}” chồng ngày hiệu lực",
                why_en=f"the codes {earlier.code!r} and {later.code!r} overlap",
            )


def overlap(one: DatedCode, other: DatedCode) -> bool:
    """Whether two dated codes are valid on a common day."""
    last_one, last_other = one.valid_to or date.max, other.valid_to or date.max
    return one.valid_from <= last_other and other.valid_from <= last_one


def check_periods(periods: Sequence[CountedPeriod]) -> None:
    """Raise ItemRefused unless the periods run forward and share no day."""
    for period in periods:
        if period.to is not None and period.to < period.from_:
            raise ItemRefused(
                why=f"giai đoạn từ {period.from_} kết thúc trước khi bắt đầu",
                why_en=f"the period from {period.from_} ends before it begins",
            )
    for earlier, later in pairwise(sorted(periods, key=lambda period: period.from_)):
        if (earlier.to or date.max) >= later.from_:
            raise ItemRefused(
                why=f"giai đoạn từ {earlier.from_} và từ {later.from_} chồng nhau",
                why_en=f"the periods from {earlier.from_} and {later.from_} overlap",
            )


def is_own_ancestor(unit: str, parents: Mapping[str, str | None]) -> bool:
    """Whether following parents from `unit` leads back to it."""
    seen = {unit}
    above = parents.get(unit)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above == unit


def check_cluster(cluster: Cluster) -> None:
    """Raise ItemRefused for a member named twice, or a leader or deputy who is no member."""
    members = [member.unit for member in cluster.members]
    if len(set(members)) != len(members):
        raise ItemRefused(
            why="một đơn vị được ghi hai lần trong cụm, khối", why_en="a unit is named twice in the cluster"
        )
    strangers = {office.unit for office in (*cluster.leaders, *cluster.deputies)} - set(members)
    if strangers:
        raise ItemRefused(
            why="trưởng hoặc phó cụm, khối phải là đơn vị thành viên",
            why_en="leader and deputies are members of the cluster",
        )


def double_members(clusters: Iterable[Cluster]) -> Mapping[str, tuple[str, ...]]:
    """Return, per cluster key, the names of other clusters of its year that hold one of its members."""
    homes: dict[tuple[int, str], list[Cluster]] = {}
    for cluster in clusters:
        for member in cluster.members:
            homes.setdefault((cluster.year, member.unit), []).append(cluster)
    found: dict[str, set[str]] = {}
    for shared in homes.values():
        for cluster in shared:
            found.setdefault(cluster.key, set()).update(o.name for o in shared if o.key != cluster.key)
    return {key: tuple(sorted(names)) for key, names in found.items() if names}
