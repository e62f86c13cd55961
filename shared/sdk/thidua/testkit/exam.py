"""A criteria set before its examiners: the set, its golden cases, and the cases made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from thidua.criteria.case import Case
from thidua.criteria.kinds.code import CodeRule
from thidua.criteria.lines import CriterionResult
from thidua.criteria.loader import CriteriaSet, load_criteria_set
from thidua.criteria.score import Score
from thidua.testkit.apart import Scored, apart, scored
from thidua.testkit.golden import GoldenCase, read_golden

NOTHING = "a case of which nothing is known"


@dataclass(frozen=True)
class Exam:
    """A set and its golden cases."""

    criteria_set: CriteriaSet
    cases: tuple[GoldenCase, ...]
    elsewhere: Callable[[Case], Scored] | None = None
    """Scores a case in another process; None for a set that may run in this one."""

    def ask(self, case: Case) -> Scored:
        """Score a case; raises what scoring raises, ScoringFailed where it is done elsewhere."""
        return scored(self.criteria_set, case) if self.elsewhere is None else self.elsewhere(case)

    @cached_property
    def scores(self) -> tuple[tuple[GoldenCase, Score], ...]:
        """Every golden case with its score, and one of which nothing is known."""
        return tuple((one, self.ask(one.case).score) for one in (*self.cases, *self._empty()))

    def lines(self) -> Iterator[tuple[str, CriterionResult]]:
        """Give every line that has a rule, of every score, with the name of the case.

        The periods that a year is made of are lines as well, and none of the set's own.
        """
        manifest = self.criteria_set.manifest
        own = {one.code for one in manifest.criteria} | {one.code for one in manifest.adjustments}
        for one, result in self.scores:
            for line in (*result.criteria, *result.adjustments):
                yield from ((one.name, leaf) for leaf in _leaves(line) if leaf.code in own)

    @property
    def has_code(self) -> bool:
        """Whether the set brings Python of its own."""
        manifest = self.criteria_set.manifest
        rules = [*(line.rule for line in manifest.criteria), *(line.rule for line in manifest.adjustments)]
        return any(isinstance(rule, CodeRule) for rule in rules)

    def _empty(self) -> Iterator[GoldenCase]:
        for one in self.cases[:1]:
            kept = {key: getattr(one.case, key) for key in ("subject", "campaign", "period", "as_of", "parameters")}
            case = Case.model_validate({**kept, "lane": "official", "discipline": None})
            yield GoldenCase(NOTHING, one.file, one.line, case, {})


def begin(place: str | Path) -> Exam:
    """Load a set with its golden cases; raises what loading raises."""
    criteria_set = load_criteria_set(place)
    return Exam(criteria_set, read_golden(criteria_set))


@contextmanager
def begun_apart(place: str | Path) -> Iterator[Exam]:
    """Load a set without its code, which scores in a process of its own; raises what loading raises, and SetEnded."""
    criteria_set = load_criteria_set(place, imports=False)
    with apart(criteria_set) as ask:
        yield Exam(criteria_set, read_golden(criteria_set), ask)


def _leaves(line: CriterionResult) -> Iterator[CriterionResult]:
    if not line.parts:
        yield line
    for part in line.parts:
        yield from _leaves(part)
