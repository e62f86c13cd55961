"""A sample year of many more units: copies of the units of the sample under codes of their own.

For measurements alone. Every copy has the people, registrations, facts, reports and tasks of the unit it copies;
nothing is drawn anew. The totals are those of the sample no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import cycle
from typing import Any, Final, Protocol, TypeVar

from thidua_sample.generate import SampleYear
from thidua_sample.generate.organisation import MINISTRY
from thidua_sample.generate.records import SampleCluster, SampleDecision, SampleUnit

DEPARTMENT: Final = "so"


class OfUnit(Protocol):
    """A record of a unit or of one of its people."""

    @property
    def unit(self) -> str:
        """The unit's code."""
        ...


Row = TypeVar("Row", bound=OfUnit)


@dataclass(frozen=True, slots=True)
class Copy:
    """A unit of the larger year, the unit that it copies, and the department that it belongs to."""

    code: str
    template: str
    province: str


@dataclass(frozen=True, slots=True)
class LargerYear:
    """A year of copies but for its task events, which would not fit into memory.

    `tasks`: the reports of each copied unit as the sample has them, so many times over.
    """

    year: SampleYear
    copies: Sequence[Copy]
    template: SampleYear
    times: int

    @property
    def tasks(self) -> int:
        """The number of tasks."""
        known: dict[str, set[str]] = defaultdict(set)
        for event in self.template.events:
            known[event.report.unit].add(event.report.source_id)
        return sum(len(known[one.template]) for one in self.copies) * self.times

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield unit and body of every report, in the order in which the sources of the sample send them."""
        copies: dict[str, list[Copy]] = defaultdict(list)
        for one in self.copies:
            copies[one.template].append(one)
        for event in self.template.events:
            report = event.report
            body = report.model_dump_json(exclude_defaults=True).encode()
            old, number = report.unit.encode(), report.source_id.encode() + b'"'
            for time in range(self.times):
                numbered = body.replace(number, report.source_id.encode() + b'-%d"' % time, 1) if time else body
                for one in copies[report.unit]:
                    yield one.code, numbered.replace(old, one.code.encode())


def enlarge(year: SampleYear, provinces: int, people: int, tasks: int) -> LargerYear:
    """Return a year of so many provincial departments with units below them: at least so many people and tasks."""
    departments = [unit for unit in year.units if unit.kind == DEPARTMENT][:provinces]
    staff: dict[str, int] = defaultdict(int)
    for person in year.people:
        staff[person.unit] += 1
    copies = [Copy(unit.code, unit.code, unit.code) for unit in departments]
    missing = people - sum(staff[one.template] for one in copies)
    templates = cycle(unit.code for unit in year.units if unit.code != MINISTRY)
    numbers: dict[str, int] = defaultdict(int)
    for department in cycle(departments):
        if missing <= 0:
            break
        template = next(templates)
        numbers[department.code] += 1
        copies.append(Copy(f"{department.code}-{numbers[department.code]:03d}", template, department.code))
        missing -= staff[template]
    once = LargerYear(_copied(year, copies), copies, year, 1)
    return replace(once, times=-(-tasks // once.tasks))


def _copied(year: SampleYear, copies: Sequence[Copy]) -> SampleYear:
    by_template: dict[str, list[Copy]] = defaultdict(list)
    for one in copies:
        by_template[one.template].append(one)
    units = {unit.code: unit for unit in year.units}

    def each(rows: Iterable[Row]) -> tuple[Row, ...]:
        return tuple(_renamed(row, one) for row in rows for one in by_template[row.unit])

    decisions = (_decision_of(decision, one) for decision in year.decisions for one in copies)
    return replace(
        year,
        units=(units[MINISTRY], *(_unit(units[one.template], one) for one in copies)),
        clusters=tuple(_clusters(year, copies)),
        people=each(year.people),
        campaign=replace(year.campaign, participants=tuple(one.code for one in copies)),
        registrations=each(year.registrations),
        initiatives=each(year.initiatives),
        ratings=each(year.ratings),
        discipline=each(year.discipline),
        decisions=tuple(decision for decision in decisions if decision.awards),
        confirmations=each(year.confirmations),
        facts=each(year.facts),
        totals=each(year.totals),
        reports=each(year.reports),
        events=(),
    )


def _unit(template: SampleUnit, one: Copy) -> SampleUnit:
    if one.code == one.province:
        return template
    name = f"{template.name} {one.code}"
    return replace(template, code=one.code, name=name, parent=one.province, cluster=None, illustrative=True)


def _clusters(year: SampleYear, copies: Sequence[Copy]) -> Iterator[SampleCluster]:
    """The clusters of the departments, and for each department one of the units below it."""
    departments = dict.fromkeys(one.province for one in copies)
    for cluster in year.clusters:
        members = tuple((unit, mark) for unit, mark in cluster.members if unit in departments)
        if members:
            leader = cluster.leader if cluster.leader in departments else None
            yield replace(cluster, members=members, leader=leader, deputy=None)
    for department in departments:
        below = tuple((one.code, True) for one in copies if one.province == department and one.code != department)
        if below:
            yield SampleCluster(f"cum-{department}", f"Cụm {department}", below)


def _decision_of(decision: SampleDecision, one: Copy) -> SampleDecision:
    """Return what a decision awards to a copied unit and its people; a number is given once."""
    awards = tuple(_renamed(award, one) for award in decision.awards if award.unit == one.template)
    paper = decision.document.model_copy(update={"number": f"{decision.document.number}/{one.code.upper()}"})
    authority = one.code if decision.authority == one.template else decision.authority
    return replace(decision, document=paper, authority=authority, awards=awards)


def _renamed(value: Any, one: Copy) -> Any:
    """Return a record of a unit as that of its copy: codes of units, people and initiatives contain the unit's."""
    if one.code == one.template:
        return value
    if isinstance(value, str):
        return value.replace(one.template, one.code)
    if isinstance(value, tuple):
        return tuple(_renamed(each, one) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{name: _renamed(getattr(value, name), one) for name in _names(type(value))})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
