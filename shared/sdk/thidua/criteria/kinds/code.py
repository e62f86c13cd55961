"""The kind `rule`: a Python function, where no other kind fits. It sees its declared inputs and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, NoReturn, get_args

from pydantic import Field

from thidua.criteria.declarations import Shape
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.purity import sealed
from thidua.criteria.resolved import Outcome, Resolved, Status
from thidua.criteria.strict import Name, Names

LONGEST_SENTENCE: Final = 2_000
# A hundred decimal digits: far beyond what weights and counts of real work multiply to.
LARGEST_BITS: Final = 333
_STATUSES: Final = frozenset(get_args(Status))
# What Python says when something frozen is assigned to.
_FROZEN_WORDS: Final = (
    "can't set attribute",
    "cannot assign to field",
    "does not support item",
    "can't delete",
    "Instance is frozen",
)

ANY_SHAPE: tuple[Shape, ...] = (
    "yes_no",
    "number",
    "date",
    "document",
    "mark",
    "log",
    "months",
    "pair",
    "work",
    "case",
)


class CodeRule(RuleParameters):
    """A function `package.module:function(inputs, parameters)` that returns an Outcome."""

    kind: Literal["rule", "rule@1"]
    call: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*$")]
    inputs: Names
    parameters: dict[Name, Any] = Field(default_factory=dict)

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """Any declared inputs."""
        return tuple((name, ANY_SHAPE) for name in self.inputs)


class ResultTooLarge(ValueError):
    """A rule answered more than a score may hold."""


class Visible(Mapping[str, Resolved]):
    """The inputs a rule declared, and no others; nothing in it can be changed."""

    def __init__(self, inputs: Inputs, names: Names) -> None:
        self._inputs = {name: inputs[name] for name in names}

    def __getitem__(self, name: str) -> Resolved:
        if name not in self._inputs:
            raise LookupError(
                f'the input "{name}" is not declared for this rule; add it to `inputs` of the rule '
                f"(declared: {', '.join(self._inputs)})"
            )
        return self._inputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)

    def __setitem__(self, name: str, value: object) -> NoReturn:
        raise TypeError("the inputs of a case cannot be changed; compute with values of your own")


def judge_code(rule: CodeRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Return what the function answers.

    Raises TypeError or ValueError, each with what to write instead, for an answer that is none; the engine
    turns them, and whatever the function raises, into RuleBroken.
    """
    call = function(rule.call)
    try:
        with sealed():
            outcome = call(Visible(inputs, rule.inputs), MappingProxyType(rule.parameters))
    except (AttributeError, TypeError, ValueError) as error:
        if any(word in str(error) for word in _FROZEN_WORDS):
            said = " ".join(str(error).split())
            raise TypeError(f"a case cannot be changed ({said}); compute with values of your own") from error
        raise
    return checked(outcome)


def checked(outcome: object) -> Outcome:
    """Accept the answer of a rule, or raise TypeError or ValueError with what to write instead."""
    if not isinstance(outcome, Outcome):
        raise TypeError(f"it returned {type(outcome).__name__}; return thidua.criteria.Outcome(status, credit, …)")
    for name, credit in (("credit", outcome.credit), ("upper", outcome.upper)):
        if isinstance(credit, float):
            raise TypeError(f"its {name} {credit!r} is a float, not exact; return a Fraction, as Fraction(1, 2)")
        if not isinstance(credit, int | Fraction) or isinstance(credit, bool):
            raise TypeError(f"its {name} is of the type {type(credit).__name__}; return a Fraction, as Fraction(1, 2)")
        if max(abs(credit.numerator), credit.denominator).bit_length() > LARGEST_BITS:
            raise ResultTooLarge(f"its {name} has more than a hundred digits; compute with smaller fractions")
    if not 0 <= outcome.credit <= outcome.upper <= 1:
        raise ValueError(
            f"its credit {outcome.credit} (upper {outcome.upper}) is outside [0, 1]; return the share of the maximum"
        )
    if outcome.status not in _STATUSES:
        raise ValueError(f"its status {outcome.status!r} is none; return one of {', '.join(sorted(_STATUSES))}")
    return _with_reason(outcome)


def _with_reason(outcome: Outcome) -> Outcome:
    if not isinstance(outcome.sentence, str) or not outcome.sentence.strip():
        raise ValueError("it gave no reason; return a Vietnamese sentence with the figures that decided")
    said = len(outcome.sentence) + sum(len(str(name)) + len(str(one)) for name, one in outcome.figures.items())
    if said > LONGEST_SENTENCE:
        raise ResultTooLarge(f"its sentence has {said} letters, more than {LONGEST_SENTENCE}; say it shorter")
    return outcome


@lru_cache(maxsize=256)
def function(call: str) -> Callable[[Inputs, Mapping[str, Any]], Any]:
    """Import what `package.module:function` names. Raises ImportError or AttributeError if it is not there."""
    module, _, name = call.partition(":")
    found: Callable[[Inputs, Mapping[str, Any]], Any] = getattr(importlib.import_module(module), name)
    return found


KINDS = (Kind("rule@1", CodeRule, judge_code),)
