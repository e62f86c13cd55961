"""`when` and `applies_when`: mappings of inputs or subject attributes to what they must be."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import PlainValidator, WithJsonSchema

from thidua.criteria.case import Subject
from thidua.criteria.exact import in_words, read_number
from thidua.criteria.limits import Limit
from thidua.criteria.resolved import Document, Resolved
from thidua.criteria.strict import nested, unknown

ATTRIBUTES: Final = MappingProxyType(
    {
        "subject.kind": "loại đối tượng",
        "subject.cluster": "khối, cụm thi đua",
        "subject.unit": "đơn vị",
        "subject.post": "chức vụ",
        "subject.leads_unit": "là người đứng đầu đơn vị",
        "subject.comparable_group": "nhóm so sánh",
        "subject.months_in_period": "số tháng công tác trong kỳ",
    }
)
"""What of a subject a condition may ask, and how a sentence calls it."""

_KNOWN_OF_PEERS: Final = frozenset({"subject.kind", "subject.cluster", "subject.unit"})

Answer = Literal["holds", "fails", "missing", "not_due"]
_LIMIT_KEYS = {"more_than", "at_least", "at_most", "below"}


@dataclass(frozen=True, slots=True)
class Test:
    """One thing that must hold: `name` is one of the values, or keeps the limit."""

    name: str
    wanted: tuple[Any, ...] | Limit

    def holds(self, value: Any) -> bool:
        """Tell whether a known value is as wanted."""
        if isinstance(self.wanted, Limit):
            return self.wanted.allows(value)
        return any(type(value) is type(one) and value == one for one in self.wanted)


@dataclass(frozen=True, slots=True)
class Condition:
    """All tests hold and, if there are alternatives, at least one of these."""

    tests: tuple[Test, ...]
    any: tuple[Condition, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield the inputs and attributes the condition asks for."""
        for test in self.tests:
            yield test.name
        for alternative in self.any:
            yield from alternative.names()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a condition, and its reason as a piece of a Vietnamese sentence."""

    answer: Answer
    reason: str


def read_condition(written: object) -> Condition:
    """Read a condition. Raises ValueError, saying what to write, for what is none."""
    if isinstance(written, Condition):
        return written
    if not isinstance(written, dict) or not written:
        raise ValueError("a condition is a mapping; write {input: value} or {any: [{…}, {…}]}")
    alternatives = written.get("any", ())
    if not isinstance(alternatives, list | tuple) or ("any" in written and len(alternatives) < 2):
        raise ValueError("any lists two or more alternatives; write any: [{…}, {…}]")
    tests = tuple(_test(str(name), wanted) for name, wanted in written.items() if name != "any")
    return Condition(tests, tuple(read_condition(one) for one in alternatives))


def _test(name: str, wanted: object) -> Test:
    if name.startswith("subject.") and name not in ATTRIBUTES:
        raise ValueError(unknown(name, list(ATTRIBUTES), "attribute"))
    if isinstance(wanted, dict):
        if not set(wanted) & _LIMIT_KEYS:
            raise ValueError(f"{name}: write a value, a list or a limit such as {{at_least: 1}}")
        return Test(name, nested(Limit, wanted))
    values = tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)
    if not values:
        raise ValueError(f"{name}: the list of values is empty; write at least one")
    return Test(name, tuple(_comparable(name, value) for value in values))


def _comparable(name: str, value: object) -> object:
    if isinstance(value, bool | str | date):
        return value
    if isinstance(value, int):
        return read_number(value)
    raise ValueError(f"{name}: {value!r} cannot be compared; write true, a number, a date or a text")


When = Annotated[
    Condition,
    PlainValidator(read_condition),
    WithJsonSchema({"type": "object", "minProperties": 1, "title": "Condition"}),
]
"""A condition as a mapping."""


def decide(condition: Condition, inputs: Mapping[str, Resolved], subject: Subject) -> Verdict:
    """Decide a condition: one failing test settles it, else what is unknown leaves it open."""
    verdicts = [_decide_test(test, inputs, subject) for test in condition.tests]
    if condition.any:
        verdicts.append(_any_of([decide(one, inputs, subject) for one in condition.any]))
    order: tuple[Answer, ...] = ("fails", "missing", "not_due")
    for answer in order:
        reasons = [verdict.reason for verdict in verdicts if verdict.answer == answer]
        if reasons:
            return Verdict(answer, "; ".join(reasons))
    return Verdict("holds", "; ".join(verdict.reason for verdict in verdicts))


def said_of_peers(condition: Condition, stated: Container[str]) -> Condition:
    """Return what of a condition can be asked of a peer; where it fails, the whole condition fails.

    `stated`: facts that a peer's own statements decide. Tests of all else are left out, and alternatives of which one
    cannot be asked at all.
    """
    tests = tuple(test for test in condition.tests if test.name in stated or test.name in _KNOWN_OF_PEERS)
    alternatives = tuple(said_of_peers(one, stated) for one in condition.any)
    return Condition(tests, alternatives if all(one.tests or one.any for one in alternatives) else ())


def _any_of(verdicts: list[Verdict]) -> Verdict:
    for answer in ("holds", "missing", "not_due"):
        found = next((verdict for verdict in verdicts if verdict.answer == answer), None)
        if found:
            return found
    return Verdict("fails", "; ".join(verdict.reason for verdict in verdicts))


def _decide_test(test: Test, inputs: Mapping[str, Resolved], subject: Subject) -> Verdict:
    if test.name in ATTRIBUTES:
        return _decide_attribute(test, subject)
    stated = inputs[test.name]
    if stated.state == "not_applicable":
        return Verdict("fails", stated.reason)
    if stated.state != "known":
        return Verdict(stated.state, stated.reason)
    value = _plain(stated.value)
    return Verdict("holds" if test.holds(value) else "fails", f"{stated.heading}: {_spoken(value)}")


def _decide_attribute(test: Test, subject: Subject) -> Verdict:
    heading = ATTRIBUTES[test.name]
    value = getattr(subject, test.name.removeprefix("subject."))
    if value is None and test.name != "subject.cluster":
        return Verdict("missing", heading)
    if isinstance(value, bool):
        return Verdict("holds" if test.holds(value) else "fails", heading if value else f"không {heading}")
    value = Fraction(value) if isinstance(value, int) else value
    spoken = f"{heading}: {_spoken(value)}" if isinstance(value, Fraction) else heading
    return Verdict("holds" if test.holds(value) else "fails", spoken)


def _plain(value: Any) -> Any:
    """A log and a document are compared by what a person would ask: how many cases, is it there."""
    if isinstance(value, tuple):
        return Fraction(len(value))
    if isinstance(value, Document):
        return True
    return value


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    return in_words(value) if isinstance(value, Fraction | int) else str(value)
