"""A fact stated several times in a period: what of it counts, once, and why the rest is missing."""

from __future__ import annotations

from typing import Any

import pytest

from thidua.criteria import score

TEXT = """
inputs:
  x: {fact: count, title: Một, over: sum, due: {day: 5, after: quarter}, stated_by: [self, appraiser],
    counts: [appraiser]}
criteria:
- {code: A, title: Không quá mười, maximum: 100, rule: {kind: threshold, input: x, limit: {at_most: 10}}}
"""


def stated(**values: Any) -> dict[str, dict[str, Any]]:
    """State the fact for the year, by quarters, q1=2, halves and months, m01=2, or with all that a statement says."""
    found = {}
    for name, value in values.items():
        of = "2022" if name == "year" else f"2022-{name[1:] if name[0] == 'm' else name.upper()}"
        more = value if isinstance(value, dict) else {"value": value}
        found[name] = {"input": "x", "stated_by": "appraiser", "period": of, **more}
    return found


@pytest.mark.parametrize(
    ("facts", "value", "evidence"),
    [
        (stated(q1=2, q2=2, q3=2, q4=2), "8", ()),
        (stated(m01=2, q1=5, q2=2, q3=2, q4=2), "11", ()),
        (
            stated(m01={"value": 2, "evidence": ["m"]}, q1={"value": 5, "evidence": ["q"]}, q2=2, q3=2, q4=2),
            "11",
            ("q",),
        ),
        (stated(m01=2, m02=1, q2=2, h2=4), "9", ()),
        (stated(m12=9, q3=9, h1=2, h2=4), "6", ()),
        (stated(q1=2, q2=9, year=3), "3", ()),
    ],
)
def test_in_a_sum_a_statement_for_a_longer_part_replaces_those_for_parts_of_it(
    make_set, make_case, facts, value, evidence
) -> None:
    (used,) = score(make_set(TEXT), make_case(facts)).line("A").inputs
    assert (used.state, used.value, used.evidence) == ("known", value, evidence)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (stated(q1=2, q2=2, q3=2), "chưa khai báo quý IV/2022"),
        (
            stated(q1=2, q2=2, q3=2, q4={"value": 2, "status": "refused"}),
            "quý IV/2022: bị từ chối khi thẩm tra",
        ),
        (
            stated(q1=2, q2={"value": "?"}, q4={"value": 2, "stated_by": "self"}),
            "chưa khai báo quý III/2022; quý II/2022: giá trị không phải số; "
            "quý IV/2022: chưa có ý kiến của người thẩm định",
        ),
        (stated(q1=2, q2=2, q3=2, m11={"value": 2, "status": "refused"}), "quý IV/2022: bị từ chối khi thẩm tra"),
    ],
)
def test_a_part_that_was_stated_and_cannot_be_used_says_why(make_set, make_case, facts, why) -> None:
    line = score(make_set(TEXT), make_case(facts)).line("A")
    assert (line.status, line.sentence) == ("missing", f"Chưa có số liệu: Một ({why}).")
