"""What rules see and answer: resolved inputs and outcomes. Pure records; every kind shares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

State = Literal["known", "missing", "not_due", "not_applicable"]
"""Whether an input has a value. Not applicable, missing and zero are three different things."""

Status = Literal["met", "partly", "not_met", "missing", "not_applicable", "not_due"]
"""What became of a criterion."""

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Pair:
    """Numerator and denominator, kept apart because both are printed."""

    part: Fraction
    whole: Fraction


@dataclass(frozen=True, slots=True)
class Document:
    """A document as stated: number and date; None if no date was given."""

    number: str
    dated: date | None


@dataclass(frozen=True, slots=True)
class Given:
    """A person's points out of so many."""

    points: Fraction
    out_of: Fraction


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One reported month: N on time of D due."""

    name: str
    on_time: int
    due: int


@dataclass(frozen=True, slots=True)
class Months:
    """The months that are over: reported ones with tasks, reported ones without, and silent ones."""

    reported: tuple[MonthFigures, ...]
    without_tasks: tuple[str, ...]
    silent: tuple[str, ...]
    to_come: int


class Work(NamedTuple):
    """Weights of a period: assigned, done, and done by number of failures and of delays."""

    assigned: Fraction
    done: Fraction
    by_failures: Mapping[int, Fraction]
    by_delays: Mapping[int, Fraction]


class Resolved(NamedTuple):
    """One declared input, resolved from a case.

    `value`: bool, Fraction, date, Document, Given, tuple of case codes, Months, Pair or Work, by the shape
    declared; None unless known. `certain`: of a missing sum, the part already stated. `why`: the reason it
    is not known, a piece of a Vietnamese sentence. `provisional`: a running score fell back on the
    subject's own statement. `evidence`: ids. `unstated`: missing because nobody stated anything, not because what
    was stated cannot be used.
    """

    name: str
    heading: str
    state: State
    value: Any = None
    certain: Any = None
    why: str = ""
    evidence: tuple[str, ...] = ()
    stated_by: str | None = None
    provisional: bool = False
    unstated: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.state == "known"

    @property
    def reason(self) -> str:
        """Name the input with the reason it is not known, as a missing item is listed."""
        return f"{self.heading} ({self.why})" if self.why else self.heading


class Outcome(NamedTuple):
    """What a rule yields: a credit in [0, 1] that is certain, and the `upper` one if all missing were full.

    `figures`: what the placeholders of the kind stand for in a replaced sentence.
    """

    status: Status
    credit: Fraction
    upper: Fraction
    sentence: str
    figures: Mapping[str, str] = MappingProxyType({})


def judged(is_met: bool, credit: Fraction, sentence: str, **figures: str) -> Outcome:
    """Return met, else partly if any credit was earned, else not met."""
    status: Status = "met" if is_met else "partly" if credit else "not_met"
    return Outcome(status, credit, credit, sentence, figures)


def missing(what: str, credit: Fraction = ZERO, upper: Fraction = ONE, before: str = "") -> Outcome:
    """Return missing, with the credit that is certain already; `before` says what is known so far."""
    start = f"{before}; chưa" if before else "Chưa"
    return Outcome("missing", credit, upper, f"{start} có số liệu: {what}.")


def not_applicable(why: str) -> Outcome:
    """Return not applicable; no points are lost or won by it."""
    return Outcome("not_applicable", ZERO, ZERO, f"Không áp dụng: {why}.")


def not_due(what: str) -> Outcome:
    """Return not due, which only a running score knows."""
    return Outcome("not_due", ZERO, ZERO, f"Chưa đến hạn: {what}.")


def unsettled(*inputs: Resolved) -> Outcome | None:
    """Return the outcome that inputs without a value force; None if all are known. Missing comes first."""
    for given in inputs:
        if given.state != "known":
            break
    else:
        return None
    for state, outcome in (("missing", missing), ("not_applicable", not_applicable), ("not_due", not_due)):
        reasons = [given.reason for given in inputs if given.state == state]
        if reasons:
            return outcome(", ".join(reasons))
    return None
