"""What a set declares, as the stream `criteria-sets` says it: forms, reminders and "what is missing" use it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from thidua.contracts import CriteriaSetState, SubjectKind
from thidua.contracts.judgement import AskedWhen, DeclaredInput, InputDue, SetState
from thidua.criteria import CriteriaSet, declared_inputs
from thidua.criteria import DeclaredInput as Input
from thidua.criteria.declarations import DueAfter, FactInput, WorkItems
from thidua.criteria.limits import Limit


def state_of(criteria_set: CriteriaSet, state: SetState, reason: str) -> CriteriaSetState:
    """Return the published state of a loaded set."""
    year = f"{criteria_set.manifest.valid.first.year:04d}"
    return CriteriaSetState(
        id=criteria_set.id,
        set_version=criteria_set.version,
        title=criteria_set.title,
        subject_kind=SubjectKind(criteria_set.manifest.subject),
        state=state,
        artefact=criteria_set.artefact,
        inputs=tuple(_declared(one, criteria_set) for one in declared_inputs(criteria_set, year)),
        manifest=criteria_set.as_json(),
        reason=reason,
    )


def why_not_fed(criteria_set: CriteriaSet) -> str:
    """Return why no stream brings what a set asks for, in English; "" if all of it comes."""
    for name, declared in criteria_set.manifest.inputs.items():
        if isinstance(declared, WorkItems) and declared.no_weight == "one":
            return (
                f"input {name}: no_weight: one counts items without a weight, of which no stream tells how many were "
                "done; write no_weight: missing"
            )
    return ""


def unreadable(name: str, version: str, reason: str) -> CriteriaSetState:
    """Return the published state of an installed set that could not be loaded."""
    return CriteriaSetState(
        id=name,
        set_version=version,
        title=name,
        subject_kind=SubjectKind.UNKNOWN,
        state=SetState.QUARANTINED,
        artefact="-",
        reason=reason,
    )


def _declared(one: Input, criteria_set: CriteriaSet) -> DeclaredInput:
    return DeclaredInput(
        name=one.name,
        origin=one.source,
        kind=one.kind,
        title=one.title,
        measure=one.unit or "",
        evidence=one.evidence,
        stated_by=one.stated_by,
        counts=one.counts,
        absent=one.absent,
        cases=one.cases,
        out_of=None if one.out_of is None else Decimal(one.out_of.numerator) / Decimal(one.out_of.denominator),
        due=_due(one, criteria_set),
        asked_when=_asked_when(one, criteria_set),
    )


def _asked_when(one: Input, criteria_set: CriteriaSet) -> AskedWhen | None:
    answers = {_answer_needed(code, criteria_set) for code in one.asks}
    answer = answers.pop() if len(answers) == 1 else None
    return answer if answer is not None and answer.input != one.name else None


def _answer_needed(code: str, criteria_set: CriteriaSet) -> AskedWhen | None:
    """Return the yes or no on which a criterion, or the group it is a part of, rests; None for any other."""
    manifest = criteria_set.manifest
    written = [(line.code, line.applies_when) for line in manifest.criteria]
    written += [(line.code, line.applies_when) for line in manifest.adjustments]
    conditions = [
        condition for of, condition in written if condition is not None and (code == of or code.startswith(f"{of}."))
    ]
    if len(conditions) != 1 or conditions[0].any or len(conditions[0].tests) != 1:
        return None
    (test,) = conditions[0].tests
    if isinstance(test.wanted, Limit) or len(test.wanted) != 1 or not isinstance(test.wanted[0], bool):
        return None
    return AskedWhen(input=test.name, value="yes" if test.wanted[0] else "no")


def _due(one: Input, criteria_set: CriteriaSet) -> InputDue | None:
    declared = criteria_set.manifest.inputs[one.name]
    due = declared.due if isinstance(declared, FactInput) else next((part.on for part in one.due), None)
    if isinstance(due, DueAfter):
        return InputDue(day=due.day, after=due.after)
    return InputDue(on=due) if isinstance(due, date) else None
