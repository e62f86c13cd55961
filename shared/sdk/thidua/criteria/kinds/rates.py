"""Kinds that compare a part with a whole: `ratio`, `months`, `steps`."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from thidua.criteria.declarations import Shape
from thidua.criteria.exact import Number, equals_share, in_words, percent_in_words
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.limits import Limit
from thidua.criteria.periods import period
from thidua.criteria.resolved import (
    ONE,
    ZERO,
    MonthFigures,
    Months,
    Outcome,
    Pair,
    Resolved,
    judged,
    missing,
    not_applicable,
    not_due,
    unsettled,
)
from thidua.criteria.strict import Name, Strict


def _pair_of(written: object) -> str | tuple[str, str]:
    if isinstance(written, str):
        return written
    if isinstance(written, list | tuple) and len(written) == 2 and all(isinstance(name, str) for name in written):
        return (written[0], written[1])
    raise ValueError(f"{written!r} is no pair; write the name of a pair, or [numerator, denominator]")


PairOf = Annotated[
    str | tuple[str, str],
    PlainValidator(_pair_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
"""An input that is a pair, or the names of two numbers."""


def reads_of(of: str | tuple[str, str]) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
    """What a pair reads: one pair, or two numbers."""
    return ((of, ("pair",)),) if isinstance(of, str) else ((of[0], ("number",)), (of[1], ("number",)))


def pair_inputs(of: str | tuple[str, str], inputs: Inputs) -> tuple[Resolved, Resolved | None]:
    """Return the pair alone, or numerator and denominator."""
    return (inputs[of], None) if isinstance(of, str) else (inputs[of[0]], inputs[of[1]])


def settle_pair(of: str | tuple[str, str], inputs: Inputs) -> Pair | Outcome:
    """Return N and D, or the outcome that stands in their place; D = 0 is not applicable, whatever N is."""
    first, second = pair_inputs(of, inputs)
    if second is None:
        open_matter = unsettled(first)
        pair: Pair | None = first.value
    else:
        if second.is_known and second.value == 0:
            return not_applicable(f"{second.heading} bằng 0")
        open_matter = unsettled(first, second)
        pair = None if open_matter else Pair(first.value, second.value)
    if open_matter or pair is None:
        return open_matter or missing(first.reason)
    return pair if pair.whole else not_applicable(f"{first.heading}: không có nội dung nào đến hạn")


def equals_percent(rate: Fraction) -> str:
    """Write " = 95 %" behind a fraction, " ≈ 66,67 %" if two places cannot hold it."""
    return equals_share(*rate.as_integer_ratio())


class RatioRule(RuleParameters):
    """N/D against a limit."""

    kind: Literal["ratio", "ratio@1"]
    of: PairOf
    limit: Limit
    credit: Literal["pro_rata", "all_or_nothing"]

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """A pair, or two numbers."""
        return reads_of(self.of)

    @model_validator(mode="after")
    def _pro_rata_needs_more_to_be_better(self) -> Self:
        if self.credit == "pro_rata" and not self.limit.only_from_below:
            raise ValueError("credit: pro_rata goes only with at_least or more_than; write credit: all_or_nothing")
        return self


def judge_ratio(rule: RatioRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit 1 if the limit holds, else min(1, N/D) or nothing."""
    pair = settle_pair(rule.of, inputs)
    if isinstance(pair, Outcome):
        return _with_what_is_certain(pair, rule, inputs)
    holds = rule.limit.allows(pair.part, pair.whole)
    n, d, limit = in_words(pair.part), in_words(pair.whole), rule.limit.in_words(percent=True)
    heading = pair_inputs(rule.of, inputs)[0].heading
    exactly = not holds and rule.limit.is_met_exactly_at(pair.part, pair.whole)
    rate = f", đúng {percent_in_words(pair.part / pair.whole)}" if exactly else equals_percent(pair.part / pair.whole)
    sentence = f"{heading}: {n}/{d}{rate}; yêu cầu {limit}."
    return judged(holds, _ratio_credit(rule, pair, holds), sentence, n=n, d=d, limit=limit)


def _ratio_credit(rule: RatioRule, pair: Pair, holds: bool) -> Fraction:
    if holds:
        return ONE
    return min(ONE, pair.part / pair.whole) if rule.credit == "pro_rata" else ZERO


def _with_what_is_certain(outcome: Outcome, rule: RatioRule, inputs: Inputs) -> Outcome:
    # Of a numerator summed over quarters the stated part is certain already, as long as D is known:
    # more can only be added to it.
    part, whole = pair_inputs(rule.of, inputs)
    if outcome.status != "missing" or whole is None or not whole.is_known or not part.certain:
        return outcome
    if not rule.limit.only_from_below:
        return outcome
    pair = Pair(part.certain, whole.value)
    credit = _ratio_credit(rule, pair, rule.limit.allows(pair.part, pair.whole))
    before = f"{part.heading}: {in_words(pair.part)}/{in_words(pair.whole)}"
    return missing(part.reason, credit, before=before)


