"""Who registers what for 2022: most in time, a few late or returned once, one unit not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from thidua_sample.generate.campaign import REGISTRATION_DUE
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.people import STAFF
from thidua_sample.generate.records import (
    SampleItem,
    SamplePerson,
    SampleRegistration,
    SampleTarget,
    SampleUnit,
)
from thidua_sample.generate.wording import INITIATIVE_FIELDS, initiative_title

UNREGISTERED_UNITS: Final = 1
LATE_UNITS: Final = 4
RETURNED_UNITS: Final = 4
UNREGISTERED_PEOPLE_PERCENT: Final = 2
BEST_PERCENT: Final = 19
"""People of each unit who aim at CSTĐCS: a little more than the quota of 15 % of LĐTT leaves places for."""

LATE_REASON: Final = "Kiện toàn lãnh đạo đơn vị trong tháng 3/2022"
RETURN_REASON: Final = "Thiếu chỉ tiêu thi đua của tập thể; đề nghị bổ sung và gửi lại."

TARGETS: Final = (
    ("Tỷ lệ nhiệm vụ hoàn thành đúng hạn", "91", "%"),
    ("Tỷ lệ giải ngân vốn đầu tư", "95", "%"),
    ("Tỷ lệ hồ sơ xử lý trên môi trường mạng", "100", "%"),
    ("Số thủ tục hành chính được cắt giảm, đơn giản hóa", "3", "thủ tục"),
    ("Số dịch vụ công trực tuyến cấp độ 3, 4", "20", "dịch vụ"),
)  # fmt: skip
OWN_TARGETS: Final = (
    ("Hoàn thành nhiệm vụ được giao đúng hạn", "95", "%"),
    ("Hoàn thành khóa bồi dưỡng chuyên môn trong năm", "1", "khóa"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ambition:
    """Who aims high: people for CSTĐCS and CSTĐ of the ministry, and units by how many months they pass."""

    best: frozenset[str]
    ministry: frozenset[str]
    months_passed: dict[str, int]


def best_people(draw: Draw, people: tuple[SamplePerson, ...]) -> tuple[SamplePerson, ...]:
    """Return the people who aim at CSTĐCS, none of them recruited within the year."""
    settled = [person for person in people if person.first_recruited.year < 2020]
    return tuple(person for person in settled if draw.chance(BEST_PERCENT))


def registrations(
    draw: Draw, units: tuple[SampleUnit, ...], people: tuple[SamplePerson, ...], ambition: Ambition
) -> tuple[SampleRegistration, ...]:
    """Return the registrations in the order of unit codes; the unit that never registers has none."""
    order = draw.shuffled(unit.code for unit in units)
    missing = set(order[:UNREGISTERED_UNITS])
    late = set(order[UNREGISTERED_UNITS:][:LATE_UNITS])
    returned = set(order[UNREGISTERED_UNITS + LATE_UNITS :][:RETURNED_UNITS])
    return tuple(
        _registration(draw, unit, people, ambition, late=unit.code in late, returned=unit.code in returned)
        for unit in units
        if unit.code not in missing
    )


def _registration(
    draw: Draw,
    unit: SampleUnit,
    people: tuple[SamplePerson, ...],
    ambition: Ambition,
    *,
    late: bool,
    returned: bool,
) -> SampleRegistration:
    first = REGISTRATION_DUE + timedelta(days=4) if late else date(2022, 1, 24)
    last = REGISTRATION_DUE + timedelta(days=25) if late else REGISTRATION_DUE
    submitted = draw.workday(first, last)
    came_back = submitted + timedelta(days=draw.between(2, 4)) if returned else None
    return SampleRegistration(
        unit=unit.code,
        document=paper(f"{draw.between(20, 900)}/ĐK-{unit.code.upper()}", submitted, unit.name),
        submitted_on=submitted,
        returned_on=came_back,
        returned_because=RETURN_REASON if came_back else "",
        resubmitted_on=came_back + timedelta(days=draw.between(3, 7)) if came_back else None,
        late_reason=LATE_REASON if late else "",
        items=(_collective(draw, unit, ambition), *_individuals(draw, unit, people, ambition)),
    )


def _collective(draw: Draw, unit: SampleUnit, ambition: Ambition) -> SampleItem:
    passed = ambition.months_passed.get(unit.code, 9)
    titles = ["TTLDTT"]
    if passed >= 7 or draw.chance(20):
        titles.append("TTLDXS")
    if passed >= 11:
        titles.append("CTDB")
    # Two units in a hundred register titles and no target: the criterion then counts zero, not missing.
    targets = () if draw.chance(2) else tuple(SampleTarget(*t) for t in draw.sample(TARGETS, 3))
    ideas = tuple(_idea(draw) for _ in range(draw.between(0, 3)))
    return SampleItem(unit.code, "collective", tuple(titles), targets, ideas)


def _individuals(
    draw: Draw, unit: SampleUnit, people: tuple[SamplePerson, ...], ambition: Ambition
) -> list[SampleItem]:
    items = []
    for person in people:
        if person.unit != unit.code or person.joined_unit > REGISTRATION_DUE:
            continue
        if person.group == STAFF and draw.chance(UNREGISTERED_PEOPLE_PERCENT):
            continue
        items.append(_individual(draw, person, ambition))
    return items


def _individual(draw: Draw, person: SamplePerson, ambition: Ambition) -> SampleItem:
    titles = ["LDTT"]
    if person.code in ambition.best:
        titles.append("CSTDCS")
    if person.code in ambition.ministry:
        titles.append("CSTDB")
    targets = tuple(SampleTarget(*t) for t in OWN_TARGETS[: 1 + draw.below(2)])
    ideas = (_idea(draw),) if person.code in ambition.best or draw.chance(25) else ()
    return SampleItem(person.code, "individual", tuple(titles), targets, ideas)


def _idea(draw: Draw) -> tuple[str, str]:
    return initiative_title(draw), draw.pick(INITIATIVE_FIELDS)
