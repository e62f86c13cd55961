"""About 3,000 invented people: posts, heads of units, recruitment, and periods that count or do not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from thidua_sample.generate.draw import Draw, apportion
from thidua_sample.generate.names import full_name
from thidua_sample.generate.records import SamplePerson, SampleUnit, WorkPeriod

PEOPLE: Final = 3_000
SMALLEST_UNIT: Final = 14

LEADERS: Final = "Lãnh đạo đơn vị"
HEADS_OF_DIVISION: Final = "Lãnh đạo cấp phòng"
STAFF: Final = "Công chức, viên chức chuyên môn"

HEAD_POSTS: Final = {
    "vu": ("Vụ trưởng", "Phó Vụ trưởng"),
    "thanh_tra": ("Chánh Thanh tra", "Phó Chánh Thanh tra"),
    "van_phong": ("Chánh Văn phòng", "Phó Chánh Văn phòng"),
    "tong_cuc": ("Tổng cục trưởng", "Phó Tổng cục trưởng"),
    "cuc": ("Cục trưởng", "Phó Cục trưởng"),
    "su_nghiep": ("Giám đốc", "Phó Giám đốc"),
    "so": ("Giám đốc Sở", "Phó Giám đốc Sở"),
}
OWN_HEAD_POSTS: Final = {
    "btnmt-23": ("Viện trưởng", "Phó Viện trưởng"),
    "btnmt-24": ("Tổng Biên tập", "Phó Tổng Biên tập"),
    "btnmt-25": ("Tổng Biên tập", "Phó Tổng Biên tập"),
    "btnmt-26": ("Hiệu trưởng", "Phó Hiệu trưởng"),
}
STAFF_POSTS: Final = {
    "su_nghiep": (("Viên chức", 6), ("Nghiên cứu viên", 3), ("Nghiên cứu viên chính", 1)),
    "press": (("Phóng viên", 6), ("Biên tập viên", 4), ("Viên chức", 2)),
    "thanh_tra": (("Thanh tra viên", 7), ("Thanh tra viên chính", 3)),
    "other": (("Chuyên viên", 8), ("Chuyên viên chính", 3), ("Cán sự", 1)),
}
PRESS: Final = ("btnmt-24", "btnmt-25")
# Size by kind of unit, relative; a directorate is far larger than a department, also in the sample.
SIZES: Final = {
    "so": 30,
    "vu": 22,
    "thanh_tra": 30,
    "van_phong": 46,
    "tong_cuc": 90,
    "cuc": 38,
    "su_nghiep": 30,
}


def people(draw: Draw, units: tuple[SampleUnit, ...]) -> tuple[SamplePerson, ...]:
    """Return everybody of the 90 units in the order of staff codes; each unit has exactly one head."""
    weights = [SIZES[unit.kind] * draw.between(70, 130) for unit in units]
    extra = apportion(PEOPLE - SMALLEST_UNIT * len(units), weights)
    return tuple(
        _person(draw, unit, number, SMALLEST_UNIT + size)
        for unit, size in zip(units, extra, strict=True)
        for number in range(1, SMALLEST_UNIT + size + 1)
    )


def _person(draw: Draw, unit: SampleUnit, number: int, size: int) -> SamplePerson:
    post, group = _post(draw, unit, number, size)
    woman = draw.chance(45)
    recruited = _recruited(draw, group)
    return SamplePerson(
        code=f"{unit.code}.{number:03d}",
        unit=unit.code,
        name=full_name(draw, woman=woman),
        post=post,
        group=group,
        leads_unit=number == 1,
        first_recruited=recruited,
        joined_unit=_joined(draw, recruited),
        periods=_periods(draw, group, woman=woman),
    )


def _post(draw: Draw, unit: SampleUnit, number: int, size: int) -> tuple[str, str]:
    head, deputy = OWN_HEAD_POSTS.get(unit.code, HEAD_POSTS[unit.kind])
    if number == 1:
        return head, LEADERS
    if number <= 3:
        return deputy, LEADERS
    divisions = max(2, size // 8)
    if number <= 3 + divisions:
        return "Trưởng phòng", HEADS_OF_DIVISION
    if number <= 3 + 2 * divisions:
        return "Phó Trưởng phòng", HEADS_OF_DIVISION
    kind = "press" if unit.code in PRESS else unit.kind
    return draw.weighted(STAFF_POSTS.get(kind, STAFF_POSTS["other"])), STAFF


def _recruited(draw: Draw, group: str) -> date:
    # Three staff in a hundred are recruited in 2022, most of them too late for the ten months that LĐTT asks.
    if group == STAFF and draw.chance(3):
        return draw.workday(date(2022, 1, 4), date(2022, 9, 30))
    oldest, youngest = {LEADERS: (1990, 2004), HEADS_OF_DIVISION: (1995, 2013)}.get(group, (1998, 2021))
    year = draw.between(oldest, youngest)
    return draw.workday(date(year, 1, 4), date(year, 12, 20))


def _joined(draw: Draw, recruited: date) -> date:
    if recruited.year >= 2021 or draw.chance(60):
        return recruited
    # A few come from another unit within the year: the new unit proposes, with the old one's comment.
    year = 2022 if draw.chance(3) else draw.between(recruited.year + 1, 2021)
    return draw.workday(date(year, 1, 4), date(year, 12, 1))


def _periods(draw: Draw, group: str, *, woman: bool) -> tuple[WorkPeriod, ...]:
    roll = draw.below(1000)
    if woman and group == STAFF and roll < 30:
        return (_period(draw, counted=True, days=182),)  # maternity leave counts
    if roll < 45:
        return (_period(draw, counted=True, days=draw.between(60, 240)),)  # training of less than a year
    if roll < 52:
        return (_period(draw, counted=False, days=draw.between(40, 120)),)
    return ()


def _period(draw: Draw, *, counted: bool, days: int) -> WorkPeriod:
    first = draw.workday(date(2022, 1, 10), date(2022, 7, 1))
    last = first + timedelta(days=days)
    return WorkPeriod(counted=counted, first=first, last=last if last.year == 2022 else None)
