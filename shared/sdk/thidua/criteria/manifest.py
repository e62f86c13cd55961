"""`criteria.yaml`, format 1: the models of the file. What one field cannot know, `checks.py` checks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from thidua.criteria.conditions import When
from thidua.criteria.declarations import FactDefaults, Input
from thidua.criteria.exact import Number, Way, in_words, rounded
from thidua.criteria.kinds import Rule
from thidua.criteria.strict import (
    VERSION_PATTERN,
    Code,
    Codes,
    Day,
    Flag,
    Mark,
    Name,
    Strict,
    Text,
    Whole,
    each_once,
    nested,
)

PositiveNumber = Annotated[Number, Field(gt=0)]
PeriodKind = Literal["year", "half", "quarter", "month"]


class Valid(Strict):
    """First and last day of the periods a set can score; without `to` it is open."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day | None, Field(alias="to")] = None


class YearOfPeriods(Strict):
    """How the year is made from the official scores of its periods."""

    combine: Literal["mean"]
    of: Literal["total"]
    skip: Literal["not_applicable"] | None = None


class Periods(Strict):
    """What a campaign may choose to score."""

    scored: Annotated[tuple[PeriodKind, ...], Field(min_length=1), AfterValidator(each_once)]
    year: YearOfPeriods | None = None


class Rounding(Strict):
    """Decimal places of every printed figure."""

    places: Annotated[Whole, Field(ge=0, le=6)] = 2
    mode: Way = "half_up"
    mark: Mark | None = None


class TotalBounds(Strict):
    """The total is held inside these."""

    at_least: Number = Fraction(0)
    at_most: PositiveNumber


class Points(Strict):
    """Scale of the set: what its criteria add up to. `requires`: NA if one of these is NA."""

    scale: PositiveNumber
    mark: Mark | None = None
    requires: Codes | None = None
    rounding: Rounding = Rounding()
    total: TotalBounds | None = None

    @model_validator(mode="after")
    def _scale_is_printed(self) -> Self:
        if rounded(self.scale, self.rounding.places, self.rounding.mode) == 0:
            raise ValueError(f"the scale is printed as 0 with {self.rounding.places} places; write a larger one")
        return self

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.total and self.total.at_least >= self.total.at_most:
            raise ValueError("points.total: at_least is not below at_most; exchange them")
        if self.total and self.total.at_most < self.scale:
            raise ValueError(
                f"points.total: at_most {in_words(self.total.at_most)} lies below the scale "
                f"{in_words(self.scale)}, which nobody could reach; write the scale, or more"
            )
        return self


class DatedValue(Strict):
    """A parameter's value with its source, from a day on."""

    first: Annotated[date | None, Field(alias="from")] = None
    value: Any
    source: Text
    mark: Mark | None = None
    campaign_may_change: Flag = False


def _dated_values(written: object) -> tuple[DatedValue, ...]:
    if isinstance(written, tuple):
        return written
    if isinstance(written, dict):
        return (nested(DatedValue, written),)
    if not isinstance(written, list) or not written:
        raise ValueError("a parameter is {value: …, source: …} or a list of {from: …, value: …, source: …}")
    values = tuple(nested(DatedValue, one) for one in written)
    days = [value.first for value in values]
    known = [day for day in days if day is not None]
    if len(known) < len(days) or known != sorted(set(known)):
        raise ValueError("a list of values needs `from` in each, in rising order")
    return values


Parameter = Annotated[
    tuple[DatedValue, ...],
    PlainValidator(_dated_values),
    WithJsonSchema(
        {
            "anyOf": [
                {"x-def": "DatedValue"},
                {"type": "array", "minItems": 1, "items": {"x-def": "DatedValue"}},
            ]
        }
    ),
]
"""A parameter: its dated values, oldest first."""


class BestOf(Strict):
    """Mean of the n best parts."""

    best: Annotated[Whole, Field(ge=1)]


def _combine(written: object) -> Any:
    if isinstance(written, BestOf) or written in ("sum", "mean", "lowest"):
        return written
    if isinstance(written, dict):
        return nested(BestOf, written)
    raise ValueError(f"{written!r} combines nothing; write sum, mean, lowest or {{best: 2}}")


