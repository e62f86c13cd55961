"""Golden files are read as strictly as sets, and a difference is reported so that a lawyer can follow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from thidua.criteria import Case, CriteriaSetRefused, load_criteria_set
from thidua.testkit import failures, read_golden

SET = """
inputs:
  months: {feed: month_results}
  done: {feed: completed_tasks}
criteria:
- code: A
  title: Hằng tháng
  maximum: 50
  rule: {kind: months, input: months, limit: {more_than: 9/10}, credit: pro_rata}
- {code: B, title: Hoàn thành, maximum: 50, rule: {kind: ratio, of: done, limit: {at_least: 1}, credit: pro_rata}}
"""
GOOD = """
- name: Một tháng đúng 90 % thì không đạt
  period: 2022
  given: {months: {every: [19, 20], 2022-03: [18, 20]}}
  expect: {A: {status: partly, points: "45.83"}}
"""


def golden(loaded, text: str):
    folder = Path(loaded.folder) / "golden"
    folder.mkdir(exist_ok=True)
    (folder / "A.yaml").write_text(text, encoding="utf-8")
    return read_golden(loaded)


def test_a_golden_case_as_expected_has_no_differences(make_set) -> None:
    loaded = make_set(SET)
    assert [failures(loaded, case) for case in golden(loaded, GOOD)] == [[]]


def test_a_difference_names_file_case_code_and_both_values(make_set) -> None:
    loaded = make_set(SET)
    found = failures(loaded, golden(loaded, GOOD.replace("45.83", "50.00"))[0])
    assert found == ['golden/A.yaml:2: Một tháng đúng 90 % thì không đạt\n    A.points: expected "50.00", got 45.83']


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("expect:", "expects:", 'write "expect"'),
        ("status:", "state:", 'write "status"'),
        ("{A: {status", "{C: {status", 'code "C" is not known here'),
        ("given: {months", "given: {month", 'write "months"'),
        ("Một tháng đúng 90 % thì không đạt", "One month", "not Vietnamese"),
        ("2022-03: [18, 20]", "2022-13: [18, 20]", "is no month of 2022"),
        ("2022-03: [18, 20]", "2022-03: 18", "is no pair"),
        ("2022-03: [18, 20]}", "2022-03: [18, 20]}, done: [1, 2]", "not the sum of the months"),
        ("period: 2022", "period: 2022-X", "is no period"),
        ("period: 2022", "period: 2022-H1", "A.yaml:3:3: the set cannot score this case: its period 2022-H1 is a half"),
        (
            "2022\n  given: {months: {every: [19, 20], 2022-03: [18, 20]}}",
            "2021",
            "period 2021 ends outside 2022-01-01",
        ),
        ('{A: {status: partly, points: "45.83"}}', "{}", "A.yaml:5:3: nothing is expected; write what the case comes"),
        ('{A: {status: partly, points: "45.83"}}', "{A: {}}", "A.yaml:5:3: nothing is expected; write what the case"),
        ("period: 2022", "period: 2022\n  subject: {kind: collective, rank: 1}", "rank"),
    ],
)
def test_a_golden_file_with_a_mistake_is_refused_with_its_place(make_set, old, new, sentence) -> None:
    loaded = make_set(SET)
    with pytest.raises(CriteriaSetRefused, match=r"golden/A\.yaml") as refused:
        golden(loaded, GOOD.replace(old, new))
    assert sentence in str(refused.value)


DISCIPLINE = """
inputs:
  reprimands: {feed: discipline, from: khien_trach}
criteria:
- {code: A, title: Không bị kỷ luật, maximum: 100, rule: {kind: threshold, input: reprimands, limit: {at_most: 0}}}
"""
THREE_THINGS = """
- name: Không biết có bị kỷ luật hay không
  period: 2022
  expect: {A: {status: missing, points: 0, upper: 100}}
- name: Biết là không bị kỷ luật
  period: 2022
  given: {reprimands: []}
  expect: {A: {status: met, points: 100}}
- name: Biết là bị cảnh cáo
  period: 2022
  given: {reprimands: [canh_cao]}
  expect: {A: {status: not_met, points: 0}}
"""


def test_discipline_nobody_knows_of_is_missing_and_not_the_same_as_none(make_set) -> None:
    loaded = make_set(DISCIPLINE)
    cases = golden(loaded, THREE_THINGS)
    assert [failures(loaded, case) for case in cases] == [[], [], []]
    assert [Case.from_canonical(one.case.canonical) for one in cases] == [one.case for one in cases]
    assert len({one.case.hash for one in cases}) == 3


def test_a_year_made_of_its_periods_has_no_lines_to_expect(tmp_path: Path) -> None:
    (tmp_path / "A.yaml").write_text("- name: Cả năm\n  period: 2026\n  expect: {K: {status: met}}\n", "utf-8")
    with pytest.raises(
        CriteriaSetRefused, match=r"A\.yaml:3:12: a year made of its periods has no line K; expect total"
    ):
        read_golden(load_criteria_set("nd335_2025_ca_nhan"), tmp_path)
