"""What is read without its models is what the models read, whatever a body holds."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from thidua.criteria import Case, load_criteria_set
from thidua.criteria.periods import period
from thidua_scoring.domain.cases import LaneName, Wanted, case_of
from thidua_scoring.domain.material import Frame, Material
from thidua_scoring.domain.plain import plain_facts, plain_months, plain_person
from thidua_scoring.domain.reads import reads_of

PLACE = "nd335_2025_ca_nhan"
FRAME = Frame("danh-gia-2026", 2026, date(2026, 2, 6), (), (("nd335-2025-ca-nhan", ("xuat_sac", "tot")),))
MONTH = {
    "subject": "cc-1", "subject_kind": "individual", "unit": "dv-1", "month": "2026-01", "state": "closed",
    "reported": True, "due": 9, "on_time": 7, "late": 1, "as_of": "2026-02-06",
    "work": {
        "assigned": "12.50", "done": "11", "by_failures": [{"count": 1, "weight": "3"}, {"count": 0, "weight": "8"}],
        "by_delays": [{"count": 0, "weight": "11.0"}],
    },
}  # fmt: skip
ENTRY = {"id": "e1", "period": "2026-01", "dated": "2026-01-28", "value": "8.5", "evidence": ["mc-1"]}
FACT = {
    "subject": "cc-1", "subject_kind": "individual", "unit": "dv-1", "campaign": "danh-gia-2026", "input": "ethics",
    "stated_by": "appraiser", "entries": [ENTRY],
}  # fmt: skip
PERSON = {
    "id": "cc-1", "unit": "dv-1", "code": "cc-1", "name": "", "post": "Chuyên viên", "leads_unit": False,
    "comparable_group": "chuyen-vien", "joined_unit": "2020-03-01",
}  # fmt: skip
TWISTS: Mapping[str, Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]] = {
    "as it mostly is": lambda person, month, fact: None,
    "came within the month": lambda person, month, fact: person.update(joined_unit="2026-01-20"),
    "not counted for a time": lambda person, month, fact: person.update(
        periods=[{"from_": "2026-01-01", "to": "2026-02-28", "counted": False}]
    ),
    "post with accents apart": lambda person, month, fact: person.update(post="Chuye\u0302n vie\u0302n"),
    "group with accents": lambda person, month, fact: person.update(comparable_group="nhóm"),
    "leads the unit": lambda person, month, fact: person.update(leads_unit=True),
    "nothing was due": lambda person, month, fact: month.update(due=0, on_time=0, late=0, work=None),
    "nobody reported": lambda person, month, fact: month.update(reported=False),
    "a weight is missing": lambda person, month, fact: month["work"].update(assigned=None, without_weight=2),
    "weights as numbers": lambda person, month, fact: month["work"].update(done=5),
    "a weight with an exponent": lambda person, month, fact: month["work"].update(assigned="1E+1"),
    "another month": lambda person, month, fact: month.update(month="2025-12"),
    "still running": lambda person, month, fact: month.update(state="running", declared=True),
    "evidence twice": lambda person, month, fact: fact.update(entries=[{**ENTRY, "evidence": ["b", "a", "b"]}]),
    "no evidence": lambda person, month, fact: fact.update(entries=[{**ENTRY, "evidence": []}]),
    "refused": lambda person, month, fact: fact.update(entries=[{**ENTRY, "status": "refused"}]),
    "a status of tomorrow": lambda person, month, fact: fact.update(entries=[{**ENTRY, "status": "weighed"}]),
    "text with accents": lambda person, month, fact: fact.update(entries=[{**ENTRY, "value": "tốt"}]),
    "text with a quote": lambda person, month, fact: fact.update(entries=[{**ENTRY, "value": 'a"b\\'}]),
    "a document": lambda person, month, fact: fact.update(
        entries=[{**ENTRY, "document": {"number": "12", "dated": "2026-01-05", "file": "tep"}}]
    ),
    "two entries": lambda person, month, fact: fact.update(entries=[{**ENTRY, "id": "e2", "value": "9"}, ENTRY]),
    "of another period": lambda person, month, fact: fact.update(entries=[{**ENTRY, "period": "2025-12"}]),
    "of the council": lambda person, month, fact: fact.update(stated_by="council"),
    "no entry": lambda person, month, fact: fact.update(entries=[]),
    "asked by nobody": lambda person, month, fact: fact.update(input="beauty"),
}
REFUSED: Mapping[str, Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]] = {
    "more on time than due": lambda person, month, fact: month.update(on_time=10),
    "a negative weight": lambda person, month, fact: month["work"].update(done="-1"),
    "one entry twice": lambda person, month, fact: fact.update(entries=[ENTRY, ENTRY]),
    "no such period": lambda person, month, fact: fact.update(entries=[{**ENTRY, "period": "2026-13"}]),
    "no such side": lambda person, month, fact: fact.update(stated_by="neighbour"),
}


def material(twist: Callable[..., object]) -> Material:
    person, month, fact = (json.loads(json.dumps(one)) for one in (PERSON, MONTH, FACT))
    twist(person, month, fact)
    bodies = tuple(json.dumps(one, ensure_ascii=False) for one in (person, month, fact))
    other = json.dumps({**FACT, "input": "competence", "entries": [{**ENTRY, "id": "e9"}]})
    return Material(FRAME, "cc-1", "individual", "dv-1", None, bodies[0], months=(bodies[1],), facts=(bodies[2], other))


def wanted(name: str, lane: LaneName) -> Wanted:
    criteria_set = load_criteria_set(PLACE)
    return Wanted(name, lane, reads_of(criteria_set), frozenset(criteria_set.parameters))


@pytest.mark.parametrize("lane", ["official", "running"])
@pytest.mark.parametrize("name", ["2026-01", "2026-Q1", "2026"])
@pytest.mark.parametrize("twist", TWISTS.values(), ids=TWISTS)
def test_a_case_read_plainly_is_the_case_that_the_models_read(
    twist: Callable[..., object], name: str, lane: LaneName
) -> None:
    plain = case_of(material(twist), wanted(name, lane))
    looked_at = case_of(material(twist), wanted(name, lane), plain=False)
    assert plain == looked_at
    assert plain.canonical == looked_at.canonical
    assert plain.hash == looked_at.hash
    assert plain.canonical == Case.from_canonical(plain.canonical).canonical


@pytest.mark.parametrize("twist", REFUSED.values(), ids=REFUSED)
def test_what_no_case_may_hold_is_refused_with_the_same_words(twist: Callable[..., object]) -> None:
    said = []
    for plain in (True, False):
        with pytest.raises(ValueError, match=r"\S") as refusal:
            case_of(material(twist), wanted("2026-01", "official"), plain=plain)
        said.append(str(refusal.value).partition("[type=")[0])
    assert said[0] == said[1]


def test_the_usual_material_of_a_person_needs_no_model_at_all() -> None:
    one = material(TWISTS["as it mostly is"])
    assert one.person is not None
    assert plain_person(one.person) is not None
    assert plain_months(one.months, period("2026-01")) is not None
    facts = plain_facts(one.facts, {"ethics": "ethics", "competence": "competence"}, (), period("2026-01"))
    assert facts is not None
    assert [fact.input for fact in facts] == ["competence", "ethics"]


def test_facts_in_any_order_make_the_same_plain_case() -> None:
    one = material(TWISTS["two entries"])
    shuffled = list(one.facts)
    random.Random(7).shuffle(shuffled)
    turned = structs.replace(one, facts=tuple(reversed(shuffled)))
    assert case_of(one, wanted("2026-01", "official")).canonical == (
        case_of(turned, wanted("2026-01", "official")).canonical
    )


def test_a_copy_of_a_part_spells_what_it_says_and_not_what_it_was_copied_from() -> None:
    case = case_of(material(TWISTS["as it mostly is"]), wanted("2026-01", "official"))
    assert case.facts[0].written
    changed = case.facts[0].model_copy(update={"value": "3"})
    assert b'"value":"3"' in changed.written
    assert case.model_copy(update={"facts": (changed,)}).hash != case.hash
