"""What every rule kind shares: its parameters as written, what it reads, and the scope it judges in."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, Field

from thidua.criteria.declarations import Shape
from thidua.criteria.resolved import Outcome, Resolved
from thidua.criteria.strict import Strict, Text

Inputs = Mapping[str, Resolved]
Figures = tuple[int, ...]

ALWAYS = frozenset({"points", "maximum"})
"""Placeholders every kind has."""


LONGEST_SENTENCE: Final = 2_000
"""Letters of one line's sentence, its figures filled in."""


def _sentence(text: str) -> str:
    try:
        placeholders = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(
            f"{text!r} has a brace without its other half; write {{count}} for a figure, {{{{ for a brace itself"
        ) from error
    for _, name, spec, conversion in placeholders:
        if spec or conversion:
            raise ValueError(f"the placeholder {name} asks for another form (: or !); write {{{name}}}")
    if len(text) > LONGEST_SENTENCE:
        raise ValueError(f"a sentence has {len(text)} letters, more than {LONGEST_SENTENCE}; say it shorter")
    return text


Sentence = Annotated[Text, AfterValidator(_sentence)]


class Sentences(Strict):
    """Sentences of a set's own, instead of those of the kind."""

    met: Sentence | None = None
    partly: Sentence | None = None
    not_met: Sentence | None = None

    def placeholders(self) -> set[str]:
        """Return the placeholders used in any of the sentences."""
        texts = (self.met, self.partly, self.not_met)
        return {name for text in texts if text for _, name, _, _ in string.Formatter().parse(text) if name is not None}


class RuleParameters(Strict):
    """Parameters of a rule; each kind adds its own."""

    sentence: Sentences | None = Field(default=None)

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """The inputs the rule sees, each with the shapes it can use."""
        raise NotImplementedError(f"{type(self).__name__} must say what it reads")


class Scope(NamedTuple):
    """What a rule knows beside its inputs: its maximum, the lane, the peers' inputs in the cluster.

    `takes_off`: its points are taken off the total.
    """

    maximum: Fraction
    official: bool
    peers: Callable[[], tuple[Inputs, ...]]
    takes_off: bool = False


@dataclass(frozen=True)
class Kind:
    """A versioned rule kind: `ratio@1` never changes its behaviour.

    `judge` takes its own parameters, the inputs and the scope; it is pure. `weigh` and `word` are its two halves where
    few whole numbers decide the outcome though the inputs are seldom alike: these numbers (or the outcome that an
    input without a value forces), and the outcome of such numbers.
    """

    name: str
    parameters: type[RuleParameters]
    judge: Callable[[Any, Inputs, Scope], Outcome]
    placeholders: frozenset[str] = frozenset()
    weigh: Callable[[Any, Inputs], Figures | Outcome] | None = None
    word: Callable[[Any, Figures], Outcome] | None = None
