"""What every criteria set owes, as one pytest class; a set adds a subclass with `package`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from thidua.criteria.loader import CriteriaSet
from thidua.testkit.exam import Exam, begin
from thidua.testkit.golden import GoldenCase, failures
from thidua.testkit.rules import RULES, TIERS, Tier, TierRule


@lru_cache(maxsize=32)
def _begun(place: str) -> Exam:
    return begin(place)


class CriteriaSetSuite:
    """The conformance suite: a test for each golden case, and one for each rule up to the tier aimed at."""

    package: ClassVar[str | Path] = ""
    tier: ClassVar[Tier] = "gold"

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Give every golden case and every rule a test of its own name."""
        if "golden" in metafunc.fixturenames:
            cases = _begun(str(self.package)).cases
            metafunc.parametrize("golden", cases, ids=[f"{Path(one.file).stem}: {one.name}" for one in cases])
        if "rule" in metafunc.fixturenames:
            rules = [one for one in RULES if TIERS.index(one.tier) <= TIERS.index(self.tier)]
            metafunc.parametrize("rule", rules, ids=[f"{one.tier}: {one.key}" for one in rules])

    @property
    def criteria_set(self) -> CriteriaSet:
        """The set under test, loaded once."""
        return _begun(str(self.package)).criteria_set

    def test_a_golden_case_comes_to_what_was_written_down(self, golden: GoldenCase) -> None:
        """Points, statuses and sentences are those of the golden file."""
        _no(failures(self.criteria_set, golden))

    def test_a_rule_of_the_tiers_is_kept(self, rule: TierRule) -> None:
        """Nothing breaks the rule; its address says what it asks."""
        _no([f"{one} ({rule.address})" for one in rule.check(_begun(str(self.package)))])


def _no(found: list[str]) -> None:
    if found:
        raise AssertionError("\n".join(["", *found]))
