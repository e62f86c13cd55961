"""What a set asks for: forms, reminders and "what is missing" come from this list and from no second one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from thidua.criteria.declarations import (
    Amount,
    CaseFeed,
    Declared,
    DueAfter,
    FactInput,
    Log,
    MarkFact,
    Registered,
)
from thidua.criteria.feeds import REGISTERED
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.material import due_on
from thidua.criteria.periods import Period, period


@dataclass(frozen=True, slots=True)
class DueDate:
    """A fact is due by `on` (until the end of that day) for a part of the period, named as "2022-03"."""

    part: str
    on: date


@dataclass(frozen=True, slots=True)
class DeclaredInput:
    """One input of a set.

    `source`: feed (nobody types it) or fact; `kind`: as in criteria.yaml. `unit`: of an amount. `cases`: of a
    log; `out_of`: of a mark. `due`: per part of the period asked for. `asks`: the codes that read it.
    `parameters`: those that decide something in it, by name.
    """

    name: str
    source: Literal["feed", "fact"]
    kind: str
    title: str
    unit: str | None = None
    evidence: Literal["required", "optional", "none"] = "none"
    stated_by: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    absent: str = "missing"
    over: str | None = None
    better: Literal["more", "less"] | None = None
    cases: tuple[str, ...] = ()
    out_of: Fraction | None = None
    due: tuple[DueDate, ...] = ()
    asks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def declared_inputs(criteria_set: CriteriaSet, of: str) -> tuple[DeclaredInput, ...]:
    """Return the inputs a set declares, in the order of the file, with their due dates in the period `of`.

    Raises ValueError for a name that is no period.
    """
    span = period(of)
    rules = criteria_set.rules(span.last)
    asks: dict[str, list[str]] = {name: [] for name in rules.inputs}
    waiting = [*rules.criteria, *rules.adjustments]
    for node in waiting:
        waiting += node.parts
        for name in node.inputs:
            asks[name].append(node.code)
    for elimination in rules.manifest.eliminations:
        for name in elimination.when.names():
            if name in asks:
                asks[name].append(elimination.code)
    for name, declared in rules.inputs.items():
        for fact in declared.facts or () if isinstance(declared, CaseFeed) else ():
            asks[fact] += [code for code in asks[name] if code not in asks[fact]]
    return tuple(
        _described(name, declared, span, tuple(asks[name]), rules.parameters_of_inputs[name])
        for name, declared in rules.inputs.items()
    )


def _described(
    name: str, declared: Declared, span: Period, asks: tuple[str, ...], parameters: tuple[str, ...]
) -> DeclaredInput:
    if not isinstance(declared, FactInput):
        by = (DueDate(span.name, declared.by),) if isinstance(declared, Registered) and declared.by else ()
        title = REGISTERED[declared.what] if isinstance(declared, Registered) else declared.heading
        kind = str(getattr(declared, "feed", ""))
        return DeclaredInput(name, "feed", kind, title, due=by, asks=asks, parameters=parameters)
    return DeclaredInput(
        name=name,
        source="fact",
        kind=str(getattr(declared, "fact", "")),
        title=declared.title,
        unit=declared.unit if isinstance(declared, Amount) else None,
        evidence=declared.evidence,
        stated_by=declared.stated_by,
        counts=declared.counting,
        absent=declared.absent,
        over=declared.over,
        better=declared.better,
        cases=declared.cases if isinstance(declared, Log) else (),
        out_of=declared.out_of if isinstance(declared, MarkFact) else None,
        due=_due_dates(declared, span),
        asks=asks,
        parameters=parameters,
    )


def _due_dates(declared: FactInput, span: Period) -> tuple[DueDate, ...]:
    due = declared.due
    parts = span.parts(due.after) if isinstance(due, DueAfter) and due.after != "period" else (span,)
    return tuple(DueDate(part.name, due_on(due, part)) for part in parts)
