"""Every way a file can break the format is refused with its line and what to write instead."""

# one mistake, one line: what was written, what is written now, what the refusal says

from __future__ import annotations

import re

import pytest

from thidua.criteria import CriteriaSetRefused, load_criteria_set
from thidua.criteria.errors import CriteriaSetNotFound

GOOD = """
parameters:
  wanted: {value: {at_least: 1}, source: Văn bản}
inputs:
  a: {fact: yes_no, title: Có kế hoạch}
  b: {fact: count, title: Số lượng}
  c: {fact: log, title: Vi phạm, cases: [nhe, nang], absent: zero}
criteria:
- {code: A, title: Kế hoạch, maximum: 30, rule: {kind: yes_no, input: a}}
- {code: B, title: Nhóm, maximum: 70}
- {code: B.1, title: Số lượng, maximum: 40, rule: {kind: threshold, input: b, limit: $wanted}}
- {code: B.2, title: Vi phạm, maximum: 30, rule: {kind: per_case, input: c, start: full, each: {nhe: 1, nang: 5}}}
eliminations:
- {code: L1, title: Loại, when: {b: {at_most: 0}}, effect: not_ranked}
"""

BROKEN = {
    "an unknown key": ("A, title: Kế hoạch", "A, titel: Kế hoạch", r'"titel" is not known here; write "title"'),
    "a key given twice": ("code: A, ", "code: A, code: A, ", r'key "code" is given twice'),
    "a code given twice": ("code: B.2", "code: B.1", r'code "B.1" is given twice'),
    "a float": ("maximum: 30, rule: {kind: yes_no", "maximum: 30.0, rule: {kind: yes_no", r'quoted decimal \("30.0"\)'),
    "a missing title": ("{code: A, title: Kế hoạch,", "{code: A,", r"title is missing; write title:"),
    "an unused input": (
        "rule: {kind: yes_no, input: a}",
        "rule: {kind: threshold, input: b, limit: $wanted}",
        r'input "a" is not used',
    ),
    "an unknown input": ("input: a}", "input: aa}", r'the input "aa" is not known here; write "a"'),
    "maxima that do not add up": ("maximum: 40", "maximum: 45", r"parts of B add up to 75, not 70"),
    "a scale that differs": (
        "A, title: Kế hoạch, maximum: 30",
        "A, title: Kế hoạch, maximum: 20",
        r"add up to 90, the scale is 100",
    ),
    "a foreign placeholder": (
        "input: a}",
        "input: a, sentence: {met: 'Có {limit}'}}",
        r"placeholder \{limit\} is not one of this kind",
    ),
    "a placeholder with a width": (
        "input: a}",
        "input: a, sentence: {met: 'Có {points:>100000000}.'}}",
        r"placeholder points asks for another form \(: or !\); write \{points\}",
    ),
    "a placeholder that is converted": (
        "input: a}",
        "input: a, sentence: {met: 'Có {points!r}.'}}",
        r"placeholder points asks for another form",
    ),
    "a sentence without an end": (
        "input: a}",
        f"input: a, sentence: {{met: '{'Dài ' * 600}'}}}}",
        r"a sentence has 2400 letters, more than 2000",
    ),
    "an unknown kind": ("kind: yes_no", "kind: yesno", r'rule kind "yesno" is not known here; write "yes_no"'),
    "a later version of a kind": ("kind: yes_no", "kind: yes_no@2", r'rule kind "yes_no@2" is not known'),
    "an unknown fact": ("fact: yes_no", "fact: yesno", r'fact "yesno" is not known here; write "yes_no"'),
    "an undeclared parameter": (
        "limit: $wanted",
        "limit: $want",
        r"parameter \$want is not declared; declared: \$wanted",
    ),
    "an unused parameter": ("limit: $wanted", "limit: {at_least: 1}", r'parameter "wanted" is not used'),
    "a parameter without source": (", source: Văn bản", "", r"source"),
    "an empty limit": ("{at_least: 1}", "{}", r"limit is empty"),
    "two bounds on one side": ("{at_least: 1}", "{at_least: 1, more_than: 2}", r"two bounds on one side"),
    "a misspelt limit": ("{at_least: 1}", "{atleast: 1}", r'"atleast" is not known here; write "at_least"'),
    "a shape the kind cannot read": ("input: a}", "input: b}", r'input "b" is a number; this kind reads yes_no'),
    "a case without points": ("{nhe: 1, nang: 5}", "{nhe: 1}", r'case "nang" of c has no points'),
    "points for an unknown case": ("nang: 5}", "nang: 5, nangg: 6}", r'case "nangg" is not known here; write "nang"'),
    "a title of an unknown case": (
        "cases: [nhe, nang]",
        "cases: [nhe, nang], titles: {nangg: vi phạm nặng}",
        r'the case "nangg" is not known here; write "nang"',
    ),
    "a part without its group": ("code: B.2", "code: C.2", r'"C.2" is a part of "C", which is not there'),
    "a line without rule or parts": (", rule: {kind: yes_no, input: a}", "", r"A has neither a rule nor parts"),
    "a group with a rule": (
        "title: Nhóm, maximum: 70",
        "title: Nhóm, maximum: 70, rule: {kind: yes_no, input: a}",
        r"B is the group of B.1",
    ),
    "a line without maximum": ("title: Kế hoạch, maximum: 30", "title: Kế hoạch", r"A has no maximum"),
    "combining what has no parts": (
        "title: Kế hoạch, maximum: 30",
        "title: Kế hoạch, maximum: 30, combine: mean",
        r"A has no parts to combine",
    ),
    "the best three of two": (
        "title: Nhóm, maximum: 70",
        "title: Nhóm, maximum: 70, combine: {best: 3}",
        r"best 3 of 2 parts",
    ),
    "an unknown required part": (
        "title: Nhóm, maximum: 70",
        "title: Nhóm, maximum: 70, requires: [B.3]",
        r'part "B.3" is not known',
    ),
    "a condition on nothing declared": ("when: {b:", "when: {bb:", r'input "bb" is not known here; write "b"'),
    "a condition of another kind": (
        "when: {b: {at_most: 0}}",
        "when: {a: {at_most: 0}}",
        r"a is a yes_no; write true or false",
    ),
    "an unknown attribute": (
        "when: {b: {at_most: 0}}",
        "when: {subject.leads: true, b: 0}",
        r'attribute "subject.leads" is not known here',
    ),
    "a band that is not there": ("effect: not_ranked", "effect: {band: kem}", r'band "kem" is not known'),
    "spoken booleans": ("{at_most: 0}}, effect", "{at_most: 0}, a: yes}, effect", r"write true"),
    "an octal number": ("maximum: 40", "maximum: 040", r'write "040" in quotes'),
    "a tag of Python": ("title: Kế hoạch", "title: !!python/object:os.system Kế hoạch", r"tag .* is not allowed"),
    "an alias": ("title: Kế hoạch", "title: &t Kế hoạch, clause: *t", r"alias"),
    "no YAML at all": ("code: A, title", "code: A, title: [", r"this is no YAML"),
    "a code that is not ASCII": ("code: A,", "code: Đ,", r'"Đ" is no code'),
    "who counts cannot state it": (
        "title: Có kế hoạch",
        "title: Có kế hoạch, counts: [council]",
        r"counts names council",
    ),
    "a document that is zero": (
        "{fact: yes_no, title: Có kế hoạch}",
        "{fact: document, title: Có kế hoạch, absent: zero}",
        r"document has no zero",
    ),
    "several statements and no over": (
        "title: Số lượng}",
        "title: 'Số lượng', due: {day: 5, after: month}}",
        r"write over: last",
    ),
    "an exponent": ("maximum: 40", "maximum: 4e1", r"not exact"),
    "an unknown effect": ("effect: not_ranked", "effect: strike", r"'strike' is no effect"),
    "an empty value": ("title: Nhóm", "title:", r"a value is missing"),
    "a table for a count": ("input: c, start", "input: b, start", r'input "b" is a number; this kind reads log'),
}


