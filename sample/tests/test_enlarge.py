"""A larger year of copies has the people and tasks asked for, and its copies keep apart."""

import json
from collections import Counter

import pytest

from thidua_sample.enlarge import enlarge
from thidua_sample.generate import SampleYear

# One worker makes the year for all.
pytestmark = pytest.mark.xdist_group("year")


def test_a_larger_year_has_at_least_so_many_people_and_tasks_in_so_many_provinces(year: SampleYear) -> None:
    larger = enlarge(year, 3, 500, 9_000)
    part = larger.year
    assert len([unit for unit in part.units if unit.parent == "btnmt"]) == 3
    assert len(part.people) >= 500
    tasks = [json.loads(body) for _, body in larger.bodies()]
    assert larger.tasks == len({task["source_id"] for task in tasks}) >= 9_000
    unit_of = {person.code: person.unit for person in part.people}
    assert {unit_of[one["code"]] for task in tasks for one in task.get("assignees", ())} == {t["unit"] for t in tasks}
    assert all(unit_of[one["code"]] == task["unit"] for task in tasks for one in task.get("assignees", ()))


def test_every_record_of_a_copy_is_its_own(year: SampleYear) -> None:
    part = enlarge(year, 2, 300, 1).year
    units, people = {unit.code for unit in part.units}, {person.code for person in part.people}
    assert len(units) == len(part.units)
    assert len(people) == len(part.people)
    assert len({unit.name for unit in part.units}) == len(units)
    assert {item.subject for sheet in part.registrations for item in sheet.items} <= units | people
    assert {fact.subject for fact in part.facts} <= units | people
    assert {award.subject for decision in part.decisions for award in decision.awards} <= units | people
    assert max(Counter((one.document.number, one.authority) for one in part.decisions).values()) == 1
    assert max(Counter((one.unit, one.code) for one in part.initiatives).values()) == 1
    assert {unit for cluster in part.clusters for unit, _ in cluster.members} <= units
