"""What every criteria set owes, as one pytest class; a set adds a subclass with `package`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from thidua.criteria.case import Case, Fact
from thidua.criteria.declarations import FactInput, Log
from thidua.criteria.engine import score
from thidua.criteria.kinds.stated import DocumentsRule
from thidua.criteria.loader import CriteriaSet, load_criteria_set
from thidua.testkit.golden import GoldenCase, failures, read_golden


@lru_cache(maxsize=32)
def _loaded(place: str) -> tuple[CriteriaSet, tuple[GoldenCase, ...]]:
    criteria_set = load_criteria_set(place)
    return criteria_set, read_golden(criteria_set)


class CriteriaSetSuite:
    """The conformance suite: golden cases, their coverage, replay, and the direction of `better`."""

    package: ClassVar[str | Path] = ""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Give every golden case a test of its own name."""
        if "golden" in metafunc.fixturenames:
            cases = _loaded(str(self.package))[1]
            metafunc.parametrize("golden", cases, ids=[f"{Path(one.file).stem}: {one.name}" for one in cases])

    @property
    def criteria_set(self) -> CriteriaSet:
        """The set under test, loaded once."""
        return _loaded(str(self.package))[0]

    def test_a_golden_case_comes_to_what_was_written_down(self, golden: GoldenCase) -> None:
        """Points, statuses and sentences are those of the golden file."""
        _no(failures(self.criteria_set, golden))

    def test_a_case_read_back_from_its_bytes_gives_the_same_score(self, golden: GoldenCase) -> None:
        """A replay of the stored case gives the same bytes."""
        again = Case.from_canonical(golden.case.canonical)
        first, second = (score(self.criteria_set, case).canonical() for case in (golden.case, again))
        _no([] if first == second else [f"{golden.name}: the replay differs"])

    def test_more_of_what_is_better_never_costs_points(self, golden: GoldenCase) -> None:
        """A fact that moves the way `better` says never lowers the total."""
        before = score(self.criteria_set, golden.case)
        found = []
        for name, case in _improved(self.criteria_set, golden.case):
            after = score(self.criteria_set, case)
            if after.lower < before.lower:
                found.append(f"{golden.name}: a better {name} lowers {before.lower} to {after.lower}")
        _no(found)

    def test_every_rule_has_golden_cases_met_not_met_and_missing(self) -> None:
        """Each line with a rule is expected at least met, not met (or partly) and without figures."""
        criteria_set, cases = _loaded(str(self.package))
        found = []
        for line in criteria_set.manifest.criteria:
            seen = {str(case.expect.get(line.code, {}).get("status")) for case in cases}
            wanted = _wanted(criteria_set, line)
            seen |= {"not_met or partly"} if seen & {"not_met", "partly"} else set()
            if wanted - seen:
                found.append(f"{line.code} has no golden case: {', '.join(sorted(wanted - seen))}")
        _no(found)


def _wanted(criteria_set: CriteriaSet, line: Any) -> set[str]:
    rule = line.rule
    if rule is None:
        return set()
    wanted = {"met", "not_met or partly"}
    if isinstance(rule, DocumentsRule) and rule.by is None:
        # A document without a time limit is there or missing; there is no third way.
        wanted.discard("not_met or partly")
    always_known = {"registered", "initiatives", "decisions"}
    inputs = [criteria_set.manifest.inputs[name] for name, _ in rule.reads]
    if any(getattr(declared, "feed", "") not in always_known for declared in inputs):
        wanted.add("missing")
    return wanted


def _improved(criteria_set: CriteriaSet, case: Case) -> list[tuple[str, Case]]:
    found = []
    for fact in case.facts:
        declared = criteria_set.manifest.inputs.get(fact.input)
        if not isinstance(declared, FactInput) or declared.better is None:
            continue
        better = _better(declared, fact)
        if better is not None:
            facts = [one for one in case.facts if one.id != fact.id] + better
            found.append((fact.input, Case.model_validate({**case.model_dump(), "facts": facts})))
    return found


def _better(declared: FactInput, fact: Fact) -> list[Fact] | None:
    if isinstance(declared, Log):
        return [] if declared.better == "less" else [fact, fact.model_copy(update={"id": f"{fact.id}+"})]
    if isinstance(fact.value, bool):
        return [fact.model_copy(update={"value": declared.better == "more"})]
    if isinstance(fact.value, int) and not (declared.better == "less" and fact.value == 0):
        step = 1 if declared.better == "more" else -1
        most = getattr(declared, "out_of", None)
        if most is None or fact.value + step <= most:
            return [fact.model_copy(update={"value": fact.value + step})]
    return None


def _no(found: list[str]) -> None:
    if found:
        raise AssertionError("\n".join(["", *found]))
