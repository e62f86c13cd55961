"""The kind `rule`: a Python function, where no other kind fits. It sees its declared inputs and nothing else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, NoReturn, get_args
from unicodedata import category

from pydantic import Field

from thidua.criteria.declarations import Shape
from thidua.criteria.kinds.base import LONGEST_SENTENCE, Inputs, Kind, RuleParameters, Scope
from thidua.criteria.purity import sealed
from thidua.criteria.resolved import Outcome, Resolved, Status
from thidua.criteria.strict import STEERING, Name, Names

# A hundred decimal digits: far beyond what weights and counts of real work multiply to.
LARGEST_BITS: Final = 333
# A float has 53 binary digits. Exact shares that happen to end on a power of two (products of rates of 2, 4, 8, …) lie
# this near a simple fraction by a chance of one in a hundred thousand at most, quotients of floats always.
_FLOAT_DIGITS: Final = range(40, 54)
_SIMPLE_BELOW: Final = 100_000
_HARDLY_OFF: Final = Fraction(1, 2**50)
_STATUSES: Final = frozenset(get_args(Status))
_EARNING: Final = frozenset({"met", "partly"})
_TAG: Final = re.compile(r"<[/!?A-Za-z]")
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

    @cached_property
    def frozen(self) -> Mapping[str, Any]:
        """The parameters as the function gets them: nothing in them can be changed, however deep it lies."""
        return MappingProxyType({name: _frozen(value) for name, value in self.parameters.items()})


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return MappingProxyType({name: _frozen(one) for name, one in value.items()})
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


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
            outcome = call(Visible(inputs, rule.inputs), rule.frozen)
    except (AttributeError, TypeError, ValueError) as error:
        if any(word in str(error) for word in _FROZEN_WORDS):
            said = " ".join(str(error).split())
            raise TypeError(f"a case cannot be changed ({said}); compute with values of your own") from error
        raise
    return checked(outcome, scope.official)


def checked(outcome: object, is_official: bool = False) -> Outcome:
    """Return the answer of a rule in plain values; raises TypeError or ValueError with what to write instead."""
    if type(outcome) is not Outcome:
        raise TypeError(f"it returned {type(outcome).__name__}; return thidua.criteria.Outcome(status, credit, …)")
    credit, upper = _plain("credit", outcome.credit), _plain("upper", outcome.upper)
    if not 0 <= credit <= upper <= 1:
        raise ValueError(f"its credit {credit} (upper {upper}) is outside [0, 1]; return the share of the maximum")
    status = outcome.status
    if type(status) is not str or status not in _STATUSES:
        raise ValueError(f"its status {status!r:.40} is none; return one of {', '.join(sorted(_STATUSES))}")
    _refuse_contradiction(status, credit, upper, is_official)
    # What is certain is one object: the engine rounds it once.
    return Outcome(status, credit, credit if upper == credit else upper, *_said(outcome.sentence, outcome.figures))


def _plain(name: str, credit: object) -> Fraction:
    if isinstance(credit, float):
        raise TypeError(f"its {name} {float(credit)!r} is a float, not exact; return a Fraction, as Fraction(1, 2)")
    if type(credit) is not Fraction and type(credit) is not int:
        raise TypeError(f"its {name} is of the type {type(credit).__name__}; return a Fraction, as Fraction(1, 2)")
    parts = (credit.numerator, credit.denominator)
    if not all(type(part) is int for part in parts) or parts[1] < 1:
        raise TypeError(f"its {name} is no whole number over another; return a Fraction, as Fraction(1, 2)")
    if max(abs(part) for part in parts).bit_length() > LARGEST_BITS:
        raise ResultTooLarge(f"its {name} has more than a hundred digits; compute with smaller fractions")
    share = Fraction(*parts)
    _refuse_float(name, share)
    return share


def _refuse_float(name: str, share: Fraction) -> None:
    """Refuse the exact value of a float: 2 / 3 between whole numbers is 6004799503160661/9007199254740992."""
    above, below = share.as_integer_ratio()
    if below & (below - 1) or above.bit_length() not in _FLOAT_DIGITS:
        return
    simple = share.limit_denominator(_SIMPLE_BELOW)
    if simple and share != simple and abs(share - simple) < _HARDLY_OFF:
        raise TypeError(
            f"its {name} {share} was a float, not exact: {simple} as a computer rounds it; "
            f"divide fractions, as Fraction({simple.numerator}, {simple.denominator})"
        )


def _refuse_contradiction(status: Status, credit: Fraction, upper: Fraction, is_official: bool) -> None:
    if status == "not_due" and is_official:
        raise ValueError("its status is not_due at close, where everything is due; return missing, or what is known")
    if status == "missing":
        return
    if credit != upper:
        raise ValueError(f"it is {status} with an open share ({credit} to {upper}); return missing while it is open")
    if (status in _EARNING) != (credit > 0):
        wanted = "more than 0" if status in _EARNING else "0"
        raise ValueError(f"it is {status} with the credit {credit}; the credit of {status} is {wanted}")


def _said(sentence: object, figures: object) -> tuple[str, dict[str, str]]:
    if type(sentence) is not str or not sentence.strip():
        raise ValueError("it gave no reason; return a Vietnamese sentence with the figures that decided")
    if not isinstance(figures, Mapping):
        raise TypeError(f"its figures are a {type(figures).__name__}; return a mapping of names to texts")
    pairs = list(figures.items())
    if not all(type(one) is str for pair in pairs for one in pair):
        raise TypeError("its figures are not all texts; return a mapping of names to texts")
    texts = [sentence, *(one for pair in pairs for one in pair)]
    said = sum(map(len, texts))
    if said > LONGEST_SENTENCE:
        raise ResultTooLarge(f"its sentence has {said} letters, more than {LONGEST_SENTENCE}; say it shorter")
    for text in texts:
        _refuse_unprintable(text)
    return sentence, dict(pairs)


def _refuse_unprintable(text: str) -> None:
    steers = next((one for one in text if category(one) in STEERING), None)
    if steers is not None:
        raise ValueError(f"its sentence holds {steers!a}, which is no letter; return one line of text")
    if _TAG.search(text):
        raise ValueError("its sentence holds a tag (<…>); return text without markup")


@lru_cache(maxsize=256)
def function(call: str) -> Callable[[Inputs, Mapping[str, Any]], Any]:
    """Import what `package.module:function` names. Raises ImportError or AttributeError if it is not there."""
    module, _, name = call.partition(":")
    found: Callable[[Inputs, Mapping[str, Any]], Any] = getattr(importlib.import_module(module), name)
    return found


KINDS = (Kind("rule@1", CodeRule, judge_code),)
