"""The shapes of what a score records, as they are read back. Nothing here is compiled: that loses the types."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from thidua.criteria.resolved import Status

Sign = Literal["plus", "minus"]


class InputUsed(NamedTuple):
    """An input as a criterion saw it, with the ids of its evidence; `value` is written as text."""

    name: str
    heading: str
    state: str
    value: str | None
    why: str
    evidence: tuple[str, ...]
    stated_by: str | None
    provisional: bool


class LineFields(NamedTuple):
    """A line as it is written: the fields of `CriterionResult`."""

    code: str
    title: str
    clause: str | None
    points: Decimal | None
    maximum: Decimal
    due_maximum: Decimal
    upper: Decimal | None
    credit: Fraction
    status: Status
    counted_as: str | None
    in_percent: bool
    sentence: str
    inputs: tuple[InputUsed, ...]
    parameters: tuple[str, ...]
    marks: tuple[str, ...]
    parts: tuple[LineFields, ...]
    sign: Sign | None = None
