"""The checks behind the tiers: each lists what breaks its rule, nothing if it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

from thidua.criteria.case import Case, Fact
from thidua.criteria.declarations import FactInput, Log
from thidua.criteria.kinds.stated import DocumentsRule, YesNoRule
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.purity import watch
from thidua.testkit.exam import Exam
from thidua.testkit.golden import deviations
from thidua.testkit.seeds import digests, digests_under

CASE_SECONDS: Final = 0.05
"""Processor time that scoring one case may take: twenty thousand people then take a quarter of an hour."""

NO_CASE: Final = "không có trường hợp nào"
"""Zero in words, which the kinds say where there is nothing to count."""

_ALWAYS_KNOWN: Final = frozenset({"registered", "initiatives", "decisions", "case"})
_EARNED: Final = frozenset({"met", "partly", "not_met"})


def golden(exam: Exam) -> list[str]:
    """There are golden cases, and each comes to what was written down."""
    if not exam.cases:
        return ["there is no golden case; write golden/A.yaml"]
    return [line for one in exam.cases for line in deviations(exam.ask(one.case).score, one)]


def deterministic(exam: Exam) -> list[str]:
    """The same case gives the same bytes: read back, turned round, under any hash seed, at any time, in any order."""
    found = []
    for one in exam.cases:
        first = exam.ask(one.case).canonical
        for what, case in (("read back", Case.from_canonical(one.case.canonical)), ("turned round", turned(one.case))):
            if exam.ask(case).canonical != first:
                found.append(f"{one.name}: {what}, the case gives another score")
    elsewhere = digests_under((1, 2) if exam.has_code else (1,), exam.criteria_set.folder)
    wanted = digests(exam)
    differing = [
        one.name
        for place, one in enumerate(exam.cases)
        if any(told[place : place + 1] != [wanted[place]] for told in elsewhere)
    ]
    if differing:
        found.append(
            f"{', '.join(differing)}: another hash seed of Python, another day, or another order of cases gives "
            "another score; sort what came out of a set, ask no clock, keep nothing from one case to the next"
        )
    return found


def turned(case: Case) -> Case:
    """Return the case with every collection the other way round."""
    dumped = case.model_dump()
    return Case.model_validate({key: one[::-1] if isinstance(one, tuple) else one for key, one in dumped.items()})


def pure(exam: Exam) -> list[str]:
    """Scoring opens no file, reaches no network, starts no program and leaves the case as it was."""
    watch()
    found = []
    for one in exam.cases:
        result = exam.ask(one.case)
        found += [f"{one.name}: {sentence}" for sentence in result.seen]
        if not result.kept_case:
            found.append(f"{one.name}: scoring changed the case")
    return found


def bounded(exam: Exam) -> list[str]:
    """No line leaves [0, maximum], no total leaves what `points.total` allows."""
    found = [
        f"{name}: {line.code} has {line.points} of {line.maximum}"
        for name, line in exam.lines()
        if line.points is not None and not 0 <= line.points <= line.maximum
    ]
    total = exam.criteria_set.manifest.points.total
    for one, result in exam.scores:
        if total and result.total is not None and not total.at_least <= Fraction(result.total) <= total.at_most:
            found.append(f"{one.name}: the total {result.total} is outside {total.at_least} to {total.at_most}")
    return found


def quick(exam: Exam) -> list[str]:
    """Scoring a case takes at most 50 ms of processor time."""
    found = []
    for one in exam.cases:
        # The best of three: what else the machine does is not the set's fault.
        taken = min(exam.ask(one.case).seconds for _ in range(3))
        if taken > CASE_SECONDS:
            found.append(f"{one.name}: takes {taken * 1000:.0f} ms, more than {CASE_SECONDS * 1000:.0f} ms")
    return found


def explained(exam: Exam) -> list[str]:
    """Every line says in a whole sentence why it has its points, and names the inputs it read."""
    found = []
    for name, line in exam.lines():
        if not line.sentence.rstrip().endswith("."):
            found.append(f"{name}: {line.code} has no whole sentence ({line.sentence!r})")
        if line.status in _EARNED and not line.inputs:
            found.append(f"{name}: {line.code} names no input")
    return _once(found)


def in_vietnamese(exam: Exam) -> list[str]:
    """Titles and sentences are Vietnamese with diacritics; a verdict states its figures."""
    manifest = exam.criteria_set.manifest
    titled: list[Any] = [*manifest.criteria, *manifest.adjustments, *manifest.eliminations, *manifest.bands]
    titles = [(one.code, one.title) for one in titled]
    titles += [(name, one.title) for name, one in manifest.inputs.items() if isinstance(one, FactInput)]
    found = [f"{code}: the title {title!r} has no diacritics" for code, title in titles if title.isascii()]
    lines: list[Any] = [*manifest.criteria, *manifest.adjustments]
    rules = {one.code: one.rule for one in lines}
    for name, line in exam.lines():
        if line.sentence.isascii():
            found.append(f"{name}: the sentence of {line.code} has no diacritics ({line.sentence!r})")
        is_spoken = isinstance(rules[line.code], YesNoRule | DocumentsRule) or NO_CASE in line.sentence
        if line.status in _EARNED and not is_spoken and not any(one.isdigit() for one in line.sentence):
            found.append(f"{name}: the sentence of {line.code} states no figure ({line.sentence!r})")
    return _once(found)


def missing_is_not_zero(exam: Exam) -> list[str]:
    """What has no figures is missing: it is neither met nor "not met", and not applicable has no points."""
    found = []
    for name, line in exam.lines():
        unknown = [used.name for used in line.inputs if used.state == "missing"]
        if unknown and line.status in ("met", "not_met"):
            found.append(f"{name}: {line.code} is {line.status} while {', '.join(unknown)} is missing")
        if line.status == "not_applicable" and line.points is not None:
            found.append(f"{name}: {line.code} does not apply and has {line.points} points")
    return _once(found)


def better(exam: Exam) -> list[str]:
    """More of what the set calls better never costs points."""
    found = []
    for one, before in exam.scores:
        for name, case in _improved(exam.criteria_set, one.case):
            after = exam.ask(case).score
            if after.lower < before.lower:
                found.append(f"{one.name}: a better {name} lowers {before.lower} to {after.lower}")
    return found


def covered(exam: Exam) -> list[str]:
    """Each rule has golden cases that are met and not met."""
    return _uncovered(exam, lambda criteria_set, line: _verdicts(line))


def covered_when_silent(exam: Exam) -> list[str]:
    """Each rule also has golden cases without figures, and not applicable where it need not apply."""
    return _uncovered(exam, _silences)


def settled(exam: Exam) -> list[str]:
    """Each line names its clause, or carries a mark that says how weak its source is."""
    manifest = exam.criteria_set.manifest
    lines: list[Any] = [*manifest.criteria, *manifest.adjustments, *manifest.eliminations]
    is_marked = manifest.points.mark not in (None, "official")
    return [
        f"{one.code} has neither clause nor mark; write clause: Điều …, or mark: proposal"
        for one in lines
        if not (one.clause or one.mark or is_marked or getattr(one, "rule", one) is None)
    ]


def due(exam: Exam) -> list[str]:
    """Each fact says when it is due, so that reminders come in time."""
    facts = [(name, one) for name, one in exam.criteria_set.manifest.inputs.items() if isinstance(one, FactInput)]
    return [f"{name} has no due; write due: {{day: 5, after: month}}" for name, one in facts if one.due is None]


def _uncovered(exam: Exam, wanted_of: Any) -> list[str]:
    found = []
    lines: list[Any] = [*exam.criteria_set.manifest.criteria, *exam.criteria_set.manifest.adjustments]
    for line in lines:
        if line.rule is None:
            continue
        seen = {str(one.expect.get(line.code, {}).get("status")) for one in exam.cases}
        seen |= {"not_met or partly"} if seen & {"not_met", "partly"} else set()
        absent = wanted_of(exam.criteria_set, line) - seen
        if absent:
            found.append(f"{line.code} has no golden case: {', '.join(sorted(absent))}")
    return found


def _verdicts(line: Any) -> set[str]:
    # A document without a time limit is there or missing; there is no third way.
    is_there_or_missing = isinstance(line.rule, DocumentsRule) and line.rule.by is None
    return {"met"} if is_there_or_missing else {"met", "not_met or partly"}


def _silences(criteria_set: CriteriaSet, line: Any) -> set[str]:
    inputs = [criteria_set.manifest.inputs[name] for name, _ in line.rule.reads]
    is_known = all(getattr(declared, "feed", "") in _ALWAYS_KNOWN for declared in inputs)
    return (set() if is_known else {"missing"}) | ({"not_applicable"} if line.applies_when else set())


def _improved(criteria_set: CriteriaSet, case: Case) -> Iterable[tuple[str, Case]]:
    for fact in case.facts:
        declared = criteria_set.manifest.inputs.get(fact.input)
        if not isinstance(declared, FactInput) or declared.better is None:
            continue
        moved = _moved(declared, fact)
        if moved is not None:
            facts = [one for one in case.facts if one.id != fact.id] + moved
            yield fact.input, Case.model_validate({**case.model_dump(), "facts": facts})


def _moved(declared: FactInput, fact: Fact) -> list[Fact] | None:
    if isinstance(declared, Log):
        return [] if declared.better == "less" else [fact, fact.model_copy(update={"id": f"{fact.id}+"})]
    if isinstance(fact.value, bool):
        return [fact.model_copy(update={"value": declared.better == "more"})]
    if isinstance(fact.value, int) and not (declared.better == "less" and fact.value == 0):
        step = 1 if declared.better == "more" else -1
        most = getattr(declared, "out_of", None)
        if most is None or fact.value + step <= most:
            return [fact.model_copy(update={"value": fact.value + step})]
    return None


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))
