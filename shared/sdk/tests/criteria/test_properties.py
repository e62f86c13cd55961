"""Promises for any case: order is nothing, stating more never costs points, exactly 90 % fails, columns add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from thidua.criteria import Case, CriteriaSet, load_criteria_set, score
from thidua.criteria.canonical import canonical_json
from thidua.criteria.exact import Way, _scaled, added, in_words, rounded, rounded_product
from thidua.criteria.limits import Limit

ABOVE_90 = Limit.model_validate({"more_than": "9/10"})
MONTHS = [f"2022-{number:02d}" for number in range(1, 13)]
FACTS: dict[str, some.SearchStrategy[Any]] = {
    "launch_plan": some.just("01/KH"),
    "launch_report": some.just("02/BC"),
    "solutions": some.integers(0, 10),
    "programme": some.just("03/CTr"),
    "makes_law": some.booleans(),
    "law_due": some.integers(0, 5),
    "law_on_time": some.integers(0, 5),
    "law_quality": some.integers(0, 10),
    "capital_used": some.integers(0, 2000),
    "capital_planned": some.integers(0, 2000),
    "reform_plan": some.just("04/KH"),
    "digital_plan": some.just("05/KH"),
    "serves_public": some.booleans(),
    "services": some.integers(0, 50),
    "services_online": some.integers(0, 50),
    "procedures_cut": some.booleans(),
    "conduct": some.sampled_from(["muon_som", "ruou_bia"]),
    "internal": some.sampled_from(["mat_doan_ket", "khieu_nai_dung"]),
    "welfare": some.integers(0, 10),
}
AUTOMATIC = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def the_set() -> CriteriaSet:
    return load_criteria_set("tnmt_2022_tap_the")


@some.composite
def months(draw: some.DrawFn) -> dict[str, Any]:
    due = draw(some.integers(0, 30))
    completed = draw(some.integers(0, due))
    on_time = draw(some.integers(0, completed))
    figures = {"due": due, "completed": completed, "on_time": on_time, "overdue_open": due - completed}
    return {"reported": draw(some.booleans()), **figures}


@some.composite
def material(draw: some.DrawFn) -> dict[str, Any]:
    names = draw(some.lists(some.sampled_from(sorted(FACTS)), unique=True))
    facts = [a_fact(name, draw(FACTS[name])) for name in names]
    rows = [{"month": name, **draw(months())} for name in draw(some.lists(some.sampled_from(MONTHS), unique=True))]
    what = some.sampled_from(["titles", "targets", "initiatives"])
    days = some.sampled_from([date(2022, 2, 1), date(2022, 5, 1)])
    registered = [
        {"what": draw(what), "count": draw(some.integers(0, 3)), "first_submitted": draw(days)}
        for _ in range(draw(some.integers(0, 3)))
    ]
    return {"facts": facts, "months": rows, "registrations": registered}


def a_fact(name: str, value: Any) -> dict[str, Any]:
    return {
        "id": name,
        "input": name,
        "stated_by": "appraiser",
        "value": value,
        "dated": date(2022, 1, 20),
        "evidence": ["e1"],
    }


def a_case(matter: dict[str, Any], lane: str = "official") -> Case:
    subject = {"kind": "collective", "id": "a", "unit": "a", "cluster": "c"}
    fixed = {"subject": subject, "campaign": "2022", "period": "2022", "as_of": date(2023, 1, 20), "lane": lane}
    return Case.model_validate({**fixed, **matter})


@AUTOMATIC
@given(material(), some.randoms())
def test_no_score_depends_on_the_order_of_its_material(matter: dict[str, Any], chance: Any) -> None:
    found = score(the_set(), a_case(matter))
    before = found.canonical()
    assert before == canonical_json(found.as_json()), "put together from pieces, a score is spelled as any matter is"
    for items in matter.values():
        chance.shuffle(items)
    assert score(the_set(), a_case(matter)).canonical() == before


@AUTOMATIC
@given(material(), some.sampled_from(sorted(set(FACTS) - {"conduct", "internal"})), some.data())
def test_stating_a_missing_item_never_lowers_the_total(matter: dict[str, Any], name: str, data: Any) -> None:
    assume(all(fact["input"] != name for fact in matter["facts"]))
    before = score(the_set(), a_case(matter))
    stated = a_fact(name, data.draw(FACTS[name]))
    after = score(the_set(), a_case({**matter, "facts": [*matter["facts"], stated]}))
    assert after.lower >= before.lower
    assert after.upper <= before.upper


@AUTOMATIC
@given(material(), some.sampled_from(MONTHS), months())
def test_reporting_a_silent_month_never_lowers_the_total(
    matter: dict[str, Any], name: str, row: dict[str, Any]
) -> None:
    rows = [one for one in matter["months"] if one["month"] != name]
    silent = score(the_set(), a_case({**matter, "months": rows}))
    reported = {"month": name, **row, "reported": True}
    assert score(the_set(), a_case({**matter, "months": [*rows, reported]})).lower >= silent.lower


@AUTOMATIC
@given(material(), some.sampled_from(["official", "running"]))
def test_the_printed_column_adds_up_to_the_printed_total(matter: dict[str, Any], lane: str) -> None:
    result = score(the_set(), a_case(matter, lane))
    for line in result.lines.values():
        if line.parts and line.points is not None:
            assert line.points == stretched(line.parts, line.maximum)
    column = stretched(result.criteria, result.scale)
    plus = sum((line.points for line in result.adjustments if line.points is not None), Decimal(0))
    assert result.lower == min(column + plus, Decimal(1050))


def stretched(parts: Any, maximum: Decimal) -> Decimal:
    printed = sum((Fraction(part.points) for part in parts if part.points is not None), Fraction(0))
    away = sum((Fraction(part.maximum) for part in parts if part.status == "not_applicable"), Fraction(0))
    factor = Fraction(maximum) / (Fraction(maximum) - away) if away and away < maximum else Fraction(1)
    return rounded(printed * factor, 2)


@given(some.integers(1, 10_000))
def test_exactly_ninety_percent_never_passes_and_one_more_does(tens: int) -> None:
    assert not ABOVE_90.allows(9 * tens, 10 * tens)
    assert ABOVE_90.allows(9 * tens + 1, 10 * tens)


@AUTOMATIC
@given(material())
def test_a_replay_from_stored_bytes_gives_the_same_bytes(matter: dict[str, Any]) -> None:
    case = a_case(matter)
    again = Case.from_canonical(case.canonical)
    assert score(the_set(), again).canonical() == score(the_set(), case).canonical()


@AUTOMATIC
@given(material())
def test_no_float_and_no_points_beyond_the_maximum_ever_appear(matter: dict[str, Any]) -> None:
    result = score(the_set(), a_case(matter))
    assert b"." not in result.canonical() or not any(isinstance(one, float) for one in walk(result.as_json()))
    for line in result.lines.values():
        assert line.points is None or 0 <= line.points <= line.upper <= line.maximum


def walk(value: Any) -> Any:
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


@AUTOMATIC
@given(some.lists(material(), min_size=2, max_size=4), some.sampled_from(["official", "running"]))
def test_a_set_that_scored_others_before_gives_the_same_bytes_as_a_fresh_one(
    matters: list[dict[str, Any]], lane: str
) -> None:
    for matter in matters:
        fresh = replace(the_set(), _cache={})
        assert score(the_set(), a_case(matter, lane)).canonical() == score(fresh, a_case(matter, lane)).canonical()


def test_no_figure_depends_on_the_decimal_context_of_the_thread() -> None:
    _scaled.cache_clear()
    with localcontext(prec=3):
        printed = [rounded(Fraction(number), 2) for number in ("9876.54", "-9876.54")]
        told = [in_words(Fraction("9876.54")), in_words(Fraction("-9876.54"))]
    assert [str(one) for one in printed] == ["9876.54", "-9876.54"]
    assert told == ["9876,54", "−9876,54"]


def test_what_is_taken_off_does_not_depend_on_the_decimal_context_of_the_thread(make_set, make_case) -> None:
    text = """
