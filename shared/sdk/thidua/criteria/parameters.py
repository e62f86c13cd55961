"""Parameters: which value is in force, where it stands in the file, and what a campaign replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from thidua.criteria.canonical import canonical_json, fraction_text, plain_decimal
from thidua.criteria.manifest import DatedValue
from thidua.criteria.strict import PARAMETER


@dataclass(frozen=True)
class InForce:
    """A parameter as it was used: its value as written, its source and mark; `reason`: why it was replaced."""

    name: str
    value: Any
    source: str
    mark: str | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the parameter as JSON-able matter."""
        return {
            "name": self.name,
            "value": _plain(self.value),
            "source": self.source,
            "mark": self.mark,
            "reason": self.reason,
        }

    @cached_property
    def written(self) -> bytes:
        """The parameter as canonical JSON."""
        return canonical_json(self.as_json())


def in_force(values: tuple[DatedValue, ...], on: date) -> DatedValue | None:
    """Return the last value that starts on or before a day; None if all start later."""
    started = [value for value in values if value.first is None or value.first <= on]
    return started[-1] if started else None


def _plain(value: Any) -> Any:
    """Spell a value, which is whatever YAML or a campaign can write."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, Fraction):
        return fraction_text(value)
    return value.isoformat() if isinstance(value, date) else value


def names_in(written: Any) -> Iterator[str]:
    """Yield the names of parameters ("$name" without the sign) anywhere in a piece of the file."""
    if isinstance(written, str):
        match = PARAMETER.fullmatch(written)
        if match:
            yield match[1]
    elif isinstance(written, dict):
        for value in written.values():
            yield from names_in(value)
    elif isinstance(written, list):
        for value in written:
            yield from names_in(value)


def substituted(written: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy in which every "$name" is its value; names without a value stay as they are."""
    if isinstance(written, str):
        match = PARAMETER.fullmatch(written)
        return values.get(match[1], written) if match else written
    if isinstance(written, dict):
        return {key: substituted(value, values) for key, value in written.items()}
    if isinstance(written, list):
        return [substituted(value, values) for value in written]
    return written
