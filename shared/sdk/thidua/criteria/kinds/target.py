"""The kind `target`: an actual figure against its target, and against the best of the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from thidua.criteria.declarations import Shape
from thidua.criteria.exact import Number, in_words
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.resolved import ONE, ZERO, Outcome, Resolved, judged, missing, not_applicable, unsettled
from thidua.criteria.strict import Name


class TargetRule(RuleParameters):
    """Below the target a share of `reached`, at it `reached`, above it up to 1 for the leader."""

    kind: Literal["target", "target@1"]
    actual: Name
    target: Name
    reached: Annotated[Number, Field(gt=0, lt=1)] = Fraction(1, 2)
    without_target: Literal["share_of_best", "not_applicable"]

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """Two numbers, which must be facts: peers come with facts only."""
        return ((self.actual, ("number",)), (self.target, ("number",)))


def judge_target(rule: TargetRule, inputs: Inputs, scope: Scope) -> Outcome:
    """A < T: h·A/T; A = T: h; above: the leader 1, others h + (1-h)(A/T-1)/(L-1)."""
    actual, target = inputs[rule.actual], inputs[rule.target]
    has_no_target = _is_none(target)
    open_matter = unsettled(actual) or (None if has_no_target else unsettled(target))
    if has_no_target and rule.without_target == "not_applicable":
        return not_applicable(f"không được giao {target.heading}")
    if open_matter:
        return open_matter
    peers = scope.peers()
    if rule.without_target == "not_applicable":
        peers = tuple(peer for peer in peers if not _is_none(peer[rule.target]))
    silent = ", ".join(_silent(rule, peers, has_no_target)) if scope.official else ""
    if silent:
        return missing(silent)
    if has_no_target:
        return _share_of_best(rule, actual, peers)
    return _against_target(rule, actual, target, peers)


def _is_none(target: Resolved) -> bool:
    """Whether no target was given: it is 0, or nobody stated one. One that cannot be used is a target all the same."""
    return target.unstated or (target.is_known and target.value == 0)


def _silent(rule: TargetRule, peers: Iterable[Inputs], has_no_target: bool) -> Iterator[str]:
    """Yield what of peers is not known though the comparison needs it: without it the best is not known either."""
    gaps: Counter[str] = Counter()
    for peer in peers:
        actual, target = peer[rule.actual], peer[rule.target]
        if not actual.is_known:
            gaps[actual.heading] += 1
        elif not (has_no_target or target.is_known or _is_none(target)):
            gaps[target.heading] += 1
    return (f"{heading} của {count} đơn vị khác trong cụm" for heading, count in gaps.items())


def _share_of_best(rule: TargetRule, actual: Resolved, peers: Iterable[Inputs]) -> Outcome:
    figures = [peer[rule.actual].value for peer in peers if peer[rule.actual].is_known]
    best: Fraction = max([actual.value, *figures])
    credit = actual.value / best if best else ZERO
    n, d = in_words(actual.value), in_words(best)
    sentence = f"{actual.heading}: {n}; không giao chỉ tiêu, cao nhất cụm là {d}."
    return judged(credit == 1, credit, sentence, n=n, d=d)


def _against_target(rule: TargetRule, actual: Resolved, target: Resolved, peers: Iterable[Inputs]) -> Outcome:
    rate: Fraction = actual.value / target.value
    n, d = in_words(actual.value), in_words(target.value)
    sentence = f"{actual.heading}: {n}, chỉ tiêu {d}"
    if rate <= 1:
        ending = ", bằng chỉ tiêu." if rate == 1 else "."
        return judged(rate == 1, rule.reached * rate, sentence + ending, n=n, d=d)
    leader = max([rate, *(_rates(rule, peers))])
    if rate == leader:
        return judged(True, ONE, f"{sentence}, vượt cao nhất cụm.", n=n, d=d)
    credit = rule.reached + (1 - rule.reached) * (rate - 1) / (leader - 1)
    return judged(True, credit, f"{sentence}, vượt; cao nhất cụm gấp {in_words(leader)} lần chỉ tiêu.", n=n, d=d)


def _rates(rule: TargetRule, peers: Iterable[Inputs]) -> list[Fraction]:
    pairs = [(peer[rule.actual], peer[rule.target]) for peer in peers]
    return [a.value / t.value for a, t in pairs if a.is_known and t.is_known and t.value]


KINDS = (Kind("target@1", TargetRule, judge_target, frozenset({"n", "d"})),)
