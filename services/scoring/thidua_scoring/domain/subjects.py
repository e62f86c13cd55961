"""Who is scored, as the case says it: ids and attributes, no name."""

from __future__ import annotations

from datetime import date

from thidua import contracts
from thidua.criteria import Subject
from thidua.criteria.periods import Period, period
from thidua_scoring.domain.calendar import month_of
from thidua_scoring.domain.material import Material


def subject_of(material: Material, span: Period) -> Subject:
    """Return the subject of a case for one period."""
    unit = None if material.unit is None else contracts.Unit.model_validate_json(material.unit)
    if material.person is None:
        return _collective(material, unit, span)
    person = contracts.Person.model_validate_json(material.person)
    first = _first_month(material, person, span)
    return Subject(
        kind="individual",
        id=person.id,
        unit=material.unit_id,
        cluster=material.cluster,
        unit_kind=None if unit is None else unit.kind,
        post=person.post or None,
        leads_unit=person.leads_unit,
        comparable_group=person.comparable_group or None,
        months_in_period=_months_counted(person, span, first),
        active_from=first,
    )


def _collective(material: Material, unit: contracts.Unit | None, span: Period) -> Subject:
    start = None if unit is None else unit.valid_from
    end = None if unit is None else unit.valid_to
    return Subject(
        kind="collective",
        id=material.subject,
        unit=material.unit_id,
        cluster=material.cluster,
        unit_kind=None if unit is None else unit.kind,
        active_from=_within(start, span),
        active_to=_within(end, span),
    )


def _within(day: date | None, span: Period) -> str | None:
    return month_of(day) if day is not None and span.first < day < span.last else None


def _first_month(material: Material, person: contracts.Person, span: Period) -> str | None:
    """Months before somebody came are expected of nobody; months that have a row move with the person."""
    came = person.joined_unit or person.first_recruited
    if came is None or came <= span.first:
        return None
    known = [contracts.MonthlyResult.model_validate_json(body).month for body in material.months]
    inside = [month for month in known if span.covers(period(month))]
    first = min([month_of(min(came, span.last)), *inside])
    return None if first == month_of(span.first) else first


def _months_counted(person: contracts.Person, span: Period, first: str | None) -> int:
    months = [month for month in span.parts("month") if first is None or month.name >= first]
    away = [one for one in person.periods if not one.counted]
    return sum(not any(_covers(one, month) for one in away) for month in months)


def _covers(away: contracts.organisation.CountedPeriod, month: Period) -> bool:
    return away.from_ <= month.first and (away.to is None or month.last <= away.to)
