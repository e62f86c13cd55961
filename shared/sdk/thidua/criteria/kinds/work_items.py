"""What counts of the work items of a period: weighed in whole numbers, then worded."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from thidua.criteria.exact import equals_share, weight_in_words
from thidua.criteria.resolved import ONE, Outcome, Work, not_applicable, unsettled

if TYPE_CHECKING:
    from thidua.criteria.kinds.base import Figures, Inputs
    from thidua.criteria.kinds.counted import WorkItemsRule


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
