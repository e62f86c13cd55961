"""The canonical spelling: one for a value, whichever library writes it, and nothing of a score left out."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from thidua.criteria import EliminationResult, InputUsed, Score, score
from thidua.criteria.canonical import canonical_json, normal_text
from thidua.criteria.parameters import InForce

TEXTS = some.text(some.characters(exclude_categories=["Cs"]))
PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | TEXTS,
    lambda inner: some.lists(inner) | some.dictionaries(TEXTS, inner),
)


@given(PLAIN)
def test_the_spelling_is_that_of_the_standard_library_for_any_matter(matter: Any) -> None:
    written = json.dumps(matter, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert canonical_json(matter) == written.encode()


def test_a_number_beyond_sixty_four_bits_keeps_all_its_digits() -> None:
    assert canonical_json({"b": 2**70, "a": Fraction(1, 3)}) == b'{"a":"1/3","b":1180591620717411303424}'


def test_decimals_keep_their_places_and_fractions_their_lowest_terms() -> None:
    assert canonical_json([Decimal("137.50"), Decimal("1E+2"), Fraction(6, 4)]) == b'["137.50","100","3/2"]'


@pytest.mark.parametrize("value", [date(2022, 3, 31), {1, 2}, InForce("a", 1, "b")])
def test_what_has_no_canonical_spelling_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical spelling"):
        canonical_json({"value": value})


@pytest.mark.parametrize("text", ["a\x00b", "Ti\x00êu", "\ud800"])
def test_no_text_with_a_zero_or_a_lone_surrogate_passes(text: str) -> None:
    with pytest.raises(ValueError, match="text must"):
        normal_text(text)


def test_every_field_of_a_score_and_of_its_parts_is_written(make_set: Any, make_case: Any) -> None:
    criteria_set = make_set("""
parameters: {least: {value: 1, source: Thử}}
inputs:
  done: {fact: count, title: Số việc}
criteria:
- {code: A, title: Một, maximum: 100, rule: {kind: threshold, input: done, limit: {at_least: $least}}}
eliminations:
- {code: L, title: Không làm, when: {done: {at_most: 0}}, effect: not_ranked}
""")
    found = score(criteria_set, make_case({"done": 1}))
    whole = found.as_json()
    assert set(whole) == {field.name for field in fields(Score)}
    (line,), (struck,), (parameter,) = whole["criteria"], whole["eliminations"], whole["parameters"]
    assert set(line) == {name for name in dir(found.criteria[0]) if name[0] != "_"} - {"as_json", "finding", "written"}
    assert set(line["inputs"][0]) == set(struck["inputs"][0]) == set(InputUsed._fields)
    assert set(struck) == set(EliminationResult._fields)
    assert set(parameter) == {field.name for field in fields(InForce)}
