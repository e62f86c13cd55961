"""Golden cases: what a set must say for figures written down by hand.

A file `golden/T6.yaml` is a list of cases. Everything but the inputs named in `given` is missing (feeds of
registrations, initiatives and decisions: none). Unknown keys are refused, and every case has a Vietnamese
name, because lawyers read these files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from thidua.criteria.case import Case
from thidua.criteria.engine import check_fit, score
from thidua.criteria.errors import CaseDoesNotFit, Problem
from thidua.criteria.inputs import Inputs
from thidua.criteria.lines import CriterionResult
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.material import Material, setting_of
from thidua.criteria.periods import period
from thidua.criteria.resolved import Resolved, Status
from thidua.criteria.score import EliminationResult, Score
from thidua.criteria.strict import unknown, words_of
from thidua.criteria.yaml_source import Source, decoded, read_yaml
from thidua.testkit.given import GivenRefused, material, peer

KEYS: Final = (
    "name",
    "period",
    "given",
    "expect",
    "subject",
    "lane",
    "as_of",
    "parameters",
    "reported",
    "clause",
    "peers",
)
STATUSES: Final = get_args(Status)
LINE_KEYS: Final = (
    "status",
    "points",
    "maximum",
    "due_maximum",
    "upper",
    "credit",
    "counted_as",
    "sentence",
    "verdict",
    "effect",
    "marks",
)
TOTAL_KEYS: Final = (
    "points",
    "maximum",
    "applicable_maximum",
    "lower",
    "upper",
    "state",
    "reason",
    "band",
    "ranked",
    "sentence",
    "missing",
    "counted_as",
)


@dataclass(frozen=True)
class GoldenCase:
    """One golden case: its name, where it stands, the case to score, and what is expected of which line."""

    name: str
    file: str
    line: int
    case: Case
    expect: Mapping[str, Mapping[str, Any]]


def read_golden(criteria_set: CriteriaSet, folder: Path | None = None) -> tuple[GoldenCase, ...]:
    """Read all golden files of a set, in the order of their names.

    Raises CriteriaSetRefused, with file, line and column, for what cannot be a golden case.
    """
    files = sorted((folder or criteria_set.folder / "golden").glob("*.yaml"))
    return tuple(case for file in files for case in _read(criteria_set, file))


def _read(criteria_set: CriteriaSet, file: Path) -> Iterator[GoldenCase]:
    name = f"golden/{file.name}"
    source = read_yaml(decoded(file.read_bytes(), name), name)
    if not isinstance(source.tree, list):
        source.refuse([Problem(1, 1, "a golden file is a list; begin each case with - name: …")])
    for place, written in enumerate(source.tree):
        source.refuse(_problems(criteria_set, source, place, written))
        try:
            case = _case(criteria_set, written)
            check_fit(criteria_set, case)
        except GivenRefused as error:
            source.refuse([source.problem((place, "given", error.name), str(error))])
        except ValidationError as error:
            source.refuse([_of_the_case(source, place, error)])
        except CaseDoesNotFit as error:
            key = "subject" if case.subject.kind != criteria_set.manifest.subject else "period"
            source.refuse([source.problem((place, key), f"the set cannot score this case: {error.figures['why']}")])
        except ValueError as error:
            source.refuse([source.problem((place,), str(error))])
        else:
            yield GoldenCase(written["name"], source.file, source.values[(place,)][0], case, written["expect"])


def _of_the_case(source: Source, place: int, error: ValidationError) -> Problem:
    """Say the first thing that no case may hold, at the key it was written under."""
    first = error.errors()[0]
    part, *rest = (str(step) for step in first["loc"] or ("given",))
    key = part if part in KEYS else "given"
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "literal_error":
        said = unknown(str(first["input"]), words_of(str(first["ctx"]["expected"])), "value")
    elif first["type"] == "extra_forbidden":
        said = f'"{rest[-1] if rest else part}" is not known here; take it out'
    elif first["type"] != "value_error":
        said = f"{first['input']!r}: {said[0].lower()}{said[1:]}"
    return source.problem((place, key, *rest), f"{key}: {said}")


def _problems(criteria_set: CriteriaSet, source: Source, place: int, written: Any) -> Iterator[Problem]:
    if not isinstance(written, dict):
        yield source.problem((place,), "a golden case is a mapping; write - name: …")
        return
    for key in written:
        if key not in KEYS:
            yield source.problem((place, key), unknown(key, list(KEYS)))
    for key in ("name", "period", "expect"):
        if key not in written:
            yield source.problem((place,), f"{key} is missing; write {key}: …")
    if str(written.get("name", "ạ")).isascii():
        yield source.problem((place, "name"), "the name is not Vietnamese; say in Vietnamese what the case shows")
    shapes = (("given", dict, "{input: value}"), ("peers", list, "[{input: value}]"), ("expect", dict, "{CODE: {…}}"))
    wrong = [(key, form) for key, shape, form in shapes if not isinstance(written.get(key, shape()), shape)]
    yield from (source.problem((place, key), f"{key} is not written so; write {key}: {form}") for key, form in wrong)
    if wrong:
        return
    givens: list[Any] = [("given", written.get("given", {}))]
    givens += [(("peers", number), one) for number, one in enumerate(written.get("peers", []))]
    for where, given in givens:
        path = (place, where) if isinstance(where, str) else (place, *where)
        for name in given:
            if name not in criteria_set.manifest.inputs:
                yield source.problem((*path, name), unknown(name, list(criteria_set.manifest.inputs), "input"))
    expect = written.get("expect", {})
    if "expect" in written and not any(expect.values()):
        said = "nothing is expected; write what the case comes to, expect: {A: {status: met}}"
        yield source.problem((place, "expect"), said)
    yield from _expectation_problems(criteria_set, source, place, expect)
    if _is_made_of_periods(criteria_set, str(written.get("period"))):
        for code in [one for one in expect if one in _codes(criteria_set)]:
            said = f"a year made of its periods has no line {code}; expect total, or an elimination"
            yield source.problem((place, "expect", code), said)


def _codes(criteria_set: CriteriaSet) -> list[str]:
    manifest = criteria_set.manifest
    return [*(line.code for line in manifest.criteria), *(one.code for one in manifest.adjustments)]


def _is_made_of_periods(criteria_set: CriteriaSet, name: str) -> bool:
    asked = criteria_set.manifest.period
    return asked.year is not None and "year" not in asked.scored and re.fullmatch(r"\d{4}", name) is not None


def _expectation_problems(
    criteria_set: CriteriaSet, source: Source, place: int, expect: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    codes = [*_codes(criteria_set), *(one.code for one in criteria_set.manifest.eliminations)]
    for code, wanted in expect.items():
        if code != "total" and code not in codes:
            yield source.problem((place, "expect", code), unknown(code, ["total", *codes], "code"))
        if not isinstance(wanted, dict):
            yield source.problem(
                (place, "expect", code), f"{wanted!r} is no expectation; write {code}: {{status: met}}"
            )
            continue
        status = wanted.get("status")
        if status is not None and status not in STATUSES:
            yield source.problem((place, "expect", code, "status"), unknown(str(status), list(STATUSES), "status"))
        allowed = TOTAL_KEYS if code == "total" else LINE_KEYS
        for key in wanted:
            if key not in allowed:
                yield source.problem((place, "expect", code, key), unknown(key, list(allowed)))


def _case(criteria_set: CriteriaSet, written: Mapping[str, Any]) -> Case:
    span = period(str(written["period"]))
    subject = {"kind": criteria_set.manifest.subject, "id": "s", "unit": "u", **written.get("subject", {})}
    lane = written.get("lane", "official")
    # Long enough after the period for every due date of an official score to have passed.
    as_of = written.get("as_of", date(span.last.year + 1, 1, 31))
    inputs = criteria_set.rules(span.last).inputs
    given = material(inputs, span, written.get("given", {}), written.get("reported"))
    peers = [peer(inputs, span, one, place) for place, one in enumerate(written.get("peers", []))]
    return Case.model_validate(
        {
            "subject": {key: str(value) if key == "id" else value for key, value in subject.items()},
            "campaign": "golden",
            "period": span.name,
            "as_of": as_of,
            "lane": lane,
            "parameters": written.get("parameters", {}),
            **given,
            "peers": [*given.get("peers", []), *peers],
        }
    )


def inputs_for(criteria_set: CriteriaSet, written: Mapping[str, Any]) -> Mapping[str, Resolved]:
    """Return the inputs as a rule gets them, for a test of the rule alone.

    `written`: what a golden case says, without its name and what it expects. Raises ValueError for what it cannot say.
    """
    case = _case(criteria_set, written)
    rules = criteria_set.rules(period(case.period).last, case.parameters)
    return Inputs(rules.inputs, Material(case, case.facts, {}, setting_of(case, rules.memory)), rules.memory)


def failures(criteria_set: CriteriaSet, golden: GoldenCase) -> list[str]:
    """Score a golden case; return one readable line per difference, none if it is as expected."""
    return deviations(score(criteria_set, golden.case), golden)


def deviations(result: Score, golden: GoldenCase) -> list[str]:
    """Return one readable line per difference of a score from what its golden case expects."""
    return [
        f"{golden.file}:{golden.line}: {golden.name}\n    {code}.{key}: expected {_shown(wanted)}, got {_shown(got)}"
        for code, key, wanted, got in differences(result, golden.expect)
    ]


def differences(result: Score, expect: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, str, Any, Any]]:
    """Give what differs from what a golden case expects: code, key, expected, got."""
    for code, wanted in expect.items():
        line = _line(result, code)
        for key, value in wanted.items():
            got = _got(line, key)
            if not _same(value, got):
                yield code, key, value, got


def _line(result: Score, code: str) -> Score | CriterionResult | EliminationResult:
    if code == "total":
        return result
    for elimination in result.eliminations:
        if elimination.code == code:
            return elimination
    return result.line(code)


def _got(line: Score | CriterionResult | EliminationResult, key: str) -> Any:
    if isinstance(line, Score) and key == "points":
        return line.total
    return getattr(line, key, None)


def _same(wanted: Any, got: object) -> bool:
    if isinstance(got, tuple):
        return bool(list(got) == wanted)
    if got is None:
        return bool(wanted == "none")
    if isinstance(got, Decimal) and not isinstance(wanted, bool):
        return _is_number(wanted) and Decimal(str(wanted)) == got
    return got is wanted or got == wanted or bool(str(got) == wanted)


def _is_number(wanted: Any) -> bool:
    return isinstance(wanted, int) or bool(re.fullmatch(r"-?\d+(\.\d+)?", str(wanted)))


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