class MonthsRule(RuleParameters):
    """P of Q months whose rate N/D keeps the limit."""

    kind: Literal["months", "months@1"]
    input: Name
    limit: Limit
    credit: Literal["pro_rata", "all_or_nothing"]

    @model_validator(mode="after")
    def _limit_is_a_share(self) -> Self:
        if not self.limit.is_within(ZERO, ONE):
            raise ValueError("no month's rate is below 0 or above 1; write the limit as a share, such as 9/10")
        return self

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """The months' results."""
        return ((self.input, ("months",)),)


def judge_months(rule: MonthsRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit P/Q; a reported month without tasks leaves Q, a silent month stays in it."""
    stated = inputs[rule.input]
    open_matter = unsettled(stated)
    if open_matter:
        return open_matter
    months: Months = stated.value
    failed = [month for month in months.reported if not rule.limit.allows(month.on_time, month.due)]
    passed, asked = len(months.reported) - len(failed), len(months.reported) + len(months.silent)
    if asked == 0:
        return _no_month_to_judge(months)
    limit = rule.limit.in_words(percent=True)
    sentence = f"{passed}/{asked} tháng đạt {limit}" + "".join(_failed(month, rule.limit) for month in failed)
    if months.without_tasks:
        sentence += f"; không có nhiệm vụ đến hạn: {_names(months.without_tasks)}"
    credit = _months_credit(passed, asked, rule.credit)
    if months.silent:
        upper = _months_credit(passed + len(months.silent), asked, rule.credit)
        return missing(_names(months.silent), credit, upper, before=sentence)
    figures = {"passed": str(passed), "judged": str(asked), "limit": limit}
    figures["months"] = _names(tuple(month.name for month in failed))
    return judged(passed == asked, credit, f"{sentence}.", **figures)


def _no_month_to_judge(months: Months) -> Outcome:
    if months.to_come:
        return not_due("chưa có tháng nào có nhiệm vụ đến hạn")
    return not_applicable("không có nhiệm vụ đến hạn trong kỳ")


def _months_credit(passed: int, asked: int, credit: str) -> Fraction:
    return Fraction(passed, asked) if credit == "pro_rata" or passed == asked else ZERO


def _failed(month: MonthFigures, limit: Limit) -> str:
    exactly = limit.is_met_exactly_at(month.on_time, month.due)
    rate = f" đúng {percent_in_words(Fraction(month.on_time, month.due))}," if exactly else ""
    return f"; {period(month.name).in_words()} đạt {month.on_time}/{month.due},{rate} không đạt"


def _names(months: tuple[str, ...]) -> str:
    return ", ".join(period(month).in_words() for month in months)


class Step(Strict):
    """One step: the credit if its limit holds."""

    limit: Limit
    credit: Annotated[Number, Field(ge=0, le=1)]


class StepsRule(RuleParameters):
    """The credit of the first step that holds."""

    kind: Literal["steps", "steps@1"]
    input: Name | None = None
    of: PairOf | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    otherwise: Annotated[Number, Field(ge=0, le=1)] = ZERO

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """One number, a pair, or two numbers."""
        return reads_of(self.of) if self.of is not None else ((self.input or "", ("number",)),)

    @model_validator(mode="after")
    def _either_input_or_of(self) -> Self:
        if (self.input is None) == (self.of is None):
            raise ValueError("steps read one number or one rate; write either input or of")
        return self


def judge_steps(rule: StepsRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit of the first step whose limit holds, else `otherwise`."""
    if rule.of is not None:
        heading = pair_inputs(rule.of, inputs)[0].heading
        pair = settle_pair(rule.of, inputs)
    else:
        heading = inputs[rule.input or ""].heading
        pair = unsettled(inputs[rule.input or ""]) or Pair(inputs[rule.input or ""].value, ONE)
    if isinstance(pair, Outcome):
        return pair
    step = next((step for step in rule.steps if step.limit.allows(pair.part, pair.whole)), None)
    credit = step.credit if step else rule.otherwise
    shown = in_words(pair.part)
    if rule.of is not None:
        shown += f"/{in_words(pair.whole)}{equals_percent(pair.part / pair.whole)}"
    reached = f"thuộc mức {step.limit.in_words(percent=rule.of is not None)}" if step else "không thuộc mức nào"
    sentence = f"{heading}: {shown}; {reached}, được {percent_in_words(credit)} số điểm."
    return judged(credit == 1, credit, sentence, n=in_words(pair.part), d=in_words(pair.whole), count=shown)


KINDS = (
    Kind("ratio@1", RatioRule, judge_ratio, frozenset({"n", "d", "limit"})),
    Kind("months@1", MonthsRule, judge_months, frozenset({"passed", "judged", "months", "limit"})),
    Kind("steps@1", StepsRule, judge_steps, frozenset({"n", "d", "count"})),
)
