"""The sample year is a pure function of its seed, complete, and labelled."""

import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest

from thidua_sample.generate import LABEL, SampleYear, generate
from thidua_sample.generate.canonical import year_as_json

# One worker makes the year for all.
pytestmark = pytest.mark.xdist_group("year")


def digest_in_a_new_process(hash_seed: str) -> str:
    code = (
        "from hashlib import sha256; from thidua_sample.generate import generate; "
        "from thidua_sample.generate.canonical import year_as_json; "
        "print(sha256(year_as_json(generate(2022))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.drill
def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(year: SampleYear) -> None:
    assert digest_in_a_new_process("7") == sha256(year_as_json(year)).hexdigest()


@pytest.mark.drill
def test_another_seed_gives_another_year_with_the_same_totals(year: SampleYear) -> None:
    other = generate(7)
    assert year_as_json(other) != year_as_json(year)
    assert len({e.report.identity for e in other.events}) == len({e.report.identity for e in year.events})


def test_units_clusters_and_people_have_the_size_of_the_sector_in_2022(year: SampleYear) -> None:
    kinds = Counter(unit.kind for unit in year.units)
    assert (kinds["so"], kinds["bo"], sum(kinds.values())) == (63, 1, 91)
    assert len(year.people) == 3_000
    assert Counter(person.unit for person in year.people if person.leads_unit) == dict.fromkeys(
        year.campaign.participants, 1
    )
    assert sum(len(cluster.members) for cluster in year.clusters) == 90


def test_illustrative_memberships_keep_their_mark_and_known_ones_have_none(year: SampleYear) -> None:
    marks = {unit: mark for cluster in year.clusters for unit, mark in cluster.members}
    assert marks["stnmt-31"] is False
    assert marks["stnmt-96"] is True
    assert Counter(marks.values()) == {True: 63, False: 27}


def test_every_invented_paper_carries_the_label_of_generated_figures(year: SampleYear) -> None:
    papers = [r.document for r in year.registrations] + [d.document for d in year.decisions]
    papers += [r.decision for r in year.ratings] + [d.decision for d in year.discipline]
    papers += [f.document for f in year.facts if f.document] + [t.evidence for t in year.totals]
    papers += [i.recognition for i in year.initiatives if i.recognition]
    assert year.label == LABEL
    assert all(LABEL in paper.issuer for paper in papers)


def test_of_a_discipline_only_the_number_is_stated_and_for_everybody(year: SampleYear) -> None:
    stated = [fact for fact in year.facts if fact.input == "reprimands"]
    disciplined = {one.person for one in year.discipline}
    assert {fact.subject for fact in stated} == {person.code for person in year.people}
    assert len(stated) == len(year.people) == 3000
    assert {fact.subject for fact in stated if fact.value == "1"} == disciplined
    assert {fact.value for fact in stated if fact.subject not in disciplined} == {"0"}
    assert all((fact.document, fact.evidence, fact.stated_by) == (None, (), "appraiser") for fact in stated)
    assert len({fact.dated for fact in stated}) == 1


def test_registrations_are_in_time_late_returned_and_in_one_unit_missing(year: SampleYear) -> None:
    due = year.campaign.registration_due
    late = [r for r in year.registrations if r.submitted_on > due]
    returned = [r for r in year.registrations if r.returned_on and r.resubmitted_on]
    assert (len(year.registrations), len(late), len(returned)) == (89, 4, 4)
    assert all(r.late_reason for r in late)
    assert all(r.returned_because for r in returned)


def test_initiatives_are_recognised_refused_and_one_lapsed_with_whole_shares(year: SampleYear) -> None:
    outcomes = Counter(i.outcome for i in year.initiatives)
    assert outcomes["lapsed"] == 1
    assert min(outcomes["recognised"], outcomes["influence_recognised"], outcomes["not_recognised"]) > 5
    assert all(sum(share for _, share in i.authors) == 100 for i in year.initiatives)
    assert max(len(i.authors) for i in year.initiatives) == 3


def test_every_reference_names_a_unit_or_person_of_the_year(year: SampleYear) -> None:
    units = {unit.code for unit in year.units}
    people = {person.code for person in year.people}
    subjects = units | people
    assert {f.subject for f in year.facts} <= subjects
    assert {a.subject for d in year.decisions for a in d.awards} <= subjects
    assert {item.subject for r in year.registrations for item in r.items} <= subjects
    assert {code for i in year.initiatives for code, _ in i.authors} <= people
    assert {a.code for e in year.events for a in e.report.assignees} <= people
    assert {e.report.unit for e in year.events} <= units
