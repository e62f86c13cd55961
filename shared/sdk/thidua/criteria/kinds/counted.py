"""Kinds that add up cases or weights: `per_case`, `work_items`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from thidua.criteria.declarations import Shape
from thidua.criteria.exact import Number, in_words, read_number
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.kinds.work_items import weigh_work_items, word_work_items
from thidua.criteria.resolved import ONE, ZERO, Outcome, judged, missing, unsettled
from thidua.criteria.strict import Name


def _each(written: object) -> Fraction | dict[str, Fraction]:
    if isinstance(written, dict):
        if not written:
            raise ValueError("each is empty; write the points of every case: {muon_som: 2}")
        return {str(case): _positive(points) for case, points in written.items()}
    return _positive(written)


def _positive(written: object) -> Fraction:
    points = read_number(written)
    if points <= 0:
        raise ValueError(f"{written!r} points per case must be more than 0; the sign is given by start")
    return points


Each = Annotated[
    Fraction | dict[str, Fraction],
    PlainValidator(_each),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["integer", "string"]},
                {"type": "object", "additionalProperties": {"type": ["integer", "string"]}},
            ]
        }
    ),
]
"""Points per case: one number, or a table by case of a log."""


class PerCaseRule(RuleParameters):
    """Points per case, taken off the full maximum or added up from zero."""

    kind: Literal["per_case", "per_case@1"]
    input: Name
    each: Each
    start: Literal["full", "zero"]

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """A log, or a count; a table by case needs a log."""
        return ((self.input, ("log",) if isinstance(self.each, dict) else ("log", "number")),)


def judge_per_case(rule: PerCaseRule, inputs: Inputs, scope: Scope) -> Outcome:
    """full: max(0, 1 - sum/maximum); zero: min(1, sum/maximum)."""
    stated = inputs[rule.input]
    if stated.state == "missing" and stated.certain and rule.start == "zero":
        count, added, _ = _added_up(rule.each, stated.certain)
        before = f"{stated.heading}: {count} trường hợp đã ghi nhận"
        return missing(stated.reason, min(ONE, added / scope.maximum), before=before)
    open_matter = unsettled(stated)
    if open_matter:
        return open_matter
    count, added, sums = _added_up(rule.each, stated.value)
    share = added / scope.maximum
    if rule.start == "full":
        credit, verb = max(ZERO, ONE - share), "bớt trừ" if scope.takes_off else "trừ"
    else:
        credit, verb = min(ONE, share), "trừ" if scope.takes_off else "cộng"
    sentence = f"{stated.heading}: không có trường hợp nào."
    if count:
        points = f"{verb} {in_words(min(added, scope.maximum))} điểm"
        if added > scope.maximum:
            points += f" (tối đa; cộng dồn {in_words(added)})"
        sentence = f"{stated.heading}: {in_words(count)} trường hợp{sums}, {points}."
    is_met = added == 0 if rule.start == "full" else credit == 1
    return judged(is_met, credit, sentence, count=in_words(count))


def _added_up(
    each: Fraction | Mapping[str, Fraction], cases: Fraction | tuple[str, ...]
) -> tuple[Fraction | int, Fraction, str]:
    if not isinstance(cases, tuple):
        points = each if isinstance(each, Fraction) else ZERO
        return cases, cases * points, f" × {in_words(points)}"
    prices = [each[case] if isinstance(each, Mapping) else each for case in cases]
    groups = sorted(set(prices))
    sums = " + ".join(f"{prices.count(price)} × {in_words(price)}" for price in groups)
    return len(cases), sum(prices, ZERO), f" ({sums})"


class WorkItemsRule(RuleParameters):
    """Share of the converted weight assigned that was done: as such, free of failures, or of delays."""

    kind: Literal["work_items", "work_items@1"]
    input: Name
    measure: Literal["quantity", "quality", "progress"]
    cut: Annotated[Number, Field(gt=0, le=1)] | None = None

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """Work items."""
        return ((self.input, ("work",)),)

    @model_validator(mode="after")
    def _a_cut_where_something_is_cut(self) -> Self:
        if (self.measure == "quantity") != (self.cut is None):
            raise ValueError("cut goes with measure: quality and progress, and they need it")
        return self


def judge_work_items(rule: WorkItemsRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Quantity: done/assigned; else the done weight times max(0, 1 - cut × times), over assigned."""
    weighed = weigh_work_items(rule, inputs)
    return weighed if isinstance(weighed, Outcome) else word_work_items(rule, weighed)


KINDS = (
    Kind("per_case@1", PerCaseRule, judge_per_case, frozenset({"count"})),
    Kind(
        "work_items@1",
        WorkItemsRule,
        judge_work_items,
        frozenset({"n", "d"}),
        weigh=weigh_work_items,
        word=word_work_items,
    ),
)
