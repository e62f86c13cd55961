"""The kind `rule`: a Python function, where no other kind fits. It sees its declared inputs and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field

from thidua.criteria.declarations import Shape
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.resolved import Outcome
from thidua.criteria.strict import Name, Names

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


def judge_code(rule: CodeRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Return what the function answers.

    Raises TypeError for an answer that is no Outcome, ValueError for a credit outside [0, 1]; the engine
    turns them, and whatever the function raises, into RuleBroken.
    """
    visible = MappingProxyType({name: inputs[name] for name in rule.inputs})
    outcome = function(rule.call)(visible, MappingProxyType(rule.parameters))
    if not isinstance(outcome, Outcome):
        raise TypeError(f"it returned {type(outcome).__name__}, not an Outcome")
    if not 0 <= outcome.credit <= outcome.upper <= 1:
        raise ValueError(f"its credit {outcome.credit} (upper {outcome.upper}) is outside [0, 1]")
    return outcome


@lru_cache(maxsize=256)
def function(call: str) -> Callable[[Inputs, Mapping[str, Any]], Any]:
    """Import what `package.module:function` names. Raises ImportError or AttributeError if it is not there."""
    module, _, name = call.partition(":")
    found: Callable[[Inputs, Mapping[str, Any]], Any] = getattr(importlib.import_module(module), name)
    return found


KINDS = (Kind("rule@1", CodeRule, judge_code),)
