"""What a set has worked out before changes no score: a warm set and a fresh one give the same bytes."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from thidua.criteria import Case, load_criteria_set, score
from thidua.criteria.canonical import canonical_json

from .test_decree_335 import HERE

VALUES = ("yes", "no", True, False, 1, 0, "9", "9.5", 10, "11", "không rõ", None)
NAMES = ("ethics", "competence", "innovation", "organised", "united", "degraded", "corruption")


def any_case(chance: random.Random) -> Case:
    """A case with whatever may be stated, missing, refused, stated twice or too late."""
    month = {"month": "2026-03", "reported": chance.random() < 0.9, "weights_missing": chance.choice((0, 0, 0, 2))}
    weights = {"assigned": chance.choice((0, 4, 4, 10)), "done": 4, "by_failures": [(0, 3), (chance.randint(1, 5), 1)]}
    work = {"work": {**weights, "by_delays": [(0, 4)]}} if chance.random() < 0.9 else {}
    band = {"set": "nd335-2025-ca-nhan", "band": chance.choice(("tot", "khong_hoan_thanh"))}
    leads = chance.choice((True, False, None))
    members = [{"subject": "m", "judged": chance.random() < 0.9, "bands": [band]}] if leads else []
    return Case.model_validate(
        {
            "subject": {"kind": "individual", "id": f"p{chance.random()}", "unit": "u", "leads_unit": leads},
            "campaign": "2026",
            "period": "2026-03",
            "as_of": chance.choice((date(2026, 3, 20), date(2026, 4, 3), date(2026, 4, 10))),
            "lane": chance.choice(("running", "official")),
            "facts": [fact for name in NAMES for fact in _facts(name, chance)],
            "months": [{**month, **work}],
            "members": members,
        }
    )


def _facts(name: str, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{name}-{by}-{turn}",
            "input": name,
            "stated_by": by,
            "value": chance.choice(VALUES),
            "period": chance.choice(("2026-03", "2026-03", None)),
            "dated": date(2026, 3, chance.randint(1, 28)),
            "status": chance.choice(("open", "open", "verified", "refused")),
            "evidence": chance.choice(([], [f"mc-{chance.randint(1, 9)}"])),
        }
        for by in ("self", "appraiser", "council")
        for turn in range(chance.choice((0, 1, 1, 2)))
    ]


@pytest.mark.drill
def test_a_set_that_scored_hundreds_gives_the_same_bytes_as_one_just_loaded() -> None:
    chance = random.Random(335)
    cases = [any_case(chance) for _ in range(400)]
    warm = load_criteria_set(HERE)
    for case in cases:
        score(warm, case)
    for case in cases[:40]:
        assert score(warm, case).canonical() == score(load_criteria_set(HERE), case).canonical()


def test_lines_that_a_set_keeps_are_spelled_for_everybody_as_they_read() -> None:
    chance = random.Random(335)
    cases = [one.model_dump(mode="json") for one in (any_case(chance) for _ in range(8))]
    warm = load_criteria_set(HERE)
    for turn in range(6):
        for case in cases:
            facts = [{**fact, "evidence": fact["evidence"] and [f"mc-{turn % 3}"]} for fact in case["facts"]]
            found = score(warm, Case.model_validate({**case, "facts": facts}))
            assert found.canonical() == canonical_json(found.as_json())


def test_people_who_say_the_same_keep_their_own_evidence_each() -> None:
    warm = load_criteria_set(HERE)
    facts = [{"id": "f", "input": "ethics", "stated_by": "appraiser", "value": 9}]
    month = {"month": "2026-03", "reported": True}
    fixed = {"campaign": "2026", "period": "2026-03", "as_of": date(2026, 4, 10), "lane": "official", "months": [month]}
    seen = []
    for name in ("a", "b"):
        given = {**fixed, "facts": [{**facts[0], "evidence": [f"mc-{name}"]}]}
        subject = {"kind": "individual", "id": name, "unit": "u", "leads_unit": False}
        seen.append(score(warm, Case.model_validate({**given, "subject": subject})).line("C.a"))
    assert [line.inputs[0].evidence for line in seen] == [("mc-a",), ("mc-b",)]
    assert seen[0].sentence == seen[1].sentence


def test_an_input_may_be_named_case_and_still_decides_its_lines(make_set, make_case) -> None:
    found = make_set("""
inputs: {case: {fact: yes_no, title: Vụ việc, evidence: optional, stated_by: [self], counts: [self], absent: missing}}
criteria: [{code: A, title: Nội dung, maximum: 100, rule: {kind: yes_no, input: case}}]
""")
    running, official = (score(found, make_case(lane=lane)).line("A") for lane in ("running", "official"))
    assert (running.counted_as, official.counted_as) == (None, "not_met")
    assert [score(found, make_case({"case": one})).line("A").status for one in (True, False)] == ["met", "not_met"]


def test_a_line_of_work_says_for_everybody_alone_whether_its_condition_is_provisional(make_set, make_case) -> None:
    found = make_set("""
inputs:
  work: {feed: work_items}
  led: {fact: yes_no, title: Đứng đầu, stated_by: [self, appraiser], counts: [appraiser]}
criteria:
- code: A
  title: Việc
  maximum: 100
  applies_when: {led: true}
  rule: {kind: work_items, input: work, measure: quantity}
""")
    month = {"month": "2022-03", "reported": True, "work": {"assigned": 4, "done": 2}}
    material = {"period": "2022-03", "lane": "running", "months": [month]}
    sides = ("self", "appraiser", "self")
    cases = [make_case({"led": {"value": True, "stated_by": by}}, **material) for by in sides]
    said = [score(found, case).line("A").sentence for case in cases]
    assert ["tự khai" in sentence for sentence in said] == [True, False, True]
