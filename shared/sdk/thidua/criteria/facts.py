"""Resolving facts: whose statement counts, what a missing one means, and how several become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from thidua.criteria.case import Fact
from thidua.criteria.declarations import CountFact, FactInput, MarkFact, Shape
from thidua.criteria.exact import read_number
from thidua.criteria.feeds import silent_in_words
from thidua.criteria.material import Material
from thidua.criteria.periods import Period, period
from thidua.criteria.resolved import ZERO, Document, Given, Resolved

_WORDS: Final = MappingProxyType({"yes": True, "true": True, "no": False, "false": False})
_STATERS: Final = MappingProxyType({"self": "đối tượng tự khai", "appraiser": "người thẩm định", "council": "hội đồng"})


class Statement(NamedTuple):
    """A usable statement: its value, the part of the period it is for, and where it comes from."""

    value: Any
    span: Period
    fact: Fact
    provisional: bool = False


def read_value(declared: FactInput, fact: Fact) -> Any:
    """Read a stated value as the input's kind.

    Raises ValueError, with the reason as a piece of a Vietnamese sentence, for a value that cannot be one.
    """
    return _READERS[declared.shape](declared, fact)


def _document(declared: Any, fact: Fact) -> Document:
    if fact.value in (None, "", False):
        raise ValueError("thiếu số văn bản")
    return Document(str(fact.value), fact.dated)


def _answer(declared: Any, fact: Fact) -> bool:
    answer = fact.value if isinstance(fact.value, bool) else _WORDS.get(str(fact.value))
    if answer is None:
        raise ValueError("giá trị không phải có hoặc không")
    return answer


def _date(declared: Any, fact: Fact) -> date:
    try:
        return date.fromisoformat(str(fact.value))
    except ValueError as error:
        raise ValueError("giá trị không phải ngày") from error


def _case(declared: Any, fact: Fact) -> Any:
    if fact.value not in declared.cases:
        raise ValueError("vụ việc không có trong danh mục")
    return fact.value


def _number(declared: Any, fact: Fact) -> Fraction:
    try:
        number = read_number(fact.value)
    except ValueError as error:
        raise ValueError("giá trị không phải số") from error
    if number.numerator < 0:
        raise ValueError("giá trị âm")
    if number.denominator != 1 and isinstance(declared, CountFact):
        raise ValueError("giá trị không phải số nguyên")
    return number


def _mark(declared: Any, fact: Fact) -> Given:
    points = _number(declared, fact)
    if points > declared.out_of:
        raise ValueError("điểm chấm vượt thang điểm")
    return Given(points, declared.out_of)


_READERS: Final = MappingProxyType[Shape, Callable[[Any, Fact], Any]](
    {
        "document": _document,
        "yes_no": _answer,
        "date": _date,
        "log": _case,
        "number": _number,
        "mark": _mark,
    }
)


def resolve_fact(name: str, declared: FactInput, material: Material) -> Resolved:
    """Resolve one declared fact from everything stated for it."""
    facts = material.facts.get(name, [])
    if declared.shape == "log":
        return _resolve_log(name, declared, material, facts)
    statements, unusable = _statements(declared, material, facts)
    if not statements:
        return _absent(name, declared, material, unusable[-1][1] if unusable else "")
    if declared.over is None:
        return _known(name, declared, _newest(statements))
    return _over(name, declared, material, statements, unusable)


_Unusable = list[tuple[Period, str]]


def _statements(declared: FactInput, material: Material, facts: list[Fact]) -> tuple[list[Statement], _Unusable]:
    """Choose, for every part something was stated for, whose statement counts; or say why none does."""
    groups: dict[str | None, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.period, []).append(fact)
    found: list[Statement] = []
    unusable: _Unusable = []
    for of, group in groups.items():
        chosen = _chosen(declared, material, group)
        if isinstance(chosen, Statement):
            found.append(chosen)
        else:
            unusable.append((period(of) if of else material.span, chosen))
    return found, unusable


def _chosen(declared: FactInput, material: Material, facts: list[Fact]) -> Statement | str:
    reason = ""
    for who in _order(declared, material):
        own = [fact for fact in facts if fact.stated_by == who]
        if not own:
            continue
        newest = own[0] if len(own) == 1 else max(own, key=_age)
        value, problem = _read(declared, newest)
        if not problem:
            span = period(newest.period) if newest.period else material.span
            return Statement(value, span, newest, who not in declared.counting)
        reason = reason or problem
    return reason or _nobody_who_counts(declared)


def _order(declared: FactInput, material: Material) -> Iterable[str]:
    may_fall_back = not material.official and "self" in declared.stated_by
    return dict.fromkeys((*declared.counting, "self")) if may_fall_back else declared.counting


def _age(fact: Fact) -> tuple[date, str]:
    return (fact.dated or date.min, fact.id)


def _read(declared: FactInput, fact: Fact) -> tuple[Any, str]:
    """Return the value of a statement and, if it cannot be used, the reason."""
    if fact.status == "refused":
        return None, "bị từ chối khi thẩm tra"
    if declared.evidence == "required" and not fact.evidence:
        return None, "thiếu minh chứng"
    try:
        return read_value(declared, fact), ""
    except ValueError as error:
        return None, str(error)


def _nobody_who_counts(declared: FactInput) -> str:
    return "chưa có ý kiến của " + " hoặc ".join(_STATERS[who] for who in declared.counting)


def _newest(statements: list[Statement]) -> Statement:
    if len(statements) == 1:
        return statements[0]
    return max(statements, key=lambda one: (one.span.last, one.span.first, _age(one.fact)))


def _known(name: str, declared: FactInput, statement: Statement, value: Any = None) -> Resolved:
    return Resolved(
        name,
        declared.heading,
        "known",
        statement.value if value is None else value,
        evidence=statement.fact.evidence,
        stated_by=statement.fact.stated_by,
        provisional=statement.provisional,
    )


_AGGREGATES: Final = MappingProxyType[str, Callable[[list[Fraction]], Fraction]](
    {
        "sum": lambda values: sum(values, ZERO),
        "max": max,
        "min": min,
        "mean": lambda values: sum(values, ZERO) / len(values),
    }
)


def _over(
    name: str, declared: FactInput, material: Material, statements: list[Statement], unusable: _Unusable
) -> Resolved:
    # A statement for the whole period replaces those for its parts: adding both would count twice.
    whole = [one for one in statements if one.span == material.span]
    if declared.over == "last" or whole:
        return _known(name, declared, _newest(whole or statements))
    if declared.over == "sum":
        statements = [one for one in statements if not any(_is_within(one.span, other.span) for other in statements)]
    newest = _newest(statements)
    value = _aggregate(declared, [one.value for one in statements])
    evidence = tuple(sorted({item for one in statements for item in one.fact.evidence}))
    silent = [part for part in material.due_parts(declared) if not any(_touches(one.span, part) for one in statements)]
    if silent:
        why = _why_silent(silent, unusable)
        certain = value if declared.over == "sum" else None
        return Resolved(
            name,
            declared.heading,
            "missing",
            certain=certain,
            why=why,
            evidence=evidence,
            stated_by=newest.fact.stated_by,
        )
    provisional = any(one.provisional for one in statements)
    return Resolved(
        name,
        declared.heading,
        "known",
        value,
        evidence=evidence,
        stated_by=newest.fact.stated_by,
        provisional=provisional,
    )


def _aggregate(declared: FactInput, values: list[Any]) -> Any:
    add_up = _AGGREGATES[declared.over or "sum"]
    if isinstance(values[0], Given):
        return Given(add_up([one.points for one in values]), values[0].out_of)
    return add_up(values)


def _why_silent(silent: list[Period], unusable: _Unusable) -> str:
    reasons = {part: why for part in silent for span, why in unusable if part.covers(span)}
    unstated = ", ".join(part.in_words() for part in silent if part not in reasons)
    known = [f"{part.in_words()}: {why}" for part, why in reasons.items()]
    return "; ".join([f"chưa khai báo {unstated}", *known] if unstated else known)


def _is_within(part: Period, whole: Period) -> bool:
    return part != whole and whole.covers(part)


def _touches(stated: Period, part: Period) -> bool:
    return stated.covers(part) or part.covers(stated)


def _absent(name: str, declared: FactInput, material: Material, reason: str) -> Resolved:
    """Say what it means that nothing usable was stated. An unusable statement is missing, never zero."""
    due = material.due_parts(declared)
    if reason and (due or declared.absent != "missing"):
        return Resolved(name, declared.heading, "missing", why=reason)
    if declared.absent == "zero":
        return Resolved(name, declared.heading, "known", _zero(declared))
    if not due:
        return Resolved(name, declared.heading, "not_due")
    if declared.absent == "missing":
        return Resolved(name, declared.heading, "missing", why="chưa khai báo", unstated=True)
    silent = material.silent(_months_of(material, due))
    if silent:
        return Resolved(name, declared.heading, "missing", why=silent_in_words(silent))
    return Resolved(name, declared.heading, "known", _zero(declared))


def _months_of(material: Material, parts: list[Period]) -> list[Period]:
    """Return the months that are over and lie in the parts, which follow one another without a gap."""
    if not parts:
        return []
    first, last = parts[0].first, parts[-1].last
    return [month for month in material.over if first <= month.first and month.last <= last]


def _zero(declared: FactInput) -> Any:
    if isinstance(declared, MarkFact):
        return Given(ZERO, declared.out_of)
    return False if declared.shape == "yes_no" else ZERO


def _resolve_log(name: str, declared: FactInput, material: Material, facts: list[Fact]) -> Resolved:
    """Collect the cases of the first side that stated any; silence counts as `absent` says."""
    own: list[Fact] = []
    stater: str | None = None
    for who in _order(declared, material):
        own = [fact for fact in facts if fact.stated_by == who]
        if own:
            stater = who
            break
    if facts and stater is None:
        return Resolved(name, declared.heading, "missing", why=_nobody_who_counts(declared))
    read = [_read(declared, fact) for fact in own]
    problem = next((why for _, why in read if why), "")
    cases = tuple(sorted(str(value) for value, why in read if not why))
    evidence = tuple(sorted({item for fact in own for item in fact.evidence}))
    state, why = _log_state(declared, material, bool(own), problem)
    known = cases if state == "known" else None
    certain = cases if state == "missing" else None
    provisional = stater is not None and stater not in declared.counting
    return Resolved(name, declared.heading, state, known, certain, why, evidence, stater, provisional)


def _log_state(declared: FactInput, material: Material, is_stated: bool, problem: str) -> Any:
    if problem:
        return "missing", problem
    if declared.absent == "zero" or (declared.absent == "missing" and is_stated):
        return "known", ""
    due = material.due_parts(declared)
    if declared.absent == "missing":
        return ("missing", "chưa khai báo") if due else ("not_due", "")
    silent = material.silent(_months_of(material, due))
    if silent:
        return "missing", silent_in_words(silent)
    return ("known", "") if due or is_stated else ("not_due", "")
