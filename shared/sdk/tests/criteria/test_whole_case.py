"""A rule in Python sees the declared parts of its case, frozen and typed, and nothing else of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from thidua.criteria import CriteriaSet, CriteriaSetRefused, RuleBroken, declared_inputs, load_criteria_set, score
from thidua.criteria.kinds.code import function
from thidua.testkit import read_golden
from thidua.testkit.checks import turned

ALL = "[registrations, initiatives, months, facts, members, peers, decisions]"
YAML = """
inputs:
  whole: {feed: case, parts: PARTS, facts: [effort]}
  effort: {fact: mark, out_of: 10, title: Tinh thần, stated_by: [self, appraiser, council], counts: [council]}
  other: {fact: count, title: Khác}
criteria:
- {code: A, title: Riêng, maximum: 60, rule: {kind: rule, call: 'bo_ho_so.rules:judge', inputs: [whole]}}
- {code: B, title: Khác, maximum: 40, rule: {kind: threshold, input: other, limit: {at_least: 0}}}
"""
MODULE = """
from fractions import Fraction
from thidua.criteria import CaseSeen, Outcome

def judge(inputs, parameters):
    case: CaseSeen = inputs["whole"].value
    said = BODY
    return Outcome("met", Fraction(1), Fraction(1), f"Thấy 1 điều: {said}.")
