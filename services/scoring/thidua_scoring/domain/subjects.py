"""Who is scored, as the case says it: ids and attributes, no name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from thidua import contracts
from thidua.criteria.periods import Period
from thidua_scoring.domain.calendar import month_of
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.plain import PlainPerson, plain_person


def subject_of(material: Material, span: Period, months: Sequence[str]) -> dict[str, Any]:
    """Return the subject of a case for one period, as the case's model reads it.

    `months`: the months of the period that have a row.
    """
    unit = None if material.unit is None else _unit(material.unit)
    if material.person is None:
        return _collective(material, unit, span)
    person = plain_person(material.person) or contracts.Person.model_validate_json(material.person)
    first = _first_month(person, span, months)
    return {
        "kind": "individual",
        "id": person.id,
        "unit": material.unit_id,
        "cluster": material.cluster,
        "unit_kind": None if unit is None else unit.kind,
        "post": person.post or None,
        "leads_unit": person.leads_unit,
        "comparable_group": person.comparable_group or None,
        "months_in_period": _months_counted(person, span, first),
        "active_from": first,
    }


@lru_cache(maxsize=256)
def _unit(body: str) -> contracts.Unit:
    # The people of a unit are scored one after another.
    return contracts.Unit.model_validate_json(body)


def _collective(material: Material, unit: contracts.Unit | None, span: Period) -> dict[str, Any]:
    start = None if unit is None else unit.valid_from
    end = None if unit is None else unit.valid_to
    return {
        "kind": "collective",
        "id": material.subject,
        "unit": material.unit_id,
        "cluster": material.cluster,
        "unit_kind": None if unit is None else unit.kind,
        "active_from": _within(start, span),
        "active_to": _within(end, span),
    }


def _within(day: date | None, span: Period) -> str | None:
    return month_of(day) if day is not None and span.first < day < span.last else None


def _first_month(person: contracts.Person | PlainPerson, span: Period, months: Sequence[str]) -> str | None:
    """Months before somebody came are expected of nobody; months that have a row move with the person."""
    came = person.joined_unit or person.first_recruited
    if came is None or came <= span.first:
        return None
    first = min([month_of(min(came, span.last)), *months])
    return None if first == month_of(span.first) else first


def _months_counted(person: contracts.Person | PlainPerson, span: Period, first: str | None) -> int:
    months = [month for month in span.parts("month") if first is None or month.name >= first]
    away = [one for one in person.periods if not one.counted]
    if not away:
        return len(months)
    return sum(not any(_covers(one, month) for one in away) for month in months)


def _covers(away: contracts.organisation.CountedPeriod, month: Period) -> bool:
    return away.from_ <= month.first and (away.to is None or month.last <= away.to)
