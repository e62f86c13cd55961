"""What officials and integrators write by mistake is answered in their words, at the place that is to be mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from thidua.criteria import CriteriaSetRefused, load_criteria_set
from thidua.testkit import read_golden

GOOD = """format: 1
id: vi-du-2022
version: 1.0.0
title: Ví dụ
legal_basis: [Công văn 8240/BTNMT-TĐKTTT]
valid: {from: 2022-01-01, to: 2022-12-31}
subject: collective
period: {scored: [year]}
points: {scale: 120, mark: illustrative}
not_applicable: rescale
missing_at_close: not_met
parameters:
  on_time: {value: {more_than: 9/10}, source: Công văn 8240}
inputs:
  months: {feed: month_results}
  effort: {fact: mark, out_of: 10, title: Tinh thần, stated_by: [self]}
criteria:
- {code: A, title: Đúng hạn, maximum: 100, rule: {kind: months, input: months, limit: $on_time, credit: pro_rata}}
- {code: B, title: Tinh thần, maximum: 20, rule: {kind: mark, input: effort}}
ranking: {within: subject.cluster, by: [total, A], ties: shared}
"""
MISTAKES = [
    ("[year]}", "[]}", "8:10: the list is empty; name at least one"),
    ("[year]}", "year}", "8:10: 'year' is no list; write [year]"),
    ("[Công văn 8240/BTNMT-TĐKTTT]", "Công văn 8240", "5:1: 'Công văn 8240' is no list; write [Công văn 8240]"),
    ("{scale: 120, mark: illustrative}", "120", "9:1: 120 is no mapping; write {scale: …}"),
    ("{from: 2022-01-01, to: 2022-12-31}", "[2022-01-01]", "6:1: a list is no mapping; write {from: …}"),
    ("from: 2022-01-01", "from: 01/01/2022", "6:9: '01/01/2022' is no date; write 2022-12-31, without quotes"),
    ("{more_than: 9/10}", "9/10", "13:3: '9/10' is no mapping; write {more_than: …, at_least: …"),
    ("{more_than: 9/10}", "{more_than: 90%}", "13:3: '90%' is no exact number; write 12, 9/10 or"),
    ("{more_than: 9/10}", '{">": 9/10}', '13:3: the key ">" is not known here; write one of: at_least'),
    (", source: Công văn 8240}", "}", "13:3: source is missing; write source: …"),
    ("$on_time", "$ontime", "18:80: the parameter $ontime is not declared; declared: $on_time"),
    ("maximum: 20", "maximum: -20", "19:31: -20 is out of range; write a number greater than 0"),
    ("subject: collective", "subject: tập thể", '7:1: the value "tập thể" is not known here; write one of: coll'),
    (
        "id: vi-du-2022",
        "id: Vi_Du",
        '2:1: "Vi_Du" does not have the right form; write small ASCII letters, digits',
    ),
    ("version: 1.0.0", "version: 1.0", '3:1: "1.0" does not have the right form; write three numbers: 1.0.0'),
    ("format: 1\n", 'format: "1"\n', '1:1: "1" stands in quotes; write 1'),
    ("format: 1\n", "format: true\n", "1:1: true is no format; write 1"),
    ("version: 1.0.0", "version: ２.0.0", '3:1: "２.0.0" does not have the right form; write three numbers: 1.0.0'),
    ("version: 1.0.0", "version: 02.0.0", '3:1: "02.0.0" does not have the right form; write three numbers: 1.0.0'),
    ("scale: 120", "scale: '１２０'", "9:10: '１２０' is no exact number; write 12"),
    ("scale: 120", "scale: 1/7777777", "9:1: the scale is printed as 0 with 2 places; write a larger one"),
    ("scale: 120", "scale: !!str 120", "9:17: the tag tag:yaml.org,2002:str is not allowed; write the plain value"),
    ("scale: 120", "scale: !!float 120", "9:17: the tag tag:yaml.org,2002:float is not allowed"),
    ("more_than: 9/10", "more_than: 10/9", "18:44: no month's rate is below 0 or above 1; write the limit as a share"),
    ("more_than: 9/10", "more_than: -1/2", "18:44: no month's rate is below 0 or above 1; write the limit as a share"),
    ("title: Ví dụ", 'title: "\\ud800"', "4:8: text must be valid Unicode; it contains a lone surrogate"),
    ("title: Ví dụ", 'title: "\\u0000"', "4:8: text must not contain U+0000"),
    ("title: Ví dụ", 'title: "\\U00110000"', "4:11: this escape is no character; write the letter"),
    ("title: Ví dụ", "title: " + "[" * 1500, "4:37: this lies more than 30 levels deep; take brackets out"),
    ("  effort:", "\teffort:", "16:1: this is no YAML: a tab; indent with spaces"),
    ("- {code: B", " - {code: B", "19:2: this is no YAML: begin the line in the same column as the lines it belongs"),
    (
        "title: Tinh thần, max",
        "title: Tinh thần, thái độ, max",
        "19:38: a value is missing; write it, or leave the key",
    ),
    ("rule: {kind: mark, input: effort}", "rule: mark", "19:44: it is not said what this rule does; write {kind: …"),
    ("{feed: month_results}", "{title: Tháng}", "15:3: it is not said what this input is; write {feed: …} or {fact"),
    ("feed: month_results", "feed: months", '15:12: the feed "months" is not known here; write "month_results"'),
    ("subject.cluster", "cluster", '20:11: the value "cluster" is not known here; write "subject.cluster"'),
    ("mark: illustrative", "rounding: half_up", "9:22: 'half_up' is no mapping; write {places: …"),
    ("title: Ví dụ", 'title: "\\u200b"', "4:1: a text holds '\\u200b', which nobody sees; take it out"),
    ("title: Ví dụ", 'title: "Ví dụ \\u202e"', "4:1: a text holds '\\u202e', which nobody sees; take it out"),
    ("[year]}", "[year, year]}", '8:10: "year" is listed twice; keep one'),
    ("mark: illustrative", "total: {at_most: 60}", "9:1: points.total: at_most 60 lies below the scale 120"),
    ("more_than: 9/10", "more_than: 9/10, below: 1/2", "13:3: no number lies between the bounds 9/10 and 1/2"),
    ("more_than: 9/10", "at_least: 9/10, below: 9/10", "13:3: no number lies between the bounds 9/10 and 9/10"),
    (
        "{kind: mark, input: effort}",
        "{kind: mark, input: effort, sentence: {met: 'Đạt { điểm.'}}",
        "19:89: 'Đạt { điểm.' has a brace without its other half; write {count} for a figure",
    ),
]


@pytest.mark.parametrize(("written", "instead", "said"), MISTAKES, ids=[one[1][:40] for one in MISTAKES])
def test_a_clumsy_line_is_answered_with_what_to_write_in_it(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    assert GOOD.count(written) == 1
    (tmp_path / "criteria.yaml").write_text(GOOD.replace(written, instead), "utf-8")
    with pytest.raises(CriteriaSetRefused, match=re.escape(f"criteria.yaml:{said}")):
        load_criteria_set(tmp_path)


@pytest.mark.parametrize(("written", "instead"), [("$on_time", "$ontime"), ("subject.cluster", "cluster")])
def test_one_mistake_is_not_told_twice(tmp_path: Path, written: str, instead: str) -> None:
    (tmp_path / "criteria.yaml").write_text(GOOD.replace(written, instead), "utf-8")
    with pytest.raises(CriteriaSetRefused) as refused:
        load_criteria_set(tmp_path)
    assert len([one for one in str(refused.value).splitlines() if instead in one]) == 1


@pytest.mark.parametrize("limit", ["$x", "{more_than: $x}"])
def test_an_undeclared_parameter_is_the_only_mistake_where_it_stands(tmp_path: Path, limit: str) -> None:
    kept = [line for line in GOOD.splitlines() if "B, title" not in line and "effort" not in line]
    one = "\n".join(kept).replace("scale: 120", "scale: 100").replace("$on_time", limit)
    (tmp_path / "criteria.yaml").write_text(one, "utf-8")
    with pytest.raises(CriteriaSetRefused) as refused:
        load_criteria_set(tmp_path)
    said = [problem.sentence for problem in refused.value.problems]
    assert said[-1].startswith("the parameter $x is not declared")
    assert [sentence for sentence in said if "list is empty" in sentence] == []


@pytest.mark.parametrize(("text", "said"), [("", "the file is empty"), ("- 1\n", "the file is no mapping")])
def test_a_file_that_is_no_set_says_what_it_is(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "criteria.yaml").write_text(text, "utf-8")
    with pytest.raises(CriteriaSetRefused, match=f"1:1: {said}; write format: 1 first"):
        load_criteria_set(tmp_path)


CASES = [
    ("given: {months: {every: [3, 2]}}", "3:3: given: month 2022-01: on_time <= completed <= due does not hold"),
    ("given: {titles: many}", "3:3: given: 'many': input should be a valid integer"),
    ("given: {flags: CTDB}", "3:11: flags: 'CTDB' is no list; write [CTDB]"),
    ("given: {welfare: {value: 3, by: boss}}", '3:3: given: the value "boss" is not known here; write one of: app'),
    ("given: [1]", "3:3: given is not written so; write given: {input: value}"),
    ("peers: {welfare: 3}", "3:3: peers is not written so; write peers: [{input: value}]"),
    ("lane: oficial", '3:3: lane: the value "oficial" is not known here; write "official"'),
    ("subject: {kindd: collective}", '3:13: subject: "kindd" is not known here; take it out'),
    ("expect: {T6: met}", "3:12: 'met' is no expectation; write T6: {status: met}"),
    ("expect: {T6: {status: good}}", '3:17: the status "good" is not known here; write one of: met, missing'),
]


@pytest.mark.parametrize(("line", "said"), CASES, ids=[one[0] for one in CASES])
def test_a_clumsy_golden_case_is_answered_at_its_key(tmp_path: Path, line: str, said: str) -> None:
    expect = "" if line.startswith("expect") else "  expect: {total: {state: complete}}\n"
    (tmp_path / "A.yaml").write_text(f"- name: Đạt\n  period: 2022\n  {line}\n{expect}", "utf-8")
    with pytest.raises(CriteriaSetRefused, match=re.escape(f"golden/A.yaml:{said}")):
        read_golden(load_criteria_set("tnmt_2022_tap_the"), tmp_path)


@pytest.mark.parametrize(("letters", "said"), [("\\ud800", "a lone surrogate"), ("\\u0000", "U+0000")])
def test_a_name_that_nobody_can_read_is_refused_at_its_place(tmp_path: Path, letters: str, said: str) -> None:
    (tmp_path / "A.yaml").write_text(f'- name: "Đạt {letters}"\n  period: 2022\n  expect: {{}}\n', "utf-8")
    with pytest.raises(CriteriaSetRefused, match=f"golden/A.yaml:1:9: .*{re.escape(said)}"):
        read_golden(load_criteria_set("tnmt_2022_tap_the"), tmp_path)


def test_a_golden_file_that_is_no_utf_8_is_refused_at_its_letter(tmp_path: Path) -> None:
    (tmp_path / "A.yaml").write_bytes("- name: Đ\n  period: Ạ".encode() + b"\xff")
    with pytest.raises(CriteriaSetRefused, match=r"golden/A.yaml:2:12: this is no UTF-8"):
        read_golden(load_criteria_set("tnmt_2022_tap_the"), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"one = 1\ntwo = '\xff'\n", "rules.py:2:8: this is no UTF-8; save the file as UTF-8"),
        (b"one = '\x00'\n", "this is no Python"),
        (b"one = " + b"(" * 5000, "this is no Python"),
    ],
)
def test_code_that_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    home = tmp_path / "vi_du"
    home.mkdir()
    (home / "__init__.py").touch()
    (home / "rules.py").write_bytes(content)
    rule = "{kind: rule, call: 'vi_du.rules:judge', inputs: [effort]}"
    (home / "criteria.yaml").write_text(GOOD.replace("{kind: mark, input: effort}", rule), "utf-8")
    with pytest.raises(CriteriaSetRefused, match=re.escape(said)):
        load_criteria_set(home)