"""
MATERIAL: dict[str, Any] = {
    "registrations": [
        {"what": "titles", "count": 2, "first_submitted": "2022-02-01", "titles": ["LDTT", "CSTDCS"], "late": True},
        {"what": "targets", "count": 1, "targets": [{"name": "Tỷ lệ đúng hạn", "value": "95", "measure": "%"}]},
    ],
    "initiatives": [{"id": "sk1", "stage": "recognised", "level": "base", "share": 60, "authors": 2, "mark": "85"}],
    "months": [{"month": "2022-01", "reported": True, "due": 20, "on_time": 18, "completed": 19}],
    "members": [{"subject": "p1", "judged": True, "titles": ["LDTT"]}],
    "peers": [
        {
            "subject": "b",
            "facts": [{"id": "fb", "input": "effort", "stated_by": "self", "value": 4}],
            "months": [{"month": "2022-01", "reported": True, "due": 10, "on_time": 10, "completed": 10}],
        }
    ],
    "decisions": [{"code": "CTDB", "dated": "2019-03-01", "number": "15/QĐ", "year": 2018}],
}
STATED = {"effort": {"value": 7}, "by_council": {"input": "effort", "stated_by": "council", "value": 6}, "other": 1}
Load = Callable[..., CriteriaSet]


@pytest.fixture
def load(tmp_path: Path, make_set) -> Iterator[Load]:
    """Load a set whose rule says `body` of the case it sees."""

    def make(body: str, parts: str = ALL, text: str = YAML) -> CriteriaSet:
        with pytest.raises(CriteriaSetRefused, match="install the set as a distribution"):
            make_set(text.replace("PARTS", parts))
        folder = tmp_path / "bo_ho_so"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("", "utf-8")
        (tmp_path / "criteria.yaml").rename(folder / "criteria.yaml")
        (folder / "rules.py").write_text(MODULE.replace("BODY", body), "utf-8")
        return load_criteria_set(folder)

    function.cache_clear()
    yield make
    function.cache_clear()
    for name in [name for name in sys.modules if name.startswith("bo_ho_so")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[(one.titles, one.late) for one in case.registrations if one.titles]", "[(('CSTDCS', 'LDTT'), True)]"),
        ("[(one.name, one.value, one.measure) for r in case.registrations for one in r.targets]", "Fraction(95, 1)"),
        ("[(one.share, one.authors, one.mark) for one in case.initiatives]", "[(60, 2, Fraction(85, 1))]"),
        ("[(one.month, one.on_time, one.completed) for one in case.months]", "[('2022-01', 18, 19)]"),
        ("case.silent[:2]", "('2022-02', '2022-03')"),
        ("[[one.value for one in side] for side in case.facts['effort']]", "[[7], [], [6]]"),
        ("[(one.subject, one.titles) for one in case.members]", "[('p1', ('LDTT',))]"),
        ("[one.facts['effort'].by_self[0].value for one in case.peers]", "[4]"),
        ("[one.months[0].due for one in case.peers]", "[10]"),
        ("[(one.code, one.year) for one in case.decisions]", "[('CTDB', 2018)]"),
        ("(case.subject.id, case.period, case.is_official)", "('a', '2022', True)"),
    ],
)
def test_a_rule_sees_every_declared_part_of_its_case(load: Load, make_case, body: str, said: str) -> None:
    loaded, case = load(body), make_case(STATED, **MATERIAL)
    assert said in score(loaded, case).line("A").sentence
    assert score(loaded, case).canonical() == score(loaded, turned(case)).canonical()


def test_the_explanation_says_how_much_of_each_part_was_seen(load: Load, make_case) -> None:
    (used,) = score(load("case.period"), make_case(STATED, **MATERIAL)).line("A").inputs
    assert (used.heading, used.state) == ("Hồ sơ chấm điểm", "known")
    assert used.value == (
        "đăng ký: 2, sáng kiến: 1, tháng: 1, nội dung khai báo: 1, thành viên: 1, đơn vị cùng cụm: 1, "
        "quyết định khen thưởng: 1"
    )


@pytest.mark.parametrize("part", ["registrations", "initiatives", "facts", "members", "peers", "decisions"])
def test_an_undeclared_part_is_refused_with_what_to_add(load: Load, make_case, part: str) -> None:
    with pytest.raises(RuleBroken, match=rf'part "{part}" is not declared; add it to `parts` of the input "whole"'):
        score(load(f"case.{part}", "[months, peers, facts]".replace(f"{part}, ", "").replace(f", {part}", "")),
              make_case(STATED, **MATERIAL))  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("case.facts['other']", r'the fact "other" is not declared for this case; add it to `facts` of the input'),
        ("setattr(case, 'period', '2021')", r"a case cannot be changed \(cannot assign to field 'period'\); compute"),
        ("setattr(case.months[0], 'due', 1)", r"a case cannot be changed \(.*Instance is frozen.*\); compute with"),
        ("case.found.update(months=())", "has no attribute 'update'"),
    ],
)
def test_a_case_cannot_be_changed_nor_searched_for_other_facts(load: Load, make_case, body: str, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        score(load(body), make_case(STATED, **MATERIAL))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            ("facts: [effort]}", "facts: [efort]}"),
            r'criteria.yaml:13:\d+: the fact "efort" is not known here; write "e',
        ),
        ((", facts: [effort]}", "}"), r"the part facts needs their names; write facts: \[name, …\]"),
        (("PARTS", "[months]"), "facts are named and in no part; add facts or peers to parts, or take the names out"),
        (("PARTS", "[month]"), r'criteria.yaml:13:\d+: the value "month" is not known here; write "months"'),
        (("PARTS", "[]"), r"criteria.yaml:13:\d+: the list is empty; name at least one"),
    ],
)
def test_a_case_declared_wrongly_is_refused_in_its_line(make_set, changed: tuple[str, str], said: str) -> None:
    with pytest.raises(CriteriaSetRefused, match=said):
        make_set(YAML.replace(*changed).replace("PARTS", ALL))


def test_peers_of_a_person_are_refused_because_people_are_in_no_cluster(make_set) -> None:
    with pytest.raises(CriteriaSetRefused, match="people are in no cluster; take peers out"):
        make_set(YAML.replace("PARTS", "[peers]"), subject="individual")


def test_another_kind_cannot_read_a_case(make_set) -> None:
    text = YAML.replace("PARTS", ALL).replace("input: other", "input: whole")
    with pytest.raises(CriteriaSetRefused, match='the input "whole" is a case; this kind reads number'):
        make_set(text)


def test_who_is_asked_for_a_fact_learns_which_criterion_looks_at_it(load: Load) -> None:
    declared = {one.name: one for one in declared_inputs(load("1"), "2022")}
    assert declared["effort"].asks == ("A",)


def test_a_golden_case_gives_the_parts_of_a_case(load: Load) -> None:
    loaded = load("[(m.titles, d.code, p.facts['effort'].by_council) for m in case.members for d in case.decisions "
                  "for p in case.peers]")  # fmt: skip
    folder = loaded.folder / "golden"
    folder.mkdir()
    given = "{whole: {members: [{titles: [LDTT]}], decisions: [{code: CTDB, dated: 2020-01-02}]}}"
    text = (
        f"- {{name: Đủ hồ sơ, period: 2022, given: {given}, peers: [{{effort: 3}}], expect: {{A: {{status: met}}}}}}\n"
    )
    (folder / "A.yaml").write_text(text, "utf-8")
    (golden,) = read_golden(loaded)
    assert "(('LDTT',), 'CTDB', (Fact(" in score(loaded, golden.case).line("A").sentence
    (folder / "A.yaml").write_text(text.replace("members: [{titles", "member: [{titles"), "utf-8")
    with pytest.raises(CriteriaSetRefused, match=r'A.yaml:1:\d+: whole: "member" is no list of a declared part'):
        read_golden(loaded)