Combine = Annotated[
    Literal["sum", "mean", "lowest"] | BestOf,
    PlainValidator(_combine),
    WithJsonSchema({"anyOf": [{"enum": ["sum", "mean", "lowest"]}, {"x-def": "BestOf"}]}),
]
"""How a group makes its points of its parts."""


class Criterion(Strict):
    """One line of the printed table; without `rule` the group of the codes that start with its own."""

    code: Code
    title: Text
    clause: Text | None = None
    maximum: PositiveNumber | None = None
    mark: Mark | None = None
    applies_when: When | None = None
    rule: Rule | None = None
    combine: Combine | None = None
    requires: Codes | None = None


class Adjustment(Strict):
    """Points added to the total or taken from it, up to `at_most`."""

    code: Code
    sign: Literal["plus", "minus"]
    title: Text
    at_most: PositiveNumber
    rule: Rule
    clause: Text | None = None
    mark: Mark | None = None
    applies_when: When | None = None


class BandEffect(Strict):
    """The subject falls into a band; its points stay."""

    band: Name


def _effect(written: object) -> Any:
    if isinstance(written, BandEffect) or written in ("not_ranked", "zero"):
        return written
    if isinstance(written, dict):
        return nested(BandEffect, written)
    raise ValueError(f"{written!r} is no effect; write not_ranked, zero or {{band: …}}")


class Elimination(Strict):
    """What strikes a subject out whatever its points."""

    code: Code
    title: Text
    clause: Text | None = None
    scope: Literal["period", "year"] = "period"
    mark: Mark | None = None
    applies_when: When | None = None
    when: When
    effect: Annotated[
        Literal["not_ranked", "zero"] | BandEffect,
        PlainValidator(_effect),
        WithJsonSchema({"anyOf": [{"enum": ["not_ranked", "zero"]}, {"x-def": "BandEffect"}]}),
    ]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The inputs and attributes it asks for, each once."""
        return tuple(dict.fromkeys((*self.when.names(), *(self.applies_when.names() if self.applies_when else ()))))


class Band(Strict):
    """A band of the total."""

    code: Name
    title: Text
    at_least: Number


Attribute = Literal["subject.cluster", "subject.unit", "subject.comparable_group", "subject.kind"]


class Quota(Strict):
    """How many may be in a band, of how many, judged per group once all official scores stand."""

    band: Name
    at_most: PositiveNumber
    of: Annotated[tuple[Name, ...], Field(min_length=1)]
    within: Annotated[tuple[Attribute, ...], Field(min_length=1)]
    rounding: Way = "down"
    mark: Mark | None = None
    source: Text | None = None


class Ranking(Strict):
    """Who is compared with whom, and by what, best first."""

    within: Annotated[Attribute | tuple[Attribute, ...], Field()]
    by: Annotated[tuple[Literal["total"] | Code, ...], Field(min_length=1)]
    ties: Literal["shared"] = "shared"


def _no_flag(written: object) -> object:
    # True equals 1 in Python, and in no file.
    if isinstance(written, bool):
        raise ValueError(f"{str(written).lower()} is no format; write 1")
    return written


class Manifest(Strict):
    """A whole criteria set, parameters replaced by their values in force."""

    format: Annotated[Literal[1], BeforeValidator(_no_flag)]
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    version: Annotated[str, Field(pattern=VERSION_PATTERN)]
    title: Text
    legal_basis: Annotated[tuple[Text, ...], Field(min_length=1)]
    valid: Valid
    subject: Literal["collective", "individual"]
    period: Periods
    points: Points
    not_applicable: Literal["rescale", "full", "drop"]
    missing_at_close: Literal["not_met", "blocks"]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    fact_defaults: FactDefaults = FactDefaults()
    inputs: Annotated[dict[Name, Input], Field(min_length=1)]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    applies_when: When | None = None
    adjustments: tuple[Adjustment, ...] = ()
    eliminations: tuple[Elimination, ...] = ()
    bands: tuple[Band, ...] = ()
    quotas: tuple[Quota, ...] = ()
    ranking: Ranking | None = None
