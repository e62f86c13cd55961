"""Kinds that read what was stated as it is: `yes_no`, `documents`, `threshold`, `mark`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from thidua.criteria.declarations import Shape
from thidua.criteria.exact import Number, day_in_words, in_words
from thidua.criteria.kinds.base import Inputs, Kind, RuleParameters, Scope
from thidua.criteria.limits import Limit
from thidua.criteria.resolved import (
    ONE,
    ZERO,
    Document,
    Given,
    Outcome,
    Resolved,
    judged,
    missing,
    not_due,
    unsettled,
)
from thidua.criteria.strict import Day, Name, Names

STATER_IN_WORDS = {"self": "tự chấm", "appraiser": "người thẩm định chấm", "council": "hội đồng chấm"}


class YesNoRule(RuleParameters):
    """yes: full credit; no: `otherwise`."""

    kind: Literal["yes_no", "yes_no@1"]
    input: Name
    otherwise: Annotated[Number, Field(ge=0, le=1)] = ZERO

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """One yes or no."""
        return ((self.input, ("yes_no",)),)


def judge_yes_no(rule: YesNoRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit 1 for yes, `otherwise` for no."""
    stated = inputs[rule.input]
    open_matter = unsettled(stated)
    if open_matter:
        return open_matter
    credit = ONE if stated.value else rule.otherwise
    return judged(bool(stated.value), credit, f"{stated.heading}: {'có' if stated.value else 'không'}.")


class DocumentsRule(RuleParameters):
    """p of q documents present and, with `by`, dated up to that day."""

    kind: Literal["documents", "documents@1"]
    inputs: Names
    by: Day | None = None
    credit: Literal["pro_rata", "all_or_nothing"]

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """Documents only."""
        return tuple((name, ("document",)) for name in self.inputs)


def judge_documents(rule: DocumentsRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit p/q; documents not yet due leave q, in a running score."""
    asked = [inputs[name] for name in rule.inputs]
    due = [given for given in asked if given.state != "not_due"]
    if not due:
        return not_due(", ".join(given.heading for given in asked))
    absent = [given for given in due if not given.is_known]
    late = [given for given in due if given.is_known and _is_late(given.value, rule.by)]
    present = len(due) - len(absent) - len(late)
    sentence = _documents_sentence(present, due, late, rule.by)
    if absent:
        credit = _share(present, len(due), rule.credit)
        upper = _share(present + len(absent), len(due), rule.credit)
        return missing(", ".join(given.reason for given in absent), credit, upper, before=sentence)
    credit = _share(present, len(due), rule.credit)
    return judged(present == len(due), credit, f"{sentence}.", n=str(present), d=str(len(due)))


def _is_late(document: Document, by: date | None) -> bool:
    # A document without a date cannot be shown to be in time; the form asks for the date.
    return by is not None and (document.dated is None or document.dated > by)


def _share(present: int, asked: int, credit: str) -> Fraction:
    return Fraction(present, asked) if credit == "pro_rata" or present == asked else ZERO


def _documents_sentence(present: int, due: list[Resolved], late: list[Resolved], by: date | None) -> str:
    sentence = f"Có {present}/{len(due)} văn bản đạt yêu cầu"
    if by is not None:
        sentence += f", ban hành chậm nhất {day_in_words(by)}"
    for given in late:
        dated = given.value.dated
        when = f"ban hành ngày {day_in_words(dated)}, quá thời hạn" if dated else "không ghi ngày ban hành"
        sentence += f"; {given.heading} {when}"
    return sentence


class ThresholdRule(RuleParameters):
    """Full credit if the limit holds."""

    kind: Literal["threshold", "threshold@1"]
    input: Name
    limit: Limit

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """One number."""
        return ((self.input, ("number",)),)


def judge_threshold(rule: ThresholdRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit 1 or 0."""
    stated = inputs[rule.input]
    open_matter = unsettled(stated)
    if open_matter:
        return open_matter
    holds, count, limit = rule.limit.allows(stated.value), in_words(stated.value), rule.limit.in_words()
    sentence = f"{stated.heading}: {count}; yêu cầu {limit}."
    return judged(holds, ONE if holds else ZERO, sentence, count=count, limit=limit)


class MarkRule(RuleParameters):
    """A person's points as they are."""

    kind: Literal["mark", "mark@1"]
    input: Name

    @property
    def reads(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """One mark."""
        return ((self.input, ("mark",)),)


def judge_mark(rule: MarkRule, inputs: Inputs, scope: Scope) -> Outcome:
    """Credit mark/out_of."""
    stated = inputs[rule.input]
    open_matter = unsettled(stated)
    if open_matter:
        return open_matter
    mark: Given = stated.value
    credit = mark.points / mark.out_of
    shown = in_words(mark.points)
    by_whom = STATER_IN_WORDS.get(stated.stated_by or "", "")
    sentence = f"{stated.heading}: {shown}/{in_words(mark.out_of)} điểm" + (f" ({by_whom})." if by_whom else ".")
    return judged(credit == 1, credit, sentence, mark=shown)


KINDS = (
    Kind("yes_no@1", YesNoRule, judge_yes_no),
    Kind("documents@1", DocumentsRule, judge_documents, frozenset({"n", "d"})),
    Kind("threshold@1", ThresholdRule, judge_threshold, frozenset({"count", "limit"})),
    Kind("mark@1", MarkRule, judge_mark, frozenset({"mark"})),
)