inputs: {a: {fact: count, title: Số}}
criteria: [{code: A, title: Một, maximum: 100000, rule: {kind: threshold, input: a, limit: {at_least: 0}}}]
adjustments:
- {code: M, title: Trừ, sign: minus, at_most: 10000, rule: {kind: per_case, input: a, start: zero, each: "0.01"}}
"""
    points = "{scale: 100000, total: {at_least: 0, at_most: 100000}}"
    with localcontext(prec=3):
        assert str(score(make_set(text, points=points), make_case({"a": 123456})).total) == "98765.44"


@given(some.lists(some.decimals(min_value=-(10**30), max_value=10**30, places=2), max_size=6))
def test_printed_figures_add_up_exactly_however_long_they_are(figures: list[Decimal]) -> None:
    assert Fraction(added(figures)) == sum((Fraction(one) for one in figures), Fraction(0))


@given(
    some.fractions(min_value=0, max_value=1000),
    some.fractions(min_value=0, max_value=1),
    some.integers(0, 4),
    some.sampled_from(["half_up", "half_even", "down", "up"]),
)
def test_a_rounded_product_is_the_product_rounded_once(
    maximum: Fraction, credit: Fraction, places: int, way: Way
) -> None:
    assert rounded_product(maximum, credit, places, way) == rounded(maximum * credit, places, way)


@given(some.fractions(min_value=0, max_value=1000), some.integers(0, 4))
def test_rounding_half_up_is_never_further_off_than_half_a_place(number: Fraction, places: int) -> None:
    difference = Fraction(rounded(number, places)) - number
    assert -Fraction(1, 2 * 10**places) < difference <= Fraction(1, 2 * 10**places)
