"""A part of the sample year is a whole year of fewer units."""

import pytest

from thidua_sample.generate import SampleYear
from thidua_sample.subset import only_units

# One worker makes the year for all.
pytestmark = pytest.mark.xdist_group("year")


def test_a_part_of_the_year_names_no_unit_or_person_outside_of_it(year: SampleYear) -> None:
    part = only_units(year, ("btnmt-23", "btnmt-25", "stnmt-20"))
    units, people = {unit.code for unit in part.units}, {person.code for person in part.people}
    assert units == {"btnmt", "btnmt-23", "btnmt-25", "stnmt-20"}
    assert {event.report.unit for event in part.events} <= units
    assert {one.code for event in part.events for one in event.report.assignees} <= people
    assert {code for initiative in part.initiatives for code, _ in initiative.authors} <= people
    assert {item.subject for sheet in part.registrations for item in sheet.items} <= units | people
    assert {unit for cluster in part.clusters for unit, _ in cluster.members} == units - {"btnmt"}


def test_a_cluster_without_its_leader_has_none_and_one_without_members_is_gone(year: SampleYear) -> None:
    leaders = {cluster.name: cluster.leader for cluster in only_units(year, ("btnmt-23", "btnmt-12")).clusters}
    assert leaders == {"Khối V": "btnmt-23", "Khối III": None}
