"""Recording an input as a line of a score has it, and writing the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from thidua.criteria.canonical import canonical_json, fraction_text, in_pieces
from thidua.criteria.recorded import InputUsed
from thidua.criteria.resolved import Document, Given, Months, Pair, Resolved, Work


def input_used(resolved: Resolved) -> InputUsed:
    """Record an input as a line saw it."""
    name, heading, state, value, _, why, evidence, stated_by, provisional, _ = resolved
    spelled = _spelled(value) if state == "known" else None
    return tuple.__new__(InputUsed, (name, heading, state, spelled, why, evidence, stated_by, provisional))


def _spelled(value: Any) -> str:
    spell = _SPELLING.get(value.__class__)
    return str(value) if spell is None else spell(value)


def _spelled_pair(value: Pair) -> str:
    return f"{value.part}/{value.whole}" if value.whole.denominator == 1 else f"({value.part})/({value.whole})"


def _spelled_months(value: Months) -> str:
    reported = [f"{month.name}: {month.on_time}/{month.due}" for month in value.reported]
    empty = [f"{month}: 0/0" for month in value.without_tasks]
    return ", ".join(sorted([*reported, *empty, *(f"{month}: ?" for month in value.silent)]))


_SPELLING: Final[Mapping[type[Any], Callable[[Any], str]]] = MappingProxyType(
    {
        bool: lambda value: "yes" if value else "no",
        Fraction: fraction_text,
        Given: lambda value: f"{fraction_text(value.points)}/{fraction_text(value.out_of)}",
        Work: lambda value: f"{fraction_text(value.done)}/{fraction_text(value.assigned)}",
        Document: lambda value: f"{value.number}, {value.dated.isoformat()}" if value.dated else value.number,
        tuple: ", ".join,
        Pair: _spelled_pair,
        Months: _spelled_months,
    }
)


def input_as_json(used: InputUsed) -> dict[str, Any]:
    """Return the record as JSON-able matter."""
    return {**used._asdict(), "evidence": list(used.evidence)}


def written_input(used: InputUsed) -> bytes:
    """Return the record as canonical JSON."""
    return _proved_input(used) if used.evidence else _bare_input(used)


# Several lines read the same work, and most people state nothing about most else.
@lru_cache(maxsize=1024)
def _bare_input(used: InputUsed) -> bytes:
    return _proved_input(used)


def _proved_input(used: InputUsed) -> bytes:
    name, heading, state, value, why, evidence, stated_by, provisional = used
    before, between, after = _around_value(name, heading, state, why, stated_by, provisional)
    proved = canonical_json(evidence) if evidence else b"[]"
    return b"".join((before, proved, between, canonical_json(value), after))


# Most people state one of few values, each with evidence of their own.
@lru_cache(maxsize=4096)
def _around_value(
    name: str, heading: str, state: str, why: str, stated_by: str | None, provisional: bool
) -> tuple[bytes, ...]:
    used = InputUsed(name, heading, state, None, why, (), stated_by, provisional)
    return in_pieces(input_as_json(used), "evidence", "value")
