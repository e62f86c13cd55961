"""A case is the same whatever order its material arrived in, and comes back from its stored bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from thidua.criteria.case import Case, Fact, Month, ParameterChange, Subject, WorkTally

SUBJECT = Subject(kind="collective", id="so-tnmt", unit="so-tnmt", cluster="cum-1")


SCORED = {
    "subject": SUBJECT,
    "campaign": "2022",
    "period": "2022",
    "as_of": date(2023, 1, 10),
    "lane": "official",
}


def a_case(**material: object) -> Case:
    return Case.model_validate(SCORED | material)


def test_the_order_of_facts_and_months_leaves_the_hash_alone() -> None:
    months = [Month(month=f"2022-{n:02d}", reported=True, due=20, on_time=19, completed=20) for n in (1, 2)]
    facts = [Fact(id=f"f{n}", input=f"input{n}", stated_by="self", value=n) for n in (1, 2)]
    forward = a_case(months=months, facts=facts)
    backward = a_case(months=months[::-1], facts=facts[::-1])
    assert forward == backward
    assert forward.hash == backward.hash


def test_a_stored_case_is_read_back_with_the_same_hash() -> None:
    tally = WorkTally(assigned=Fraction(7, 2), done=Fraction(3), by_failures=((1, Fraction(1, 2)),))
    case = a_case(
        months=[Month(month="2022-03", reported=True, work=tally)],
        facts=[Fact(id="f", input="conduct", stated_by="self", value="muon_som", dated=date(2022, 3, 1))],
        parameters={"on_time": ParameterChange(value={"more_than": "8/10"}, reason="Thiên tai")},
    )
    again = Case.from_canonical(case.canonical)
    assert again == case
    assert again.hash == case.hash
    assert b'"assigned":"7/2"' in case.canonical


def test_letters_typed_in_two_unicode_forms_give_one_case() -> None:
    spellings = "Quy\u1ebft \u0111\u1ecbnh", "Quye\u0302\u0301t \u0111i\u0323nh"
    composed = a_case(facts=[Fact(id="f", input="x", stated_by="self", value=spellings[0])])
    decomposed = a_case(facts=[Fact(id="f", input="x", stated_by="self", value=spellings[1])])
    assert composed.hash == decomposed.hash


def test_a_decimal_amount_is_stored_as_the_text_it_was_written_in() -> None:
    fact = Fact.model_validate({"id": "f", "input": "x", "stated_by": "self", "value": Decimal("137.50")})
    assert fact.value == "137.50"


@pytest.mark.parametrize("value", [0.9, float("nan")])
def test_a_float_is_refused_wherever_a_case_could_take_it(value: float) -> None:
    with pytest.raises(ValidationError, match="float is not exact"):
        Fact.model_validate({"id": "f", "input": "x", "stated_by": "self", "value": value})


def test_yes_stays_yes_and_does_not_become_one() -> None:
    yes = a_case(facts=[Fact(id="f", input="x", stated_by="self", value=True)])
    one = a_case(facts=[Fact(id="f", input="x", stated_by="self", value=1)])
    assert yes.hash != one.hash
    assert Case.from_canonical(yes.canonical).facts[0].value is True


def test_more_on_time_than_due_is_no_month_that_can_exist() -> None:
    with pytest.raises(ValidationError, match="does not hold"):
        Month(month="2022-03", reported=True, due=3, on_time=4, completed=4)


def test_the_same_month_or_fact_twice_is_refused_by_name() -> None:
    month = Month(month="2022-03", reported=True)
    with pytest.raises(ValidationError, match="given twice"):
        a_case(months=[month, month])
    with pytest.raises(ValidationError, match="given twice"):
        a_case(facts=[Fact(id="a", input="x", stated_by="self", value=n) for n in (1, 2)])
