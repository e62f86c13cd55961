"""A rule in Python sees its declared inputs and nothing else, and a faulty answer stops its set alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from thidua.criteria import CriteriaSetRefused, RuleBroken, load_criteria_set, score

MODULE = """
from fractions import Fraction
from thidua.criteria.resolved import Outcome

def half(inputs, parameters):
    share = Fraction(inputs["n"].value, parameters["of"])
    return Outcome("partly", share, share, "Tính riêng.")

def peeks(inputs, parameters):
    return inputs["secret"]

def too_much(inputs, parameters):
    return Outcome("met", Fraction(2), Fraction(2), "Quá mức.")
"""
YAML = """
inputs:
  n: {fact: count, title: Số lượng}
  secret: {fact: count, title: Số khác}
criteria:
- code: A
  title: Riêng
  maximum: 60
  rule: {kind: rule, call: 'PACKAGE.rules:FUNCTION', inputs: [n], parameters: {of: 10}}
- {code: B, title: Khác, maximum: 40, rule: {kind: threshold, input: secret, limit: {at_least: 0}}}
"""


@pytest.fixture
def packaged(tmp_path: Path, make_set, monkeypatch):
    def make(function: str, package: str):
        with pytest.raises(CriteriaSetRefused):
            make_set(YAML.replace("PACKAGE", package).replace("FUNCTION", function))
        folder = tmp_path / "site" / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "rules.py").write_text(MODULE, encoding="utf-8")
        (tmp_path / "criteria.yaml").rename(folder / "criteria.yaml")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        return load_criteria_set(package)

    yield make
    for name in [name for name in sys.modules if name.startswith("bo_rieng")]:
        del sys.modules[name]


def test_a_function_of_the_package_answers_with_an_outcome(packaged, make_case) -> None:
    loaded = packaged("half", "bo_rieng_a")
    line = score(loaded, make_case({"n": 5, "secret": 1})).line("A")
    assert (str(line.points), line.sentence) == ("30.00", "Tính riêng.")


@pytest.mark.parametrize(("name", "why"), [("peeks", "secret"), ("too_much", "outside")])
def test_a_rule_that_peeks_or_exceeds_its_credit_is_broken(packaged, make_case, name: str, why: str) -> None:
    loaded = packaged(name, f"bo_rieng_{name}")
    with pytest.raises(RuleBroken, match=why):
        score(loaded, make_case({"n": 5, "secret": 1}))


def test_a_function_of_another_package_is_refused_before_import(tmp_path, packaged, make_case) -> None:
    packaged("half", "bo_rieng_b")
    file = tmp_path / "site" / "bo_rieng_b" / "criteria.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("bo_rieng_b.rules:half", "os:system"), encoding="utf-8")
    with pytest.raises(CriteriaSetRefused, match="outside the package"):
        load_criteria_set("bo_rieng_b")
