"""Kinds that add up cases or weights: `per_case`, `work_items`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from thidua.criteria.declarations import Shape
from thidua.criteria.exact import Number, equals_share, in_words, read_number, weight_in_words
from thidua.criteria.kinds.base import Figures, Inputs, Kind, RuleParameters, Scope
from thidua.criteria.resolved import ONE, ZERO, Outcome, Work, judged, missing, not_applicable, unsettled
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


def weigh_work_items(rule: WorkItemsRule, inputs: Inputs) -> Figures | Outcome:
    """Return what counts of the weight done and the weight assigned, each as numerator and denominator."""
    stated = inputs[rule.input]
    open_matter = None if stated.state == "known" else unsettled(stated)
    if open_matter:
        return open_matter
    work: Work = stated.value
    of = work.assigned.as_integer_ratio()
    if not of[0]:
        return not_applicable("không được giao sản phẩm, công việc nào trong kỳ")
    if rule.cut is None:
        return (*work.done.as_integer_ratio(), *of)
    split = work.by_failures if rule.measure == "quality" else work.by_delays
    return (*_after_cuts(split, *rule.cut.as_integer_ratio()), *of)


_LABELS: Final = MappingProxyType({"quantity": "hoàn thành", "quality": "đạt chất lượng", "progress": "đúng tiến độ"})


def word_work_items(rule: WorkItemsRule, weighed: Figures) -> Outcome:
    """Return the outcome of what `weigh_work_items` returned."""
    above, below, of, of_below = weighed
    part, whole = above * of_below, below * of
    is_met = part >= whole
    n, d = weight_in_words(above, below), weight_in_words(of, of_below)
    sentence = f"Khối lượng quy đổi {_LABELS[rule.measure]}: {n}/{d}{equals_share(part, whole)}."
    if is_met:
        return Outcome("met", ONE, ONE, sentence, {"n": n, "d": d})
    credit = Fraction(part, whole)
    return Outcome("partly" if part else "not_met", credit, credit, sentence, {"n": n, "d": d})


def _after_cuts(split: Mapping[int, Fraction], cut: int, of: int) -> tuple[int, int]:
    # On whole numbers, and reduced once at the end: a sum of fractions reduces after every step.
    above, below = 0, 1
    for times, weight in split.items():
        if (kept := of - cut * times) <= 0:
            continue
        part, whole = weight.as_integer_ratio()
        if whole == below:
            above += part * kept
        else:
            above, below = above * whole + part * kept * below, below * whole
    shared = gcd(above, below * of)
    return above // shared, below * of // shared


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