def test_the_good_file_of_these_tests_is_accepted(make_set) -> None:
    assert make_set(GOOD).id == "thu-nghiem"


@pytest.mark.parametrize(("old", "new", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_with_place_and_remedy(make_set, old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(CriteriaSetRefused) as refused:
        make_set(GOOD.replace(old, new, 1))
    assert re.search(sentence, str(refused.value)), str(refused.value)
    assert "validation error" not in str(refused.value)


def test_a_refusal_names_the_line_and_column_of_the_key(make_set) -> None:
    with pytest.raises(CriteriaSetRefused) as refused:
        make_set(GOOD.replace("A, title: Kế", "A, titel: Kế"))
    problem = refused.value.problems[0]
    assert (problem.line, problem.column) == (19, 13)


def test_all_problems_are_listed_and_not_only_the_first(make_set) -> None:
    with pytest.raises(CriteriaSetRefused) as refused:
        make_set(GOOD.replace("maximum: 40", "maximum: 45").replace("nang: 5}", "nangg: 5}"))
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"not_applicable": "drop"}, "drop shrinks the maximum"),
        ({"version": "1.0"}, "write three numbers: 1.0.0"),
        ({"format": "2"}, "format|1"),
        ({"subject": "person"}, '"person" is not known here'),
        ({"valid": "{from: 2022-01-01, to: 2021-01-01}"}, "before the first"),
        ({"points": "{scale: 100, requires: [C]}"}, 'code "C" is not known'),
        ({"missing_at_close": "block"}, 'write "blocks"'),
    ],
)
def test_a_broken_head_is_refused_with_its_remedy(make_set, changed, sentence: str) -> None:
    bands = "bands: [{code: dat, title: Đạt, at_least: 50}, {code: khong, title: Không, at_least: 0}]\n"
    with pytest.raises(CriteriaSetRefused, match=sentence):
        make_set(GOOD + bands, **changed)


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        ("[{code: a, title: A, at_least: 0}, {code: b, title: B, at_least: 50}]", "from best to worst"),
        ("[{code: a, title: A, at_least: 50}]", "a total of 0 has no band"),
        ("[{code: a, title: A, at_least: 50}, {code: a, title: B, at_least: 0}]", "given twice"),
    ],
)
def test_bands_that_leave_gaps_are_refused(make_set, bands: str, sentence: str) -> None:
    with pytest.raises(CriteriaSetRefused, match=sentence):
        make_set(GOOD + f"bands: {bands}\n")


def test_a_rule_in_python_needs_a_package_of_its_own(make_set) -> None:
    with pytest.raises(CriteriaSetRefused, match="a folder without a package has no code"):
        make_set(GOOD.replace("{kind: yes_no, input: a}", "{kind: rule, call: 'os:system', inputs: [a]}"))


def test_a_place_without_a_set_is_named_in_the_error(tmp_path) -> None:
    with pytest.raises(CriteriaSetNotFound, match="entry point"):
        load_criteria_set(tmp_path)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path) -> None:
    (tmp_path / "criteria.yaml").write_bytes(b"format: 1\ntitle: \xff\n")
    with pytest.raises(CriteriaSetRefused, match="2:8: this is no UTF-8"):
        load_criteria_set(tmp_path)
